"""The admin barrier: Okta does not let lesser admins change users or groups that hold a role.

That an object is *not* protected is a conclusion from absence. This module declares the premises of that
conclusion. If a premise has a gap, the rules that depend on it are withheld.
"""

from __future__ import annotations

from oktahound.entities import (
    AdminAssignee,
    ApiServiceIntegration,
    Application,
    Endpoint,
    Entity,
    Group,
    GroupMembership,
    RoleAssignment,
    User,
)
from oktahound.entities.role_assignments import privileged_groups, privileged_users, role_holders
from oktahound.graph.model import Premise
from oktahound.graph.org_index import OrgIndex
from oktahound.snapshot import Gap, GapReason

__all__ = [
    "APPLICATIONS_KNOWN",
    "GROUPS_KNOWN",
    "INTEGRATIONS_KNOWN",
    "USERS_KNOWN",
    "unprotected_applications",
    "unprotected_groups",
    "unprotected_users",
]


def _missing(org: OrgIndex, *classes: type[Entity]) -> list[str]:
    return [cls.__name__ for cls in classes if not org.known(cls)]


def _roles_missing(org: OrgIndex, *holders: type[Entity]) -> list[str]:
    """Return the entities with gaps in the roles of these holders. Gaps of other holders do not matter."""
    if all(org.known(RoleAssignment, under=holder) for holder in holders):
        return []
    of_others = {
        f"GET {source.path}"
        for source in RoleAssignment.SOURCES
        if isinstance(source, Endpoint) and source.under not in holders
    }
    lost = [gap for gap in org.lost(RoleAssignment) if gap.request not in of_others]
    harmless = bool(lost) and all(_is_protected_anyway(gap, org) for gap in lost)
    return [] if harmless else [RoleAssignment.__name__]


def _is_protected_anyway(gap: Gap, org: OrgIndex) -> bool:
    """Whether a contradiction concerns the roles of a holder who counts as an admin in any case.

    Okta lists a user as an admin, or states that a group has admin privileges, but lists none of their roles.
    """
    if gap.reason is not GapReason.CONTRADICTION or gap.parent is None:
        return False
    return gap.parent in org.once(privileged_users) or gap.parent in org.once(privileged_groups)


def _users_missing(org: OrgIndex) -> list[str]:
    missing = [
        *_missing(org, AdminAssignee),
        *_roles_missing(org, AdminAssignee, Group),
        *_missing(org, Group),
    ]
    unlistable = {group.id for group in org.rows(Group) if not group.lists_members}
    admin_groups = org.once(privileged_groups) - unlistable
    if all(org.known(GroupMembership, (group_id,)) for group_id in admin_groups):
        return missing
    return [*missing, GroupMembership.__name__]


USERS_KNOWN = Premise(
    "the users who hold a role, directly or through a group",
    (AdminAssignee, RoleAssignment, Group, GroupMembership),
    _users_missing,
)
GROUPS_KNOWN = Premise(
    "the groups that hold a role",
    (RoleAssignment, Group),
    lambda org: [*_roles_missing(org, Group), *_missing(org, Group)],
)
INTEGRATIONS_KNOWN = Premise(
    "the API service integrations that hold a role",
    (RoleAssignment, ApiServiceIntegration),
    lambda org: [*_roles_missing(org, ApiServiceIntegration), *_missing(org, ApiServiceIntegration)],
)
APPLICATIONS_KNOWN = Premise(
    "the applications that hold a role",
    (RoleAssignment, Application),
    lambda org: [*_roles_missing(org, Application), *_missing(org, Application)],
)


def unprotected_users(org: OrgIndex) -> frozenset[str]:
    """Return the ids of collected users who hold no role."""
    return frozenset(user.id for user in org.rows(User)) - org.once(privileged_users)


def unprotected_groups(org: OrgIndex) -> frozenset[str]:
    """Return the ids of collected groups that hold no role."""
    return frozenset(group.id for group in org.rows(Group)) - org.once(privileged_groups)


def unprotected_applications(org: OrgIndex) -> frozenset[str]:
    """Return the ids of collected applications that hold no role."""
    return frozenset(app.id for app in org.rows(Application)) - org.once(role_holders)
