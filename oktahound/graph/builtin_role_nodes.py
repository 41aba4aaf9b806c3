"""Nodes of Okta's built-in admin roles, from a table, because they are the same in every org."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oktahound.entities import RoleAssignment
from oktahound.entities.builtin_roles import BUILT_IN_ROLES
from oktahound.graph.org_index import OrgIndex

__all__ = ["BUILT_IN_ROLE", "built_in_role_nodes"]

BUILT_IN_ROLE = "Okta_Role"


def built_in_role_nodes(org: OrgIndex) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield id and attributes of each role; none if no roles were requested."""
    if RoleAssignment.__name__ not in org.snapshot.asked:
        return
    for role in BUILT_IN_ROLES.values():
        yield (
            role.node_id(org.domain),
            {
                "kind": BUILT_IN_ROLE,
                "oktaDomain": org.domain,
                "environmentid": org.organization_id,
                "name": role.label,
                "displayName": role.label,
                "permissions": list(role.permissions),
            },
        )
