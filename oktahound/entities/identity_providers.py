"""Identity providers: external systems that sign users in to the org, and their Microsoft Entra tenants."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

import attrs

from oktahound.entities.parsers import bare_url, url_without_user
from oktahound.entities.schema import Derived, Entity, Parent, Wire
from oktahound.entities.sources import Endpoint

__all__ = ["ENTRA_HOSTS", "IdentityProvider", "IdentityProviderUser", "entra_tenant_id"]


ENTRA_HOSTS = frozenset(
    {
        "login.microsoftonline.com",
        "login.microsoft.com",
        "login.windows.net",
        "sts.windows.net",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
    }
)
"""The hosts of Entra's sign-in service, worldwide and in the national clouds. Hosts are compared exactly,
because anyone can own a host whose name contains these."""

_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def entra_tenant_id(urls: Iterable[str | None]) -> str | None:
    """Return the tenant's GUID in lower case, from the first URL that contains one.

    ``common``, ``organizations`` and domain names in its place do not identify a tenant.

        >>> entra_tenant_id([None, "https://sts.windows.net/AAAAAAAA-0000-0000-0000-00000000000B/"])
        'aaaaaaaa-0000-0000-0000-00000000000b'
    """
    return next((tenant for url in urls if url and (tenant := _tenant(url))), None)


def _tenant(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    first = parts.path.lstrip("/").partition("/")[0]
    return first.lower() if host in ENTRA_HOSTS and _GUID.fullmatch(first) else None


_FEDERATED = frozenset({"SAML2", "MTLS"})


@attrs.frozen(kw_only=True, repr=False)
class IdentityProvider(Entity):
    """An external provider that the org accepts sign-ins from. Its client secret is not kept."""

    KIND = "Okta_IdentityProvider"
    PLURAL = "identity_providers"
    SOURCES = (Endpoint("/api/v1/idps", scope="okta.idps.read", params={"limit": 200}),)
    DERIVED = (
        Derived("displayName", "The name.", lambda idp, context: idp.name),
        Derived(
            "enabled",
            "Whether the status is ACTIVE; absent if it was not read.",
            lambda idp, context: None if idp.status is None else idp.status == "ACTIVE",
        ),
        Derived(
            "autoUserProvisioning",
            "Whether it may create users when they sign in (provisioning is AUTO).",
            lambda idp, context: (
                None if idp.provisioning_action is None else idp.provisioning_action == "AUTO"
            ),
        ),
        Derived(
            "governedGroupIds",
            "The groups to which it adds users: the assigned ones for ASSIGN, else the filtered ones.",
            lambda idp, context: sorted(idp.governed_group_ids) if idp.policy_was_read else None,
        ),
        Derived(
            "url",
            "The sign-on URL for SAML and certificates, the authorization endpoint for others.",
            lambda idp, context: idp.sso_url if idp.protocol_type in _FEDERATED else idp.authorization_url,
        ),
        Derived(
            "entraTenantId",
            "The Entra tenant in the issuer or in an endpoint.",
            lambda idp, context: idp.entra_tenant_id,
        ),
    )

    name: str | None = None
    """The name that admins see."""
    type: str | None = None
    """The kind of provider: `SAML2`, `OIDC`, `OKTA_INTEGRATION`, `MICROSOFT`, `GOOGLE`, `X509` and others."""
    status: str | None = None
    """`ACTIVE` or `INACTIVE`."""
    issuer_mode: str | None = None
    """The URL of Okta that the provider sees: `ORG_URL`, `CUSTOM_URL` or `DYNAMIC`."""
    protocol_type: Annotated[str | None, Wire("protocol.type")] = None
    """The protocol: `SAML2`, `OIDC`, `OAUTH2`, `MTLS` or `ID_PROOFING`."""
    sso_url: Annotated[str | None, Wire("protocol.endpoints.sso.url", prop="", read=url_without_user)] = None
    """The sign-on URL of a SAML provider, without user and password."""
    authorization_url: Annotated[
        str | None, Wire("protocol.endpoints.authorization.url", prop="", read=url_without_user)
    ] = None
    """The authorization endpoint of an OAuth or OpenID Connect provider, without user and password."""
    token_url: Annotated[str | None, Wire("protocol.endpoints.token.url", prop="", read=bare_url)] = None
    """The token endpoint, without user, query and fragment."""
    jwks_url: Annotated[str | None, Wire("protocol.endpoints.jwks.url", prop="", read=bare_url)] = None
    """The URL of the provider's public keys, without user, query and fragment."""
    issuer: Annotated[str | None, Wire(("protocol.credentials.trust.issuer", "protocol.issuer.url"))] = None
    """The issuer in the provider's assertions or tokens."""
    okta_idp_org_url: Annotated[str | None, Wire("protocol.oktaIdpOrgUrl", read=url_without_user)] = None
    """The URL of the other Okta org, for providers of type `OKTA_INTEGRATION`."""
    provisioning_action: Annotated[str | None, Wire("policy.provisioning.action", prop="")] = None
    """Whether unknown users are created when they sign in: `AUTO` or `DISABLED`."""
    group_action: Annotated[str | None, Wire("policy.provisioning.groups.action")] = None
    """The way in which it adds users to groups: `NONE`, `ASSIGN`, `APPEND` or `SYNC`."""
    group_assignments: Annotated[
        tuple[str, ...] | None, Wire("policy.provisioning.groups.assignments", prop="")
    ] = None
    """The ids of the groups to which `ASSIGN` adds every user."""
    group_filter: Annotated[tuple[str, ...] | None, Wire("policy.provisioning.groups.filter", prop="")] = None
    """The ids of the groups to which `APPEND` and `SYNC` may add users."""
    group_source_attribute: Annotated[str | None, Wire("policy.provisioning.groups.sourceAttributeName")] = (
        None
    )
    """The attribute of the assertion that lists a user's groups."""
    trust_audience: Annotated[str | None, Wire("protocol.credentials.trust.audience", prop="")] = None
    """The entity id of the organization at a SAML provider."""
    trust_key_id: Annotated[str | None, Wire("protocol.credentials.trust.kid", prop="")] = None
    """The id of the key whose signatures Okta accepts from a SAML provider; see `TrustedKey`."""
    acs_url: Annotated[str | None, Wire("_links.acs.href", prop="", read=bare_url)] = None
    """The URL to which a SAML provider posts assertions."""
    acs_binding: Annotated[str | None, Wire("protocol.endpoints.acs.binding", prop="")] = None
    """The binding by which a SAML provider sends assertions, such as `HTTP-POST`."""
    account_link_action: Annotated[str | None, Wire("policy.accountLink.action")] = None
    """Whether sign-ins are linked to existing users: `AUTO` or `DISABLED`."""
    account_link_group_ids: Annotated[
        tuple[str, ...] | None, Wire("policy.accountLink.filter.groups.include", prop="")
    ] = None
    """The ids of the groups whose members may be linked; empty or None for no restriction."""
    account_link_excludes_admins: Annotated[
        bool | None, Wire("policy.accountLink.filter.users.excludeAdmins", prop="")
    ] = None
    """Whether users with an admin role are never linked."""
    subject_match_type: Annotated[str | None, Wire("policy.subject.matchType")] = None
    """The attribute that finds the user: `USERNAME`, `EMAIL`, `USERNAME_OR_EMAIL` or `CUSTOM_ATTRIBUTE`."""
    created: datetime | None = None
    """The time at which the provider was created."""
    last_updated: datetime | None = None
    """The time at which the provider was last changed."""

    @property
    def policy_was_read(self) -> bool:
        """Whether its policy for users and groups was read."""
        fields = (self.provisioning_action, self.group_action, self.group_assignments, self.group_filter)
        return any(field is not None for field in fields)

    @property
    def governed_group_ids(self) -> frozenset[str]:
        """The groups that it adds users to. An unknown action counts as both kinds of assignment."""
        assigned, filtered = frozenset(self.group_assignments or ()), frozenset(self.group_filter or ())
        match self.group_action:
            case "NONE":
                return frozenset()
            case "ASSIGN":
                return assigned
            case "APPEND" | "SYNC":
                return filtered
            case _:
                return assigned | filtered

    @property
    def entra_tenant_id(self) -> str | None:
        """The id of its Microsoft Entra tenant, if it has one."""
        return entra_tenant_id(
            (self.issuer, self.sso_url, self.authorization_url, self.token_url, self.jwks_url)
        )


@attrs.frozen(kw_only=True, repr=False)
class IdentityProviderUser(Entity):
    """The link of a user to an account at an identity provider. `id` is the user's id in Okta.

    `external_id` is the provider's id of the account. Entra also sends its object id.
    """

    PLURAL = "identity_provider_users"
    OWNER = ("idp_id",)
    SOURCES = (
        Endpoint(
            "/api/v1/idps/{id}/users",
            scope="okta.idps.read",
            params={"limit": 200},
            under=IdentityProvider,
        ),
    )

    id: str
    """The id of the `User` in Okta."""
    idp_id: Annotated[str, Parent()]
    """The id of the `IdentityProvider`."""
    external_id: str | None = None
    """The id of the account at the provider."""
    email: Annotated[str | None, Wire("profile.email")] = None
    """The email address at the provider."""
    subject_name_id: Annotated[str | None, Wire("profile.subjectNameId")] = None
    """The subject of the assertion of a SAML provider."""
    ms_object_identifier: Annotated[str | None, Wire("profile.msObjectIdentifier")] = None
    """The object id of the account in Microsoft Entra."""
    created: datetime | None = None
    """The time at which the user was linked."""
    last_updated: datetime | None = None
    """The time at which the link was last changed."""
