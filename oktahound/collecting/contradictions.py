"""Find contradictions in the rows of a collection, and record gaps, so that no rule relies on those rows.

The org may have changed between two requests, so that both responses were correct. That cannot be
distinguished from a listing that lost rows, so both cases become gaps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from oktahound.collecting.gap_rules import request_of
from oktahound.collecting.plan import Plan, Read
from oktahound.collecting.row_store import RowStore
from oktahound.entities import (
    Endpoint,
    Entity,
    Group,
    GroupMembership,
    Resource,
    ResourceSetMember,
    RoleAssignment,
    Statement,
)
from oktahound.entities.resource_targets import MembersOf
from oktahound.snapshot import Gap, GapReason

__all__ = ["contradictions", "fewer_rows_than_stated"]

_USERS_COUNT = "_embedded.stats.usersCount"
_ADMIN_PRIVILEGE = "_embedded.stats.hasAdminPrivilege"


def fewer_rows_than_stated(read: Read, parent: Entity | None, rows: int) -> Gap | None:
    """Return a gap if a listing ended without an error but has fewer rows than its parent states."""
    if parent is None or read.endpoint.stated is None:
        return None
    stated: Statement | None = read.endpoint.stated(parent)
    if stated is None or rows >= stated.least:
        return None
    return Gap(
        entity=read.cls.__name__,
        reason=GapReason.CONTRADICTION,
        request=request_of(read),
        parent=parent.id,
        where=stated.where,
        rows_read=rows,
        detail=f"{stated.where} is {stated.value} for {parent.id}, but the listing has {_rows(rows)}",
    )


def contradictions(store: RowStore, plan: Plan) -> Iterator[Gap]:
    """Yield gaps for contradictions between the listings of a finished collection."""
    read = {cls for cls in (Group, GroupMembership, RoleAssignment) if cls in plan.entities}
    if {Group, GroupMembership} <= read:
        yield from _more_members_than_stated(store)
    if {Group, RoleAssignment} <= read:
        yield from _roles_without_privilege(store)
    if {Group, GroupMembership, RoleAssignment} <= read:
        yield from _unrequested_members(store, plan)
        yield from _inherited_without_holder(store)
    if RoleAssignment in read and ResourceSetMember in plan.entities:
        yield from _bound_without_role(store)


def _more_members_than_stated(store: RowStore) -> Iterator[Gap]:
    listed = Counter(membership.group_id for membership in store.rows(GroupMembership))
    for group in store.rows(Group):
        stated, found = group.users_count, listed[group.id]
        if stated is not None and found > stated:
            yield _of_group(
                group,
                _USERS_COUNT,
                f"{_USERS_COUNT} is {stated}, but the listing of members has {_rows(found)}",
            )


def _roles_without_privilege(store: RowStore) -> Iterator[Gap]:
    roles = _roles_of_groups(store)
    for group in store.rows(Group):
        if group.has_admin_privilege is False and group.id in roles:
            names = ", ".join(sorted({row.type or row.id for row in roles[group.id]}))
            yield _of_group(
                group, _ADMIN_PRIVILEGE, f"{_ADMIN_PRIVILEGE} is false, but the listing of roles has {names}"
            )


def _of_group(group: Group, where: str, detail: str) -> Gap:
    return Gap(
        entity=Group.__name__,
        reason=GapReason.CONTRADICTION,
        request="GET /api/v1/groups",
        where=where,
        record=group.id,
        detail=detail,
    )


def _unrequested_members(store: RowStore, plan: Plan) -> Iterator[Gap]:
    """Yield gaps for groups whose members were skipped because of their statistics, but which matter."""
    sources = [source for source in plan.sources(GroupMembership) if isinstance(source, Endpoint)]
    roles = _roles_of_groups(store)
    excluded = _excluded_groups(store) if Resource in plan.entities else frozenset()
    for group in store.rows(Group):
        if any(source.when is None or source.when(group, store) for source in sources):
            continue
        if group.id in roles or group.id in excluded:
            why = "it holds a role" if group.id in roles else "a resource set excludes its members"
            yield Gap(
                entity=GroupMembership.__name__,
                reason=GapReason.CONTRADICTION,
                request=f"GET {sources[0].path}",
                parent=group.id,
                where=_USERS_COUNT,
                rows_read=0,
                detail=f"{_USERS_COUNT} is 0, so members were not requested, but {why}. "
                "Request them with statistics=False",
            )


def _roles_of_groups(store: RowStore) -> dict[str, list[RoleAssignment]]:
    found: dict[str, list[RoleAssignment]] = {}
    for row in store.rows(RoleAssignment):
        if row.counts and row.holder_type == Group.ASSIGNMENT_TYPE:
            found.setdefault(row.holder_id, []).append(row)
    return found


def _excluded_groups(store: RowStore) -> frozenset[str]:
    return frozenset(
        target.group_id
        for resource in store.rows(Resource)
        for target in resource.exclusions
        if isinstance(target, MembersOf)
    )


def _inherited_without_holder(store: RowStore) -> Iterator[Gap]:
    """Yield gaps for users with a role through a group, if none of their groups holds that role.

    Either a group with the role was not read, or its members were not. If rows are known to be missing, there
    is a gap already.
    """
    if any(store.is_incomplete(cls) for cls in (Group, GroupMembership, RoleAssignment)):
        return
    inherited = [
        row
        for row in store.rows(RoleAssignment)
        if row.holder_type == "USER" and row.is_active and not row.is_direct
    ]
    if not inherited:
        return
    holders = {(group, _role_of(row)) for group, rows in _roles_of_groups(store).items() for row in rows}
    members: dict[str, set[str]] = {}
    for membership in store.rows(GroupMembership):
        members.setdefault(membership.id, set()).add(membership.group_id)
    for row in inherited:
        if not any((group, _role_of(row)) in holders for group in members.get(row.holder_id, ())):
            detail = (
                f"{row.holder_id} holds {row.type or row.id} through a group, but none of its groups holds it"
            )
            for cls, request in (
                (GroupMembership, "GET /api/v1/groups/{id}/users"),
                (RoleAssignment, "GET /api/v1/groups/{id}/roles"),
            ):
                yield Gap(
                    entity=cls.__name__,
                    reason=GapReason.CONTRADICTION,
                    request=request,
                    where="assignmentType",
                    detail=detail,
                )


def _role_of(row: RoleAssignment) -> tuple[str | None, str | None]:
    return row.type, row.role_id if row.is_custom else None


def _bound_without_role(store: RowStore) -> Iterator[Gap]:
    """Yield gaps for members of a resource set's binding who have no such role assignment."""
    assigned = {
        (holder, row.role_id, row.resource_set_id)
        for row in store.rows(RoleAssignment)
        for holder in (row.holder_id, row.holder_path_id)
    }
    for member in store.rows(ResourceSetMember):
        if (member.holder_id, member.role_id, member.resource_set_id) not in assigned:
            bound = f"bound to role {member.role_id} over {member.resource_set_id}"
            detail = f"{bound}, but no such assignment was read"
            request = "GET /api/v1/iam/resource-sets/{set}/bindings/{id}/members"
            yield _missing_role(request, member.holder_id, detail)


def _missing_role(request: str, holder: str | None, detail: str) -> Gap:
    return Gap(
        entity=RoleAssignment.__name__,
        reason=GapReason.CONTRADICTION,
        request=request,
        parent=holder,
        detail=detail,
    )


def _rows(count: int) -> str:
    return f"{count} row{'' if count == 1 else 's'}"
