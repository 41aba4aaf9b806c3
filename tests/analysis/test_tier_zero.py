"""Tier zero and choke points: against oracles that try every edge, and on orgs with known answers."""

from __future__ import annotations

import json

import networkx as nx
import pytest
from handwritten.admins import over_app
from handwritten.orgs import snapshot_of
from handwritten.tiers import ORG, SAME_TIER, graphs, is_set
from hypothesis import given

from oktahound import (
    ApiServiceIntegration,
    ApiToken,
    OAuthScope,
    OktaClient,
    attack_view,
    build_graph,
    collect,
    write_opengraph,
)
from oktahound.analysis import choke_points, tier_zero
from oktahound.entities import (
    Application,
)
from oktahound.errors import ConfigurationError
from oktahound.graph.object_ids import object_ids
from oktahound.sim import SimulatedOrg


def tier_zero_by_fixpoint(graph) -> set[str]:
    found = {"org"}
    while True:
        more = {
            start
            for start, end, kind, marks in graph.edges(keys=True, data=True)
            if end in found
            and marks.get("active", True)
            and kind in {*SAME_TIER, "Okta_SuperAdmin", "OktaHound_Covers"}
        } - found
        if not more:
            return {node for node in found if not is_set(graph, node)}
        found |= more


def reaching(graph, inside: set[str]) -> set[str]:
    """Return the objects outside tier zero that reach it, by a search from each."""
    view = attack_view(graph)
    return {
        node
        for node in graph
        if node not in inside and not is_set(graph, node) and nx.descendants(view, node) & inside
    }


@given(graphs())
def test_tier_zero_is_the_fixpoint(graph):
    assert tier_zero(graph).nodes == tier_zero_by_fixpoint(graph)


@given(graphs())
def test_every_reason_is_a_path_to_the_organization(graph):
    for each in tier_zero(graph):
        if each.node == "org":
            assert not each.path.steps
        else:
            assert (each.path.steps[0].start, each.path.steps[-1].end) == (each.node, "org")
            assert each.reason


@given(graphs())
def test_choke_points_equal_those_found_by_removing_each_edge(graph):
    inside = set(tier_zero(graph).nodes)
    before = reaching(graph, inside)
    expected = {}
    for start, end, kind in list(graph.edges(keys=True)):
        if kind == "OktaHound_Covers":
            continue
        less = graph.copy()
        less.remove_edge(start, end, kind)
        # Tier zero does not change; only the nodes that reach it do.
        cut = before - reaching(less, inside)
        if cut and start not in inside:
            expected[start, kind, end] = cut
    answer = choke_points(graph)
    assert answer.outside == before
    assert {(each.start, each.kind, each.end): set(each.nodes) for each in answer} == expected
    assert [len(each.nodes) for each in answer] == sorted((len(each.nodes) for each in answer), reverse=True)


@pytest.mark.parametrize("permissions", ["edges", "targets"])
def test_an_org_with_a_known_tier_zero(permissions):
    graph = build_graph(snapshot_of(*ORG), scopes=True, permissions=permissions)
    answer = tier_zero(graph)
    assert {each.node for each in answer if each.kind != "OktaHound_OAuthScope"} == {
        "00oOrg", "00uAnn", "00gAdmins", "00T1", "0oaIdp", "0oaTop", "ocs1", "0oaRoles",
    }  # fmt: skip
    by_node = {each.node: each for each in answer}
    assert [step.kind for step in by_node["00T1"].path.steps] == [
        "Okta_ApiTokenFor", "Okta_MemberOf", "Okta_SuperAdmin",
    ]  # fmt: skip
    assert by_node["0oaRoles"].assumptions
    assert answer[0].node == "00oOrg"


def test_the_application_administrator_is_outside_and_has_a_choke_point():
    # Without the integration that grants roles, whose secrets an application administrator can create.
    answer = choke_points(snapshot_of(*(row for row in ORG if row.id != "0oaRoles")))
    by_start = {each.start: each for each in answer}
    assert by_start["00uBob"].kind == "Okta_ReadClientSecret"
    assert by_start["00uBob"].nodes == {"00uBob"}
    assert "private key" in by_start["00uBob"].cut
    assert "Okta_ReadClientSecret" in repr(answer)
    assert "private key" in answer._repr_html_()


def test_several_scopes_together_belong_by_their_power():
    scopes = tuple(map(OAuthScope, ["okta.apps.manage", "okta.orgs.manage"]))
    answer = tier_zero(snapshot_of(ApiServiceIntegration(id="0oaV", name="V", oauth_scopes=scopes)))
    (one,) = [each for each in answer if each.node == "0oaV"]
    assert one.power is not None
    assert one.reason == one.power.sentence


def test_privilege_zone_rules_name_every_node_once():
    answer = tier_zero(snapshot_of(*ORG))
    rules = answer.privilege_zone_rules()
    values = [seed["value"] for rule in rules for seed in rule["seeds"]]
    assert sorted(values) == sorted(each.object_id for each in answer)
    assert all({"name", "description", "seeds"} == rule.keys() for rule in rules)


def test_privilege_zone_rules_select_what_the_export_writes(tmp_path):
    org = SimulatedOrg(seed=1, users=20)
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        snapshot = collect(client)
    export = write_opengraph(snapshot, tmp_path, scopes=True, own_kinds=True)
    documents = [json.loads(file.path.read_text()) for file in export.files]
    written = {node["id"] for each in documents for node in each["graph"]["nodes"]}
    written |= {
        end["value"]
        for each in documents
        for edge in each["graph"]["edges"]
        for end in (edge["start"], edge["end"])
        if end["match_by"] == "id"
    }
    rules = tier_zero(snapshot).privilege_zone_rules()
    values = {seed["value"] for rule in rules for seed in rule["seeds"]}
    assert values
    assert values <= written


def test_zone_rules_have_the_ids_of_the_export_for_ids_that_differ_by_case_or_contain_a_colon():
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(["00uA", "00ua", "a:b"], kind="Okta_User")
    graph.add_node("User(x)", kind="User", foreign=True, foreignId="s-1-5")
    graph.add_node("User(y)", kind="User", foreign=True, name="y")
    found = object_ids(graph, graph)
    assert len({*found.values()}) == 5
    assert found["00uA"].startswith("00UA~")
    assert (found["a:b"], found["User(x)"], found["User(y)"]) == ("A%3AB", "S-1-5", None)


def test_a_graph_without_scopes_is_refused():
    graph = build_graph(snapshot_of(*ORG))
    for ask in (tier_zero, choke_points):
        with pytest.raises(ConfigurationError, match=r"build_graph\(snapshot, scopes=True\)"):
            ask(graph)


def test_data_frames_have_a_row_for_each_item():
    pytest.importorskip("pandas")
    assert len(tier_zero(snapshot_of(*ORG)).to_dataframe()) == len(tier_zero(snapshot_of(*ORG)))
    answer = choke_points(snapshot_of(*(row for row in ORG if row.id != "0oaRoles")))
    assert list(answer.to_dataframe()["start"]) == [each.start for each in answer] != []


def test_edges_whose_removal_cuts_nothing_off_are_entries():
    answer = choke_points(snapshot_of(*ORG))
    assert not answer
    assert {(each.start, each.kind) for each in answer.entries} == {
        ("00uBob", "Okta_ReadClientSecret"),
        ("00uBob", "Okta_AppAdmin"),
    }


@given(graphs())
def test_without_the_entries_no_node_reaches_tier_zero(graph):
    inside = set(tier_zero(graph).nodes)
    less = graph.copy()
    less.remove_edges_from((each.start, each.end, each.kind) for each in choke_points(graph).entries)
    assert reaching(less, inside) == set()


def test_an_assignment_that_does_not_reach_the_application_is_no_choke_point():
    narrowed = (*ORG, Application(id="0oaElse", label="Else", status="ACTIVE"), over_app(ORG[3], "0oaElse"))
    assert "00uBob" not in choke_points(snapshot_of(*narrowed)).outside
