"""AI agents and service accounts: what they reach, who owns them, and orgs that do not have them."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pytest
from handwritten.admins import drawn
from handwritten.orgs import snapshot_of

import oktahound
from oktahound import (
    ApiServiceIntegration,
    ApiToken,
    GapReason,
    OAuthScope,
    OktaClient,
    attack_view,
    build_graph,
)
from oktahound.analysis import riskiest
from oktahound.entities import (
    AiAgent,
    AiAgentConnection,
    Application,
    AuthorizationServer,
    Entity,
    ServiceAccount,
    User,
)
from oktahound.sim import SimulatedOrg

AGENT = AiAgent(id="wlp1", name="Helper", status="ACTIVE", app_id="0oaChat")
ACCOUNT = ServiceAccount(
    id="svc1", name="Export", okta_user_id="00uBot", owner_user_ids=("00uAnn",), owner_group_ids=("00gOps",)
)
SERVER = AuthorizationServer(id="aus1", status="ACTIVE")
CONNECTS, MANAGES = "OktaHound_AgentConnectsTo", "OktaHound_ManageWorkload"
AGENTS_PATH = "/workload-principals/api/v1/ai-agents"
ACCOUNTS_PATH = "/privileged-access/api/v1/okta-service-accounts"


def graph_of(*rows: Entity, scopes: bool = False, **about: Any) -> nx.MultiDiGraph:
    return build_graph(snapshot_of(*rows, **about), scopes=scopes, trust_boundaries=True)


def connection(**ends: Any) -> AiAgentConnection:
    return AiAgentConnection(**{"id": "mcn1", "agent_id": "wlp1", "status": "ACTIVE", **ends})


@pytest.mark.parametrize(
    ("ends", "end"),
    [
        ({"authorization_server_id": "aus1"}, "aus1"),
        ({"application_id": "0oaChat"}, "0oaChat"),
        ({"service_account_id": "svc1"}, "svc1"),
        ({"resource_id": "wlp2"}, "wlp2"),
        ({"resource_id": "mcp-server"}, None),
        ({"service_account_id": "svcUnread"}, None),
        ({}, None),
    ],
)
def test_a_connection_leads_to_what_it_names(ends, end):
    rows = (AGENT, AiAgent(id="wlp2", status="ACTIVE"), SERVER, ACCOUNT, Application(id="0oaChat"))
    found = drawn(graph_of(*rows, connection(**ends)), CONNECTS)
    assert set(found) == ({("wlp1", end)} if end else set())
    assert all("on whose behalf" in marks["assumption"] for marks in found.values())


def test_connections_and_agents_that_are_off_open_no_path():
    off = drawn(
        graph_of(AGENT, SERVER, connection(authorization_server_id="aus1", status="INACTIVE")), CONNECTS
    )
    assert off["wlp1", "aus1"]["inactiveReason"] == "the connection is INACTIVE"
    staged = AiAgent(id="wlp1", status="STAGED")
    off = drawn(graph_of(staged, SERVER, connection(authorization_server_id="aus1")), CONNECTS)
    assert off["wlp1", "aus1"]["inactiveReason"] == "the AI agent is STAGED"


def test_an_application_of_an_agent_is_no_way_to_control_it():
    graph = graph_of(AGENT, Application(id="0oaChat"))
    assert set(drawn(graph, "OktaHound_ApplicationOfAgent")) == {("0oaChat", "wlp1")}
    assert not attack_view(graph).has_edge("0oaChat", "wlp1")


def test_a_service_account_is_its_user_and_its_owners_get_its_password():
    graph = graph_of(ACCOUNT, User(id="00uBot"), User(id="00uAnn"))
    assert set(drawn(graph, "OktaHound_ServiceAccountIs")) == {("svc1", "00uBot")}
    assert set(drawn(graph, "OktaHound_OwnsServiceAccount")) == {("00uAnn", "svc1"), ("00gOps", "svc1")}
    assert "00uBot" in nx.descendants(attack_view(graph), "00uAnn")


def test_scopes_for_agents_and_accounts():
    scopes = tuple(map(OAuthScope, ("okta.aiAgents.manage", "okta.serviceAccounts.okta.manage")))
    vendor = ApiServiceIntegration(id="0oaV", oauth_scopes=scopes)
    found = drawn(graph_of(vendor, AGENT, ACCOUNT, scopes=True), MANAGES)
    assert {(start.split("@")[0], end) for start, end in found} == {
        ("okta.aiAgents.manage", "wlp1"),
        ("okta.serviceAccounts.okta.manage", "svc1"),
    }
    assert drawn(graph_of(vendor, AGENT, ACCOUNT), MANAGES) == {}


def test_agents_are_ranked_among_machines():
    ranking = riskiest(snapshot_of(AGENT, SERVER, connection(authorization_server_id="aus1")), of="machines")
    assert "wlp1" in {each.node for each in ranking}


def collected(org: SimulatedOrg) -> oktahound.Snapshot:
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport, retry_budget=0) as client:
        return oktahound.collect(client, only=[AiAgentConnection, ServiceAccount], trust_boundaries=True)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"status": 404}, GapReason.NOT_LICENSED),
        ({"status": 401, "code": "E0000015"}, GapReason.NOT_LICENSED),
        ({"status": 404, "content": b"<html>", "content_type": "text/html"}, GapReason.NOT_FOUND),
        ({"status": 404, "content": b""}, GapReason.NOT_FOUND),
        ({"status": 403}, GapReason.FORBIDDEN),
    ],
)
def test_an_org_without_the_feature_leaves_a_gap_and_never_none(fault, reason):
    org = SimulatedOrg(seed=1, users=20)
    for path in (AGENTS_PATH, ACCOUNTS_PATH):
        org.fail(f"GET {path}", times=None, **fault)
    snapshot = collected(org)
    assert {gap.entity: gap.reason for gap in snapshot.gaps if gap.reason is not GapReason.PARENT} == {
        "AiAgent": reason,
        "ServiceAccount": reason,
    }
    assert not snapshot.is_whole(AiAgent)
    graph = build_graph(snapshot, trust_boundaries=True)
    assert "AiAgent" in graph.graph["unsure"]["agent_connects_to"]


def test_agents_are_read_page_by_page():
    org = SimulatedOrg.empty(page_size=2)
    names = [f"Agent {number}" for number in range(5)]
    server = org.add_authorization_server("Orders")
    for name in names:
        org.add_ai_agent(name, servers=[server])
    snapshot = collected(org)
    assert snapshot.gaps == ()
    assert sorted(agent.name for agent in snapshot.ai_agents) == names
    assert {row.authorization_server_id for row in snapshot.ai_agent_connections} == {server}
