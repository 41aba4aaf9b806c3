"""What holders of custom roles can do to the objects in their resource sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import attrs

from oktahound.entities import (
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
from oktahound.graph.model import EdgeKind, rule
from oktahound.graph.resources import objects_in
from oktahound.graph.rules.builtin_rights import READ_CLIENT_SECRET
from oktahound.graph.rules.role_structure import HOLDERS
from oktahound.graph.targets import apps_as_targets, groups_as_targets, secrets_of, users_as_targets
from oktahound.graph.view import OrgView

__all__ = [
    "ADD_MEMBER",
    "MANAGE_APP",
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
    why="Who resets the password can sign in with the new one.",
)
RESET_FACTORS = EdgeKind(
    "Okta_ResetFactors",
    starts=HOLDERS,
    ends={"Okta_User"},
    traversable=True,
    why="Who resets the factors can enrol their own.",
)
ADD_MEMBER = EdgeKind(
    "Okta_AddMember",
    starts=HOLDERS,
    ends={"Okta_Group"},
    traversable=True,
    why="Who joins people to the group gives them what the group has.",
)
MANAGE_APP = EdgeKind(
    "Okta_ManageApp",
    starts=HOLDERS,
    ends={"Okta_Application"},
    traversable=True,
    why="Who manages the application changes its credentials and settings.",
)


@attrs.frozen
class Permission:
    """A permission of custom roles that gives an edge.

    Attributes:
        name: Okta's name for it.
        kinds: the edges it gives.
        assumption: what the edge rests on that Okta does not document; None when nothing.
    """

    name: str
    kinds: tuple[EdgeKind, ...]
    assumption: str | None = None


_DOUBT = (
    "okta.users.manage includes credentials: collectors read it so, while Okta's help says that it does not "
    "include the credentials' values"
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
"""Every permission that gives an edge; the others of Okta's catalogue give none yet."""

_NEEDS = (RoleAssignment, CustomRole, RolePermission, ResourceSet, Resource, ConsentGrant, Application)


def _grants(
    view: OrgView, kind: EdgeKind, scopes: tuple[str, ...], targets: Callable[[frozenset[str]], Targets]
) -> Iterator[Grant]:
    """One grant for every assignment whose role permits what the edge stands for."""
    for assignment in assignments(view):
        if assignment.is_custom and assignment.role_id and assignment.resource_set_id:
            said = view.once(_rights_by_role).get((assignment.role_id, kind))
            # Rows that a broken listing gave before it broke could be told from all of them by nobody.
            if said is not None and view.known(Resource, (assignment.resource_set_id,)):
                reached = targets(objects_in(assignment.resource_set_id, view))
                if reached.ids:
                    yield Grant(
                        kind, assignment.holder_id, reached, {**said, **usability(assignment, scopes, view)}
                    )


def _rights_by_role(view: OrgView) -> dict[tuple[str, EdgeKind], dict[str, Any]]:
    """What each role gives, and what the edges of it carry: the best of its permissions counts."""
    by_name = {permission.name: permission for permission in PERMISSIONS}
    found: dict[tuple[str, EdgeKind], dict[str, Any]] = {}
    for row in view.rows(RolePermission):
        permission = by_name.get(row.id)
        for kind in permission.kinds if permission else ():
            said: dict[str, Any] = {"conditional": True} if row.is_conditional else {}
            if permission is not None and permission.assumption:
                said["assumption"] = permission.assumption
            known = found.setdefault((row.role_id, kind), said)
            found[row.role_id, kind] = min(known, said, key=lambda each: (len(each), sorted(each)))
    return found


@rule(RESET_PASSWORD, RESET_FACTORS, needs=(*_NEEDS, User, GroupMembership), absent=(USERS_KNOWN,))
def reset_credentials(view: OrgView) -> Iterator[Grant]:
    """Users in the resource set who hold no role."""
    targets = partial(users_as_targets, view)
    yield from _grants(view, RESET_PASSWORD, ("okta.users.manage",), targets)
    yield from _grants(view, RESET_FACTORS, ("okta.users.manage",), targets)


@rule(ADD_MEMBER, needs=(*_NEEDS, Group), absent=(GROUPS_KNOWN,))
def add_member(view: OrgView) -> Iterator[Grant]:
    """Groups that are in the resource set themselves and hold no role."""
    yield from _grants(view, ADD_MEMBER, ("okta.groups.manage",), partial(groups_as_targets, view))


@rule(MANAGE_APP, needs=_NEEDS, absent=(APPLICATIONS_KNOWN,))
def manage_app(view: OrgView) -> Iterator[Grant]:
    """Applications in the resource set that hold no role. API service integrations are not managed this way."""
    yield from _grants(
        view,
        MANAGE_APP,
        ("okta.apps.manage",),
        lambda ids: apps_as_targets(view, unprotected_applications, ids),
    )


@rule(READ_CLIENT_SECRET, needs=(*_NEEDS, ClientSecret))
def read_secrets_in_scope(view: OrgView) -> Iterator[Grant]:
    """Every secret of the applications in the resource set, those of privileged ones included."""
    yield from _grants(view, READ_CLIENT_SECRET, ("okta.apps.read",), partial(secrets_of, view))


RULES = (reset_credentials, add_member, manage_app, read_secrets_in_scope)
