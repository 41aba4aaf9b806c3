"""The edges inside Okta that an org must have, worked out a second time from the org's own documents.

Written from the description of the model and from nothing else: it shares no code with what it checks, looks
everything up by going through everything, and knows no snapshot, no gap and no rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from oktahound.sim import SimulatedOrg

__all__ = ["KINDS", "Naive"]

Json = dict[str, Any]
Key = tuple[str, str, str]

KINDS = frozenset(
    f"Okta_{name}"
    for name in """
    Contains RealmContains ManagerOf DeviceOf ApiTokenFor SecretOf KeyOf AgentMemberOf AgentPoolFor CreatorOf
    AppAssignment ReadPasswordUpdates ReadClientSecret ResourceSetContains MemberOf HasRole ResetPassword
    ResetFactors AddMember ManageApp HasRoleAssignment ScopedTo AppAdmin GroupAdmin GroupMembershipAdmin
    HelpDeskAdmin SuperAdmin OrgAdmin MobileAdmin IdentityProviderFor IdpGroupAssignment GroupPush GroupPull
    UserPush UserPull PolicyMapping
    """.split()
)
"""The kinds of edges whose two ends are this org's own."""

BUILT_IN = """
    SUPER_ADMIN ORG_ADMIN USER_ADMIN GROUP_MEMBERSHIP_ADMIN HELP_DESK_ADMIN APP_ADMIN API_ACCESS_MANAGEMENT_ADMIN
    READ_ONLY_ADMIN MOBILE_ADMIN REPORT_ADMIN API_ADMIN WORKFLOWS_ADMIN ACCESS_CERTIFICATIONS_ADMIN
    ACCESS_REQUESTS_ADMIN
""".split()
GIVES_NOTHING = {"DEPROVISIONED", "INACTIVE", "REVOKED", "STAGED", "SUSPENDED", "UNASSIGNED"}
RESET_PASSWORD = {
    "okta.users.manage",
    "okta.users.credentials.manage",
    "okta.users.credentials.resetPassword",
    "okta.users.credentials.expirePassword",
    "okta.users.credentials.manageTemporaryAccessCode",
}
RESET_FACTORS = {"okta.users.manage", "okta.users.credentials.manage", "okta.users.credentials.resetFactors"}
ADD_MEMBER = {"okta.groups.manage", "okta.groups.members.manage"}


class Naive:
    """What is in an org, and from that its edges: key, and whether the edge can be walked now."""

    def __init__(self, org: SimulatedOrg, now: str) -> None:
        self.world, self.now, self.domain = org.world, now, org.domain
        self.org_id = org.organization_id
        self.users = [user for user in self.all("users") if user["status"] != "DEPROVISIONED"]
        self.groups, self.apps = self.all("groups"), self.all("apps")
        self.integrations = self.all("api_services")
        self.dead = {id_ for id_, dead in self._states() if dead}
        self.found: dict[Key, bool] = {}

    def edges(self) -> dict[Key, bool]:
        """Every edge, with whether it is active."""
        for family in (self.objects, self.people, self.credentials, self.provisioning, self.trust, self.roles):
            for kind, start, end, alive in family():
                key = (start, f"Okta_{kind}", end)
                alive = alive and not {start, end} & self.dead
                self.found[key] = self.found.get(key, False) or alive
        return self.found

    # what there is

    def all(self, name: str, *parents: str) -> list[Json]:
        return list(self.world[(name, *parents) if parents else name].documents())

    def app(self, app_id: str) -> Json | None:
        return next((app for app in self.apps if app["id"] == app_id), None)

    def members(self, group: Json) -> list[str]:
        if group["type"] == "BUILT_IN":
            return [user["id"] for user in self.users]
        return [user for user in self.world.references("group_users", group["id"]) if user in self.world["users"]]

    def visible_members(self, group_id: str) -> set[str]:
        visible = {user["id"] for user in self.users}
        return {user for group in self.groups if group["id"] == group_id for user in self.members(group)} & visible

    def secrets(self, app: Json) -> list[Json]:
        return self.all("app_secrets", app["id"]) if "oauthClient" in app["settings"] and self._shows(app) else []

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

    def _states(self) -> Iterator[tuple[str, bool]]:
        for user in self.users:
            yield user["id"], user["status"] == "SUSPENDED"
        for app in self.apps:
            yield app["id"], app["status"] in {"INACTIVE", "DELETED"}
            for secret in self.secrets(app):
                yield secret["id"], secret["status"] != "ACTIVE"
            for key in self.keys(app):
                yield key["id"], key["status"] != "ACTIVE"
        for integration in self.integrations:
            for secret in self.all("api_service_secrets", integration["id"]):
                yield secret["id"], secret["status"] != "ACTIVE"
        for token in self.all("api_tokens"):
            yield token["id"], token["expiresAt"] is not None and token["expiresAt"] <= self.now
        for device in self.all("devices"):
            yield device["id"], device["status"] in {"SUSPENDED", "DEACTIVATED"}
        for name in ("idps", "policies", "authorization_servers"):
            for each in self.all(name):
                yield each["id"], each["status"] == "INACTIVE"
        for pool in self.all("agent_pools"):
            yield self.pool_node(pool), pool["operationalStatus"] == "INACTIVE"
            for agent in pool["agents"]:
                yield agent["id"], agent["operationalStatus"] == "INACTIVE"

    # the families of edges

    def objects(self) -> Iterator[tuple[str, str, str, bool]]:
        own = [*self.users, *self.groups, *self.apps, *self.integrations]
        for name in ("devices", "realms", "idps", "policies", "authorization_servers"):
            own += self.all(name)
        ids = [each["id"] for each in own]
        ids += [self.set_node(each["id"]) for each in self.all("resource_sets")]
        ids += [role["id"] for role in self.all("iam_roles") if role["id"] not in BUILT_IN]
        ids += [self.pool_node(pool) for pool in self.all("agent_pools")]
        ids += [f"{role}@{self.domain}" for role in BUILT_IN]
        for id_ in ids:
            yield "Contains", self.org_id, id_, True
        for pool in self.all("agent_pools"):
            for agent in pool["agents"]:
                yield "AgentMemberOf", agent["id"], self.pool_node(pool), True
            known = any(app["id"] == pool["id"] for app in self.apps)
            if pool["type"].upper() == "AD" or (pool["type"].upper() == "LDAP" and known):
                yield "AgentPoolFor", self.pool_node(pool), pool["id"], True
        for policy in self.all("policies"):
            for mapping in self.all("policy_mappings", policy["id"]):
                app = mapping["_links"]["application"]["href"].split("/")[-1]
                yield "PolicyMapping", policy["id"], app, True

    def people(self) -> Iterator[tuple[str, str, str, bool]]:
        for user in self.users:
            if user.get("realmId"):
                yield "RealmContains", user["realmId"], user["id"], True
            for manager in self.managers(user):
                yield "ManagerOf", manager, user["id"], True
        for group in self.groups:
            if group["profile"]["name"] != "Okta Administrators":
                for member in self.members(group):
                    yield "MemberOf", member, group["id"], True
        for device in self.all("devices"):
            for owner in self.world.references("device_users", device["id"]):
                if owner in self.world["users"]:
                    yield "DeviceOf", device["id"], owner, True

    def managers(self, user: Json) -> list[str]:
        wanted = str(user["profile"].get("managerId") or "").strip().lower()
        for name in ("login", "email", "employeeNumber", "id"):
            found = [
                other["id"]
                for other in self.users
                if wanted and str((other if name == "id" else other["profile"]).get(name) or "").lower() == wanted
            ]
            if found:
                return found
        return []

    def credentials(self) -> Iterator[tuple[str, str, str, bool]]:
        for token in self.all("api_tokens"):
            yield "ApiTokenFor", token["id"], token["userId"], True
        for integration in self.integrations:
            for secret in self.all("api_service_secrets", integration["id"]):
                yield "SecretOf", secret["id"], integration["id"], True
            if integration.get("createdBy"):
                yield "CreatorOf", integration["createdBy"], integration["id"], True
        for app in self.apps:
            for secret in self.secrets(app):
                yield "SecretOf", secret["id"], app["id"], True
            for key in self.keys(app):
                if key.get("use", "sig") == "sig" and key["kty"] in {"RSA", "EC"}:
                    yield "KeyOf", key["id"], app["id"], True

    def provisioning(self) -> Iterator[tuple[str, str, str, bool]]:
        for app in self.apps:
            for assignment in [] if self.is_service(app) else self.all("app_users", app["id"]):
                yield from self.assignment(app, assignment)
            for group in [] if self.is_service(app) else self.all("app_groups", app["id"]):
                yield "AppAssignment", group["id"], app["id"], True
            if app["settings"].get("implicitAssignment"):
                for group in self.groups:
                    if (group["type"], group["profile"]["name"]) == ("BUILT_IN", "Everyone"):
                        yield "AppAssignment", group["id"], app["id"], True
            for mapping in self.all("push_mappings", app["id"]):
                yield "GroupPush", mapping["sourceGroupId"], app["id"], mapping["status"] == "ACTIVE"
        for group in self.groups:
            source = group["_links"].get("source")
            if source:
                yield "GroupPull", source["href"].split("/")[-1], group["id"], True

    def assignment(self, app: Json, assigned: Json) -> Iterator[tuple[str, str, str, bool]]:
        user, alive = assigned["id"], assigned["status"] not in GIVES_NOTHING
        if assigned["scope"] == "USER":
            yield "AppAssignment", user, app["id"], alive
        if assigned["syncState"] != "SYNCHRONIZED":
            return
        if "PUSH_PASSWORD_UPDATES" in app["features"] and app["name"] != "active_directory":
            yield "ReadPasswordUpdates", app["id"], user, alive
        if self.is_inbound(app, assigned):
            yield "UserPull", app["id"], user, alive
        elif app["name"] not in {"okta_flow_sso", "okta_atspoke_sso"}:
            yield "UserPush", user, app["id"], alive

    def is_inbound(self, app: Json, assigned: Json) -> bool:
        if app["name"] == "active_directory":
            return assigned["scope"] == "USER"
        if app["name"] == "ldap_interface":
            return True
        if assigned["scope"] == "GROUP":
            return False
        if app["name"] == "okta_org2org" and "initialStatus" in assigned["profile"]:
            return False
        return "PROFILE_MASTERING" in app["features"]

    def trust(self) -> Iterator[tuple[str, str, str, bool]]:
        for idp in self.all("idps"):
            for user in self.all("idp_users", idp["id"]):
                yield "IdentityProviderFor", idp["id"], user["id"], True
            groups = idp["policy"]["provisioning"]["groups"]
            assigned, filtered = groups.get("assignments") or [], groups.get("filter") or []
            by_action = {"NONE": [], "ASSIGN": assigned, "APPEND": filtered, "SYNC": filtered}
            for group in by_action.get(groups["action"], [*assigned, *filtered]):
                yield "IdpGroupAssignment", idp["id"], group, True

    # roles

    def holders(self) -> Iterator[tuple[str, str, str]]:
        """The node, the id in role listings, and the kind of everybody who may hold a role."""
        for user in self.world["users"]:
            yield user, user, "USER"
        for group in self.groups:
            yield group["id"], group["id"], "GROUP"
        for app in self.apps:
            if self.is_service(app):
                yield app["id"], app["credentials"]["oauthClient"]["client_id"], "CLIENT"

    def active_roles(self) -> Iterator[tuple[str, str, str, Json]]:
        for node, key, kind in self.holders():
            for role in self.all("roles", key):
                if role["status"] == "ACTIVE":
                    yield node, key, kind, role

    def protected(self) -> set[str]:
        """Who holds a role: whom Okta lists as an admin, groups that it says are privileged, their members."""
        listed = {node for node, key, kind in self.holders() if kind != "CLIENT" and self.all("roles", key)}
        inherited = {user for group in self.groups if group["id"] in listed for user in self.members(group)}
        return listed | inherited | {node for node, _, _, _ in self.active_roles()}

    def usable(self, node: str, kind: str, *scopes: str) -> bool:
        if kind != "CLIENT":
            return True
        app = self.app(node)
        assert app is not None
        held = {grant["scopeId"] for grant in self.all("app_grants", node) if grant["status"] == "ACTIVE"}
        wide = held | {scope.removesuffix("manage") + "read" for scope in held if scope.endswith(".manage")}
        wide |= {"any" for scope in held if scope.startswith("okta.")}
        wide |= {"any that changes" for scope in held if scope.startswith("okta.") and not scope.endswith(".read")}
        enough = any(scope in wide for scope in scopes)
        return enough and "client_credentials" in app["settings"]["oauthClient"]["grant_types"]

    def roles(self) -> Iterator[tuple[str, str, str, bool]]:
        protected = self.protected()
        for resources in self.all("resource_sets"):
            for each in self.objects_in(resources["id"]):
                yield "ResourceSetContains", self.set_node(resources["id"]), each, True
        for node, key, kind, role in self.active_roles():
            usable, assignment = self.usable(node, kind, "any"), f"{role['id']}_{node}"
            shown = role["role"] if role["type"] == "CUSTOM" else f"{role['type']}@{self.domain}"
            yield "HasRole", node, shown, usable
            yield "HasRoleAssignment", node, assignment, usable
            for end in self.scope_ends(key, role):
                yield "ScopedTo", assignment, end, True
            for right, target, scopes in self.rights(key, role):
                if target not in protected or right in {"SuperAdmin", "ReadClientSecret"}:
                    editable = right not in {"GroupAdmin", "OrgAdmin", "GroupMembershipAdmin", "AddMember"}
                    editable = editable or not self.kept_elsewhere(target)
                    yield right, node, target, editable and self.usable(node, kind, *scopes)

    def kept_elsewhere(self, id_: str) -> bool:
        return any(group["id"] == id_ and group["type"] != "OKTA_GROUP" for group in self.groups)

    def targets(self, key: str, role: Json) -> tuple[list[str], list[str]]:
        """The ids of target groups, and of target applications and integrations, of an assignment."""
        groups = list(self.world.references("role_groups", key, role["id"]))
        apps: list[str] = []
        for target in self.all("role_apps", key, role["id"]):
            apps += [target["id"]] if "id" in target else self.of_type(target["name"])
        return groups, apps

    def of_type(self, name: str) -> list[str]:
        apps = [app["id"] for app in self.apps if app["name"] == name]
        return apps + [each["id"] for each in self.integrations if each["type"] == name]

    def scope_ends(self, key: str, role: Json) -> list[str]:
        if "resource-set" in role:
            return [self.set_node(role["resource-set"])]
        groups, apps = self.targets(key, role)
        if role["type"] in {"USER_ADMIN", "GROUP_MEMBERSHIP_ADMIN", "HELP_DESK_ADMIN"}:
            return groups or [self.org_id]
        if role["type"] == "APP_ADMIN":
            return apps if self.all("role_apps", key, role["id"]) else [self.org_id]
        return [self.org_id]

    def rights(self, key: str, role: Json) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Right, target, and the scopes of which a service needs one."""
        everybody = [user["id"] for user in self.users]
        every_group = [group["id"] for group in self.groups]
        devices = [device["id"] for device in self.all("devices")]
        groups, apps = self.targets(key, role)
        members = [user for group in groups for user in self.visible_members(group)] if groups else everybody
        in_scope = [group for group in groups if group in every_group] if groups else every_group
        users_manage, groups_manage = ("okta.users.manage",), ("okta.groups.manage",)
        apps_manage, devices_manage = ("okta.apps.manage",), ("okta.devices.manage",)
        match role["type"]:
            case "SUPER_ADMIN":
                yield "SuperAdmin", self.org_id, ("any that changes",)
            case "ORG_ADMIN":
                yield from (("OrgAdmin", each, users_manage) for each in everybody)
                yield from (("OrgAdmin", each, groups_manage) for each in every_group)
                yield from (("OrgAdmin", each, devices_manage) for each in devices)
            case "MOBILE_ADMIN":
                yield from (("MobileAdmin", each, devices_manage) for each in devices)
            case "USER_ADMIN":
                yield from (("GroupAdmin", each, users_manage) for each in members)
                yield from (("GroupAdmin", each, groups_manage) for each in in_scope)
            case "GROUP_MEMBERSHIP_ADMIN":
                yield from (("GroupMembershipAdmin", each, groups_manage) for each in in_scope)
            case "HELP_DESK_ADMIN":
                yield from (("HelpDeskAdmin", each, users_manage) for each in members)
            case "APP_ADMIN":
                every_app = [each["id"] for each in [*self.apps, *self.integrations]]
                narrowed = self.all("role_apps", key, role["id"])
                reached = [each for each in every_app if each in apps or not narrowed]
                yield from (("AppAdmin", each, apps_manage) for each in reached)
                yield from self.readable(reached)
            case "API_ACCESS_MANAGEMENT_ADMIN" | "READ_ONLY_ADMIN":
                yield from self.readable(app["id"] for app in self.apps)
                if role["type"] != "READ_ONLY_ADMIN":
                    clients = [app["id"] for app in self.apps if app["signOnMode"] == "OPENID_CONNECT"]
                    yield from (("ManageApp", each, apps_manage) for each in clients)
            case "ACCESS_REQUESTS_ADMIN":
                yield from (("ManageApp", app["id"], apps_manage) for app in self.apps)
            case "CUSTOM":
                yield from self.custom_rights(role)

    def readable(self, apps: Iterable[str]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        for app_id in apps:
            app = self.app(app_id)
            for secret in self.secrets(app) if app else ():
                yield "ReadClientSecret", secret["id"], ("okta.apps.read",)

    def custom_rights(self, role: Json) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        may = {permission["label"] for permission in self.all("permissions", role["role"])}
        objects = self.objects_in(role["resource-set"])
        for user in self.users:
            if user["id"] in objects:
                if may & RESET_PASSWORD:
                    yield "ResetPassword", user["id"], ("okta.users.manage",)
                if may & RESET_FACTORS:
                    yield "ResetFactors", user["id"], ("okta.users.manage",)
        for group in self.groups:
            if group["id"] in objects and may & ADD_MEMBER:
                yield "AddMember", group["id"], ("okta.groups.manage",)
        apps = [app["id"] for app in self.apps if app["id"] in objects]
        if "okta.apps.manage" in may:
            yield from (("ManageApp", app, ("okta.apps.manage",)) for app in apps)
        if "okta.apps.clientCredentials.read" in may:
            yield from self.readable(apps)

    # resource sets

    def objects_in(self, set_id: str) -> set[str]:
        found: set[str] = set()
        for resource in self.all("resources", set_id):
            link = resource["_links"].get("self")
            objects = self.behind_link(link["href"]) if link else self.behind_orn(resource["orn"])
            excluded = [self.behind_orn(orn) for orn in resource.get("conditions", {}).get("Exclude", {}).get("okta:ORN", [])]
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
            return [user["id"] for user in self.users if user.get("realmId") and pieces[1:] in ([], [user["realmId"]])]
        if len(pieces) == 3:
            return self.visible_members(pieces[1])
        known = self.collection(pieces[0])
        if "filter" in query:
            return self.of_type(query["filter"][0].split('"')[1])
        if pieces[0] == "policies" and len(pieces) == 2:
            return [each for each, policy in known.items() if policy["type"] == pieces[1]]
        return [each for each in known if len(pieces) == 1 or each == pieces[1]]

    def behind_orn(self, orn: str) -> Iterable[str] | None:
        """None for what nobody can resolve."""
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
