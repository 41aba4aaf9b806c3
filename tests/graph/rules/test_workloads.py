"""AI agents and service accounts: what they reach, who owns them, and orgs without them."""

from __future__ import annotations

from typing import Any

import attrs
import networkx as nx
import pytest
from handwritten.admins import edges_by_ends
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
    ENTITIES,
    AgentKey,
    AiAgent,
    AiAgentOwners,
    Application,
    AuthorizationServer,
    DelegationLink,
    Entity,
    Group,
    McpServer,
    ResourceConnection,
    ServiceAccount,
    User,
)
from oktahound.sim import SimulatedOrg

AGENT = AiAgent(id="wlp1", name="Helper", status="ACTIVE", app_id="0oaChat")
ACCOUNT = ServiceAccount(
    id="svc1", name="Export", okta_user_id="00uBot", owner_user_ids=("00uAnn",), owner_group_ids=("00gOps",)
)
SERVER = AuthorizationServer(id="aus1", status="ACTIVE")
TOOLS = McpServer(id="ems1", name="Tools", status="ACTIVE", oauth_client_id="wlpOfTools")
CONNECTS, MANAGES = "OktaHound_AgentConnectsTo", "OktaHound_ManageWorkload"
OWNERS_PATH, SERVERS_PATH = "/governance/api/v1/resource-owners", "/resource-servers/api/v1/mcp-servers"
AGENTS_PATH = "/workload-principals/api/v1/ai-agents"
ACCOUNTS_PATH = "/privileged-access/api/v1/okta-service-accounts"


def graph_of(*rows: Entity, scopes: bool = False, **about: Any) -> nx.MultiDiGraph:
    return build_graph(snapshot_of(*rows, **about), scopes=scopes, trust_boundaries=True)


def connection(**ends: Any) -> ResourceConnection:
    return ResourceConnection(**{"id": "mcn1", "principal_id": "wlp1", "status": "ACTIVE", **ends})


@pytest.mark.parametrize(
    ("ends", "end"),
    [
        ({"authorization_server_id": "aus1"}, "aus1"),
        ({"application_id": "0oaChat"}, "0oaChat"),
        ({"service_account_id": "svc1"}, "svc1"),
        ({"resource_id": "wlp2"}, "wlp2"),
        ({"resource_id": "wlpUnread", "resource_type": "a2a"}, "wlpUnread"),
        ({"resource_id": "wlpUnread", "resource_type": "virtual-mcp"}, None),
        ({"resource_id": "wlpUnread"}, None),
        ({"resource_id": "ems1"}, "ems1"),
        ({"resource_id": "emsUnread", "resource_type": "mcp"}, "emsUnread"),
        ({"resource_id": "otherServer", "resource_type": "mcp"}, None),
        ({"service_account_id": "svcUnread"}, None),
        ({}, None),
    ],
)
def test_a_connection_leads_to_its_resource(ends, end):
    rows = (AGENT, AiAgent(id="wlp2", status="ACTIVE"), SERVER, ACCOUNT, Application(id="0oaChat"), TOOLS)
    found = edges_by_ends(graph_of(*rows, connection(**ends)), CONNECTS)
    assert set(found) == ({("wlp1", end)} if end else set())
    assert all("on whose behalf" in marks["assumption"] for marks in found.values())


def test_inactive_connections_and_agents_add_no_path():
    inactive = edges_by_ends(
        graph_of(AGENT, SERVER, connection(authorization_server_id="aus1", status="INACTIVE")), CONNECTS
    )
    assert inactive["wlp1", "aus1"]["inactiveReason"] == "the connection is INACTIVE"
    staged = AiAgent(id="wlp1", status="STAGED")
    inactive = edges_by_ends(graph_of(staged, SERVER, connection(authorization_server_id="aus1")), CONNECTS)
    assert inactive["wlp1", "aus1"]["inactiveReason"] == "the AI agent is STAGED"


def test_the_kind_of_an_unread_resource_follows_from_its_resource_name():
    graph = graph_of(AGENT, connection(resource_id="emsUnread", resource_type="mcp"))
    assert graph.nodes["emsUnread"]["kind"] == "OktaHound_McpServer"
    graph = graph_of(AGENT, connection(resource_id="wlpUnread", resource_type="a2a"))
    assert graph.nodes["wlpUnread"]["kind"] == "OktaHound_AiAgent"


def test_an_mcp_server_reaches_the_resources_of_its_connections():
    reaches = connection(id="mcn2", principal_id="ems1", authorization_server_id="aus1")
    found = edges_by_ends(graph_of(TOOLS, SERVER, reaches), CONNECTS)
    assert set(found) == {("ems1", "aus1")}
    assert "active" not in found["ems1", "aus1"]
    inactive = attrs.evolve(TOOLS, oauth_client_status="INACTIVE")
    found = edges_by_ends(graph_of(inactive, SERVER, reaches), CONNECTS)
    assert found["ems1", "aus1"]["inactiveReason"] == "the OAuth client of the MCP server is INACTIVE"


def test_owners_control_their_agent_with_an_assumption():
    owners = AiAgentOwners(id="wlp1", user_ids=("00uAnn",), group_ids=("00gOps",))
    graph = graph_of(AGENT, owners, User(id="00uAnn"), Group(id="00gOps"))
    found = edges_by_ends(graph, "OktaHound_OwnsAgent")
    assert set(found) == {("00uAnn", "wlp1"), ("00gOps", "wlp1")}
    assert all("administrative control" in marks["assumption"] for marks in found.values())
    assert graph.nodes["wlp1"]["hasOwners"] is True
    assert graph_of(AGENT, User(id="00uAnn")).nodes["wlp1"]["hasOwners"] is False


def test_unread_owners_do_not_count_as_none():
    asked = frozenset(cls.__name__ for cls in ENTITIES if cls is not AiAgentOwners)
    graph = graph_of(AGENT, asked=asked)
    assert "hasOwners" not in graph.nodes["wlp1"]
    assert "AiAgentOwners" in graph.graph["unsure"]["owns_agent"]


def test_active_keys_of_an_agent_authenticate_as_it():
    keys = (AgentKey(id="wpc1", agent_id="wlp1", kid="one", status="ACTIVE"),)
    keys += (AgentKey(id="wpc2", agent_id="wlp1", kid="two", status="INACTIVE"),)
    graph = graph_of(AGENT, *keys)
    found = edges_by_ends(graph, "OktaHound_AgentKeyOf")
    assert set(found) == {("wpc1", "wlp1"), ("wpc2", "wlp1")}
    assert found["wpc2", "wlp1"]["inactiveReason"] == "the key is INACTIVE"
    assert set(attack_view(graph).pred["wlp1"]) == {"00oOrg", "wpc1"}


@pytest.mark.parametrize(
    ("link", "start"),
    [
        ({"client_id": "0oaChat", "client_type": "oidc"}, "0oaChat"),
        ({"client_id": "0oaUnread", "client_type": "oidc_client"}, "0oaUnread"),
        ({"client_id": "wlp2", "client_type": "ai-agents"}, "wlp2"),
        ({"client_id": "wlpUnread", "client_type": "ai-agents"}, "wlpUnread"),
        ({"client_id": "wlpOfTools", "client_type": "mcp"}, "ems1"),
        ({"client_id": "wlpUnread", "client_type": "mcp"}, None),
        ({"client_id": "https://client.example.com", "client_type": "cimd"}, None),
        ({}, None),
    ],
)
def test_a_client_delegates_to_an_agent(link, start):
    rows = (AGENT, AiAgent(id="wlp2", status="ACTIVE"), Application(id="0oaChat"), TOOLS)
    delegation = DelegationLink(id="dlk1", target_id="wlp1", **link)
    found = edges_by_ends(graph_of(*rows, delegation), "OktaHound_DelegatesTo")
    assert set(found) == ({(start, "wlp1")} if start else set())
    assert all("on behalf of the client" in marks["assumption"] for marks in found.values())


def test_rows_of_other_resources_give_no_edge_if_okta_does_not_apply_the_filter():
    other = DelegationLink(id="dlk1", target_id="wlp1", client_id="0oaChat", resource_id="wlp2")
    owners = AiAgentOwners(id="0oaChat", user_ids=("00uAnn",))
    graph = graph_of(AGENT, Application(id="0oaChat"), User(id="00uAnn"), other, owners)
    assert edges_by_ends(graph, "OktaHound_DelegatesTo") == edges_by_ends(graph, "OktaHound_OwnsAgent") == {}
    own = attrs.evolve(other, target_id="ems1", resource_id="wlpOfTools")
    graph = graph_of(AGENT, Application(id="0oaChat"), TOOLS, own)
    assert set(edges_by_ends(graph, "OktaHound_DelegatesTo")) == {("0oaChat", "ems1")}


def test_the_application_of_an_agent_does_not_control_it():
    graph = graph_of(AGENT, Application(id="0oaChat"))
    assert set(edges_by_ends(graph, "OktaHound_ApplicationOfAgent")) == {("0oaChat", "wlp1")}
    assert not attack_view(graph).has_edge("0oaChat", "wlp1")


def test_a_service_account_leads_to_its_user_and_owners_lead_to_it():
    graph = graph_of(ACCOUNT, User(id="00uBot"), User(id="00uAnn"))
    assert set(edges_by_ends(graph, "OktaHound_ServiceAccountIs")) == {("svc1", "00uBot")}
    assert set(edges_by_ends(graph, "OktaHound_OwnsServiceAccount")) == {
        ("00uAnn", "svc1"),
        ("00gOps", "svc1"),
    }
    assert "00uBot" in nx.descendants(attack_view(graph), "00uAnn")


def test_scopes_for_agents_and_accounts():
    names = ("okta.aiAgents.manage", "okta.serviceAccounts.okta.manage")
    names += ("okta.resourceServers.mcpServers.manage", "okta.governance.resourceOwner.manage")
    vendor = ApiServiceIntegration(id="0oaV", oauth_scopes=tuple(map(OAuthScope, names)))
    found = edges_by_ends(graph_of(vendor, AGENT, ACCOUNT, TOOLS, scopes=True), MANAGES)
    assert {(start.split("@")[0], end) for start, end in found} == {
        ("okta.aiAgents.manage", "wlp1"),
        ("okta.governance.resourceOwner.manage", "wlp1"),
        ("okta.resourceServers.mcpServers.manage", "ems1"),
        ("okta.serviceAccounts.okta.manage", "svc1"),
    }
    assert edges_by_ends(graph_of(vendor, AGENT, ACCOUNT), MANAGES) == {}


def test_agents_servers_and_service_accounts_are_ranked_among_machines():
    rows = (AGENT, SERVER, TOOLS, ACCOUNT, User(id="00uBot"))
    rows += (connection(authorization_server_id="aus1"), connection(id="mcn2", resource_id="ems1"))
    rows += (connection(id="mcn3", principal_id="ems1", authorization_server_id="aus1"),)
    ranking = riskiest(snapshot_of(*rows), of="machines")
    assert {"wlp1", "ems1", "svc1"} <= {each.node for each in ranking}


WORKLOADS = [AgentKey, AiAgentOwners, DelegationLink, ResourceConnection, ServiceAccount]


def collected(org: SimulatedOrg) -> oktahound.Snapshot:
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport, retry_budget=0) as client:
        return oktahound.collect(client, only=WORKLOADS, trust_boundaries=True)


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
def test_an_org_without_the_feature_leaves_a_gap(fault, reason):
    org = SimulatedOrg(seed=1, users=20)
    for path in (AGENTS_PATH, ACCOUNTS_PATH, OWNERS_PATH, SERVERS_PATH):
        org.fail(f"GET {path}", times=None, **fault)
    snapshot = collected(org)
    assert {gap.entity: gap.reason for gap in snapshot.gaps if gap.reason is not GapReason.PARENT} == {
        "AiAgent": reason,
        "AiAgentOwners": reason,
        "McpServer": reason,
        "ServiceAccount": reason,
    }
    assert not snapshot.is_whole(AiAgent)
    graph = build_graph(snapshot, trust_boundaries=True)
    assert "AiAgent" in graph.graph["unsure"]["agent_connects_to"]


def test_servers_without_a_client_are_not_taken_as_unconnected_if_the_listing_shows_no_client_at_all():
    org = SimulatedOrg.empty()
    org.add_mcp_server("Tools")
    missing = {gap.entity for gap in collected(org).gaps}
    assert "DelegationLink" in missing
    assert {request.path for request in org.requests} & {
        f"/workload-principals/api/v1/mcp-servers/{server}/connections" for server in org.world["mcp_servers"]
    }
    org.add_mcp_server("Orders", client=True)
    assert collected(org).gaps == ()


def test_agents_are_read_page_by_page():
    org = SimulatedOrg.empty(page_size=2)
    names = [f"Agent {number}" for number in range(5)]
    server, ann, ops = (
        org.add_authorization_server("Orders"),
        org.add_user("ann@contoso.com"),
        org.add_group("Ops"),
    )
    agents = [org.add_ai_agent(name, servers=[server], owners=[ann, ops], keys=1) for name in names]
    callers = [org.add_app("oidc_client", label=f"Caller {number}") for number in range(3)]
    for caller in callers:
        org.add_delegation_link(caller, agents[0])
    tools = org.add_mcp_server("Tools", client=True)
    org.add_delegation_link(agents[1], tools)
    org.connect_workload(tools, server=server)
    snapshot = collected(org)
    assert snapshot.gaps == ()
    assert sorted(agent.name for agent in snapshot.ai_agents) == names
    assert {row.authorization_server_id for row in snapshot.resource_connections} == {server}
    assert {row.id: (row.user_ids, row.group_ids) for row in snapshot.ai_agent_owners} == dict.fromkeys(
        agents, ((ann,), (ops,))
    )
    assert sorted(key.agent_id for key in snapshot.agent_keys) == sorted(agents)
    links = {(link.client_id, link.target_id) for link in snapshot.delegation_links}
    assert links == {*((caller, agents[0]) for caller in callers), (agents[1], tools)}


def test_an_org_without_delegation_links_leaves_a_gap_for_each_agent():
    org = SimulatedOrg.empty()
    agents = {org.add_ai_agent("Helper"), org.add_ai_agent("Other")}
    org.fail("GET /workload-principals/api/v1/delegation-links", times=None, status=404)
    snapshot = collected(org)
    assert {(gap.entity, gap.reason) for gap in snapshot.gaps} == {("DelegationLink", GapReason.NOT_LICENSED)}
    assert {gap.parent for gap in snapshot.gaps} == agents


def test_delegation_links_of_an_agent_without_a_resource_name_are_not_read():
    org = SimulatedOrg.empty()
    agent = org.add_ai_agent("Helper")
    org.world["ai_agents"].change(agent, lambda document: document["_links"].pop("delegationLinks"))
    snapshot = collected(org)
    (gap,) = snapshot.gaps
    assert (gap.entity, gap.reason, gap.parent) == ("DelegationLink", GapReason.PARENT, agent)
    assert not snapshot.is_whole(DelegationLink)
    assert "DelegationLink" in build_graph(snapshot, trust_boundaries=True).graph["unsure"]["delegates_to"]
