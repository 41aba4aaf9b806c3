"""Network zones as limits of credentials, and log streams."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pytest
from handwritten.admins import edges_by_ends, gap, granted, role
from handwritten.orgs import snapshot_of

from oktahound import ApiServiceIntegration, OAuthScope, attack_view, build_graph
from oktahound.analysis import blast_radius, findings
from oktahound.entities import (
    AdminAssignee,
    ApiToken,
    Application,
    ClientSecret,
    Entity,
    LogStream,
    NetworkZone,
    Policy,
    PolicyMapping,
    PolicyRule,
    User,
)
from oktahound.graph import compact_graph

ANN = User(id="00uAnn", login="ann@contoso.com", status="ACTIVE")
OFFICE, HOME = NetworkZone(id="nzo1", status="ACTIVE"), NetworkZone(id="nzo2", status="INACTIVE")
LIMITED = "OktaHound_LimitedToZone"


def graph_of(*rows: Entity, scopes: bool = False, **about: Any) -> nx.MultiDiGraph:
    return build_graph(snapshot_of(*rows, **about), scopes=scopes, trust_boundaries=True)


def token(*zones: str, connection: str | None = "ZONE") -> ApiToken:
    return ApiToken(id="00T1", user_id=ANN.id, network_connection=connection, network_include=zones)


@pytest.mark.parametrize(
    ("row", "holder"),
    [
        (token("nzo1"), "00T1"),
        (token("nzo1", connection="ANYWHERE"), None),
        (Application(id="0oa1", network_connection="ZONE", network_include=("nzo1",)), "0oa1"),
        (Application(id="0oa1", network_include=("nzo1",)), None),
        (
            PolicyRule(id="0pr1", policy_id="00p1", network_connection="ZONE", network_include=("nzo1",)),
            "00p1",
        ),
        (PolicyRule(id="0pr1", policy_id="00p1", network_connection="ANYWHERE"), None),
    ],
)
def test_tokens_clients_and_policies_are_limited_to_their_zones(row, holder):
    graph = graph_of(OFFICE, ANN, Policy(id="00p1"), row)
    assert set(edges_by_ends(graph, LIMITED)) == ({(holder, "nzo1")} if holder else set())


def zone_rule(id_: str, **fields: Any) -> PolicyRule:
    return PolicyRule(id=id_, name=id_, policy_id="rst1", **{"status": "ACTIVE", **fields})


IN_OFFICE = zone_rule("In", access="ALLOW", network_connection="ZONE", network_include=("nzo1",))
DENY_ALL = zone_rule("Rest", access="DENY")


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ([IN_OFFICE, DENY_ALL], {"rules": ["In"]}),
        ([IN_OFFICE, zone_rule("Rest", access="ALLOW")], {"rules": ["In"], "partial": True}),
        ([IN_OFFICE, zone_rule("Rest", access="ALLOW", status="INACTIVE")], {"rules": ["In"]}),
        ([IN_OFFICE, zone_rule("Rest", status="NEW")], {"rules": ["In"], "partial": True}),
        (
            [zone_rule("Out", access="ALLOW", network_connection="ZONE", network_exclude=("nzo1",))],
            {"rules": ["Out"], "excluded": True, "partial": True},
        ),
        (
            [zone_rule("Not here", access="DENY", network_connection="ZONE", network_include=("nzo1",))],
            {"rules": ["Not here"], "excluded": True, "partial": True},
        ),
        (
            [zone_rule("Off", status="INACTIVE", network_connection="ZONE", network_include=("nzo1",))],
            {
                "rules": ["Off"],
                "partial": True,
                "active": False,
                "inactiveReason": "the policy rule is INACTIVE",
            },
        ),
    ],
)
def test_a_policy_is_limited_to_zones_if_no_rule_permits_other_places(rules, found):
    graph = graph_of(OFFICE, Policy(id="rst1", status="ACTIVE", type="ACCESS_POLICY"), *rules)
    assert edges_by_ends(graph, LIMITED) == {("rst1", "nzo1"): found}


def test_a_policy_with_unread_rules_is_not_limited_to_zones():
    lost = gap(PolicyRule, parent="rst1")
    graph = graph_of(OFFICE, Policy(id="rst1", type="ACCESS_POLICY"), IN_OFFICE, gaps=(lost,))
    assert edges_by_ends(graph, LIMITED)["rst1", "nzo1"]["partial"] is True


def test_all_zones_means_all_zones_except_blocklists():
    blocked = NetworkZone(id="nzo9", status="ACTIVE", usage="BLOCKLIST")
    found = edges_by_ends(graph_of(OFFICE, blocked, ANN, token("ALL_ZONES")), LIMITED)
    assert set(found) == {("00T1", "nzo1")}
    assert found["00T1", "nzo1"]["assumption"].startswith("ALL_ZONES means")


def test_an_excluded_zone_permits_all_other_addresses():
    outside = ApiToken(id="00T1", user_id=ANN.id, network_connection="ZONE", network_exclude=("nzo1",))
    rows = (OFFICE, ANN, AdminAssignee(id=ANN.id), role(ANN, "SUPER_ADMIN"), outside)
    path = blast_radius(graph_of(*rows, scopes=True), "00T1").path("00oOrg")
    assert path.limits == ("00T1: not from 1 network zone",)


def test_a_zone_is_not_part_of_a_path():
    graph = graph_of(OFFICE, ANN, token("nzo1"))
    assert not attack_view(graph).has_edge("00T1", "nzo1")


def test_paths_list_zones_and_continue():
    rows = (OFFICE, HOME, ANN, AdminAssignee(id=ANN.id), role(ANN, "SUPER_ADMIN"), token("nzo1", "nzo2"))
    radius = blast_radius(build_graph(snapshot_of(*rows), scopes=True, trust_boundaries=True), "00T1")
    path = radius.path("00oOrg")
    assert path.limits == ("00T1: only from 1 network zone",)  # the other zone is inactive
    assert [step.limit for step in path.steps] == ["only from 1 network zone", None]
    assert blast_radius(build_graph(snapshot_of(*rows), scopes=True), "00T1").path("00oOrg").limits == ()


CONSOLE = (
    Application(id="0oaConsole", app_type="saasure", status="ACTIVE"),
    Policy(id="rst1", type="ACCESS_POLICY", status="ACTIVE"),
    PolicyMapping(id="m1", policy_id="rst1", application_id="0oaConsole"),
    OFFICE,
)


@pytest.mark.parametrize(
    ("rules", "limit"),
    [
        ([IN_OFFICE, DENY_ALL], "in the Admin Console only from 1 network zone"),
        ([IN_OFFICE, zone_rule("Rest")], None),
    ],
)
@pytest.mark.parametrize("build", [build_graph, compact_graph])
def test_paths_over_admin_roles_list_the_zones_of_the_admin_console(build, rules, limit):
    rows = (*CONSOLE, *rules, ANN, AdminAssignee(id=ANN.id), role(ANN, "SUPER_ADMIN"), token(connection=None))
    graph = build(snapshot_of(*rows), scopes=True, trust_boundaries=True)
    assert [step.limit for step in blast_radius(graph, ANN).path("00oOrg").steps] == [limit]
    # A token uses the API and not the Admin Console.
    assert blast_radius(graph, "00T1").path("00oOrg").limits == ()


def test_a_limit_to_inactive_zones_alone_is_not_mentioned():
    rows = (HOME, ANN, AdminAssignee(id=ANN.id), role(ANN, "SUPER_ADMIN"), token("nzo2"))
    graph = build_graph(snapshot_of(*rows), scopes=True, trust_boundaries=True)
    assert blast_radius(graph, "00T1").path("00oOrg").limits == ()


def test_findings_mention_the_zones():
    service = Application(
        id="0oaTop",
        label="Top",
        client_type="service",
        grant_types=("client_credentials",),
        status="ACTIVE",
        network_connection="ZONE",
        network_include=("nzo1", "nzo3"),
    )
    secret = ClientSecret(id="ocsTop", owner_id="0oaTop", status="ACTIVE")
    rows = (OFFICE, NetworkZone(id="nzo3", status="ACTIVE"), service, secret, ANN)
    rows += (role(service, "SUPER_ADMIN", "raTop"), *granted(service, "okta.users.manage"))
    rows += (AdminAssignee(id=ANN.id), role(ANN, "APP_ADMIN"))
    (found,) = findings(snapshot_of(*rows)).filter(finding="AdministratorTakesOverOrganization")
    assert "Top: only from 2 network zones" in found.evidence


def test_log_streams_have_their_destination_and_the_scope_that_stops_them():
    stream = LogStream(id="0oaS", aws_account_id="1", aws_region="eu-west-1", aws_event_source="okta")
    vendor = ApiServiceIntegration(id="0oaV", oauth_scopes=(OAuthScope("okta.logStreams.manage"),))
    graph = graph_of(stream, vendor, scopes=True)
    assert graph.nodes["0oaS"]["destination"] == "1/eu-west-1/okta"
    assert {end for _, end in edges_by_ends(graph, "OktaHound_ManageLogStream")} == {"0oaS"}
    assert LogStream(id="0oaS").destination is None
