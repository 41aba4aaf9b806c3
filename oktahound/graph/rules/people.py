"""Who is in which group, who reports to whom, and whose device is whose."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from oktahound.entities import Device, DeviceUser, Group, GroupMembership, User
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex

__all__ = ["DEVICE_OF", "MANAGER_OF", "MEMBER_OF", "RULES"]

MEMBER_OF = EdgeKind(
    "Okta_MemberOf",
    starts={"Okta_User"},
    ends={"Okta_Group"},
    traversable=True,
    why="A member has every right and assignment that the group has.",
    abuse="Use the roles and applications that the group gives to its members.",
    cut="Remove the user from the group, or take the role or application away from the group.",
    same_tier=True,
)

MANAGER_OF = EdgeKind(
    "Okta_ManagerOf",
    starts={"Okta_User"},
    ends={"Okta_User"},
    traversable=False,
    why="The reporting line, for orientation; being somebody's manager gives no right over them.",
    abuse="Gives no right. It tells an attacker whose name makes a request to the user credible.",
    cut="Nothing to cut.",
)

DEVICE_OF = EdgeKind(
    "Okta_DeviceOf",
    starts={"Okta_Device"},
    ends={"Okta_User"},
    traversable=False,
    why="The device is registered to the user; it may be locked, and sessions on it may be none.",
    abuse="Use a session or an enrolled authenticator on the device, if its lock can be passed.",
    cut="Deactivate devices that are not used, and require user verification on them.",
)


@rule(MEMBER_OF, needs=(Group, GroupMembership))
def member_of(view: OrgIndex) -> Iterator[Edge]:
    """Every member that Okta lists, also one who was not collected."""
    for membership in view.rows(GroupMembership):
        yield MEMBER_OF(membership.id, membership.group_id)


# What a profile's managerId holds is the org's own convention. The first of these under which somebody is
# found counts; under the same text there can be several, and then it is not known who is meant.
_NAMES: tuple[tuple[str | None, Callable[[OrgIndex], dict[str, list[str]]]], ...] = (
    (None, lambda view: _index(view, lambda user: user.login)),
    ("email", lambda view: _index(view, lambda user: user.email)),
    ("employeeNumber", lambda view: _index(view, lambda user: user.employee_number)),
    ("id", lambda view: _index(view, lambda user: user.id)),
)


@rule(MANAGER_OF, needs=(User,), absent=(User,))
def manager_of(view: OrgIndex) -> Iterator[Edge]:
    """The users whose login is the profile's managerId, whatever its letter case.

    Where nobody has that login, the e-mail address counts, then the employee number, then the id; the edge
    then says so in ``matchedBy``. Where several people have it, each of them may be the manager. With users
    missing, "nobody" and "several" are not known.
    """
    for user in view.rows(User):
        text = (user.manager_id or "").strip().casefold()
        if text:
            for by, make_index in _NAMES:
                if found := view.once(make_index).get(text):
                    doubt = (
                        None
                        if len(found) == 1
                        else f"one of {len(found)} users with the same {by or 'login'}"
                    )
                    for manager in found:
                        yield MANAGER_OF(manager, user.id, matchedBy=by, assumption=doubt)
                    break


def _index(view: OrgIndex, name: Callable[[User], str | None]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for user in view.rows(User):
        if text := (name(user) or "").strip():
            found.setdefault(text.casefold(), []).append(user.id)
    return found


@rule(DEVICE_OF, needs=(Device, DeviceUser))
def device_of(view: OrgIndex) -> Iterator[Edge]:
    """The users whom Okta lists with a device."""
    for owner in view.rows(DeviceUser):
        yield DEVICE_OF(
            owner.device_id,
            owner.id,
            managementStatus=owner.management_status,
            screenLockType=owner.screen_lock_type,
        )


RULES = (member_of, manager_of, device_of)
