"""Edges from holders to their roles, assignments and scopes. They explain rights and are not traversable."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import (
    ApiServiceIntegration,
    Application,
    ConsentGrant,
    ResourceSetMember,
    RoleAppTarget,
    RoleAssignment,
    RoleGroupTarget,
)
from oktahound.graph.holders import ANY, assignments, usability
from oktahound.graph.lifecycle import role_state, state_of
from oktahound.graph.model import Edge, EdgeKind, Unmatched, rule
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.resources import resource_set_node
from oktahound.graph.scope import Everything, These, scope_of

__all__ = ["HAS_ROLE", "HAS_ROLE_ASSIGNMENT", "HOLDERS", "RULES", "SCOPED_TO"]

HOLDERS = frozenset({"Okta_User", "Okta_Group", "Okta_Application", "Okta_ApiServiceIntegration"})
"""The kinds of nodes that can hold an admin role."""

HAS_ROLE = EdgeKind(
    "Okta_HasRole",
    starts=HOLDERS,
    ends={"Okta_Role", "Okta_CustomRole"},
    traversable=False,
    why="A shortcut from the holder to the role. The rights of the role depend on its scope.",
    abuse="Use the permissions of the role within the scope of the assignment.",
    cut="Revoke the role assignment.",
)
HAS_ROLE_ASSIGNMENT = EdgeKind(
    "Okta_HasRoleAssignment",
    starts=HOLDERS,
    ends={"Okta_RoleAssignment"},
    traversable=False,
    why="The holder's own assignment. Its rights have their own edges.",
    abuse="Use the permissions of the role within the scope of the assignment.",
    cut="Revoke the role assignment.",
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
    why="The targets to which the assignment is limited; the organization if there is no limit.",
    abuse="Gives no right by itself. The rights of the assignment have their own edges.",
    cut="Limit the assignment to a resource set, groups or applications.",
)


def _with_nodes(org: OrgIndex) -> Iterator[tuple[RoleAssignment, str]]:
    """Yield the effective assignments, each with its node id."""
    return ((row, node) for row in assignments(org) if (node := row.node_id(org)) is not None)


@rule(HAS_ROLE, needs=(RoleAssignment, ConsentGrant, Application, ApiServiceIntegration))
def has_role(org: OrgIndex) -> Iterator[Edge]:
    """Holders have the roles of their direct assignments that are not inactive."""
    for assignment in assignments(org):
        role = assignment.role_node_id(org.domain)
        if role is not None:
            yield HAS_ROLE(assignment.holder_id, role, **usability(assignment, ANY, org))


@rule(HAS_ROLE_ASSIGNMENT, needs=(RoleAssignment, ConsentGrant, Application, ApiServiceIntegration))
def has_role_assignment(org: OrgIndex) -> Iterator[Edge]:
    """Holders have their direct assignments that are not inactive. Inherited ones belong to the group."""
    for assignment, node in _with_nodes(org):
        yield HAS_ROLE_ASSIGNMENT(assignment.holder_id, node, **usability(assignment, ANY, org))


@rule(
    SCOPED_TO,
    needs=(RoleAssignment, RoleGroupTarget, RoleAppTarget, Application, ApiServiceIntegration),
    yields_unmatched=True,
)
def scoped_to(org: OrgIndex) -> Iterator[Edge | Unmatched]:
    """Assignments lead to their scope. The scope is the organization only if Okta returned no targets.

    If the targets could not be read, there is no edge. An assignment of a custom role contains its resource
    set. If bindings were read too, members without such an assignment are reported as unmatched.
    """
    for assignment, node in _with_nodes(org):
        state = role_state(assignment.status)
        for end, doubt in _scope_nodes(assignment, org):
            yield SCOPED_TO(node, end, **state_of(state, assumption=doubt))
    yield from _unassigned_members(org)


def _unassigned_members(org: OrgIndex) -> Iterator[Unmatched]:
    """Yield members of bindings for which no role assignment was read."""
    assigned = {
        (holder, row.role_id, row.resource_set_id)
        for row in org.snapshot.rows(RoleAssignment)
        for holder in (row.holder_id, row.holder_path_id)
    }
    for member in org.rows(ResourceSetMember):
        bound = (member.holder_id, member.role_id, member.resource_set_id)
        if bound not in assigned:
            binding = f"bound to role {member.role_id} over {member.resource_set_id}"
            yield Unmatched(member.holder_id or member.id, f"{binding}, but no such assignment was read")


def _scope_nodes(assignment: RoleAssignment, org: OrgIndex) -> Iterator[tuple[str, str | None]]:
    """Yield the nodes of the scope, each with its assumption; None if there is none."""
    if assignment.resource_set_id is not None:
        yield resource_set_node(assignment.resource_set_id, org), None
        return
    match scope_of(assignment, org):
        case Everything():
            yield org.organization_id, None
        case These(ids, doubts):
            for each in ids:
                yield each, doubts.get(each)


RULES = (has_role, has_role_assignment, scoped_to)
