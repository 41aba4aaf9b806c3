"""Who holds which role, over what: it explains the rights, and is not walked itself."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import (
    ApiServiceIntegration,
    Application,
    ConsentGrant,
    Resource,
    RoleAppTarget,
    RoleAssignment,
    RoleGroupTarget,
    RoleScope,
)
from oktahound.graph.holders import assignments, usability
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.resources import resource_set_node
from oktahound.graph.scope import Everything, These, scope_of
from oktahound.graph.view import OrgView

__all__ = ["HAS_ROLE", "HAS_ROLE_ASSIGNMENT", "HOLDERS", "RULES", "SCOPED_TO"]

HOLDERS = frozenset({"Okta_User", "Okta_Group", "Okta_Application"})

HAS_ROLE = EdgeKind(
    "Okta_HasRole",
    starts=HOLDERS,
    ends={"Okta_Role", "Okta_CustomRole"},
    traversable=False,
    why="A short cut from the holder to the role; what the role gives depends on its scope.",
)
HAS_ROLE_ASSIGNMENT = EdgeKind(
    "Okta_HasRoleAssignment",
    starts=HOLDERS,
    ends={"Okta_RoleAssignment"},
    traversable=False,
    why="The holder's own assignment; the edges of the rights say where it leads.",
)
SCOPED_TO = EdgeKind(
    "Okta_ScopedTo",
    starts={"Okta_RoleAssignment"},
    ends={
        "Okta_Organization",
        "Okta_Group",
        "Okta_Application",
        "Okta_ApiServiceIntegration",
        "Okta_ResourceSet",
    },
    traversable=False,
    why="What the assignment is narrowed to; the organization when it is not.",
)


@rule(HAS_ROLE, needs=(RoleAssignment, ConsentGrant))
def has_role(view: OrgView) -> Iterator[Edge]:
    """Every direct, active assignment that says which role it is of."""
    for assignment in assignments(view):
        role = assignment.role_node_id(view.domain)
        if role is not None:
            yield HAS_ROLE(assignment.holder_id, role, **usability(assignment, None, view))


@rule(HAS_ROLE_ASSIGNMENT, needs=(RoleAssignment, ConsentGrant))
def has_role_assignment(view: OrgView) -> Iterator[Edge]:
    """Every direct, active assignment. What a user inherits is the group's."""
    for assignment in assignments(view):
        node = assignment.node_id(view)
        if node is not None:
            yield HAS_ROLE_ASSIGNMENT(assignment.holder_id, node, **usability(assignment, None, view))


@rule(
    SCOPED_TO,
    needs=(RoleAssignment, RoleGroupTarget, RoleAppTarget, Resource, Application, ApiServiceIntegration),
)
def scoped_to(view: OrgView) -> Iterator[Edge]:
    """The organization only when Okta said so; nothing when the targets could not be read."""
    for assignment in assignments(view):
        node = assignment.node_id(view)
        if node is None:
            continue
        if assignment.scope is RoleScope.RESOURCE_SET:
            if assignment.resource_set_id is not None:
                yield SCOPED_TO(node, resource_set_node(assignment.resource_set_id, view))
            continue
        match scope_of(assignment, view):
            case Everything():
                yield SCOPED_TO(node, view.organization_id)
            case These(ids):
                for target in ids:
                    yield SCOPED_TO(node, target)


RULES = (has_role, has_role_assignment, scoped_to)
