"""The number of requests of a collection: the formula of docs/explanation/requests.md, on simulated orgs.

Everything here is computed from the documents of the org, and not from what was read of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import attrs
import pytest

import oktahound
from oktahound import ApiToken, OktaClient
from oktahound.sim import OAuthSettings, SimulatedOrg

GROUP_SCOPED = {"USER_ADMIN", "GROUP_MEMBERSHIP_ADMIN", "HELP_DESK_ADMIN"}
CONSOLES = {"saasure", "okta_enduser", "okta_browser_plugin"}
FOR_PEOPLE = {"IDP_DISCOVERY", "MFA_ENROLL", "OKTA_SIGN_ON", "PASSWORD"}
POLICY_TYPES = 12
WITH_CONDITIONS = {
    "ACCESS_POLICY",
    "DEVICE_SIGNAL_COLLECTION",
    "MFA_ENROLL",
    "OKTA_SIGN_ON",
    "PASSWORD",
    "PROFILE_ENROLLMENT",
    "SESSION_VIOLATION_DETECTION",
}
EMBEDDED = 20


@attrs.frozen
class Formula:
    """The expected requests for one org, by path. `page_size` is the org's own limit of all pages."""

    org: SimulatedOrg
    page_size: int | None = None
    mfa: str = "roles"
    bindings: bool = False
    deprovisioned: bool = False
    statistics: bool = True
    trust_boundaries: bool = False
    signing_keys: bool = False

    def requests(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for path, count in self._lines():
            found[path] += count
        return +found

    def _lines(self) -> Iterator[tuple[str, int]]:
        yield from self._listings()
        yield from self._below_groups_and_apps()
        yield from self._below_others()
        yield from self._roles()
        yield from self._options()
        yield from self._trust_boundaries()

    def _pages(
        self, rows: int, size: int | None, *, after_the_last: bool = False, limited: bool = True
    ) -> int:
        sizes = [each for each in (size, self.page_size) if each is not None]
        if not sizes:
            return 1
        full = min(sizes)
        pages = max(-(-rows // full), 1)
        if rows and after_the_last:
            # Two listings have a next link after their last row.
            return pages + 1
        # A full last page is checked if the listing has a page size parameter.
        return pages + (2 if rows and limited and full > 1 and rows % full == 0 else 0)

    def _all(self, name: str) -> list[dict[str, Any]]:
        return list(self.org.world[name].documents())

    def _below(self, name: str, *parents: str) -> int:
        return len(self.org.world[(name, *parents)])

    @property
    def plain_users(self) -> set[str]:
        return {user["id"] for user in self._all("users") if user["status"] != "DEPROVISIONED"}

    def members(self, group: dict[str, Any]) -> set[str]:
        if group["profile"]["name"] == "Okta Administrators":
            return self._role_holders()
        if group["type"] == "BUILT_IN":
            return self.plain_users
        return set(self.org.world.references("group_users", group["id"])) & set(self.org.world["users"])

    def _listings(self) -> Iterator[tuple[str, int]]:
        yield "/api/v1/org", 1
        yield "/api/v1/users", self._pages(len(self.plain_users), 200)
        for name, path, size in (
            ("groups", "/api/v1/groups", 200),
            ("realms", "/api/v1/realms", 200),
            ("devices", "/api/v1/devices", 200),
            ("apps", "/api/v1/apps", 200),
            ("api_services", "/integrations/api/v1/api-services", 50),
            ("iam_roles", "/api/v1/iam/roles", 100),
            ("resource_sets", "/api/v1/iam/resource-sets", 100),
        ):
            limited = name not in {"api_services", "iam_roles", "resource_sets"}
            yield path, self._pages(len(self._all(name)), size, limited=limited)
        yield "/api/v1/api-tokens", 1
        yield "/api/v1/agentPools", 1
        yield "/api/v1/idps", self._pages(len(self._all("idps")), 200, after_the_last=True)
        servers = len(self._all("authorization_servers"))
        yield "/api/v1/authorizationServers", self._pages(servers, 200, after_the_last=True)
        held = Counter(policy["type"] for policy in self._all("policies"))
        yield "/api/v1/policies", sum(self._pages(count, None, limited=False) for count in held.values())
        yield "/api/v1/policies", POLICY_TYPES - len(held)

    def _below_groups_and_apps(self) -> Iterator[tuple[str, int]]:
        for group in self._all("groups"):
            members, administrators = self.members(group), group["profile"]["name"] == "Okta Administrators"
            if members or administrators or self._holders([group["id"]]) or not self.statistics:
                yield "/api/v1/groups/{id}/users", self._pages(len(members), 1000)
        listed = {group["id"] for group in self._all("groups")}
        targets = {
            mapping["targetGroupId"]
            for _, mappings in self.org.world.below("push_mappings")
            for mapping in mappings.documents()
        }
        yield "/api/v1/groups/{id}", len(targets - listed)
        for app in self._all("apps"):
            yield from self._below_app(app)

    def _below_app(self, app: dict[str, Any]) -> Iterator[tuple[str, int]]:
        here, client = app["id"], app["credentials"].get("oauthClient")
        service = client is not None and app["settings"]["oauthClient"]["application_type"] == "service"
        yield "/api/v1/apps/{id}/users", self._pages(self._below("app_users", here), 500)
        yield "/api/v1/apps/{id}/groups", self._pages(self._below("app_groups", here), 200)
        if client is not None or (app["signOnMode"] == "OPENID_CONNECT" and app["name"] not in CONSOLES):
            yield "/api/v1/apps/{id}/grants", 1
            method = (client or {}).get("token_endpoint_auth_method", "client_secret?")
            if service or method.startswith("client_secret"):
                yield "/api/v1/apps/{id}/credentials/secrets", 1
        pushes = {"GROUP_PUSH", "SCIM_PROVISIONING"} & set(app["features"])
        if pushes or app["name"] in {"active_directory", "okta_org2org"}:
            mappings = self._pages(self._below("push_mappings", here), 1000)
            yield "/api/v1/apps/{id}/group-push/mappings", mappings

    def _below_others(self) -> Iterator[tuple[str, int]]:
        yield "/integrations/api/v1/api-services/{id}/credentials/secrets", len(self._all("api_services"))
        for idp in self._all("idps"):
            yield "/api/v1/idps/{id}/users", self._pages(self._below("idp_users", idp["id"]), 200)
        for policy in self._all("policies"):
            yield "/api/v1/policies/{id}/rules", policy["type"] == "IDP_DISCOVERY"
            yield "/api/v1/policies/{id}/mappings", policy["type"] not in FOR_PEOPLE
        for resources in self._all("resource_sets"):
            held = self._below("resources", resources["id"])
            yield "/api/v1/iam/resource-sets/{id}/resources", self._pages(held, 100)
        custom = [role for role in self._all("iam_roles") if not role["id"].isupper()]
        yield "/api/v1/iam/roles/{id}/permissions", len(custom)

    def _holders(self, ids: Iterable[str]) -> list[str]:
        return [each for each in ids if self._below("roles", each)]

    def _roles(self) -> Iterator[tuple[str, int]]:
        users = self._holders(self.org.world["users"])
        groups = self._holders(self.org.world["groups"])
        services = [
            app["credentials"]["oauthClient"]["client_id"]
            for app in self._all("apps")
            if app["settings"].get("oauthClient", {}).get("application_type") == "service"
        ]
        yield "/api/v1/iam/assignees/users", self._pages(len(users), 100)
        integrations = list(self.org.world["api_services"].keys())
        for base, parent, holders in (
            ("/api/v1/users", "id", users),
            ("/api/v1/groups", "id", groups),
            ("/oauth2/v1/clients", "id", services),
            ("/oauth2/v1/clients", "integration", integrations),
        ):
            asked = self._all("groups") if base == "/api/v1/groups" else holders
            yield f"{base}/{{{parent}}}/roles", len(asked)
            embeds = base != "/oauth2/v1/clients"
            for holder in holders:
                for role in self.org.world["roles", holder].documents():
                    if role["status"] == "ACTIVE":
                        yield from self._targets(base, holder, role, embeds)

    def _targets(
        self, base: str, holder: str, role: dict[str, Any], embeds: bool
    ) -> Iterator[tuple[str, int]]:
        path = f"{base}/{{holder}}/roles/{{id}}/targets"
        if role["type"] == "APP_ADMIN":
            yield f"{path}/catalog/apps", self._pages(self._below("role_apps", holder, role["id"]), 20)
        if role["type"] in GROUP_SCOPED:
            groups = len(self.org.world.references("role_groups", holder, role["id"]))
            if not (embeds and 0 < groups < EMBEDDED):
                yield f"{path}/groups", self._pages(groups, 20)

    def _options(self) -> Iterator[tuple[str, int]]:
        users = set(self.org.world["users"]) if self.deprovisioned else self.plain_users
        if self.deprovisioned:
            yield "/api/v1/users", self._pages(len(users - self.plain_users), 200)
        whose = {"all": users, "none": set(), "roles": users & self._role_holders()}[self.mfa]
        yield "/api/v1/users/{id}/factors", len(whose)
        signed = {"SAML_2_0", "SAML_1_1", "WS_FEDERATION"}
        if self.signing_keys:
            asked = sum(app["signOnMode"] in signed for app in self._all("apps"))
            yield "/api/v1/apps/{id}/credentials/keys", asked
            yield "/api/v1/idps/credentials/keys", self._pages(len(self._all("trusted_keys")), 200)
        for resources in self._all("resource_sets") if self.bindings else ():
            bound = self.org.world["bindings", resources["id"]]
            yield "/api/v1/iam/resource-sets/{id}/bindings", self._pages(len(bound), 100, limited=False)
            for role in bound:
                bound_here = self._below("binding_members", resources["id"], role)
                members = self._pages(bound_here, 100, limited=False)
                yield "/api/v1/iam/resource-sets/{set}/bindings/{id}/members", members

    def _trust_boundaries(self) -> Iterator[tuple[str, int]]:
        if self.trust_boundaries:
            for name, path in (
                ("group_rules", "/api/v1/groups/rules"),
                ("log_streams", "/api/v1/logStreams"),
                ("network_zones", "/api/v1/zones"),
                ("ai_agents", "/workload-principals/api/v1/ai-agents"),
                ("resource_owners", "/governance/api/v1/resource-owners"),
                ("mcp_servers", "/resource-servers/api/v1/mcp-servers"),
                ("service_accounts", "/privileged-access/api/v1/okta-service-accounts"),
            ):
                yield path, self._pages(len(self._all(name)), 200)
            yield from (("/api/v1/inlineHooks", 1), ("/api/v1/eventHooks", 1))
            for policy in self._all("policies"):
                yield "/api/v1/policies/{id}/rules", policy["type"] in WITH_CONDITIONS
            yield from self._workloads()
            for server in self._all("authorization_servers"):
                yield "/api/v1/authorizationServers/{id}/policies", 1
                rules = "/api/v1/authorizationServers/{server}/policies/{id}/rules"
                yield rules, self._below("token_policies", server["id"])

    def _workloads(self) -> Iterator[tuple[str, int]]:
        base, agents = "/workload-principals/api/v1", self._all("ai_agents")
        clients = [each for each in self._all("mcp_servers") if each.get("oauthClient")]
        for kind, holders in (("ai-agents", agents), ("mcp-servers", clients)):
            for holder in holders:
                connections = self._below("resource_connections", holder["id"])
                yield f"{base}/{kind}/{{id}}/connections", self._pages(connections, 200)
        yield f"{base}/ai-agents/{{id}}/credentials/jwks", len(agents)
        names = [f"workload-principals:ai-agents:{agent['id']}" for agent in agents]
        names += [server["oauthClient"]["orn"] for server in clients]
        for name in names:
            targets = [each["to"]["resourceOrn"] for each in self._all("delegation_links")]
            links = sum(target.endswith(name) for target in targets)
            yield f"{base}/delegation-links", self._pages(links, 200)

    def _role_holders(self) -> set[str]:
        groups = [self.org.world["groups"][group] for group in self._holders(self.org.world["groups"])]
        return {
            *self._holders(self.org.world["users"]),
            *(
                user
                for each in groups
                if each["profile"]["name"] != "Okta Administrators"
                for user in self.members(each)
            ),
        }


def counted(org: SimulatedOrg, **options: Any) -> tuple[Counter[str], oktahound.Snapshot]:
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        snapshot = oktahound.collect(client, **options)
        assert {method for method, _ in client.requests} == {"GET"}
        return Counter({path: count for (_, path), count in client.requests.items()}), snapshot


@pytest.mark.parametrize(
    ("seed", "users"), [(1, 20), (2, 20), (3, 199), (4, 201), (5, 450), ("six", 0), (7, 3)]
)
def test_a_collection_sends_as_many_requests_as_the_formula_says(seed: int | str, users: int):
    org = SimulatedOrg(seed=seed, users=users)
    found, snapshot = counted(org)
    assert snapshot.gaps == ()
    assert found == Formula(org).requests()
    assert len(org.requests) == found.total()


@pytest.mark.parametrize("page_size", [1, 2, 7, 19])
def test_the_formula_holds_for_every_page_size(page_size: int):
    org = SimulatedOrg(seed=1, users=20, page_size=page_size)
    found, snapshot = counted(org)
    assert snapshot.gaps == ()
    assert found == Formula(org, page_size).requests()


@pytest.mark.parametrize(
    "options",
    [
        {"mfa": "all"},
        {"mfa": "none"},
        {"bindings": True},
        {"deprovisioned": True},
        {"statistics": False},
        {"trust_boundaries": True},
        {"signing_keys": True},
        {"mfa": "all", "deprovisioned": True},
        {"mfa": "none", "deprovisioned": True, "bindings": True},
    ],
    ids=str,
)
def test_options_send_as_many_requests_as_the_formula_says(options: dict[str, Any]):
    org = SimulatedOrg(seed=8, users=20)
    assert counted(org, **options)[0] == Formula(org, **options).requests()


@pytest.mark.parametrize("size", [199, 200, 201, 500, 501, 1000, 1001])
def test_the_formula_holds_for_full_last_pages(size: int):
    org = SimulatedOrg.empty()
    users = [org.add_user(f"user{number}@contoso.com") for number in range(size)]
    app = org.add_app("slack")
    org.add_group("All", members=users)
    for user in users:
        org.assign_user(app, user, user_name="x")
    found, snapshot = counted(org)
    assert found == Formula(org).requests()
    assert len(snapshot.users) == len(snapshot.group_memberships) == len(snapshot.app_users) == size
    for path, full in (
        ("/api/v1/users", 200),
        ("/api/v1/groups/{id}/users", 1000),
        ("/api/v1/apps/{id}/users", 500),
    ):
        assert found[path] == -(-size // full) + (2 if size % full == 0 else 0)


@pytest.mark.parametrize("targets", [0, 1, 19, 20, 21, 40, 41])
def test_embedded_targets_are_not_requested_again(targets: int):
    org = SimulatedOrg.empty()
    groups = [org.add_group(f"Group {number}") for number in range(targets)]
    admin, desk = org.add_user("admin@contoso.com"), org.add_group("Desk")
    org.assign_role(admin, "HELP_DESK_ADMIN", groups=groups)
    org.assign_role(desk, "GROUP_MEMBERSHIP_ADMIN", groups=groups)
    found, snapshot = counted(org)
    assert found == Formula(org).requests()
    assert len(snapshot.role_group_targets) == 2 * targets
    if 0 < targets < EMBEDDED:
        assert not any("targets" in path for path in found)


def test_objects_without_possible_rows_are_not_requested():
    org = SimulatedOrg.empty()
    org.add_group("Nobody")
    org.add_group("Okta Administrators", type="BUILT_IN")
    org.add_user("ann@contoso.com")
    org.add_app("saasure", sign_on_mode="OPENID_CONNECT")
    org.add_app("bookmark", sign_on_mode="BOOKMARK")
    org.add_app(
        "oidc_client",
        sign_on_mode="OPENID_CONNECT",
        oauth=OAuthSettings(application_type="service", grant_types=("client_credentials",)),
    )
    for type_ in FOR_PEOPLE:
        org.add_policy("Default", type=type_)
    found, snapshot = counted(org)
    assert found == Formula(org).requests()
    assert snapshot.gaps == ()
    once = {
        "/api/v1/apps/{id}/grants",
        "/api/v1/apps/{id}/credentials/secrets",
        "/oauth2/v1/clients/{id}/roles",
    }
    assert {path: found[path] for path in once} == dict.fromkeys(once, 1)
    assert found["/api/v1/apps/{id}/users"] == found["/api/v1/apps/{id}/groups"] == 3
    assert found["/api/v1/policies/{id}/rules"] == 1
    assert found["/api/v1/groups/{id}/users"] == 1  # of Okta Administrators
    assert found["/api/v1/groups/{id}/roles"] == 2
    unasked = {
        "/api/v1/users/{id}/roles",
        "/api/v1/users/{id}/factors",
        "/api/v1/apps/{id}/group-push/mappings",
        "/api/v1/policies/{id}/mappings",
    }
    assert unasked.isdisjoint(found)


def test_the_name_of_a_pushed_group_is_requested_once_and_only_where_the_listing_lacks_it():
    org = SimulatedOrg.empty()
    source, known = org.add_group("Source"), org.add_group("Known")
    apps = [org.add_app(name, features=("GROUP_PUSH",)) for name in ("slack", "zoomus")]
    elsewhere = "00gElsewhere"
    for app in apps:
        org.push_group(app, source, target=elsewhere)
        org.push_group(app, source, target=known)
    found, _ = counted(org)
    assert found == Formula(org).requests()
    assert found["/api/v1/groups/{id}"] == 1
