"""The rules by which SAML identity providers select users, if their settings prove one."""

from __future__ import annotations

import attrs

from oktahound.entities import AccountMatching, IdentityProvider, IdentityProviderUser, User
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.saml.claims import family_values

__all__ = ["AccountResolution", "account_state", "linked_values", "resolution_of", "saml_providers"]

_FAMILY_OF_TEMPLATE = {
    "idpuser.email": ("email_match_values", "email value"),
    "idpuser.subjectNameId": ("scoped_exact_match_values", "route-scoped exact value"),
    "saml.subjectNameId": ("scoped_exact_match_values", "route-scoped exact value"),
}
_STATES = {
    "ACTIVE": "enabled",
    "SUSPENDED": "suspended",
    "DEPROVISIONED": "deprovisioned",
    "LOCKED_OUT": "login_blocked",
}


@attrs.frozen
class AccountResolution:
    """The exact comparison with the login by which assertions of an identity provider select a user.

    Attributes:
        expression: the comparison, in the Common Expression Language; None if the settings do not prove one.
        summary: the comparison in words.
        diagnostics: the reasons why the settings do not prove one.
    """

    expression: str | None = None
    summary: str | None = None
    diagnostics: tuple[str, ...] = ()


def saml_providers(org: OrgIndex) -> list[IdentityProvider]:
    """Return the identity providers that use SAML 2.0."""
    return [idp for idp in org.rows(IdentityProvider) if idp.type == "SAML2" and idp.protocol_type == "SAML2"]


def resolution_of(org: OrgIndex, idp: IdentityProvider) -> AccountResolution:
    """Return the rule of one identity provider.

    Users must be linked automatically and without a filter, and one of three plain names must be compared
    with the user name. Other settings do not prove a rule.
    """
    if not org.known(AccountMatching, idp.key):
        return AccountResolution(diagnostics=("policy_not_read",))
    matching = next(iter(org.of(AccountMatching, idp.key)), None)
    if matching is None:
        return AccountResolution(diagnostics=("missing_identity_provider_policy",))
    family, label = _FAMILY_OF_TEMPLATE.get(matching.user_name_template or "", (None, ""))
    unproven = {
        "policy.accountLink.action_must_be_AUTO": matching.link_action != "AUTO",
        "policy.accountLink.filter_is_scoped_or_unsupported": bool(matching.has_link_filter),
        "policy.subject.matchType_must_be_USERNAME": matching.match_type != "USERNAME",
        "policy.subject.filter_is_unsupported": bool(matching.subject_filter),
        "policy.subject.matchAttribute_conflicts_with_username": bool(matching.match_attribute),
        "policy.subject.userNameTemplate_is_unsupported": family is None,
    }
    if diagnostics := tuple(name for name, holds in unproven.items() if holds):
        return AccountResolution(diagnostics=diagnostics)
    return AccountResolution(
        'account.fields.exists(field, field.name == "login" && '
        f"assertion.{family}.exists(value, value in field.match_values))",
        f'Any assertion {label} exactly matches account field "login"',
    )


def account_state(user: User | None) -> str:
    """Return the state of an account as defined by the SAML schema."""
    return _STATES.get((user.status if user else None) or "", "unknown")


def linked_values(idp: IdentityProvider, link: IdentityProviderUser) -> dict[str, list[str]]:
    """Return the names of a linked user at the identity provider, by the families of the SAML schema."""
    email = [link.email.strip().casefold()] if link.email and link.email.strip() else []
    object_id = (
        family_values("entra_object_id_match_values", link.ms_object_identifier or "")
        if idp.entra_tenant_id
        else None
    )
    of_entra = [object_id] if object_id else []
    others = (link.subject_name_id, link.external_id, link.ms_object_identifier)
    exact = [text for each in others if each and (text := each.strip())]
    classified = {*email, *of_entra}
    return {
        "match_values": list(dict.fromkeys([*email, *exact])),
        "email_match_values": email,
        "entra_object_id_match_values": of_entra,
        "scoped_exact_match_values": list(
            dict.fromkeys(each for each in exact if each.casefold() not in classified)
        ),
    }
