"""Single sign-on: accounts and organizations that trust Okta, and those that Okta trusts."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import Application, AppUser, IdentityProvider, IdentityProviderUser
from oktahound.graph.foreign import Foreign
from oktahound.graph.lifecycle import node_state, relation_state, state_of
from oktahound.graph.model import Edge, EdgeKind, Unmatched, rule
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.rules.hybrid_apps import HYBRID_APPS, accounts, guid_or_none, organization_of

__all__ = [
    "INBOUND_ORG_SSO",
    "INBOUND_SSO",
    "ORG_SWA",
    "OUTBOUND_ORG_SSO",
    "OUTBOUND_SSO",
    "RULES",
    "SWA",
]

_ACCOUNTS = {"Okta_User", "AZUser", "GH_User", "jamf_Account", "OP_User", "SNOW_User"}
_ORGANIZATIONS = {
    "Okta_IdentityProvider",
    "AZTenant",
    "GH_Organization",
    "jamf_SSOIntegration",
    "OP_Account",
    "SNOW_Account",
}

OUTBOUND_SSO = EdgeKind(
    "Okta_OutboundSSO",
    starts={"Okta_User"},
    ends=_ACCOUNTS,
    traversable=True,
    why="A sign-in to Okta as the user is a sign-in to the other account.",
    abuse="Sign in to Okta as the user, open the application and use the account behind it.",
    cut="Remove the assignment, or require a phishing-resistant factor for the application.",
    same_tier=True,
)
SWA = EdgeKind(
    "Okta_SWA",
    starts={"Okta_User"},
    ends=_ACCOUNTS,
    traversable=False,
    why="Okta may store a password of the other account and fill it in.",
    abuse="Open the application and reveal the stored password, if the settings let the user see it.",
    cut="Replace stored passwords with federated sign-in.",
)
OUTBOUND_ORG_SSO = EdgeKind(
    "Okta_OutboundOrgSSO",
    starts={"Okta_Application"},
    ends=_ORGANIZATIONS,
    traversable=True,
    why="The other organization trusts assertions of the application.",
    abuse="Assert any user of the other organization through the application.",
    cut="Remove the federation, or keep the other organization's administrators out of it.",
    same_tier=True,
)
ORG_SWA = EdgeKind(
    "Okta_OrgSWA",
    starts={"Okta_Application"},
    ends=_ORGANIZATIONS,
    traversable=False,
    why="Okta may store passwords of the other organization for the application.",
    abuse="Use the stored passwords to sign in to the other organization.",
    cut="Replace stored passwords with federated sign-in.",
)
INBOUND_ORG_SSO = EdgeKind(
    "Okta_InboundOrgSSO",
    starts={"AZTenant"},
    ends={"Okta_IdentityProvider"},
    traversable=True,
    why="The other organization signs users in to Okta through the provider.",
    abuse="Use the other organization's signing key or administrators to assert any linked user.",
    cut="Deactivate the identity provider, or limit account linking and user names to people without roles.",
    same_tier=True,
)
INBOUND_SSO = EdgeKind(
    "Okta_InboundSSO",
    starts={"AZUser"},
    ends={"Okta_User"},
    traversable=True,
    why="A sign-in as the other account is a sign-in to Okta as the user.",
    abuse="Sign in as the other account and follow the identity provider into Okta.",
    cut="Unlink the user from the identity provider, above all if the user is an administrator.",
    same_tier=True,
)

_FEDERATED = frozenset({"SAML_2_0", "SAML_1_1", "WS_FEDERATION", "OPENID_CONNECT"})
"""Sign-on modes in which the other side trusts Okta's assertions."""

_FILLED_IN = frozenset({"AUTO_LOGIN", "BASIC_AUTH", "BROWSER_PLUGIN", "SECURE_PASSWORD_STORE"})
"""Sign-on modes in which Okta fills in a password."""


def _by_mode(app: Application, federated: EdgeKind, filled_in: EdgeKind) -> EdgeKind | None:
    if app.sign_on_mode in _FEDERATED:
        return federated
    return filled_in if app.sign_on_mode in _FILLED_IN else None


@rule(OUTBOUND_ORG_SSO, ORG_SWA, needs=(Application,), yields_unmatched=True)
def outbound_organization(org: OrgIndex) -> Iterator[Edge | Unmatched]:
    """Applications whose type and settings identify the external organization, except services."""
    for app in org.rows(Application):
        kind = _by_mode(app, OUTBOUND_ORG_SSO, ORG_SWA)
        organization = organization_of(app) if kind and not app.is_service else None
        if isinstance(organization, Unmatched):
            yield organization
        elif kind is not None and organization is not None:
            yield kind(app.id, organization, mode=app.sign_on_mode)


@rule(OUTBOUND_SSO, SWA, needs=(Application, AppUser), yields_unmatched=True)
def outbound_account(org: OrgIndex) -> Iterator[Edge | Unmatched]:
    """Assigned users lead to their external accounts, even if these are not synchronized."""
    for app, user, account in accounts(org):
        kind = _by_mode(app, OUTBOUND_SSO, SWA)
        # Users do not sign in to directories through Okta, so these edge kinds do not lead to directories.
        if kind is None or app.app_type == "active_directory":
            continue
        if isinstance(account, Unmatched):
            yield account
        else:
            yield kind(
                user.id,
                account,
                **state_of(
                    relation_state(user.status),
                    node_state(org, app.id),
                    assumption=HYBRID_APPS[app.app_type or ""].account_assumption,
                ),
                mode=app.sign_on_mode,
            )


@rule(INBOUND_ORG_SSO, needs=(IdentityProvider,), yields_unmatched=True)
def inbound_organization(org: OrgIndex) -> Iterator[Edge | Unmatched]:
    """Identity providers that are a tenant of Microsoft Entra, by SAML or OpenID Connect.

    Other Okta orgs are reported as unmatched, because the model has no edge for them.
    """
    for idp in org.rows(IdentityProvider):
        if idp.entra_tenant_id is not None:
            yield INBOUND_ORG_SSO(Foreign.with_id("AZTenant", idp.entra_tenant_id.upper()), idp.id)
        elif idp.okta_idp_org_url:
            yield Unmatched(idp.id, "the provider is another Okta org")


@rule(INBOUND_SSO, needs=(IdentityProvider, IdentityProviderUser), yields_unmatched=True)
def inbound_account(org: OrgIndex) -> Iterator[Edge | Unmatched]:
    """Users who are linked to an account of an Entra tenant, matched by object id or by name.

    A provider may send any text as the name. Only a text with an ``@`` is used.
    """
    providers = org.by_id(IdentityProvider)
    for user in org.rows(IdentityProviderUser):
        idp = providers.get(user.idp_id)
        if idp is not None and idp.entra_tenant_id is not None:
            account = _entra_account(user, idp.entra_tenant_id.upper())
            if isinstance(account, Unmatched):
                yield account
            else:
                yield INBOUND_SSO(account, user.id, **node_state(org, idp.id))


def _entra_account(user: IdentityProviderUser, tenant: str) -> Foreign | Unmatched:
    if object_id := guid_or_none(user.ms_object_identifier):
        return Foreign.with_id("AZUser", object_id.upper())
    name = (user.external_id or "").strip()
    if "@" not in name:
        return Unmatched(user.idp_id, "AZUser: no object id, and no user principal name")
    return Foreign.where("AZUser", userprincipalname=name.casefold(), tenantid=tenant)


RULES = (outbound_organization, outbound_account, inbound_organization, inbound_account)
