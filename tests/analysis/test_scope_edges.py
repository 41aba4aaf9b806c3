"""Scopes in the graph: their holders, what they control, and assumptions about administrators."""

from __future__ import annotations

import networkx as nx
import pytest
from handwritten.orgs import content, snapshot_of

from oktahound import (
    ApiServiceIntegration,
    ClientSecret,
    Gap,
    GapReason,
    OAuthScope,
    User,
    attack_view,
    build_graph,
)
from oktahound.entities import (
    DIRECTORY_GROUP,
    AdminAssignee,
    AgentPool,
    Application,
    AuthorizationServer,
    ConsentGrant,
    Device,
    Group,
    IdentityProvider,
    Policy,
    RoleAssignment,
)
from oktahound.graph import EDGE_KINDS, RULES, SCOPE_RULES
from oktahound.graph.rules.oauth_scopes import POWER_EDGES
from oktahound.scopes import NO_ROLE, all_powers

ANN, EVE = User(id="00uAnn", status="ACTIVE"), User(id="00uEve", status="ACTIVE")
BOSS = (
    AdminAssignee(id="00uEve"),
    RoleAssignment(id="KVJ", holder_id="00uEve", holder_type="USER", type="SUPER_ADMIN", status="ACTIVE"),
)
STAFF = Group(id="00gStaff", type="OKTA_GROUP", name="Staff")
EVERYONE = Group(id="00gAll", type="BUILT_IN", name="Everyone")
FROM_AD = Group(id="00gAd", type="APP_GROUP", object_class=DIRECTORY_GROUP)
SERVICE = Application(
    id="0oaSvc", sign_on_mode="OPENID_CONNECT", client_type="service", grant_types=("client_credentials",)
)
PORTAL = Application(id="0oaPortal", sign_on_mode="SAML_2_0")
SECRET = ClientSecret(id="ocs1", owner_id="0oaSvc", status="ACTIVE")


def vendor(*scopes: str, id: str = "0oaVendor") -> ApiServiceIntegration:
    return ApiServiceIntegration(id=id, name="Vendor", oauth_scopes=tuple(map(OAuthScope, sorted(scopes))))


def node(scope: str) -> str:
    return f"{scope}@contoso.okta.com"


def ours(graph: nx.MultiDiGraph) -> dict[tuple[str, str, str], dict]:
    """Return the edges from scopes, without those to scopes."""
    return {
        (start, kind, end): dict(carried)
        for start, end, kind, carried in graph.edges(keys=True, data=True)
        if kind.startswith("OktaHound_") and kind != "OktaHound_HasScope"
    }


def scope_edges_of(*rows, **about) -> dict[tuple[str, str, str], dict]:
    return ours(build_graph(snapshot_of(*rows, **about), scopes=True))


def test_by_default_the_graph_has_no_scopes():
    graph = build_graph(snapshot_of(vendor("okta.users.manage"), ANN))
    assert ours(graph) == {}
    assert not [each for each, kind in graph.nodes(data="kind") if kind.startswith("OktaHound_")]
    assert graph.graph["scopes"] is False


def test_the_model_is_the_same_with_and_without_scopes():
    rows = (vendor("okta.users.manage"), ANN, EVE, *BOSS, STAFF, SERVICE, SECRET)
    with_scopes = build_graph(snapshot_of(*rows), scopes=True)
    assert with_scopes.graph["scopes"] is True
    ends = [each for each, kind in with_scopes.nodes(data="kind") if kind == "OktaHound_OAuthScope"]
    with_scopes.remove_nodes_from(ends)
    with_scopes.graph["scopes"] = False
    assert content(with_scopes) == content(build_graph(snapshot_of(*rows)))


def test_kinds_of_oktahound_have_their_own_prefix():
    ours = {kind.name for rule in SCOPE_RULES for kind in rule.emits}
    model = {kind.name for rule in RULES for kind in rule.emits}
    assert ours.isdisjoint(model)
    assert all(name.startswith("OktaHound_") for name in ours)
    assert ours <= set(EDGE_KINDS)


def test_a_scope_is_one_node_that_its_holders_share():
    graph = build_graph(
        snapshot_of(vendor("okta.logs.read"), vendor("okta.logs.read", id="0oaOther")), scopes=True
    )
    assert set(graph.predecessors(node("okta.logs.read"))) == {"0oaVendor", "0oaOther"}
    about = graph.nodes[node("okta.logs.read")]
    assert about.pop("description").startswith("Allows the app to read")
    assert about == {
        "kind": "OktaHound_OAuthScope",
        "oktaDomain": "contoso.okta.com",
        "environmentid": "00oOrg",
        "name": "okta.logs.read",
        "displayName": "okta.logs.read",
        "access": "read",
        "described": True,
        "knowledge": "known",
        "operationCount": 1,
        "severity": "medium",
        "powers": ["reads-system-log"],
    }


def test_a_scope_that_is_not_documented_is_a_node_with_an_assumption():
    about = build_graph(snapshot_of(vendor("okta.new.manage")), scopes=True).nodes[node("okta.new.manage")]
    assert (about["described"], about["knowledge"], about["severity"]) == (False, "unknown", "high")
    assert about["assumption"].startswith("okta.new.manage controls its resource")
    assert about["powers"] == ["undocumented:okta.new.manage"]
    assert not {"operationCount", "description"} & set(about)


def test_a_scope_that_is_known_in_part_is_a_node_with_its_resource_and_an_assumption():
    scope = "okta.governance.entitlements.manage"
    about = build_graph(snapshot_of(vendor(scope)), scopes=True).nodes[node(scope)]
    assert (about["described"], about["knowledge"], about["severity"]) == (False, "known in part", "high")
    assert about["powers"] == ["grants-entitlements", "reads-entitlements"]
    assert about["description"].startswith("Entitlements")
    assert about["assumption"]
    assert "operationCount" not in about


def test_factors_lead_to_users_with_an_assumption():
    graph = build_graph(snapshot_of(vendor("okta.factors.manage"), ANN), scopes=True)
    edge = graph.edges[node("okta.factors.manage"), "00uAnn", "OktaHound_ResetsFactors"]
    assert edge["assumption"]


def test_the_edge_to_a_scope_is_traversable_for_integrations_only():
    grant = ConsentGrant(
        id="oag1", app_id="0oaSvc", scope_id=OAuthScope("okta.users.manage"), status="ACTIVE"
    )
    graph = build_graph(snapshot_of(vendor("okta.users.manage"), SERVICE, grant, ANN), scopes=True)
    scope = node("okta.users.manage")
    assert graph.edges["0oaVendor", scope, "OktaHound_HasScope"] == {}
    assert graph.edges["0oaSvc", scope, "OktaHound_HasScope"]["active"] is False
    walk = attack_view(graph)
    assert nx.has_path(walk, "0oaVendor", "00uAnn")
    assert not nx.has_path(walk, "0oaSvc", "00uAnn")


def test_a_revoked_grant_is_no_scope():
    grant = ConsentGrant(
        id="oag1", app_id="0oaSvc", scope_id=OAuthScope("okta.users.manage"), status="REVOKED"
    )
    assert node("okta.users.manage") not in build_graph(snapshot_of(SERVICE, grant), scopes=True)


def test_users_manage_resets_all_users_and_administrators_with_an_assumption():
    kind, scope = "OktaHound_ResetsCredentials", node("okta.users.manage")
    assert scope_edges_of(vendor("okta.users.manage"), ANN, EVE, *BOSS) == {
        (scope, kind, "00uAnn"): {},
        (scope, kind, "00uEve"): {"assumption": NO_ROLE},
    }


def test_if_administrators_are_unknown_every_edge_has_the_assumption():
    refused = Gap(
        entity="AdminAssignee", reason=GapReason.FORBIDDEN, request="GET /api/v1/iam/assignees/users"
    )
    edges = scope_edges_of(vendor("okta.users.manage"), ANN, EVE, gaps=(refused,))
    assert {end: carried for (_, _, end), carried in edges.items()} == {
        "00uAnn": {"assumption": NO_ROLE},
        "00uEve": {"assumption": NO_ROLE},
    }


def test_groups_manage_adds_members_to_groups_of_okta():
    edges = scope_edges_of(vendor("okta.groups.manage"), STAFF, EVERYONE)
    scope, kind = node("okta.groups.manage"), "OktaHound_AddsMembers"
    assert edges[scope, kind, "00gStaff"] == {}
    assert edges[scope, kind, "00gAll"]["active"] is False


def test_the_edge_to_a_group_with_a_role_has_an_assumption():
    role = RoleAssignment(
        id="r", holder_id="00gStaff", holder_type="GROUP", type="ORG_ADMIN", status="ACTIVE"
    )
    edges = scope_edges_of(vendor("okta.groups.manage"), STAFF, role)
    assert edges[node("okta.groups.manage"), "OktaHound_AddsMembers", "00gStaff"] == {"assumption": NO_ROLE}


def test_apps_manage_includes_the_edges_of_apps_read():
    edges = scope_edges_of(vendor("okta.apps.manage"), SERVICE, PORTAL, SECRET)
    scope = node("okta.apps.manage")
    assert {(kind, end) for _, kind, end in edges} == {
        ("OktaHound_ManagesApps", "0oaSvc"),
        ("OktaHound_ManagesApps", "0oaPortal"),
        ("OktaHound_ReadsAppSecrets", "ocs1"),
    }
    assert edges[scope, "OktaHound_ManagesApps", "0oaSvc"] == {}


def test_apps_read_reads_secrets_of_applications_and_not_of_integrations():
    other = ClientSecret(id="ocs2", owner_id="0oaVendor", status="ACTIVE")
    edges = scope_edges_of(vendor("okta.apps.read"), SERVICE, SECRET, other)
    ((key, carried),) = edges.items()
    assert key == (node("okta.apps.read"), "OktaHound_ReadsAppSecrets", "ocs1")
    assert carried["assumption"]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("okta.clients.manage", {("OktaHound_MintsClientSecrets", "0oaSvc")}),
        ("okta.appGrants.manage", {("OktaHound_WidensScopes", "0oaSvc")}),
        ("okta.oauthIntegrations.manage", {("OktaHound_MintsIntegrationSecrets", "0oaVendor")}),
        ("okta.roles.manage", {("OktaHound_GrantsRoles", "00oOrg")}),
        ("okta.devices.manage", {("OktaHound_ManagesDevices", "guo1")}),
        ("okta.directories.groups.manage", {("OktaHound_AddsDirectoryMembers", "00gAd")}),
        (
            "okta.idps.manage",
            {
                ("OktaHound_AddsIdentityProviders", "00uAnn"),
                ("OktaHound_ControlsIdentityProviders", "0oa1idp"),
            },
        ),
        ("okta.policies.manage", {("OktaHound_RewritesPolicies", "00p1")}),
        ("okta.authorizationServers.manage", {("OktaHound_AltersTokens", "aus1")}),
        ("okta.agentPools.manage", {("OktaHound_UpdatesAgents", "pool1")}),
        ("okta.logs.read", set()),
        ("okta.unheardof.manage", set()),
    ],
)
@pytest.mark.parametrize("permissions", ["edges", "targets"])
def test_what_each_scope_controls(scope, expected, permissions):
    rows = (
        ANN, FROM_AD, SERVICE, PORTAL, Device(id="guo1"), IdentityProvider(id="0oa1idp"), Policy(id="00p1"),
        AuthorizationServer(id="aus1"), AgentPool(id="pool1"),
    )  # fmt: skip
    graph = build_graph(snapshot_of(vendor(scope), *rows), scopes=True, permissions=permissions)
    edges = {(kind, end) for _, kind, end in ours(graph) if kind != "OktaHound_Covers"}
    if permissions == "targets":
        sets = {end: kind for kind, end in edges if graph.nodes[end]["kind"] == "OktaHound_TargetSet"}
        edges -= {(kind, end) for end, kind in sets.items()}
        edges |= {(kind, end) for each, kind in sets.items() for end in graph.successors(each)}
    assert edges == expected
    kinds = [EDGE_KINDS[kind] for kind, _ in edges]
    assert all(graph.nodes[end]["kind"] in EDGE_KINDS[kind].ends for kind, end in edges)
    assert all(kind.starts == {"OktaHound_OAuthScope"} for kind in kinds)


def test_the_texts_of_an_edge_are_those_of_the_power():
    sentences = {power.sentence for power in all_powers()}
    assert all(kind.why in sentences for kind in POWER_EDGES)
    assert len({kind.name for kind in POWER_EDGES}) == len(POWER_EDGES)


def test_widening_scopes_or_scheduling_updates_is_no_control():
    assert {kind.name for kind in POWER_EDGES if not kind.traversable} == {
        "OktaHound_WidensScopes",
        "OktaHound_UpdatesAgents",
    }


def test_the_graph_grows_with_scopes_and_targets_and_not_with_holders():
    users = [User(id=f"00u{number}") for number in range(10)]
    few = scope_edges_of(vendor("okta.users.manage"), *users)
    many = scope_edges_of(*(vendor("okta.users.manage", id=f"0oa{number}") for number in range(20)), *users)
    assert few == many
    assert len(few) == 10


@pytest.mark.parametrize(
    "lost", ["User", "Group", "Application", "AdminAssignee", "RoleAssignment", "ConsentGrant"]
)
def test_a_gap_adds_no_edge(lost):
    scopes = sorted({power.scope for power in all_powers()})
    role = RoleAssignment(
        id="r", holder_id="00gStaff", holder_type="GROUP", type="ORG_ADMIN", status="ACTIVE"
    )
    rows = (vendor(*scopes), ANN, EVE, *BOSS, STAFF, FROM_AD, role, SERVICE, PORTAL, SECRET)
    left = [row for row in rows if type(row).__name__ != lost]
    gap = Gap(entity=lost, reason=GapReason.FORBIDDEN, request="GET …")
    whole, broken = scope_edges_of(*rows), scope_edges_of(*left, gaps=(gap,))
    assert set(broken) <= set(whole)
    assert all(
        "assumption" in broken[edge]
        for edge, carried in whole.items()
        if "assumption" in carried and edge in broken
    )


def test_the_order_of_rows_does_not_change_the_scopes():
    rows = (
        vendor("okta.users.manage", "okta.groups.manage"),
        vendor("okta.apps.read", id="0oaB"),
        ANN,
        EVE,
        *BOSS,
        STAFF,
    )
    one, two = (build_graph(snapshot_of(*each), scopes=True) for each in (rows, rows[::-1]))
    assert content(one) == content(two)


def test_rights_of_service_applications_and_powers_of_scopes_take_the_same_scopes():
    app_role = RoleAssignment(
        id="r", holder_id="0oaSvc", holder_type="CLIENT", type="HELP_DESK_ADMIN", status="ACTIVE"
    )
    usable = {}
    for scope in ("okta.users.manage", "okta.users.read"):
        grant = ConsentGrant(id="oag1", app_id="0oaSvc", scope_id=OAuthScope(scope), status="ACTIVE")
        graph = build_graph(snapshot_of(SERVICE, app_role, grant, ANN))
        usable[scope] = graph.edges["0oaSvc", "00uAnn", "Okta_HelpDeskAdmin"]["usable"]
    assert usable == {"okta.users.manage": True, "okta.users.read": False}
