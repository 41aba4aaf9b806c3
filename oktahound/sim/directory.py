"""Devices, realms, directory agents, and factors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from oktahound.sim.ids import ago
from oktahound.sim.mixin import Mixin, link
from oktahound.sim.world import Json, World

__all__ = ["DirectoryMixin", "device_document", "factor_document", "factor_prefix"]

_FACTOR_PREFIXES = {
    "sms": "mbl",
    "call": "clf",
    "push": "opf",
    "webauthn": "fwf",
    "signed_nonce": "crp",
    "email": "emf",
}


class DirectoryMixin(Mixin):
    """Mixin for devices, realms, agent pools and factors."""

    def add_device(
        self,
        name: str,
        *,
        platform: str = "WINDOWS",
        status: str = "ACTIVE",
        owners: Iterable[str] = (),
        profile: Mapping[str, object] | None = None,
    ) -> str:
        """Add a device.

        Args:
            name: the display name.
            platform: WINDOWS, MACOS, IOS, ANDROID, ….
            status: CREATED, ACTIVE, SUSPENDED or DEACTIVATED.
            owners: ids of users.
            profile: further attributes, such as ``sid`` or ``udid``.
        """
        device = self.world.ids.new("guo")
        document = device_document(
            self.world, device, name, platform=platform, status=status, profile=profile or {}
        )
        self.world["devices"].add(document)
        self.world.references("device_users", device).update(dict.fromkeys(owners))
        return device

    def add_realm(self, name: str, *, default: bool = False, domains: Iterable[str] = ()) -> str:
        """Add a realm."""
        realm = self.world.ids.new("guo")
        link = {"rel": "self", **self._href(f"/api/v1/realms/{realm}"), "method": "GET"}
        profile: Json = {"name": name, "realmType": "DEFAULT" if default else "PARTNER"}
        if domains:
            profile["domains"] = list(domains)
        self.world["realms"].add(
            {
                "id": realm,
                "created": ago(220),
                "lastUpdated": ago(220),
                "profile": profile,
                "isDefault": default,
                "_links": {"self": link},
            }
        )
        return realm

    def add_agent_pool(
        self,
        name: str,
        *,
        type: str = "AD",
        agents: Iterable[str] = (),
        status: str = "OPERATIONAL",
        id: str | None = None,
    ) -> str:
        """Add a pool of directory agents. For an Active Directory application, `id` is the id of the app."""
        pool = id or self.world.ids.new("0oa")
        names = list(agents)
        self.world["agent_pools"].add(
            {
                "id": pool,
                "name": name,
                "type": type,
                "operationalStatus": status,
                "disruptedAgents": 0,
                "inactiveAgents": 0,
                "agents": [self._agent(pool, agent, type, status) for agent in names],
                "_links": {"self": self._href(f"/api/v1/agentPools/{pool}")},
            }
        )
        return pool

    def _agent(self, pool: str, name: str, type: str, status: str) -> Json:
        agent = self.world.ids.new("a53")
        return {
            "id": agent,
            "name": name,
            "poolId": pool,
            "type": type,
            "operationalStatus": status,
            "isHidden": False,
            "isLatestGAedVersion": True,
            # Milliseconds, according to Okta's documentation, unlike every other time.
            "lastConnection": 1_769_936_400_000,
            "updateMessage": "",
            "version": "3.18.0",
            "_links": {"self": self._href(f"/api/v1/agentPools/{pool}/agents/{agent}")},
        }

    def add_factor(
        self, user: str, factor_type: str, *, status: str = "ACTIVE", provider: str = "OKTA"
    ) -> str:
        """Enroll a user in a factor: ``push``, ``sms``, ``token:software:totp``, ``webauthn``, ….

        The content of the factor's profile depends on its type.
        """
        factor = self.world.ids.new(factor_prefix(factor_type))
        login = str(self.world["users"][user]["profile"]["login"])
        document = factor_document(
            self.world, factor, user, login, factor_type, status=status, provider=provider
        )
        self.world["factors", user].add(document)
        return factor


def device_document(
    world: World, device: str, name: str, *, platform: str, status: str, profile: Mapping[str, object]
) -> Json:
    """Create the document of a device; see `DirectoryMixin.add_device`."""
    here = f"{world.url}/api/v1/devices/{device}"
    actions = {"ACTIVE": ("suspend", "deactivate"), "SUSPENDED": ("unsuspend", "deactivate")}
    return {
        "id": device,
        "status": status,
        "created": ago(140),
        "lastUpdated": ago(4),
        "profile": {
            "displayName": name,
            "platform": platform,
            "manufacturer": "Contoso Hardware",
            "model": "Model 7",
            "osVersion": "11.2.0",
            "serialNumber": f"SN{name}",
            "registered": status != "CREATED",
            "secureHardwarePresent": True,
            **profile,
        },
        "resourceType": "UDDevice",
        "resourceDisplayName": {"value": name, "sensitive": False},
        "resourceId": device,
        "resourceAlternateId": None,
        "_links": {
            "self": link(here, "GET", "PATCH", "PUT"),
            "users": link(f"{here}/users", "GET"),
            **{
                action: link(f"{here}/lifecycle/{action}", "POST")
                for action in actions.get(status, ("activate",))
            },
        },
    }


def factor_prefix(factor_type: str) -> str:
    """Return the first three characters of the ids of factors of this type."""
    return _FACTOR_PREFIXES.get(factor_type, "ost")


def factor_document(
    world: World,
    factor: str,
    user: str,
    login: str,
    factor_type: str,
    *,
    status: str,
    provider: str = "OKTA",
) -> Json:
    """Create the document of a user's factor; see `DirectoryMixin.add_factor`."""
    here = f"{world.url}/api/v1/users/{user}"
    return {
        "id": factor,
        "factorType": factor_type,
        "provider": provider,
        "vendorName": provider,
        "status": status,
        "created": ago(110),
        "lastUpdated": ago(110),
        "profile": _factor_profile(factor_type, login),
        "_links": {
            "self": link(f"{here}/factors/{factor}", "GET", "DELETE"),
            "user": link(here, "GET"),
        },
    }


def _factor_profile(factor_type: str, login: str) -> Json:
    match factor_type:
        case "sms" | "call":
            return {"phoneNumber": "+15550100000"}
        case "email":
            return {"email": login}
        case "question":
            return {"question": "favorite_art_piece", "questionText": "What is your favorite piece of art?"}
        case "webauthn" | "u2f":
            return {"credentialId": "credential", "authenticatorName": "Security key"}
        case _:
            return {"credentialId": login}
