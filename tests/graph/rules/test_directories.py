"""Agents, agent pools, and their directories."""

from __future__ import annotations

import networkx as nx
import pytest
from handwritten.admins import edges_by_ends, gap, graph_of

from oktahound import attack_view
from oktahound.entities import Agent, AgentPool, Application

AD = Application(id="0oaAd", app_type="active_directory")


def test_an_agent_leads_through_its_pool_to_the_directory():
    graph = graph_of(AD, AgentPool(id="0oaAd", type="AD"), Agent(id="a53", pool_id="0oaAd"))
    assert edges_by_ends(graph, "Okta_AgentMemberOf") == {("a53", "0oaAd_pool"): {}}
    assert edges_by_ends(graph, "Okta_AgentPoolFor") == {("0oaAd_pool", "0oaAd"): {}}
    assert nx.has_path(attack_view(graph), "a53", "0oaAd")


def test_the_directory_of_a_pool_need_not_have_been_read():
    graph = graph_of(AgentPool(id="xyz", type="AD"))
    assert set(edges_by_ends(graph, "Okta_AgentPoolFor")) == {("xyz_pool", "xyz")}
    assert (graph.nodes["xyz"]["kind"], graph.nodes["xyz"]["collected"]) == ("Okta_Application", False)


@pytest.mark.parametrize(
    ("type_", "collected", "serves"),
    [
        ("AD", True, True),
        ("ad", False, True),
        ("LDAP", True, True),
        ("LDAP", False, False),
        ("Radius", True, False),
        ("RADIUS", True, False),
        ("IWA", True, False),
        ("OPP", True, False),
        (None, True, False),
    ],
)
def test_which_pools_serve_an_application(type_, collected, serves):
    apps = [Application(id="0oaDir")] if collected else []
    graph = graph_of(AgentPool(id="0oaDir", type=type_), *apps)
    assert set(edges_by_ends(graph, "Okta_AgentPoolFor")) == (
        {("0oaDir_pool", "0oaDir")} if serves else set()
    )


def test_an_agent_whose_pool_was_not_kept_is_a_member_of_a_placeholder():
    graph = graph_of(Agent(id="a53", pool_id="0oaAd"))
    assert set(edges_by_ends(graph, "Okta_AgentMemberOf")) == {("a53", "0oaAd_pool")}
    assert graph.nodes["0oaAd_pool"]["kind"] == "Okta_AgentPool"


@pytest.mark.parametrize("status", ["OPERATIONAL", "DEGRADED", "DISRUPTED", None])
def test_agents_with_problems_count(status):
    pool = AgentPool(id="0oaAd", type="AD", operational_status=status)
    graph = graph_of(AD, pool, Agent(id="a53", pool_id="0oaAd", operational_status=status))
    assert edges_by_ends(graph, "Okta_AgentMemberOf") == {("a53", "0oaAd_pool"): {}}
    assert edges_by_ends(graph, "Okta_AgentPoolFor") == {("0oaAd_pool", "0oaAd"): {}}


def test_an_agent_out_of_operation_has_an_inactive_edge():
    inactive = Agent(id="a53", pool_id="0oaAd", operational_status="INACTIVE")
    graph = graph_of(AD, AgentPool(id="0oaAd", type="AD"), inactive)
    assert edges_by_ends(graph, "Okta_AgentMemberOf") == {
        ("a53", "0oaAd_pool"): {"active": False, "inactiveReason": "the agent is INACTIVE"}
    }
    assert edges_by_ends(graph, "Okta_AgentPoolFor") == {("0oaAd_pool", "0oaAd"): {}}


def test_a_pool_out_of_operation_has_an_inactive_edge():
    pool = AgentPool(id="0oaAd", type="AD", operational_status="INACTIVE")
    graph = graph_of(AD, pool, Agent(id="a53", pool_id="0oaAd"))
    inactive = {"active": False, "inactiveReason": "the agent pool is INACTIVE"}
    assert edges_by_ends(graph, "Okta_AgentMemberOf") == {("a53", "0oaAd_pool"): inactive}
    assert edges_by_ends(graph, "Okta_AgentPoolFor") == {("0oaAd_pool", "0oaAd"): inactive}


@pytest.mark.parametrize(
    ("cls", "rules"),
    [
        (AgentPool, {"agent_member_of", "agent_pool_for"}),
        (Agent, {"agent_member_of"}),
        (Application, {"agent_pool_for"}),
    ],
)
def test_directories_are_unsure_if_their_ends_have_gaps(cls, rules):
    unsure = graph_of(gaps=(gap(cls),)).graph["unsure"]
    assert {"agent_member_of", "agent_pool_for"} & set(unsure) == rules
