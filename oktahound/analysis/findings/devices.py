"""Findings about devices and their users."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from oktahound.analysis.findings.administrators import ROLES
from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.model import Finding
from oktahound.entities import Device, DeviceUser, Entity
from oktahound.scopes import Severity

__all__ = ["AdministratorOnSharedDevice", "JailbrokenDevice", "SharedDevice", "UnlockedDeviceOfAdministrator"]

_SHOWN = 10


class _DeviceFinding(Finding):
    """Base class of findings about devices that are in use."""

    SUBJECT = "Devices"
    READS: ClassVar[tuple[type[Entity], ...]] = (Device, DeviceUser)


def _in_use(org: Inspection) -> Iterator[tuple[Device, list[DeviceUser]]]:
    for device in org.rows(Device):
        if device.status not in ("SUSPENDED", "DEACTIVATED"):
            yield device, sorted(org.of(DeviceUser, device.id), key=lambda each: each.id)


class SharedDevice(_DeviceFinding):
    """A device has more than ``device_users`` users."""

    TITLE = "Device is shared by many users"
    MEANING = "Anyone who unlocks the device can use the authenticators and sessions of all its users."
    WHAT_TO_DO = "Remove old enrolments, or give each user a separate device or security key."
    SEVERITY = Severity.LOW
    SEVERITY_REASON = "Sharing is sometimes intended; it weakens the binding of a factor to a person."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such device."""
        for device, users in _in_use(org):
            if len(users) > org.limits.device_users:
                named = [org.name(each.id) for each in users[:_SHOWN]]
                more = [f"and {len(users) - _SHOWN} more"] if len(users) > _SHOWN else []
                yield cls.at(org, device.id, f"{len(users)} users", *named, *more)


class AdministratorOnSharedDevice(_DeviceFinding):
    """A device of an administrator also has other users."""

    TITLE = "Administrator shares a device with other users"
    MEANING = "The other users may be able to use the administrator's authenticator or session on it."
    WHAT_TO_DO = "Use a device for administration that no other user has."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "An attack needs physical access to the device, and must get past its lock."
    READS = (Device, DeviceUser, *ROLES)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such device."""
        administrators = frozenset(org.administrators)
        for device, users in _in_use(org):
            admins = [each.id for each in users if each.id in administrators]
            if admins and len(users) > 1:
                named = ", ".join(map(org.name, admins))
                seen = (f"administrators: {named}", f"{len(users)} users in all")
                yield cls.at(org, device.id, *seen, rests_on=admins)


class UnlockedDeviceOfAdministrator(_DeviceFinding):
    """An administrator's device has no screen lock."""

    TITLE = "Administrator's device has no screen lock"
    MEANING = "Anyone who finds or steals the device can immediately use the sessions on it."
    WHAT_TO_DO = "Require a screen lock with device management or the sign-in policy."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "An attack needs physical access to the device."
    READS = (Device, DeviceUser, *ROLES)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each device with an administrator whose screen lock type is NONE."""
        administrators = frozenset(org.administrators)
        for device, users in _in_use(org):
            unlocked = [
                each.id for each in users if each.id in administrators and each.screen_lock_type == "NONE"
            ]
            if unlocked:
                yield cls.at(org, device.id, *map(org.name, unlocked), rests_on=unlocked)


class JailbrokenDevice(_DeviceFinding):
    """A device in use reports that its operating system was modified."""

    TITLE = "Device with a modified operating system"
    MEANING = "Other software on the device can read authenticators and sessions."
    WHAT_TO_DO = "Deactivate the device, and require an unmodified system in the sign-in policy."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "It weakens the protection of the sessions of its users."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such device."""
        for device, users in _in_use(org):
            if device.jail_break:
                named = [org.name(each.id) for each in users[:_SHOWN]]
                yield cls.at(org, device.id, "the device reports a jailbreak", *named)
