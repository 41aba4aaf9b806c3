"""Rights of holders of custom roles over the objects in their resource sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import attrs

from oktahound.entities import (
    ApiServiceIntegration,
    Application,
    ClientSecret,
    ConsentGrant,
    CustomRole,
    Group,
    GroupMembership,
    Resource,
    ResourceSet,
    RoleAssignment,
    RolePermission,
    User,
)
from oktahound.graph.barrier import APPLICATIONS_KNOWN, GROUPS_KNOWN, USERS_KNOWN, unprotected_applications
from oktahound.graph.grants import Grant, Targets
from oktahound.graph.holders import assignments, usability
from oktahound.graph.merge_properties import assuming
from oktahound.graph.model import EdgeKind, rule
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.resources import objects_in
from oktahound.graph.rules.builtin_right_kinds import MANAGE_APP, READ_CLIENT_SECRET
from oktahound.graph.rules.role_structure import HOLDERS
from oktahound.graph.targets import (
    apps_as_targets,
    groups_as_targets,
    passwords_as_targets,
    secrets_of,
    users_as_targets,
)
from oktahound.scopes import power

__all__ = [
    "ADD_MEMBER",
    "PERMISSIONS",
    "RESET_FACTORS",
    "RESET_PASSWORD",
    "RULES",
    "Permission",
]

RESET_PASSWORD = EdgeKind(
    "Okta_ResetPassword",
    starts=HOLDERS,
    ends={"Okta_User"},
    traversable=True,
    why="The holder resets the user's password and can sign in with the new one.",
    abuse="Set or reset the user's password and sign in as the user where no other factor is required.",
    cut="Remove the user from the resource set, or the permission from the custom role.",
)
RESET_FACTORS = EdgeKind(
    "Okta_ResetFactors",
    starts=HOLDERS,
    ends={"Okta_User"},
    traversable=True,
    why="The holder resets the user's factors and can enroll a new one.",
    abuse="Remove the user's factors, enroll a new factor and complete a sign-in with a known password.",
    cut="Remove the user from the resource set, or the permission from the custom role.",
)
ADD_MEMBER = EdgeKind(
    "Okta_AddMember",
    starts=HOLDERS,
    ends={"Okta_Group"},
    traversable=True,
    why="The holder can add accounts to the group, which gives them the rights of the group.",
    abuse="Add an account to the group and use the roles and applications of the group.",
    cut="Remove the group from the resource set, or the permission from the custom role.",
)


@attrs.frozen
class Permission:
    """A permission of custom roles that produces edges.

    Attributes:
        name: Okta's name of the permission.
        kinds: the kinds of edges.
        assumption: the undocumented assumption of the edges; None if there is none.
    """

    name: str
    kinds: tuple[EdgeKind, ...]
    assumption: str | None = None


_DOUBT = (
    "okta.users.manage includes credentials, as other collectors assume, although Okta's help says that it "
    "does not include the credentials' values"
)

PERMISSIONS = (
    Permission("okta.users.manage", (RESET_PASSWORD, RESET_FACTORS), _DOUBT),
    Permission("okta.users.credentials.manage", (RESET_PASSWORD, RESET_FACTORS)),
    Permission("okta.users.credentials.resetPassword", (RESET_PASSWORD,)),
    Permission("okta.users.credentials.expirePassword", (RESET_PASSWORD,)),
    Permission("okta.users.credentials.manageTemporaryAccessCode", (RESET_PASSWORD,)),
    Permission("okta.users.credentials.resetFactors", (RESET_FACTORS,)),
    Permission("okta.groups.manage", (ADD_MEMBER,)),
    Permission("okta.groups.members.manage", (ADD_MEMBER,)),
    Permission("okta.apps.manage", (MANAGE_APP,)),
    Permission("okta.apps.clientCredentials.read", (READ_CLIENT_SECRET,)),
)
"""All permissions that produce edges. The others of Okta's catalogue produce none yet."""

_NEEDS = (
    RoleAssignment,
    CustomRole,
    RolePermission,
    ResourceSet,
    Resource,
    ConsentGrant,
    Application,
    ApiServiceIntegration,
)


def _grants(
    org: OrgIndex, kind: EdgeKind, scopes: tuple[str, ...], targets: Callable[[frozenset[str]], Targets]
) -> Iterator[Grant]:
    """Yield one grant for every assignment whose role has a permission for this kind of edge."""
    for assignment in assignments(org):
        if assignment.is_custom and assignment.role_id and assignment.resource_set_id:
            right = org.once(_rights_by_role).get((assignment.role_id, kind))
            # If a resource set was not read completely, the scope is unknown.
            if right is not None and org.known(Resource, (assignment.resource_set_id,)):
                objects = targets(objects_in(assignment.resource_set_id, org))
                if objects.ids:
                    usable = usability(assignment, scopes, org)
                    properties = assuming({**right, **usable}, right.get("assumption"))
                    yield Grant(kind, assignment.holder_id, objects, properties)


def _rights_by_role(org: OrgIndex) -> dict[tuple[str, EdgeKind], dict[str, Any]]:
    """Return the kinds and properties of the edges of each role, from its strongest permission."""
    by_name = {permission.name: permission for permission in PERMISSIONS}
    found: dict[tuple[str, EdgeKind], dict[str, Any]] = {}
    for row in org.rows(RolePermission):
        permission = by_name.get(row.id)
        for kind in permission.kinds if permission else ():
            properties: dict[str, Any] = {"conditional": True} if row.is_conditional else {}
            if permission is not None and permission.assumption:
                properties["assumption"] = permission.assumption
            known = found.setdefault((row.role_id, kind), properties)
            found[row.role_id, kind] = min(known, properties, key=_weakness)
    return found


def _weakness(properties: dict[str, Any]) -> tuple[bool, bool]:
    """Sort key: documented permissions precede assumed ones, then unconditional precede conditional ones."""
    return "assumption" in properties, "conditional" in properties


@rule(RESET_PASSWORD, RESET_FACTORS, needs=(*_NEEDS, User, GroupMembership), absent=(USERS_KNOWN,))
def reset_credentials(org: OrgIndex) -> Iterator[Grant]:
    """Users in the resource set who hold no role."""
    scopes = power("resets-credentials").scopes
    yield from _grants(org, RESET_PASSWORD, scopes, partial(passwords_as_targets, org))
    yield from _grants(org, RESET_FACTORS, scopes, partial(users_as_targets, org))


@rule(ADD_MEMBER, needs=(*_NEEDS, Group), absent=(GROUPS_KNOWN,))
def add_member(org: OrgIndex) -> Iterator[Grant]:
    """Groups in the resource set that hold no role."""
    yield from _grants(org, ADD_MEMBER, power("adds-members").scopes, partial(groups_as_targets, org))


@rule(MANAGE_APP, needs=_NEEDS, absent=(APPLICATIONS_KNOWN,))
def manage_app(org: OrgIndex) -> Iterator[Grant]:
    """Applications in the resource set that hold no role, without API service integrations."""
    targets = partial(apps_as_targets, org, unprotected_applications)
    yield from _grants(org, MANAGE_APP, power("manages-apps").scopes, targets)


@rule(READ_CLIENT_SECRET, needs=(*_NEEDS, ClientSecret))
def read_secrets_in_scope(org: OrgIndex) -> Iterator[Grant]:
    """Every secret of the applications in the resource set, including privileged ones."""
    yield from _grants(org, READ_CLIENT_SECRET, power("reads-app-secrets").scopes, partial(secrets_of, org))


RULES = (reset_credentials, add_member, manage_app, read_secrets_in_scope)
