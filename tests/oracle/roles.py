"""Role holders and the resulting rights, computed from the documents of a simulated org."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from oracle.documents import Documents, Json

__all__ = ["Roles"]

RESET_PASSWORD = {
    "okta.users.manage",
    "okta.users.credentials.manage",
    "okta.users.credentials.resetPassword",
    "okta.users.credentials.expirePassword",
    "okta.users.credentials.manageTemporaryAccessCode",
}
RESET_FACTORS = {"okta.users.manage", "okta.users.credentials.manage", "okta.users.credentials.resetFactors"}
ADD_MEMBER = {"okta.groups.manage", "okta.groups.members.manage"}
USERS, GROUPS, DEVICES = ("okta.users.manage",), ("okta.groups.manage",), ("okta.devices.manage",)
APPS, SECRETS = ("okta.apps.manage",), ("okta.apps.read",)
INTEGRATIONS = ("okta.oauthIntegrations.manage",)

Rights = Iterator[tuple[str, str, tuple[str, ...]]]
"""Right, target, and the scopes of which a service application needs one."""


class Roles(Documents):
    """The edges of admin roles."""

    def holders(self) -> Iterator[tuple[str, str, str]]:
        """Yield the node, the id in role listings, and the kind of every object that may hold a role."""
        for user in self.world["users"]:
            yield user, user, "USER"
        for group in self.groups:
            yield group["id"], group["id"], "GROUP"
        for app in self.apps:
            if self.is_service(app):
                yield app["id"], app["credentials"]["oauthClient"]["client_id"], "CLIENT"
        for integration in self.integrations:
            yield integration["id"], integration["id"], "CLIENT"

    def active_roles(self) -> Iterator[tuple[str, str, str, Json]]:
        for node, key, kind in self.holders():
            for role in self.all("roles", key):
                if role["status"] == "ACTIVE":
                    yield node, key, kind, role

    def protected(self) -> set[str]:
        """Return listed admins, privileged groups with their members, and other holders of roles."""
        listed = {node for node, key, kind in self.holders() if kind != "CLIENT" and self.all("roles", key)}
        inherited = {user for group in self.groups if group["id"] in listed for user in self.members(group)}
        return listed | inherited | {node for node, _, _, _ in self.active_roles()}

    def usable(self, node: str, kind: str, *scopes: str) -> bool:
        if kind != "CLIENT":
            return True
        app = self.app(node)
        if app is None:
            (integration,) = [each for each in self.integrations if each["id"] == node]
            held, grant_types = set(integration["grantedScopes"]), ["client_credentials"]
        else:
            held = {grant["scopeId"] for grant in self.all("app_grants", node) if grant["status"] == "ACTIVE"}
            grant_types = app["settings"]["oauthClient"]["grant_types"]
        wide = held | {scope.removesuffix("manage") + "read" for scope in held if scope.endswith(".manage")}
        wide |= {"any" for scope in held if scope.startswith("okta.")}
        wide |= {
            "any that changes" for scope in held if scope.startswith("okta.") and not scope.endswith(".read")
        }
        enough = any(scope in wide for scope in scopes)
        return enough and "client_credentials" in grant_types

    def roles(self) -> Iterator[tuple[str, str, str, bool]]:
        # Okta does not document that an integration with a role is protected.
        protected = self.protected() - {each["id"] for each in self.integrations}
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
                if target == node:
                    continue
                if target not in protected or right in {"SuperAdmin", "ReadClientSecret"}:
                    editable = right not in {"GroupAdmin", "OrgAdmin", "GroupMembershipAdmin", "AddMember"}
                    editable = editable or not self.kept_elsewhere(target)
                    yield right, node, target, editable and self.usable(node, kind, *scopes)

    def kept_elsewhere(self, id_: str) -> bool:
        return any(group["id"] == id_ and group["type"] != "OKTA_GROUP" for group in self.groups)

    def targets(self, key: str, role: Json) -> tuple[list[str], list[str]]:
        """Return the ids of target groups, and of target applications and integrations, of an assignment."""
        groups = list(self.world.references("role_groups", key, role["id"]))
        apps: list[str] = []
        for target in self.all("role_apps", key, role["id"]):
            apps += [target["id"]] if "id" in target else self.of_type(target["name"])
        return groups, apps

    def scope_ends(self, key: str, role: Json) -> list[str]:
        if "resource-set" in role:
            return [self.set_node(role["resource-set"])]
        groups, apps = self.targets(key, role)
        if role["type"] in {"USER_ADMIN", "GROUP_MEMBERSHIP_ADMIN", "HELP_DESK_ADMIN"}:
            return groups or [self.org_id]
        if role["type"] == "APP_ADMIN":
            return apps if self.all("role_apps", key, role["id"]) else [self.org_id]
        return [self.org_id]

    def rights(self, key: str, role: Json) -> Rights:
        """Yield the rights of an assignment."""
        every_user = [user["id"] for user in self.users]
        every_group = [group["id"] for group in self.groups]
        match role["type"]:
            case "SUPER_ADMIN":
                yield "SuperAdmin", self.org_id, ("any that changes",)
            case "ORG_ADMIN":
                yield from (("OrgAdmin", each, USERS) for each in every_user)
                yield from (("OrgAdmin", each, GROUPS) for each in every_group)
                yield from (("OrgAdmin", each["id"], DEVICES) for each in self.all("devices"))
            case "MOBILE_ADMIN":
                yield from (("MobileAdmin", each["id"], DEVICES) for each in self.all("devices"))
            case "USER_ADMIN" | "GROUP_MEMBERSHIP_ADMIN" | "HELP_DESK_ADMIN":
                yield from self.rights_over_groups(key, role, every_user, every_group)
            case "CUSTOM":
                yield from self.custom_rights(role)
            case _:
                yield from self.rights_over_apps(key, role)

    def rights_over_groups(self, key: str, role: Json, users: list[str], groups: list[str]) -> Rights:
        targets, _ = self.targets(key, role)
        if targets:
            users = [user for group in targets for user in self.visible_members(group)]
            groups = [group for group in targets if group in groups]
        if role["type"] == "HELP_DESK_ADMIN":
            yield from (("HelpDeskAdmin", each, USERS) for each in users)
        elif role["type"] == "USER_ADMIN":
            yield from (("GroupAdmin", each, USERS) for each in users)
            yield from (("GroupAdmin", each, GROUPS) for each in groups)
        else:
            yield from (("GroupMembershipAdmin", each, GROUPS) for each in groups)

    def rights_over_apps(self, key: str, role: Json) -> Rights:
        apps = [app["id"] for app in self.apps]
        match role["type"]:
            case "APP_ADMIN":
                _, targets = self.targets(key, role)
                narrowed = self.all("role_apps", key, role["id"])
                apps += [each["id"] for each in self.integrations]
                reached = [each for each in apps if each in targets or not narrowed]
                ours = {each["id"] for each in self.integrations}
                yield from (("AppAdmin", each, INTEGRATIONS if each in ours else APPS) for each in reached)
                yield from self.readable(reached)
            case "READ_ONLY_ADMIN":
                yield from self.readable(apps)
            case "API_ACCESS_MANAGEMENT_ADMIN":
                yield from self.readable(apps)
                clients = [app["id"] for app in self.apps if app["signOnMode"] == "OPENID_CONNECT"]
                yield from (("ManageApp", each, APPS) for each in clients)
            case "ACCESS_REQUESTS_ADMIN":
                yield from (("ManageApp", each, APPS) for each in apps)

    def readable(self, apps: Iterable[str]) -> Rights:
        for app_id in apps:
            app = self.app(app_id)
            for secret in self.secrets(app) if app else ():
                yield "ReadClientSecret", secret["id"], SECRETS

    def custom_rights(self, role: Json) -> Rights:
        may = {permission["label"] for permission in self.all("permissions", role["role"])}
        objects = self.objects_in(role["resource-set"])
        for user in self.users:
            if user["id"] in objects:
                if may & RESET_PASSWORD:
                    yield "ResetPassword", user["id"], USERS
                if may & RESET_FACTORS:
                    yield "ResetFactors", user["id"], USERS
        for group in self.groups:
            if group["id"] in objects and may & ADD_MEMBER:
                yield "AddMember", group["id"], GROUPS
        apps = [app["id"] for app in self.apps if app["id"] in objects]
        if "okta.apps.manage" in may:
            yield from (("ManageApp", app, APPS) for app in apps)
        if "okta.apps.clientCredentials.read" in may:
            yield from self.readable(apps)
