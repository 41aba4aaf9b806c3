"""Devices, realms, agent pools and factors."""

from __future__ import annotations

import orjson

from oktahound.sim.lookup import filtered, known, searched, single
from oktahound.sim.routes.users import find_user
from oktahound.sim.routing import Call, Route, Rows
from oktahound.sim.users import with_action_links
from oktahound.sim.world import Json, World

__all__ = ["DIRECTORY"]

_SUMMARY = ("firstName", "lastName", "login", "email")


def _devices(call: Call) -> Rows:
    devices = call.world["devices"]
    keys = filtered(call, devices)
    if not (call.expands("userSummary") or call.expands("user")):
        return Rows.of(devices, keys)
    short = call.expands("userSummary")

    def encode(key: str) -> bytes:
        owners = [_ownership(call.world, key, user, short=short) for user in _owners(call.world, key)]
        return orjson.dumps({**devices[key], "_embedded": {"users": owners}})

    return Rows(keys, encode)


def _owners(world: World, device: str) -> tuple[str, ...]:
    return tuple(user for user in world.read_references("device_users", device) if user in world["users"])


def _ownership(world: World, device: str, user: str, *, short: bool) -> Json:
    owner = with_action_links(world, world["users"][user])
    if short:
        profile = {name: owner["profile"][name] for name in _SUMMARY}
        owner = {"id": user, "profile": profile, "_links": {"self": owner["_links"]["self"]}}
    created = world["devices"][device]["created"]
    return {
        "created": created,
        "managementStatus": "NOT_MANAGED",
        "screenLockType": "BIOMETRIC",
        "user": owner,
    }


def _device_users(call: Call) -> Rows:
    # Recorded: errors of this endpoint contain another Java type than those of the device itself.
    device = known(call, "devices", "deviceId", "GenericUDObject")
    return Rows(
        _owners(call.world, device),
        lambda user: orjson.dumps(_ownership(call.world, device, user, short=False)),
    )


def _agent_pools(call: Call) -> Rows:
    pools, wanted = call.world["agent_pools"], call.query.get("poolType")
    return Rows.of(pools, pools.view(f"{wanted}", lambda pool: wanted in (None, pool["type"])))


def _factors(call: Call) -> Rows:
    return Rows.of(call.world.read("factors", find_user(call, call.path["userId"])))


DIRECTORY = (
    Route(
        template="/api/v1/devices",
        answer=_devices,
        scopes=("okta.devices.read",),
        bucket="devices",
        paging="link",
        default=200,
        maximum=200,
        cursor_error="E0000031",
    ),
    Route(
        template="/api/v1/devices/{deviceId}",
        answer=single("devices", "deviceId", "Device"),
        scopes=("okta.devices.read",),
        bucket="devices",
    ),
    Route(
        template="/api/v1/devices/{deviceId}/users",
        answer=_device_users,
        scopes=("okta.devices.read",),
        bucket="devices",
    ),
    # Recorded: pages of 10 rows, and links with another query than that of the request.
    Route(
        template="/api/v1/realms",
        answer=searched("realms"),
        scopes=("okta.realms.read",),
        bucket="other",
        paging="link",
        default=10,
        maximum=200,
        implied={"search": "id pr"},
    ),
    Route(
        template="/api/v1/realms/{realmId}",
        answer=single("realms", "realmId", "Realm"),
        scopes=("okta.realms.read",),
        bucket="other",
    ),
    Route(
        template="/api/v1/agentPools", answer=_agent_pools, scopes=("okta.agentPools.read",), bucket="other"
    ),
    Route(
        template="/api/v1/users/{userId}/factors",
        answer=_factors,
        scopes=("okta.users.read",),
        bucket="user",
    ),
)
