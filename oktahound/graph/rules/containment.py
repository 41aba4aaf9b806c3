"""Objects of the organization, and users of realms."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import (
    AgentPool,
    ApiServiceIntegration,
    Application,
    AuthorizationServer,
    CustomRole,
    Device,
    Entity,
    Group,
    IdentityProvider,
    Policy,
    Realm,
    ResourceSet,
    User,
)
from oktahound.graph.builtin_role_nodes import BUILT_IN_ROLE, built_in_role_nodes
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex

__all__ = ["CONTAINED", "CONTAINS", "REALM_CONTAINS", "RULES"]

CONTAINED: tuple[type[Entity], ...] = (
    User,
    Group,
    Device,
    Application,
    ApiServiceIntegration,
    ResourceSet,
    CustomRole,
    Realm,
    AgentPool,
    AuthorizationServer,
    IdentityProvider,
    Policy,
)
"""The entities that the organization contains. Credentials, agents and assignments are not included."""

CONTAINS = EdgeKind(
    "Okta_Contains",
    starts={"Okta_Organization"},
    ends={BUILT_IN_ROLE, *(cls.KIND or "" for cls in CONTAINED)},
    traversable=True,
    why="Control of the tenant is control of every object in it.",
    abuse="Use a super administrator's rights on the object.",
    cut="Cannot be cut: reduce the number of administrators who control the organization instead.",
)

REALM_CONTAINS = EdgeKind(
    "Okta_RealmContains",
    starts={"Okta_Realm"},
    ends={"Okta_User"},
    traversable=True,
    why="An administrator of the realm administers its users.",
    abuse="Use the rights over the realm on the user: reset credentials or change the profile.",
    cut="Move the user to another realm, or reduce the number of administrators of this realm.",
)


@rule(CONTAINS, needs=CONTAINED)
def contains(org: OrgIndex) -> Iterator[Edge]:
    """The organization contains every collected object of these kinds, and the built-in roles."""
    for cls in CONTAINED:
        for row in org.rows(cls):
            node = row.node_id(org)
            if node is not None:
                yield CONTAINS(org.organization_id, node)
    for node, _ in built_in_role_nodes(org):
        yield CONTAINS(org.organization_id, node)


@rule(REALM_CONTAINS, needs=(User,))
def realm_contains(org: OrgIndex) -> Iterator[Edge]:
    """Realms contain the users that refer to them. The realm need not have been collected."""
    for user in org.rows(User):
        if user.realm_id:
            yield REALM_CONTAINS(user.realm_id, user.id)


RULES = (contains, realm_contains)
