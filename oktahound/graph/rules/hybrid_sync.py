"""Accounts, passwords and memberships that are synchronized between Okta and other systems."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import (
    Application,
    AppUser,
    Group,
    GroupPushMapping,
    PushTargetGroup,
)
from oktahound.graph.foreign import Foreign
from oktahound.graph.lifecycle import (
    State,
    node_state,
    push_state,
    relation_state,
    state_of,
    unread_kinds,
)
from oktahound.graph.model import Edge, EdgeKind, Unmatched, rule
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.rules.hybrid_apps import accounts, directory_object, group_of
from oktahound.graph.rules.provisioning import Direction, sync_direction

__all__ = ["MEMBERSHIP_SYNC", "PASSWORD_SYNC", "RULES", "USER_SYNC"]

_GROUPS = {"Okta_Group", "Group", "AZGroup"}
_ACCOUNTS = {"Okta_User", "User", "AZUser", "GH_User", "jamf_Account", "OP_User", "SNOW_User"}

USER_SYNC = EdgeKind(
    "Okta_UserSync",
    starts=_ACCOUNTS,
    ends=_ACCOUNTS,
    traversable=False,
    why="The two accounts are synchronized, from the source to the copy.",
    abuse="Change the source account's profile; the change is copied.",
    cut="Stop provisioning between the two accounts, or keep privileged accounts out of it.",
)
PASSWORD_SYNC = EdgeKind(
    "Okta_PasswordSync",
    starts={"Okta_User", "User"},
    ends=_ACCOUNTS,
    traversable=True,
    why="The password of the start becomes the password of the end.",
    abuse="Set or capture the password of the source account and sign in to the copy with it.",
    cut="Switch off password synchronization, or require a further factor at the copy.",
    same_tier=True,
)
MEMBERSHIP_SYNC = EdgeKind(
    "Okta_MembershipSync",
    starts=_GROUPS,
    ends=_GROUPS,
    traversable=True,
    why="The members of the end follow the members of the start.",
    abuse="Add an account to the source group; the next synchronization adds it to the target group.",
    cut="Remove the push or import of the group, or manage the members of the privileged group by hand.",
    same_tier=True,
)

_PUSHED_PASSWORD = "the pushed password is the user's own, not a random one"  # noqa: S105 - words


@rule(USER_SYNC, PASSWORD_SYNC, needs=(Application, AppUser), yields_unmatched=True)
def account_sync(org: OrgIndex) -> Iterator[Edge | Unmatched]:
    """Synchronized accounts and their passwords, in the direction of the synchronization.

    Okta pushes passwords to applications with password updates. For Active Directory, delegated
    authentication means that the directory checks the passwords of users in Okta.
    """
    for app, user, account in accounts(org):
        direction = sync_direction(app, user)
        if direction is None:
            continue
        if isinstance(account, Unmatched):
            yield account
            continue
        state = state_of(relation_state(user.status), node_state(org, app.id))
        features = app.features or ()
        if direction is Direction.INBOUND:
            yield USER_SYNC(account, user.id, **state)
            if app.app_type == "active_directory" and "OUTBOUND_DEL_AUTH" in features:
                yield PASSWORD_SYNC(account, user.id, **state)
        else:
            yield USER_SYNC(user.id, account, **state)
            if "PUSH_PASSWORD_UPDATES" in features:
                yield PASSWORD_SYNC(user.id, account, **state_of(state, assumption=_PUSHED_PASSWORD))


@rule(MEMBERSHIP_SYNC, needs=(Application, Group), yields_unmatched=True)
def imported_membership(org: OrgIndex) -> Iterator[Edge | Unmatched]:
    """Imported groups, matched by SID in Active Directory, and by name and organization elsewhere."""
    apps = org.by_id(Application)
    # A directory group is identified by its SID, even if its application was not collected.
    unread = unread_kinds(org).get("Okta_Application")
    for group in org.rows(Group):
        app_id = group.source_application_id or ""
        source = _source_of(group, apps.get(app_id))
        if isinstance(source, Unmatched):
            yield source
        elif source is not None:
            is_unread = unread is not None and app_id and app_id not in apps
            state: State = {"inactive": unread or ""} if is_unread else node_state(org, app_id)
            yield MEMBERSHIP_SYNC(source, group.id, **state)


def _source_of(group: Group, app: Application | None) -> Foreign | Unmatched | None:
    if group.is_from_directory:
        return directory_object("Group", group.id, group.object_sid, group.object_guid)
    is_imported = group.type == "APP_GROUP" and group.object_class == "okta:user_group"
    return group_of(app, group.name) if app and is_imported and group.name else None


@rule(MEMBERSHIP_SYNC, needs=(Application, Group, GroupPushMapping, PushTargetGroup), yields_unmatched=True)
def pushed_membership(org: OrgIndex) -> Iterator[Edge | Unmatched]:
    """Pushed groups lead to the group of the mapping. The edge of an inactive mapping is inactive."""
    apps = org.by_id(Application)
    for mapping in org.rows(GroupPushMapping):
        app = apps.get(mapping.app_id)
        target = _target_of(mapping, app, org) if app else None
        if isinstance(target, Unmatched):
            yield target
        elif target is not None and mapping.source_group_id is not None:
            state = state_of(push_state(mapping.status), node_state(org, mapping.app_id))
            yield MEMBERSHIP_SYNC(mapping.source_group_id, target, **state)


def _target_of(mapping: GroupPushMapping, app: Application, org: OrgIndex) -> Foreign | Unmatched | None:
    target = mapping.target_group_id or ""
    listed = org.by_id(Group).get(target)
    if listed and listed.is_from_directory and listed.object_sid:
        # The same node as for the imported group of the directory.
        return directory_object("Group", app.id, listed.object_sid, None)
    if listed is None and app.app_type == "active_directory" and not org.known(Group):
        # It may be a group with a SID, and the name would then identify another object.
        return None
    named = listed or org.by_id(PushTargetGroup).get(target)
    return group_of(app, named.name) if named and named.name else None


RULES = (account_sync, imported_membership, pushed_membership)
