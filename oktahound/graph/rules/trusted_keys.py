"""Keys of identity providers: the signatures that Okta accepts, and the roles that can replace a key.

Okta's API can replace the key of a provider (``PUT /api/v1/idps/credentials/keys/{kid}``), or refer to
another one in its settings (``protocol.credentials.trust.kid``). Either way, Okta accepts assertions that an
attacker signs, for every user whom the provider can sign in. Only oktahound defines these kinds.
"""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import (
    BUILT_IN_ROLES,
    ApiServiceIntegration,
    Application,
    ConsentGrant,
    CustomRole,
    IdentityProvider,
    Resource,
    ResourceSet,
    RoleAssignment,
    RolePermission,
)
from oktahound.graph.holders import assignments, usability
from oktahound.graph.merge_properties import assuming
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.resources import objects_in
from oktahound.graph.rules.role_structure import HOLDERS
from oktahound.graph.saml.signing import TRUSTED_KEY, trusted_key_node

__all__ = ["MANAGE_IDENTITY_PROVIDER", "RULES", "SIGNS_FOR"]

SIGNS_FOR = EdgeKind(
    "OktaHound_SignsFor",
    starts={TRUSTED_KEY},
    ends={"Okta_IdentityProvider"},
    traversable=True,
    why="Okta accepts assertions that are signed with the private key as those of the provider.",
    abuse="Steal the private key from the provider, and sign an assertion for any user of the provider.",
    cut="Have the provider sign with a new key, add its certificate and remove the old one.",
    same_tier=True,
)
MANAGE_IDENTITY_PROVIDER = EdgeKind(
    "OktaHound_ManageIdentityProvider",
    starts=HOLDERS,
    ends={"Okta_IdentityProvider"},
    traversable=True,
    why="The holder can replace the key and the URLs of the provider with those of another provider.",
    abuse="Add a certificate, make the provider refer to it, and sign assertions for any of its users.",
    cut="Revoke the role or permission, and alert on changes of identity providers and their keys.",
)

_PERMISSION, _SCOPES = "okta.identityProviders.manage", ("okta.idps.manage",)
_BY_COLLECTORS = "the role {} includes {}, according to other collectors"
_ROLES = (RoleAssignment, ConsentGrant, Application, ApiServiceIntegration)


@rule(SIGNS_FOR, needs=(IdentityProvider,))
def signs_for(org: OrgIndex) -> Iterator[Edge]:
    """The key in the settings of a provider."""
    for idp in org.rows(IdentityProvider):
        if idp.trust_key_id:
            yield SIGNS_FOR(trusted_key_node(idp.trust_key_id, org), idp.id)


@rule(MANAGE_IDENTITY_PROVIDER, needs=(*_ROLES, IdentityProvider))
def built_in_role_manages_identity_provider(org: OrgIndex) -> Iterator[Edge]:
    """Built-in roles whose permissions include identity providers, over all of them.

    Super administrators control the organization, which contains them.
    """
    for assignment in assignments(org):
        role = BUILT_IN_ROLES.get(assignment.type or "")
        if role is not None and _PERMISSION in role.permissions:
            usable = usability(assignment, _SCOPES, org)
            properties = assuming(usable, _BY_COLLECTORS.format(role.type, _PERMISSION))
            for idp in org.rows(IdentityProvider):
                yield MANAGE_IDENTITY_PROVIDER(assignment.holder_id, idp.id, **properties)


@rule(
    MANAGE_IDENTITY_PROVIDER,
    needs=(*_ROLES, IdentityProvider, CustomRole, RolePermission, ResourceSet, Resource),
)
def custom_role_manages_identity_provider(org: OrgIndex) -> Iterator[Edge]:
    """Custom roles with the permission, over the providers in their resource set."""
    providers = org.by_id(IdentityProvider)
    for assignment in assignments(org):
        set_id = assignment.resource_set_id
        # If a resource set was not read completely, the scope is unknown.
        if assignment.is_custom and assignment.role_id and set_id and org.known(Resource, (set_id,)):
            granted = {row.id: row for row in org.of(RolePermission, (assignment.role_id,))}
            if (row := granted.get(_PERMISSION)) is not None:
                conditional = {"conditional": True} if row.is_conditional else {}
                usable = {**conditional, **usability(assignment, _SCOPES, org)}
                for node in sorted(objects_in(set_id, org) & providers.keys()):
                    yield MANAGE_IDENTITY_PROVIDER(assignment.holder_id, node, **usable)


RULES = (signs_for, built_in_role_manages_identity_provider, custom_role_manages_identity_provider)
