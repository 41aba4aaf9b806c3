"""Roles and permissions of an org that are unknown to oktahound and therefore give no edges."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from oktahound.entities import BUILT_IN_ROLES, RoleAssignment, RolePermission
from oktahound.graph.org_index import OrgIndex
from oktahound.scopes import is_known_permission

__all__ = ["unknown_permissions", "unknown_roles"]


def unknown_roles(org: OrgIndex) -> list[dict[str, Any]]:
    """Return the types of assigned roles that are not in the table of built-in roles, with their holders.

    Such a role has a placeholder node. Its holders count as administrators, and it gives them no edge.
    """
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for row in org.rows(RoleAssignment):
        if row.type is not None and not row.is_custom and row.type not in BUILT_IN_ROLES:
            holders[row.type].add(row.holder_id)
    return [{"type": type_, "holders": sorted(ids)} for type_, ids in sorted(holders.items())]


def unknown_permissions(org: OrgIndex) -> list[dict[str, Any]]:
    """Return the permissions of custom roles that no source describes, with the ids of the roles."""
    roles: defaultdict[str, set[str]] = defaultdict(set)
    for row in org.rows(RolePermission):
        if not is_known_permission(row.id):
            roles[row.id].add(row.role_id)
    return [{"permission": name, "roles": sorted(ids)} for name, ids in sorted(roles.items())]
