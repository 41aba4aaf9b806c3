"""Builders for role assignments, targets, permissions and gaps, for tests of rules."""

from __future__ import annotations

from typing import Any

import networkx as nx

from handwritten.orgs import snapshot_of
from oktahound import Gap, GapReason, OAuthScope, build_graph
from oktahound.entities import (
    ApiServiceIntegration,
    Application,
    ConsentGrant,
    Entity,
    Group,
    RoleAppTarget,
    RoleAssignment,
    RoleGroupTarget,
    RolePermission,
    User,
)

_HOLDERS: dict[type[Entity], str] = {
    User: "USER",
    Group: "GROUP",
    Application: "CLIENT",
    ApiServiceIntegration: "CLIENT",
}


def role(holder: Entity, type_: str | None, id: str = "ra1", **facts: Any) -> RoleAssignment:
    """Build an active, direct role assignment."""
    kind = _HOLDERS[type(holder)]
    properties = {
        "type": type_,
        "status": "ACTIVE",
        "holder_type": kind,
        "assignment_type": kind,
        "label": type_,
    }
    return RoleAssignment(**{"id": id, "holder_id": holder.id} | properties | facts)


def custom(
    holder: Entity, role_id: str, set_id: str | None, id: str = "irb1", **facts: Any
) -> RoleAssignment:
    """Build the assignment of a custom role over a resource set."""
    return role(holder, "CUSTOM", id, role_id=role_id, resource_set_id=set_id, **facts)


def over_group(assignment: RoleAssignment, group_id: str) -> RoleGroupTarget:
    """Build a target group of an assignment."""
    return RoleGroupTarget(id=group_id, holder_id=assignment.holder_id, assignment_id=assignment.id)


def over_app(assignment: RoleAssignment, app_id: str | None = None, name: str | None = None) -> RoleAppTarget:
    """Build a target application of an assignment, or all applications of a type."""
    return RoleAppTarget(
        id=app_id or name or "",
        holder_id=assignment.holder_id,
        assignment_id=assignment.id,
        instance_id=app_id,
        name=name,
    )


def may(role_id: str, *permissions: str, conditions: str | None = None) -> list[RolePermission]:
    """Build the permissions of a custom role."""
    return [RolePermission(id=each, role_id=role_id, conditions=conditions) for each in permissions]


def granted(app: Application, *scopes: str, **facts: Any) -> list[ConsentGrant]:
    """Build the consent grants of a service application."""
    return [
        ConsentGrant(id=f"oag-{scope}", app_id=app.id, scope_id=OAuthScope(scope), **facts)
        for scope in scopes
    ]


def gap(cls: type[Entity], parent: str | None = None, request: str = "GET …") -> Gap:
    """Build the gap of a refused listing."""
    return Gap(entity=cls.__name__, reason=GapReason.FORBIDDEN, request=request, parent=parent, status=403)


def graph_of(*rows: Entity, **about: Any) -> nx.MultiDiGraph:
    """Build the graph of a small org."""
    return build_graph(snapshot_of(*rows, **about))


def not_read(kind: str) -> dict[str, Any]:
    """Return the properties of edges of a placeholder."""
    return {
        "assumption": f"the {kind} exists and is active: another object refers to it, but it was not read"
    }


def edges_by_ends(graph: nx.MultiDiGraph, kind: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the edges of one kind by their endpoints, with their properties."""
    return {
        (start, end): dict(properties)
        for start, end, key, properties in graph.edges(keys=True, data=True)
        if key == kind
    }
