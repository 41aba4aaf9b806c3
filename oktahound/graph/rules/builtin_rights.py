"""Rights of holders of Okta's built-in roles over other objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeAlias

import attrs

from oktahound.entities import (
    ApiServiceIntegration,
    Application,
    ClientSecret,
    ConsentGrant,
    Device,
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
from oktahound.graph.holders import ANY_CHANGE, assignments, usability
from oktahound.graph.merge_properties import assuming
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.resources import members_of_group
from oktahound.graph.rules.builtin_right_kinds import (
    APP_ADMIN,
    GROUP_ADMIN,
    GROUP_MEMBERSHIP_ADMIN,
    HELP_DESK_ADMIN,
    MANAGE_APP,
    MOBILE_ADMIN,
    ORG_ADMIN,
    READ_CLIENT_SECRET,
    SUPER_ADMIN,
)
from oktahound.graph.scope import Everything, These, scope_of
from oktahound.graph.targets import (
    apps_as_targets,
    groups_as_targets,
    integrations_as_targets,
    secrets_of,
    users_as_targets,
)
from oktahound.scopes import power

__all__ = ["RULES"]

# Scopes that an OAuth client needs in addition to the role.
_USERS = power("resets-credentials").scopes
_GROUPS = power("adds-members").scopes
_DEVICES = power("manages-devices").scopes
_APPS = power("manages-apps").scopes
_INTEGRATIONS = power("mints-integration-secrets").scopes
_SECRETS = power("reads-app-secrets").scopes
_ROLES = (RoleAssignment, ConsentGrant, Application, ApiServiceIntegration)
_GROUP_SCOPED = (*_ROLES, RoleGroupTarget, Group)

Ids: TypeAlias = frozenset[str]
AssumedTargets: TypeAlias = "Iterable[tuple[Targets, str | None]]"
"""Sets of targets, each with the assumption of the right over it; None if there is none."""

TargetsOf: TypeAlias = "Callable[[RoleAssignment], AssumedTargets]"


def _grants(
    org: OrgIndex, role: str, kind: EdgeKind, scopes: tuple[str, ...], targets: TargetsOf
) -> Iterator[Grant]:
    """Yield the grants of every assignment of a role: one for each set of targets that is not empty."""
    for assignment in assignments(org):
        for objects, doubt in targets(assignment) if assignment.type == role else ():
            if objects.ids:
                usable = usability(assignment, scopes, org)
                yield Grant(kind, assignment.holder_id, objects, assuming(usable, doubt))


def _always(targets: Targets, _: RoleAssignment) -> AssumedTargets:
    return ((targets, None),)


def _in_scope(org: OrgIndex, make: Callable[[Ids | None], Targets]) -> TargetsOf:
    """Return a function from an assignment to its targets.

    `make` returns the targets among the ids of a scope, or all targets for None.
    """

    def targets(assignment: RoleAssignment) -> AssumedTargets:
        match scope_of(assignment, org):
            case Everything():
                yield make(None), None
            case These() as these:
                for doubt, ids in these.by_doubt():
                    yield make(ids), doubt

    return targets


def _members(org: OrgIndex, groups: Ids | None) -> Targets:
    if groups is None:
        return users_as_targets(org, None)
    return users_as_targets(org, frozenset().union(*(members_of_group(each, org) for each in groups)))


@rule(SUPER_ADMIN, needs=_ROLES)
def super_admin(org: OrgIndex) -> Iterator[Edge]:
    """Holders of the Super Administrator role control the organization."""
    for assignment in assignments(org):
        if assignment.type == "SUPER_ADMIN":
            yield SUPER_ADMIN(
                assignment.holder_id, org.organization_id, **usability(assignment, ANY_CHANGE, org)
            )


@rule(ORG_ADMIN, needs=(*_ROLES, User), absent=(USERS_KNOWN,))
def org_admin_over_users(org: OrgIndex) -> Iterator[Grant]:
    """Organization administrators have rights over all users who hold no role."""
    users = users_as_targets(org, None)
    yield from _grants(org, "ORG_ADMIN", ORG_ADMIN, _USERS, partial(_always, users))


@rule(ORG_ADMIN, needs=(*_ROLES, Group), absent=(GROUPS_KNOWN,))
def org_admin_over_groups(org: OrgIndex) -> Iterator[Grant]:
    """Organization administrators have rights over all groups that hold no role."""
    groups = groups_as_targets(org, None)
    yield from _grants(org, "ORG_ADMIN", ORG_ADMIN, _GROUPS, partial(_always, groups))


@rule(ORG_ADMIN, MOBILE_ADMIN, needs=(*_ROLES, Device))
def device_admin(org: OrgIndex) -> Iterator[Grant]:
    """All devices. Okta's protection of administrators does not cover devices."""
    devices = org.once(_all_devices)
    for role, kind in (("ORG_ADMIN", ORG_ADMIN), ("MOBILE_ADMIN", MOBILE_ADMIN)):
        yield from _grants(org, role, kind, _DEVICES, partial(_always, devices))


def _all_devices(org: OrgIndex) -> Targets:
    return Targets.of(device.id for device in org.rows(Device))


@rule(GROUP_ADMIN, needs=_GROUP_SCOPED, absent=(GROUPS_KNOWN,))
def group_admin_over_groups(org: OrgIndex) -> Iterator[Grant]:
    """The target groups of the assignment, or all groups, that hold no role."""
    groups = _in_scope(org, partial(groups_as_targets, org))
    yield from _grants(org, "USER_ADMIN", GROUP_ADMIN, _GROUPS, groups)


@rule(GROUP_ADMIN, needs=(*_GROUP_SCOPED, GroupMembership, User), absent=(USERS_KNOWN,))
def group_admin_over_users(org: OrgIndex) -> Iterator[Grant]:
    """The members of the target groups, or all users, who hold no role."""
    yield from _grants(org, "USER_ADMIN", GROUP_ADMIN, _USERS, _in_scope(org, partial(_members, org)))


@rule(GROUP_MEMBERSHIP_ADMIN, needs=_GROUP_SCOPED, absent=(GROUPS_KNOWN,))
def group_membership_admin(org: OrgIndex) -> Iterator[Grant]:
    """The target groups of the assignment, or all groups, that hold no role."""
    groups = _in_scope(org, partial(groups_as_targets, org))
    yield from _grants(org, "GROUP_MEMBERSHIP_ADMIN", GROUP_MEMBERSHIP_ADMIN, _GROUPS, groups)


@rule(HELP_DESK_ADMIN, needs=(*_GROUP_SCOPED, GroupMembership, User), absent=(USERS_KNOWN,))
def help_desk_admin(org: OrgIndex) -> Iterator[Grant]:
    """The members of the target groups, or all users, who hold no role."""
    users = _in_scope(org, partial(_members, org))
    yield from _grants(org, "HELP_DESK_ADMIN", HELP_DESK_ADMIN, _USERS, users)


@rule(APP_ADMIN, needs=(*_ROLES, RoleAppTarget), absent=(APPLICATIONS_KNOWN,))
def app_admin(org: OrgIndex) -> Iterator[Grant]:
    """The target applications, or all applications, that hold no role."""
    apps = _in_scope(org, partial(apps_as_targets, org, unprotected_applications))
    yield from _grants(org, "APP_ADMIN", APP_ADMIN, _APPS, apps)


@rule(APP_ADMIN, needs=(*_ROLES, RoleAppTarget))
def integration_admin(org: OrgIndex) -> Iterator[Grant]:
    """The target API service integrations, or all.

    Okta's API has separate endpoints for integrations, with a separate scope. The edge to an integration that
    holds or may hold a role has an assumption.
    """
    in_scope = _in_scope(org, partial(integrations_as_targets, org))

    def others(assignment: RoleAssignment) -> AssumedTargets:
        for targets, doubt in in_scope(assignment):
            if assignment.holder_id in targets.ids:
                # An integration that holds the role has no right over itself.
                yield Targets.of({*targets.ids} - {assignment.holder_id}, targets.edge_properties.get), doubt
            else:
                yield targets, doubt

    yield from _grants(org, "APP_ADMIN", APP_ADMIN, _INTEGRATIONS, others)


@rule(READ_CLIENT_SECRET, needs=(*_ROLES, RoleAppTarget, ClientSecret))
def read_client_secret(org: OrgIndex) -> Iterator[Grant]:
    """Every secret of the applications in scope, including privileged ones.

    Secrets of API service integrations can never be read again.
    """
    in_scope, all_secrets = _in_scope(org, partial(secrets_of, org)), secrets_of(org, None)
    yield from _grants(org, "APP_ADMIN", READ_CLIENT_SECRET, _SECRETS, in_scope)
    for role in ("API_ACCESS_MANAGEMENT_ADMIN", "READ_ONLY_ADMIN"):
        yield from _grants(org, role, READ_CLIENT_SECRET, _SECRETS, partial(_always, all_secrets))


_PRESUMED = {"API_ACCESS_MANAGEMENT_ADMIN": frozenset({"OPENID_CONNECT"}), "ACCESS_REQUESTS_ADMIN": None}
"""Roles that manage applications according to other collectors, with the sign-on modes; None for all."""


@rule(MANAGE_APP, needs=_ROLES, absent=(APPLICATIONS_KNOWN,))
def presumed_app_management(org: OrgIndex) -> Iterator[Grant]:
    """Applications that hold no role, for roles that manage them according to other collectors, not Okta."""
    unprotected = org.once(unprotected_applications)
    for role, modes in _PRESUMED.items():
        apps = [app for app in org.rows(Application) if modes is None or app.sign_on_mode in modes]
        targets = Targets.of(unprotected.intersection(app.id for app in apps))
        for grant in _grants(org, role, MANAGE_APP, _APPS, partial(_always, targets)):
            properties = assuming(grant.properties, f"{role} includes okta.apps.manage")
            yield attrs.evolve(grant, properties=properties)


RULES = (
    super_admin,
    org_admin_over_users,
    org_admin_over_groups,
    device_admin,
    group_admin_over_groups,
    group_admin_over_users,
    group_membership_admin,
    help_desk_admin,
    app_admin,
    integration_admin,
    read_client_secret,
    presumed_app_management,
)
