"""Identity providers: whom the org lets vouch for its users."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.entra_tenants import entra_tenant_id
from oktahound.entities.parsers import bare_url, url_without_user
from oktahound.entities.schema import Derived, Entity, Parent, Wire
from oktahound.entities.sources import Endpoint

__all__ = ["IdentityProvider", "IdentityProviderUser"]

_FEDERATED = frozenset({"SAML2", "MTLS"})


@attrs.frozen(kw_only=True, repr=False)
class IdentityProvider(Entity):
    """A party outside that the org accepts sign-ins from. Its client secret is not kept."""

    KIND = "Okta_IdentityProvider"
    PLURAL = "identity_providers"
    SOURCES = (Endpoint("/api/v1/idps", scope="okta.idps.read", params={"limit": 200}),)
    DERIVED = (
        Derived("displayName", "The name.", lambda idp, context: idp.name),
        Derived(
            "enabled",
            "Whether the status is ACTIVE; absent when it was not read.",
            lambda idp, context: None if idp.status is None else idp.status == "ACTIVE",
        ),
        Derived(
            "autoUserProvisioning",
            "Whether it may create users as they come (provisioning is AUTO).",
            lambda idp, context: (
                None if idp.provisioning_action is None else idp.provisioning_action == "AUTO"
            ),
        ),
        Derived(
            "governedGroupIds",
            "The groups it puts users into: with ASSIGN the assigned, with APPEND and SYNC the filtered.",
            lambda idp, context: sorted(idp.governed_group_ids) if idp.policy_was_read else None,
        ),
        Derived(
            "url",
            "The sign-on address of SAML and certificates, the authorization endpoint of the others.",
            lambda idp, context: idp.sso_url if idp.protocol_type in _FEDERATED else idp.authorization_url,
        ),
        Derived(
            "entraTenantId",
            "The Entra tenant that the issuer or an endpoint names.",
            lambda idp, context: idp.entra_tenant_id,
        ),
    )

    name: str | None = None
    type: str | None = None
    status: str | None = None
    issuer_mode: str | None = None
    protocol_type: Annotated[str | None, Wire("protocol.type")] = None
    sso_url: Annotated[str | None, Wire("protocol.endpoints.sso.url", prop="", read=url_without_user)] = None
    authorization_url: Annotated[
        str | None, Wire("protocol.endpoints.authorization.url", prop="", read=url_without_user)
    ] = None
    token_url: Annotated[str | None, Wire("protocol.endpoints.token.url", prop="", read=bare_url)] = None
    jwks_url: Annotated[str | None, Wire("protocol.endpoints.jwks.url", prop="", read=bare_url)] = None
    issuer: Annotated[str | None, Wire(("protocol.credentials.trust.issuer", "protocol.issuer.url"))] = None
    okta_idp_org_url: Annotated[str | None, Wire("protocol.oktaIdpOrgUrl", read=url_without_user)] = None
    provisioning_action: Annotated[str | None, Wire("policy.provisioning.action", prop="")] = None
    group_action: Annotated[str | None, Wire("policy.provisioning.groups.action")] = None
    group_assignments: Annotated[
        tuple[str, ...] | None, Wire("policy.provisioning.groups.assignments", prop="")
    ] = None
    group_filter: Annotated[tuple[str, ...] | None, Wire("policy.provisioning.groups.filter", prop="")] = None
    group_source_attribute: Annotated[str | None, Wire("policy.provisioning.groups.sourceAttributeName")] = (
        None
    )
    account_link_action: Annotated[str | None, Wire("policy.accountLink.action")] = None
    account_link_group_ids: Annotated[
        tuple[str, ...] | None, Wire("policy.accountLink.filter.groups.include", prop="")
    ] = None
    account_link_excludes_admins: Annotated[
        bool | None, Wire("policy.accountLink.filter.users.excludeAdmins", prop="")
    ] = None
    subject_match_type: Annotated[str | None, Wire("policy.subject.matchType")] = None
    created: datetime | None = None
    last_updated: datetime | None = None

    @property
    def policy_was_read(self) -> bool:
        """Whether anything is known of what it does with users and groups."""
        said = (self.provisioning_action, self.group_action, self.group_assignments, self.group_filter)
        return any(each is not None for each in said)

    @property
    def governed_group_ids(self) -> frozenset[str]:
        """The groups that it puts users into. An action nobody knows is taken for both kinds."""
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
        """The Entra tenant behind it, if it is one."""
        return entra_tenant_id(
            (self.issuer, self.sso_url, self.authorization_url, self.token_url, self.jwks_url)
        )


@attrs.frozen(kw_only=True, repr=False)
class IdentityProviderUser(Entity):
    """That a user is linked to an account at an identity provider. `id` is the user's in Okta.

    `external_id` is what the provider calls the account; Entra adds its object id.
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

    idp_id: Annotated[str, Parent()]
    external_id: str | None = None
    ms_object_identifier: Annotated[str | None, Wire("profile.msObjectIdentifier")] = None
    created: datetime | None = None
    last_updated: datetime | None = None
