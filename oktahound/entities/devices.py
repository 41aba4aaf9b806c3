"""Devices that are registered with the org, and their users."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.parsers import text_unless_empty
from oktahound.entities.schema import Context, Derived, Entity, Parent, Wire
from oktahound.entities.sources import Embedded, Endpoint

__all__ = ["Device", "DeviceUser"]


def _alias(device: Device, context: Context) -> str | None:
    count = context.once(_udids)[device.udid.casefold()] if device.udid else 0
    return f"{device.udid}@{context.domain}" if count == 1 and context.known(Device) else None


def _udids(context: Context) -> Counter[str]:
    return Counter(device.udid.casefold() for device in context.rows(Device) if device.udid)


@attrs.frozen(kw_only=True, repr=False)
class Device(Entity):
    """A device. Its node key is Okta's id, because several devices can have one UDID after re-enrollment."""

    KIND = "Okta_Device"
    PLURAL = "devices"
    SOURCES = (
        Endpoint(
            "/api/v1/devices", scope="okta.devices.read", params={"limit": 200, "expand": "userSummary"}
        ),
    )
    DERIVED = (
        Derived(
            "name",
            "The resource's display name; else the profile's, else the id.",
            lambda device, context: device.display_name or device.profile_name or device.id,
        ),
        Derived(
            "displayName",
            "The resource's display name; else the profile's.",
            lambda device, context: device.display_name or device.profile_name,
        ),
        Derived("oktaId", "Okta's id of the device.", lambda device, context: device.id),
        Derived(
            "alias", "`{udid}@{domain}`, the id in other tools; absent if the UDID is not unique.", _alias
        ),
    )

    display_name: Annotated[str | None, Wire("resourceDisplayName.value", prop="")] = None
    """The name for display, as Okta derives it."""
    profile_name: Annotated[str | None, Wire("profile.displayName", prop="")] = None
    """The name that the device itself reported."""
    status: str | None = None
    """`ACTIVE`, `SUSPENDED`, `UNSUSPENDED` or `DEACTIVATED`."""
    resource_type: str | None = None
    """The type of resource, which is `UDDevice`."""
    platform: Annotated[str | None, Wire("profile.platform")] = None
    """The operating system: `ANDROID`, `IOS`, `MACOS` or `WINDOWS`."""
    manufacturer: Annotated[str | None, Wire("profile.manufacturer")] = None
    """The manufacturer."""
    model: Annotated[str | None, Wire("profile.model")] = None
    """The model."""
    os_version: Annotated[str | None, Wire("profile.osVersion")] = None
    """The version of the operating system."""
    registered: Annotated[bool | None, Wire("profile.registered")] = None
    """Whether the device is registered with Okta."""
    managed: Annotated[bool | None, Wire("profile.managed")] = None
    """Whether the device is managed by an endpoint management tool."""
    secure_hardware_present: Annotated[bool | None, Wire("profile.secureHardwarePresent")] = None
    """Whether the device has secure hardware, such as a TPM or a secure enclave."""
    disk_encryption_type: Annotated[str | None, Wire("profile.diskEncryptionType")] = None
    """The kind of disk encryption: `NONE`, `FULL`, `USER`, `ALL_INTERNAL_VOLUMES` or `SYSTEM_VOLUME`."""
    jail_break: Annotated[bool | None, Wire("profile.integrityJailbreak")] = None
    """Whether the device is jailbroken or rooted."""
    udid: Annotated[str | None, Wire("profile.udid")] = None
    """The unique device identifier of an Apple device or a Windows computer."""
    object_sid: Annotated[str | None, Wire("profile.sid")] = None
    """The SID of a Windows device."""
    serial_number: Annotated[str | None, Wire("profile.serialNumber", read=text_unless_empty)] = None
    """The serial number."""
    created: datetime | None = None
    """The time at which the device was created."""
    last_updated: datetime | None = None
    """The time at which the device was last changed."""


@attrs.frozen(kw_only=True, repr=False)
class DeviceUser(Entity):
    """The registration of a user on a device. `id` is the user's."""

    PLURAL = "device_users"
    OWNER = ("device_id",)
    SOURCES = (Embedded(Device, "_embedded.users"),)

    id: Annotated[str, Wire("user.id")]
    """The id of the `User`."""
    device_id: Annotated[str, Parent()]
    """The id of the `Device`."""
    management_status: str | None = None
    """`MANAGED` or `NOT_MANAGED`, for this user on this device."""
    screen_lock_type: str | None = None
    """The kind of screen lock: `NONE`, `PASSCODE` or `BIOMETRIC`."""
    created: datetime | None = None
    """The time at which the user was registered on the device."""
