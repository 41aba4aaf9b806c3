"""What holders of Okta's built-in roles can do to other objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from oktahound.entities import (
    ApiServiceIntegration,
    Application,
    ClientSecret,
    ConsentGrant,
    Device,
    Entity,
    Group,
    GroupMembership,
    RoleAppTarget,
    RoleAssignment,
    RoleGroupTarget,
    User,
)
from oktahound.graph.barrier import (
    APPLICATIONS_KNOWN,
    GROUPS_KNOWN,
    USERS_KNOWN,
    unprotected_applications,
)
from oktahound.graph.grants import Grant, Targets
from oktahound.graph.holders import assignments, usability
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.resources import members_of_group
from oktahound.graph.rules.role_structure import HOLDERS
from oktahound.graph.scope import Everything, These, scope_of
from oktahound.graph.targets import apps_as_targets, groups_as_targets, secrets_of, users_as_targets
from oktahound.graph.view import OrgView

__all__ = [
    "APP_ADMIN",
    "GROUP_ADMIN",
    "GROUP_MEMBERSHIP_ADMIN",
    "HELP_DESK_ADMIN",
    "MOBILE_ADMIN",
    "ORG_ADMIN",
    "READ_CLIENT_SECRET",
    "RULES",
    "SUPER_ADMIN",
]

SUPER_ADMIN = EdgeKind(
    "Okta_SuperAdmin",
    starts=HOLDERS,
    ends={"Okta_Organization"},
    traversable=True,
    why="A super administrator can do everything in the organization.",
)
ORG_ADMIN = EdgeKind(
    "Okta_OrgAdmin",
    starts=HOLDERS,
    ends={"Okta_User", "Okta_Group", "Okta_Device"},
    traversable=True,
    why="An organization administrator manages users, groups and devices, and no applications.",
)
GROUP_ADMIN = EdgeKind(
    "Okta_GroupAdmin",
    starts=HOLDERS,
    ends={"Okta_User", "Okta_Group"},
    traversable=True,
    why="A group administrator manages the groups and resets credentials of their members.",
)
GROUP_MEMBERSHIP_ADMIN = EdgeKind(
    "Okta_GroupMembershipAdmin",
    starts=HOLDERS,
    ends={"Okta_Group"},
    traversable=True,
    why="A group membership administrator can join anybody to the group.",
)
HELP_DESK_ADMIN = EdgeKind(
    "Okta_HelpDeskAdmin",
    starts=HOLDERS,
    ends={"Okta_User"},
    traversable=True,
    why="A help desk administrator resets the user's password and factors.",
)
APP_ADMIN = EdgeKind(
    "Okta_AppAdmin",
    starts=HOLDERS,
    ends={"Okta_Application", "Okta_ApiServiceIntegration"},
    traversable=True,
    why="An application administrator changes the client's credentials and settings.",
)
MOBILE_ADMIN = EdgeKind(
    "Okta_MobileAdmin",
    starts=HOLDERS,
    ends={"Okta_Device"},
    traversable=True,
    why="A mobile administrator manages the device.",
)
READ_CLIENT_SECRET = EdgeKind(
    "Okta_ReadClientSecret",
    starts=HOLDERS,
    ends={"Okta_ClientSecret"},
    traversable=True,
    why="Okta shows secrets of applications in clear text to who may see their credentials.",
)

_USERS = ("okta.users.manage",)
_GROUPS = ("okta.groups.manage",)
_APPS = ("okta.apps.manage",)
_ROLES = (RoleAssignment, ConsentGrant, Application)
_GROUP_SCOPED = (*_ROLES, RoleGroupTarget, Group, GroupMembership)

Ids = Callable[[OrgView], Iterable[str]]


def _ids(cls: type[Entity], view: OrgView) -> frozenset[str]:
    return frozenset(row.id for row in view.rows(cls))


_devices, _integrations, _applications = (
    partial(_ids, Device),
    partial(_ids, ApiServiceIntegration),
    partial(_ids, Application),
)


def _grants(
    view: OrgView,
    role: str,
    kind: EdgeKind,
    scopes: tuple[str, ...],
    targets: Callable[[RoleAssignment], Targets | None],
) -> Iterator[Grant]:
    """One grant for every assignment of a role that reaches anything."""
    for assignment in assignments(view):
        if assignment.type == role:
            reached = targets(assignment)
            if reached is not None and reached.ids:
                yield Grant(kind, assignment.holder_id, reached, usability(assignment, scopes, view))


@rule(SUPER_ADMIN, needs=_ROLES)
def super_admin(view: OrgView) -> Iterator[Edge]:
    """One edge to the organization."""
    for assignment in assignments(view):
        if assignment.type == "SUPER_ADMIN":
            yield SUPER_ADMIN(assignment.holder_id, view.organization_id, **usability(assignment, None, view))


@rule(ORG_ADMIN, needs=(*_ROLES, User, Group), absent=(USERS_KNOWN, GROUPS_KNOWN))
def org_admin(view: OrgView) -> Iterator[Grant]:
    """All users and groups that hold no role."""
    yield from _grants(view, "ORG_ADMIN", ORG_ADMIN, _USERS, lambda _: users_as_targets(view, None))
    yield from _grants(view, "ORG_ADMIN", ORG_ADMIN, _GROUPS, lambda _: groups_as_targets(view, None))


@rule(ORG_ADMIN, MOBILE_ADMIN, needs=(*_ROLES, Device))
def device_admin(view: OrgView) -> Iterator[Grant]:
    """All devices: Okta protects none of them."""
    devices = view.once(_all_devices)
    for role, kind in (("ORG_ADMIN", ORG_ADMIN), ("MOBILE_ADMIN", MOBILE_ADMIN)):
        yield from _grants(view, role, kind, ("okta.devices.manage",), lambda _: devices)


def _all_devices(view: OrgView) -> Targets:
    return Targets.of(_devices(view))


@rule(GROUP_ADMIN, needs=(*_GROUP_SCOPED, User), absent=(USERS_KNOWN, GROUPS_KNOWN))
def group_admin(view: OrgView) -> Iterator[Grant]:
    """The target groups and their members, or all users and groups; none that hold a role."""
    yield from _grants(view, "USER_ADMIN", GROUP_ADMIN, _GROUPS, partial(_groups_in_scope, view))
    yield from _grants(view, "USER_ADMIN", GROUP_ADMIN, _USERS, partial(_users_in_scope, view))


@rule(GROUP_MEMBERSHIP_ADMIN, needs=_GROUP_SCOPED, absent=(GROUPS_KNOWN,))
def group_membership_admin(view: OrgView) -> Iterator[Grant]:
    """The target groups, or all; none that hold a role."""
    yield from _grants(
        view, "GROUP_MEMBERSHIP_ADMIN", GROUP_MEMBERSHIP_ADMIN, _GROUPS, partial(_groups_in_scope, view)
    )


@rule(HELP_DESK_ADMIN, needs=(*_GROUP_SCOPED, User), absent=(USERS_KNOWN,))
def help_desk_admin(view: OrgView) -> Iterator[Grant]:
    """The members of the target groups, or all users; none who holds a role, and nobody where a group is empty."""
    yield from _grants(view, "HELP_DESK_ADMIN", HELP_DESK_ADMIN, _USERS, partial(_users_in_scope, view))


@rule(APP_ADMIN, needs=(*_ROLES, RoleAppTarget), absent=(APPLICATIONS_KNOWN,))
def app_admin(view: OrgView) -> Iterator[Grant]:
    """The target applications, or all; none that hold a role."""
    yield from _grants(
        view, "APP_ADMIN", APP_ADMIN, _APPS, partial(_apps_in_scope, view, unprotected_applications)
    )


@rule(APP_ADMIN, needs=(*_ROLES, RoleAppTarget, ApiServiceIntegration))
def integration_admin(view: OrgView) -> Iterator[Grant]:
    """The target API service integrations, or all. They hold no roles, so nothing protects them."""
    yield from _grants(view, "APP_ADMIN", APP_ADMIN, _APPS, partial(_apps_in_scope, view, _integrations))


@rule(READ_CLIENT_SECRET, needs=(*_ROLES, RoleAppTarget, ClientSecret))
def read_client_secret(view: OrgView) -> Iterator[Grant]:
    """Every secret of the applications in scope, those of privileged ones included.

    Secrets of API service integrations cannot be read again by anybody.
    """
    scopes = ("okta.apps.read",)
    yield from _grants(view, "APP_ADMIN", READ_CLIENT_SECRET, scopes, partial(_secrets_in_scope, view))
    every = secrets_of(view, None)
    for role in ("API_ACCESS_MANAGEMENT_ADMIN", "READ_ONLY_ADMIN"):
        yield from _grants(view, role, READ_CLIENT_SECRET, scopes, lambda _: every)


def _users_in_scope(view: OrgView, assignment: RoleAssignment) -> Targets | None:
    match scope_of(assignment, view):
        case Everything():
            return users_as_targets(view, None)
        case These(groups):
            return users_as_targets(
                view, frozenset(each for group in groups for each in members_of_group(group, view))
            )
    return None


def _groups_in_scope(view: OrgView, assignment: RoleAssignment) -> Targets | None:
    match scope_of(assignment, view):
        case Everything():
            return groups_as_targets(view, None)
        case These(groups):
            return groups_as_targets(view, groups)
    return None


def _apps_in_scope(view: OrgView, among: Ids, assignment: RoleAssignment) -> Targets | None:
    match scope_of(assignment, view):
        case Everything():
            return apps_as_targets(view, among, None)
        case These(ids):
            return apps_as_targets(view, among, ids)
    return None


def _secrets_in_scope(view: OrgView, assignment: RoleAssignment) -> Targets | None:
    match scope_of(assignment, view):
        case Everything():
            return secrets_of(view, None)
        case These(ids):
            return secrets_of(view, ids)
    return None


RULES = (
    super_admin,
    org_admin,
    device_admin,
    group_admin,
    group_membership_admin,
    help_desk_admin,
    app_admin,
    integration_admin,
    read_client_secret,
)
