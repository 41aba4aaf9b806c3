"""The expected edges inside Okta, computed independently from the org's own documents.

This is written from the description of the model only. It shares no code with the package, finds objects by
searching all documents, and uses no snapshot, no gap and no rule.
"""

from __future__ import annotations

from collections.abc import Iterator

from oracle.documents import Json
from oracle.roles import Roles

__all__ = ["KINDS", "Naive"]

_NAMES = """
    Contains RealmContains ManagerOf DeviceOf ApiTokenFor SecretOf KeyOf AgentMemberOf AgentPoolFor
    CreatorOf AppAssignment ReadPasswordUpdates ReadClientSecret ResourceSetContains MemberOf
    HasRole ResetPassword ResetFactors AddMember ManageApp HasRoleAssignment ScopedTo AppAdmin
    GroupAdmin GroupMembershipAdmin HelpDeskAdmin SuperAdmin OrgAdmin MobileAdmin
    IdentityProviderFor IdpGroupAssignment GroupPush GroupPull UserPush UserPull PolicyMapping
"""
KINDS = frozenset(f"Okta_{name}" for name in _NAMES.split())
"""The kinds of edges whose two ends are this org's own."""

_BUILT_IN_ROLES = """
    SUPER_ADMIN ORG_ADMIN USER_ADMIN GROUP_MEMBERSHIP_ADMIN HELP_DESK_ADMIN APP_ADMIN
    API_ACCESS_MANAGEMENT_ADMIN READ_ONLY_ADMIN MOBILE_ADMIN REPORT_ADMIN API_ADMIN WORKFLOWS_ADMIN
    ACCESS_CERTIFICATIONS_ADMIN ACCESS_REQUESTS_ADMIN
"""
BUILT_IN = tuple(_BUILT_IN_ROLES.split())
GIVES_NOTHING = {"DEPROVISIONED", "INACTIVE", "REVOKED", "STAGED", "SUSPENDED", "UNASSIGNED"}


class Naive(Roles):
    """All edges of an org."""

    def edges(self) -> dict[tuple[str, str, str], bool]:
        """Return every edge, and whether it is active."""
        dead, found = self.dead(), {}
        for family in (
            self.objects,
            self.people,
            self.credentials,
            self.provisioning,
            self.trust,
            self.roles,
        ):
            for kind, start, end, alive in family():
                key = (start, f"Okta_{kind}", end)
                found[key] = found.get(key, False) or (alive and dead.isdisjoint((start, end)))
        return found

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
                if wanted
                and str((other if name == "id" else other["profile"]).get(name) or "").lower() == wanted
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
            for assignment in self.all("app_users", app["id"]):
                yield from self.assignment(app, assignment)
            for group in self.all("app_groups", app["id"]):
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
