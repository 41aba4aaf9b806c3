"""Findings about resource sets."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.model import Finding
from oktahound.entities import (
    Group,
    GroupMembership,
    MembersOf,
    Resource,
    ResourceSet,
    RoleAssignment,
    RolePermission,
)
from oktahound.graph.resources import objects_in
from oktahound.scopes import Severity

__all__ = ["HolderWidensResourceSet"]

_JOINING = frozenset({"okta.groups.manage", "okta.groups.members.manage"})
_ADDABLE_USERS = "Okta does not document which users the holder of these permissions can add to the group"


class HolderWidensResourceSet(Finding):
    """The holder of a role over a resource set can add users to the set."""

    TITLE = "Holder of a role can widen its own resource set"
    MEANING = "The set contains the members of a group, and the holder can change the members of this group."
    WHAT_TO_DO = "Remove the group or its members from the set, or the permission from the role."
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "The resource set does not limit the role, because its holder can add users to it."
    SUBJECT = "Resource sets"
    READS = (ResourceSet, Resource, RoleAssignment, RolePermission, Group, GroupMembership)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such resource set, with the holders and groups."""
        found: dict[str, set[str]] = {}
        holders: dict[str, set[str]] = {}
        for row in org.rows(RoleAssignment):
            if not (row.counts and row.is_custom and row.role_id and row.resource_set_id):
                continue
            permissions = {each.id for each in org.of(RolePermission, row.role_id)} & _JOINING
            for group in _groups_with_members(org, row.resource_set_id) if permissions else ():
                holder = org.name(row.holder_id)
                holders.setdefault(row.resource_set_id, set()).add(row.holder_id)
                found.setdefault(row.resource_set_id, set()).add(
                    f"{holder} manages the members of {org.name(group)}, which the set contains"
                )
        sets = org.by_id(ResourceSet)
        for set_id, seen_of_set in sorted(found.items()):
            row_of_set = sets.get(set_id)
            node = row_of_set.node_id(org.rows_index) if row_of_set else set_id
            rests_on = sorted(holders[set_id])
            yield cls.at(org, node, *sorted(seen_of_set), assumptions=(_ADDABLE_USERS,), rests_on=rests_on)


def _groups_with_members(org: Inspection, set_id: str) -> Iterator[str]:
    """Yield the groups without a role that are in a set together with their members."""
    if not org.known(Resource, set_id):
        return
    targets = [each.target for each in org.of(Resource, set_id)]
    objects = objects_in(set_id, org.rows_index)
    for target in targets:
        if not isinstance(target, MembersOf) or target.group_id not in objects:
            continue
        # Only super administrators can change groups with a role.
        if target.group_id not in org.privileged_groups:
            yield target.group_id
