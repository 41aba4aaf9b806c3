"""Objects and their contents in a simulated org, found by reading all its documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from oktahound.sim import SimulatedOrg

__all__ = ["Documents", "Json"]

Json = dict[str, Any]


class Documents:
    """The objects of an org, and those that are inactive at the time `now`."""

    def __init__(self, org: SimulatedOrg, now: str) -> None:
        self.world, self.now, self.domain = org.world, now, org.domain
        self.org_id = org.organization_id
        self.users = [user for user in self.all("users") if user["status"] != "DEPROVISIONED"]
        self.groups, self.apps = self.all("groups"), self.all("apps")
        self.integrations = self.all("api_services")

    def all(self, name: str, *parents: str) -> list[Json]:
        return list(self.world[(name, *parents) if parents else name].documents())

    def app(self, app_id: str) -> Json | None:
        return next((app for app in self.apps if app["id"] == app_id), None)

    def members(self, group: Json) -> list[str]:
        if (group["type"], group["profile"]["name"]) == ("BUILT_IN", "Okta Administrators"):
            return self._administrators()
        if group["type"] == "BUILT_IN":
            return [user["id"] for user in self.users]
        return [
            user for user in self.world.references("group_users", group["id"]) if user in self.world["users"]
        ]

    def _administrators(self) -> list[str]:
        holders = {parents[0] for parents, roles in self.world.below("roles") if roles}
        through_groups = {
            user
            for group in self.groups
            if group["id"] in holders and group["type"] != "BUILT_IN"
            for user in self.members(group)
        }
        return [user for user in self.world["users"] if user in holders | through_groups]

    def visible_members(self, group_id: str) -> set[str]:
        visible = {user["id"] for user in self.users}
        return {
            user for group in self.groups if group["id"] == group_id for user in self.members(group)
        } & visible

    def secrets(self, app: Json) -> list[Json]:
        return (
            self.all("app_secrets", app["id"])
            if "oauthClient" in app["settings"] and self._shows(app)
            else []
        )

    def _shows(self, app: Json) -> bool:
        method = app["credentials"]["oauthClient"]["token_endpoint_auth_method"]
        return self.is_service(app) or method.startswith("client_secret")

    def is_service(self, app: Json) -> bool:
        return app["settings"].get("oauthClient", {}).get("application_type") == "service"

    def keys(self, app: Json) -> list[Json]:
        return app["settings"].get("oauthClient", {}).get("jwks", {}).get("keys", [])

    def pool_node(self, pool: Json) -> str:
        return pool["id"] + "_pool"

    def set_node(self, set_id: str) -> str:
        return f"{set_id}@{self.domain}" if set_id.isupper() else set_id

    def of_type(self, name: str) -> list[str]:
        apps = [app["id"] for app in self.apps if app["name"] == name]
        return apps + [each["id"] for each in self.integrations if each["type"] == name]

    def dead(self) -> set[str]:
        """Return the nodes whose edges are inactive."""
        return {node for node, dead in [*self._dead_objects(), *self._dead_credentials()] if dead}

    def _dead_objects(self) -> Iterator[tuple[str, bool]]:
        for user in self.users:
            yield user["id"], user["status"] == "SUSPENDED"
        for app in self.apps:
            yield app["id"], app["status"] in {"INACTIVE", "DELETED"}
        for device in self.all("devices"):
            yield device["id"], device["status"] in {"SUSPENDED", "DEACTIVATED"}
        for name in ("idps", "policies", "authorization_servers"):
            for each in self.all(name):
                yield each["id"], each["status"] == "INACTIVE"
        for pool in self.all("agent_pools"):
            yield self.pool_node(pool), pool["operationalStatus"] == "INACTIVE"
            for agent in pool["agents"]:
                yield agent["id"], agent["operationalStatus"] == "INACTIVE"

    def _dead_credentials(self) -> Iterator[tuple[str, bool]]:
        held = [self.all("api_service_secrets", each["id"]) for each in self.integrations]
        held += [[*self.secrets(app), *self.keys(app)] for app in self.apps]
        for credentials in held:
            for each in credentials:
                yield each["id"], each["status"] != "ACTIVE"
        for token in self.all("api_tokens"):
            yield token["id"], token["expiresAt"] is not None and token["expiresAt"] <= self.now

    def objects_in(self, set_id: str) -> set[str]:
        found: set[str] = set()
        for resource in self.all("resources", set_id):
            link = resource["_links"].get("self")
            objects = self.behind_link(link["href"]) if link else self.behind_orn(resource["orn"])
            excluded = [
                self.behind_orn(orn)
                for orn in resource.get("conditions", {}).get("Exclude", {}).get("okta:ORN", [])
            ]
            if None not in excluded:
                found |= set(objects or ()) - {each for some in excluded for each in some or ()}
        return found

    def collection(self, name: str) -> dict[str, Json]:
        held = {
            "users": self.users,
            "groups": self.groups,
            "apps": [*self.apps, *self.integrations],
            "devices": self.all("devices"),
            "idps": self.all("idps"),
            "policies": self.all("policies"),
            "authorizationServers": self.all("authorization_servers"),
        }
        return {each["id"]: each for each in held[name]}

    def behind_link(self, link: str) -> Iterable[str]:
        parts = urlsplit(link)
        pieces, query = parts.path.strip("/").split("/")[2:], parse_qs(parts.query)
        if pieces[0] == "realms":
            return [
                user["id"]
                for user in self.users
                if user.get("realmId") and pieces[1:] in ([], [user["realmId"]])
            ]
        if len(pieces) == 3:
            return self.visible_members(pieces[1])
        known = self.collection(pieces[0])
        if "filter" in query:
            return self.of_type(query["filter"][0].split('"')[1])
        if pieces[0] == "policies" and len(pieces) == 2:
            return [each for each, policy in known.items() if policy["type"] == pieces[1]]
        return [each for each in known if len(pieces) == 1 or each == pieces[1]]

    def behind_orn(self, orn: str) -> Iterable[str] | None:
        """Return the objects of an ORN; None if it cannot be resolved."""
        names = {"authorization_servers": "authorizationServers", "identity_provider": "idps"}
        kind, *rest = orn.split(":")[4:]
        kind = names.get(kind, kind)
        if kind == "groups" and len(rest) == 2:
            return self.visible_members(rest[0])
        if kind not in {"users", "groups", "apps", "devices", "policies", *names.values()}:
            return None
        if not rest:
            return list(self.collection(kind))
        if kind == "policies":
            return [each for each, policy in self.collection(kind).items() if policy["type"] == rest[0]]
        one = [each for each in self.collection(kind) if each == rest[-1]]
        return one or (self.of_type(rest[0]) if kind == "apps" and len(rest) == 1 else [])
