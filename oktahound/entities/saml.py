"""SAML settings of applications and identity providers, which Okta embeds in the listings of both.

Each part is a separate entity, so that a malformed setting does not cost the application.
"""

from __future__ import annotations

from typing import Annotated, Any

import attrs

from oktahound.entities.applications import Application
from oktahound.entities.identity_providers import IdentityProvider
from oktahound.entities.parsers import as_object, is_not_empty, numbered, url_without_user
from oktahound.entities.schema import Entity, Parent, Wire
from oktahound.entities.sources import Embedded

__all__ = ["AccountMatching", "AcsEndpoint", "AttributeStatement", "SamlSettings"]

_ONLY = "0"
"""The id of a part of which an object has only one."""

_SAML_ONLY = frozenset({"ssoAcsUrl", "ssoAcsUrlOverride", "audience", "audienceOverride", "idpIssuer"})
"""Members of sign-on settings that only SAML applications have."""


def _settings(value: object) -> list[Any]:
    """Parse sign-on settings to one row for a SAML application, none for other sign-on modes."""
    return _single_row(value) if not _SAML_ONLY.isdisjoint(as_object(value)) else []


def _single_row(value: object) -> list[Any]:
    return [{**as_object(value), "id": _ONLY}]


def _statements(value: object) -> list[Any]:
    """Parse sign-on settings to attribute statements: the application's own, then its catalogue entry's."""
    members = ("attributeStatements", "configuredAttributeStatements")
    settings = as_object(value)
    found = [{**row, "origin": member} for member in members for row in numbered(settings.get(member))]
    return [{**row, "id": str(index)} for index, row in enumerate(found)]


@attrs.frozen(kw_only=True, repr=False)
class SamlSettings(Entity):
    """The SAML settings of an application: recipient, audience, issuer and subject of its assertions.

    Okta sends all of them for applications that an administrator created. For applications from the catalogue
    it sends only the settings that override those of the catalogue, which no API returns.
    """

    PLURAL = "saml_settings"
    OWNER = ("app_id",)
    SOURCES = (Embedded(Application, "settings.signOn", read=_settings),)

    app_id: Annotated[str, Parent()]
    """The id of the `Application`."""
    sso_acs_url: Annotated[str | None, Wire(read=url_without_user)] = None
    """The URL of the assertion consumer service, to which assertions are posted."""
    sso_acs_url_override: Annotated[str | None, Wire(read=url_without_user)] = None
    """The assertion consumer service that overrides the catalogue's."""
    recipient: Annotated[str | None, Wire(read=url_without_user)] = None
    """The recipient in assertions."""
    recipient_override: Annotated[str | None, Wire(read=url_without_user)] = None
    """The recipient that overrides the catalogue's."""
    destination: Annotated[str | None, Wire(read=url_without_user)] = None
    """The destination in SAML responses."""
    destination_override: Annotated[str | None, Wire(read=url_without_user)] = None
    """The destination that overrides the catalogue's."""
    audience: str | None = None
    """The entity id of the service provider."""
    audience_override: str | None = None
    """The entity id of the service provider that overrides the catalogue's."""
    sp_issuer: str | None = None
    """The issuer of the service provider's own requests."""
    slo_issuer: Annotated[str | None, Wire("slo.spIssuer")] = None
    """The issuer of the service provider's logout requests."""
    idp_issuer: str | None = None
    """The entity id of the issuer of the application's assertions, or a template of it."""
    subject_name_id_template: str | None = None
    """The template of the subject of assertions."""
    subject_name_id_format: str | None = None
    """The format of the subject: a URN of SAML."""

    @property
    def is_made_by_hand(self) -> bool:
        """Whether an administrator created the application, so that each of these settings can be changed."""
        return self.sso_acs_url is not None


@attrs.frozen(kw_only=True, repr=False)
class AcsEndpoint(Entity):
    """One of several assertion consumer services of a SAML application. `id` is its index in the list."""

    PLURAL = "acs_endpoints"
    OWNER = ("app_id",)
    SOURCES = (Embedded(Application, "settings.signOn.acsEndpoints", read=numbered),)

    app_id: Annotated[str, Parent()]
    """The id of the `Application`."""
    url: Annotated[str | None, Wire(read=url_without_user)] = None
    """The URL to which assertions are posted."""
    index: int | None = None
    """The index by which requests of the service provider select it."""


@attrs.frozen(kw_only=True, repr=False)
class AttributeStatement(Entity):
    """One attribute that assertions of a SAML application contain. `id` is its index in the settings.

    The application's own statements come first, then those of its catalogue entry.
    """

    PLURAL = "attribute_statements"
    OWNER = ("app_id",)
    SOURCES = (Embedded(Application, "settings.signOn", read=_statements),)

    app_id: Annotated[str, Parent()]
    """The id of the `Application`."""
    origin: str | None = None
    """`attributeStatements` for a statement of the application, `configuredAttributeStatements` for one of
    its catalogue entry."""
    name: str | None = None
    """The name of the attribute."""
    type: str | None = None
    """`EXPRESSION` or `GROUP`."""
    namespace: str | None = None
    """The name format of the attribute: a URN of SAML."""
    values: tuple[str, ...] | None = None
    """The expressions of its values, for the type `EXPRESSION`."""
    filter_type: str | None = None
    """The comparison of group names with `filter_value`, such as `STARTS_WITH`, for the type `GROUP`."""
    filter_value: str | None = None
    """The text with which group names are compared, for the type `GROUP`."""


@attrs.frozen(kw_only=True, repr=False)
class AccountMatching(Entity):
    """The settings by which an identity provider finds the user of an assertion or token."""

    PLURAL = "account_matchings"
    OWNER = ("idp_id",)
    SOURCES = (Embedded(IdentityProvider, "policy", read=_single_row),)

    idp_id: Annotated[str, Parent()]
    """The id of the `IdentityProvider`."""
    link_action: Annotated[str | None, Wire("accountLink.action")] = None
    """`AUTO` if matching users are linked, `DISABLED` if only linked users can sign in."""
    has_link_filter: Annotated[bool | None, Wire("accountLink.filter", read=is_not_empty)] = None
    """Whether a filter limits which users are linked."""
    match_type: Annotated[str | None, Wire("subject.matchType")] = None
    """The compared attribute of users: `USERNAME`, `EMAIL`, `USERNAME_OR_EMAIL` or `CUSTOM_ATTRIBUTE`."""
    match_attribute: Annotated[str | None, Wire("subject.matchAttribute")] = None
    """The name of the compared attribute, for the match type `CUSTOM_ATTRIBUTE`."""
    subject_filter: Annotated[str | None, Wire("subject.filter")] = None
    """A regular expression that names must match."""
    user_name_template: Annotated[str | None, Wire("subject.userNameTemplate.template")] = None
    """The expression over the assertion or token that results in the name to compare."""
