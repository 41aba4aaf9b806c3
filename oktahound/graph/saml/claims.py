"""The claims in assertions of a SAML application, and their values for a user.

A value is computed only if the expression is one field that was read, such as ``user.email``. Okta's
expression language is not evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import attrs

from oktahound.entities import Application, AppUser, AttributeStatement, SamlSettings, User, fields_of
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.saml.routes import settings_of

__all__ = ["FAMILIES", "Claim", "claims_of", "family_of", "family_values", "value_of"]

FAMILIES = (
    "email_match_values",
    "upn_match_values",
    "entra_object_id_match_values",
    "scoped_exact_match_values",
)
"""The families of values by which service providers commonly look up accounts."""

_NAME_ID = "urn:oasis:names:tc:SAML:{}:nameid-format:{}".format
_OF_FORMAT = {
    _NAME_ID("1.1", "emailAddress"): "email_match_values",
    _NAME_ID("2.0", "persistent"): "scoped_exact_match_values",
    _NAME_ID("2.0", "transient"): "transient",
}
_UNSPECIFIED_FORMAT = _NAME_ID("1.0", "unspecified")
_UNSPECIFIED_NAME_FORMAT = "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"
_OF_NAME = {
    **dict.fromkeys(
        ("email", "mail", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"),
        "email_match_values",
    ),
    **dict.fromkeys(
        (
            "upn",
            "userprincipalname",
            "http://schemas.xmlsoap.org/claims/upn",
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
        ),
        "upn_match_values",
    ),
    "http://schemas.microsoft.com/identity/claims/objectidentifier": "entra_object_id_match_values",
}
_FIELD = re.compile(r"(?:\$\{\s*)?(source|user|appuser)\.([A-Za-z_][A-Za-z0-9_]*)(?:\s*\})?", re.ASCII)
_PROFILE = {
    path[1].casefold(): field.name
    for field in fields_of(User)
    for path in field.paths
    if path[0] == "profile" and len(path) == 2
}
_APP_PROFILE = {"username": "user_name", "email": "email", "objectsid": "object_sid"}


@attrs.frozen(kw_only=True)
class Claim:
    """One claim of the assertions of an application.

    Attributes:
        index: its number among the claims of the application; 0 is the subject.
        name: the name of the attribute, or ``NameID``.
        type: ``name_id`` or ``attribute``.
        mapping_type: ``name_id``, ``attribute`` or ``configured_attribute``.
        origin: the setting that it comes from.
        expression: the expression of its value; None if there is none.
        format: the format of the subject; None for attributes.
        name_format: the format of the name of an attribute; None for the subject.
    """

    index: int
    name: str
    type: str
    mapping_type: str
    origin: str
    expression: str | None
    format: str | None = None
    name_format: str | None = None

    @property
    def field(self) -> tuple[str, str] | None:
        """The field, as ``("user", "email")``, if the expression is a single field; None otherwise."""
        found = _FIELD.fullmatch(self.expression or "")
        return (found[1], found[2]) if found else None

    @property
    def source_property(self) -> str | None:
        """The field as text: ``user.email``."""
        return ".".join(self.field) if self.field else None


def claims_of(org: OrgIndex, app: Application) -> tuple[Claim, ...]:
    """Return the claims of an application, the subject first; none if its settings were not read."""
    settings = settings_of(org, app)
    if settings is None:
        return ()
    statements = sorted(org.of(AttributeStatement, app.key), key=lambda each: int(each.id))
    return (*_subject(app, settings), *(_attribute(each) for each in statements))


def _subject(app: Application, settings: SamlSettings) -> Iterator[Claim]:
    template = settings.subject_name_id_template or app.user_name_mapping
    if template:
        yield Claim(
            index=0,
            name="NameID",
            type="name_id",
            mapping_type="name_id",
            origin="subject_name_id" if settings.subject_name_id_template else "application_user_name",
            expression=template,
            format=settings.subject_name_id_format or _UNSPECIFIED_FORMAT,
        )


def _attribute(statement: AttributeStatement) -> Claim:
    configured = statement.origin == "configuredAttributeStatements"
    return Claim(
        # 0 is reserved for the subject, even if it was not read: a gap must not renumber the others.
        index=int(statement.id) + 1,
        name=statement.name or "attribute",
        type="attribute",
        mapping_type="configured_attribute" if configured else "attribute",
        origin="attribute_statement",
        expression=",".join(statement.values) if statement.values else statement.filter_value,
        name_format=statement.namespace or _UNSPECIFIED_NAME_FORMAT,
    )


def family_of(claim: Claim) -> str | None:
    """Return the family of a claim's values.

    It is one of `FAMILIES`; ``subject`` for a subject of no family; ``transient`` for a subject that changes
    each time; None for an unusual attribute.
    """
    if claim.type != "name_id":
        return _OF_NAME.get(claim.name.casefold())
    if claim.format in _OF_FORMAT:
        return _OF_FORMAT[claim.format]
    if claim.origin == "application_user_name":
        return "scoped_exact_match_values"
    field = claim.field[1].casefold() if claim.field else ""
    by_field = {"email": "email_match_values", "mail": "email_match_values"}
    by_field |= {"upn": "upn_match_values", "userprincipalname": "upn_match_values"}
    return by_field.get(field, "subject")


def value_of(claim: Claim, user: User, assignment: AppUser) -> str | None:
    """Return the value of a claim for a user; None if it is not a single field that was read."""
    if claim.field is None:
        return None
    namespace, name = claim.field
    of_app = namespace == "appuser" or (namespace, name.casefold()) == ("user", "username")
    row, names = (assignment, _APP_PROFILE) if of_app else (user, _PROFILE)
    found = getattr(row, names.get(name.casefold(), ""), None)
    return found if isinstance(found, str) and found.strip() else None


def family_values(family: str, value: str) -> str | None:
    """Normalize a value for comparison within a family; None if it cannot belong to the family."""
    text = value.strip()
    if family in ("email_match_values", "upn_match_values"):
        return text.casefold()
    if family == "entra_object_id_match_values":
        try:
            return str(UUID(text))
        except ValueError:
            return None
    return text
