"""Group memberships, managers, and devices of users."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator

from oktahound.entities import Device, DeviceUser, Group, GroupMembership, User
from oktahound.entities.caseless import caseless
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex

__all__ = ["DEVICE_OF", "MANAGER_OF", "MEMBER_OF", "RULES"]

MEMBER_OF = EdgeKind(
    "Okta_MemberOf",
    starts={"Okta_User"},
    ends={"Okta_Group"},
    traversable=True,
    why="A member has every right and assignment of the group.",
    abuse="Use the roles and applications that the group gives to its members.",
    cut="Remove the user from the group, or unassign the role or application from the group.",
    same_tier=True,
)

MANAGER_OF = EdgeKind(
    "Okta_ManagerOf",
    starts={"Okta_User"},
    ends={"Okta_User"},
    traversable=False,
    why="The reporting line, for information. A manager has no right over the user.",
    abuse="Gives no right. An attacker can use the manager's name to make a request to the user credible.",
    cut="There is nothing to cut.",
)

DEVICE_OF = EdgeKind(
    "Okta_DeviceOf",
    starts={"Okta_Device"},
    ends={"Okta_User"},
    traversable=False,
    why="The device is registered to the user. It may be locked, and may have no session.",
    abuse="Use a session or an enrolled authenticator on the device, if it can be unlocked.",
    cut="Deactivate devices that are not used, and require user verification on them.",
)


@rule(MEMBER_OF, needs=(Group, GroupMembership))
def member_of(org: OrgIndex) -> Iterator[Edge]:
    """Users are members of their groups, including users who were not collected."""
    for membership in org.rows(GroupMembership):
        yield MEMBER_OF(membership.id, membership.group_id)


# The meaning of a profile's managerId is a convention of the org. The first of these properties that matches
# a user counts. If it matches several users, the manager is uncertain.
_NAMES: tuple[tuple[str | None, Callable[[User], str | None]], ...] = (
    (None, lambda user: user.login),
    ("email", lambda user: user.email),
    ("employeeNumber", lambda user: user.employee_number),
    ("id", lambda user: user.id),
)


@rule(MANAGER_OF, needs=(User,), absent=(User,))
def manager_of(org: OrgIndex) -> Iterator[Edge]:
    """The users whose login is the profile's managerId, regardless of letter case and Unicode form.

    If no user has that login, the e-mail address counts, then the employee number, then the id; ``matchedBy``
    is the property that matched. If several users match, each of them may be the manager. If users are
    missing, the number of matches is unknown.
    """
    manager_ids = {text for user in org.rows(User) if (text := _text(user.manager_id))}
    indexes = [(by, _index(org, name, manager_ids)) for by, name in _NAMES]
    for user in org.rows(User):
        text = _text(user.manager_id)
        if text:
            for by, index in indexes:
                if found := index.get(text):
                    doubt = (
                        None
                        if len(found) == 1
                        else f"one of {len(found)} users with the same {by or 'login'}"
                    )
                    for manager in found:
                        yield MANAGER_OF(manager, user.id, matchedBy=by, assumption=doubt)
                    break


def _index(
    org: OrgIndex, name: Callable[[User], str | None], manager_ids: Container[str]
) -> dict[str, list[str]]:
    """Return ids of users by one of their properties, for texts that are the managerId of a user."""
    found: dict[str, list[str]] = {}
    for user in org.rows(User):
        if (text := _text(name(user))) in manager_ids:
            found.setdefault(text, []).append(user.id)
    return found


def _text(value: str | None) -> str:
    return caseless(value or "")


@rule(DEVICE_OF, needs=(Device, DeviceUser))
def device_of(org: OrgIndex) -> Iterator[Edge]:
    """The users whom Okta lists with a device."""
    for owner in org.rows(DeviceUser):
        yield DEVICE_OF(
            owner.device_id,
            owner.id,
            managementStatus=owner.management_status,
            screenLockType=owner.screen_lock_type,
        )


RULES = (member_of, manager_of, device_of)
