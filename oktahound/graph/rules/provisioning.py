"""Synchronization of accounts and groups between Okta and applications, within the Okta org."""

from __future__ import annotations

import enum
from collections.abc import Iterator

from oktahound.entities import Application, AppUser, Group, GroupPushMapping
from oktahound.graph.lifecycle import push_state, relation_state
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex

__all__ = [
    "GROUP_PULL",
    "GROUP_PUSH",
    "READ_PASSWORD_UPDATES",
    "RULES",
    "USER_PULL",
    "USER_PUSH",
    "Direction",
    "sync_direction",
]

_USERS, _GROUPS, _APPS = {"Okta_User"}, {"Okta_Group"}, {"Okta_Application"}

USER_PUSH = EdgeKind(
    "Okta_UserPush",
    starts=_USERS,
    ends=_APPS,
    traversable=False,
    why="Okta provisions the user to the application.",
    abuse="Gives no control of the application. It shows that the user has an account there.",
    cut="Unassign the user from the application.",
)
USER_PULL = EdgeKind(
    "Okta_UserPull",
    starts=_APPS,
    ends=_USERS,
    traversable=False,
    why="The user is imported from the application.",
    abuse="Change the record in the application; profile attributes in Okta follow.",
    cut="Make Okta the source of the profile, or limit which attributes are imported.",
)
READ_PASSWORD_UPDATES = EdgeKind(
    "Okta_ReadPasswordUpdates",
    starts=_APPS,
    ends=_USERS,
    traversable=True,
    why="Okta sends the user's password to the application whenever it changes.",
    abuse="Read the new password in the application's provisioning traffic and sign in as the user.",
    cut="Switch off password synchronization in the application's provisioning settings.",
    same_tier=True,
)
GROUP_PUSH = EdgeKind(
    "Okta_GroupPush",
    starts=_GROUPS,
    ends=_APPS,
    traversable=False,
    why="The group is pushed to the application.",
    abuse="Gives no control of the application. It shows that the group's members gain access there.",
    cut="Remove the group push mapping.",
)
GROUP_PULL = EdgeKind(
    "Okta_GroupPull",
    starts=_APPS,
    ends=_GROUPS,
    traversable=True,
    why="The application determines the members of the group.",
    abuse="Change the group in the application; its membership in Okta follows.",
    cut="Stop importing the group, or give roles and applications to a group that Okta itself manages.",
    same_tier=True,
)

_NOT_PUSHED_TO = frozenset({"okta_flow_sso", "okta_atspoke_sso"})
"""Parts of Okta that are listed as applications. Synchronization to them is not provisioning."""


class Direction(enum.Enum):
    """The direction of a synchronization."""

    INBOUND = "from the application into Okta"
    OUTBOUND = "from Okta into the application"


def sync_direction(app: Application, user: AppUser) -> Direction | None:
    """Return the direction of a synchronized account; None if it is not synchronized.

    Okta does not state it. The order of these tests is that of the open-source collectors: Active Directory
    provisions outward through groups only; an Org2Org application without profile mastering provisions
    outward; and for all others, profile mastering is the best indicator.
    """
    if not user.is_synchronized:
        return None
    if app.app_type == "active_directory":
        return Direction.INBOUND if user.is_direct else Direction.OUTBOUND
    if app.app_type == "ldap_interface":
        return Direction.INBOUND
    if not user.is_direct:
        return Direction.OUTBOUND
    is_profile_source = "PROFILE_MASTERING" in (app.features or ())
    if app.app_type == "okta_org2org" and user.has_initial_status:
        return Direction.OUTBOUND
    return Direction.INBOUND if is_profile_source else Direction.OUTBOUND


@rule(USER_PUSH, USER_PULL, needs=(Application, AppUser))
def user_sync(org: OrgIndex) -> Iterator[Edge]:
    """Synchronized accounts, in the direction of the synchronization."""
    apps = org.by_id(Application)
    for user in org.rows(AppUser):
        app = apps.get(user.app_id)
        if app is not None:
            state = relation_state(user.status)
            direction = sync_direction(app, user)
            if direction is Direction.INBOUND:
                yield USER_PULL(app.id, user.id, **state)
            elif direction is Direction.OUTBOUND and app.app_type not in _NOT_PUSHED_TO:
                yield USER_PUSH(user.id, app.id, **state)


@rule(READ_PASSWORD_UPDATES, needs=(Application, AppUser))
def read_password_updates(org: OrgIndex) -> Iterator[Edge]:
    """Synchronized accounts of applications that receive password updates.

    Active Directory is excluded: there the domain receives the password, not the owner of the application.
    """
    apps = org.by_id(Application)
    for user in org.rows(AppUser):
        app = apps.get(user.app_id)
        if app is None or app.app_type == "active_directory" or not user.is_synchronized:
            continue
        if "PUSH_PASSWORD_UPDATES" in (app.features or ()):
            yield READ_PASSWORD_UPDATES(app.id, user.id, **relation_state(user.status))


@rule(GROUP_PUSH, needs=(Application, GroupPushMapping))
def group_push(org: OrgIndex) -> Iterator[Edge]:
    """Groups with a push mapping. The edge of an inactive or failed mapping is inactive."""
    for mapping in org.rows(GroupPushMapping):
        if mapping.source_group_id is not None:
            yield GROUP_PUSH(
                mapping.source_group_id,
                mapping.app_id,
                **push_state(mapping.status),
            )


@rule(GROUP_PULL, needs=(Application, Group))
def group_pull(org: OrgIndex) -> Iterator[Edge]:
    """Groups that were imported from an application."""
    for group in org.rows(Group):
        if group.source_application_id is not None:
            yield GROUP_PULL(group.source_application_id, group.id)


RULES = (user_sync, read_password_updates, group_push, group_pull)
