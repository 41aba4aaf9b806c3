"""The ranking of principals: against an oracle that searches from each, and on an org with a known order."""

from __future__ import annotations

import networkx as nx
import pytest
from handwritten.orgs import snapshot_of
from handwritten.tiers import ORG, graphs, is_set
from hypothesis import given

from oktahound import attack_view, build_graph
from oktahound.analysis import riskiest
from oktahound.errors import ConfigurationError


@given(graphs())
def test_counts_equal_those_of_a_search_from_each_node(graph):
    view = attack_view(graph)
    certain = nx.MultiDiGraph()
    certain.add_nodes_from(graph)
    certain.add_edges_from(
        edge[:3] for edge in view.edges(keys=True, data=True) if "assumption" not in edge[3]
    )
    answer = {each.node: each for each in riskiest(graph)}
    for node, kind in graph.nodes(data="kind"):
        reached = {each for each in nx.descendants(view, node) if not is_set(graph, each)}
        if kind != "Okta_User" or not reached:
            assert node not in answer
            continue
        each = answer[node]
        assert each.reached == len(reached)
        sure = "org" in nx.descendants(certain, node)
        assert each.organization == (("certain" if sure else "assumed") if "org" in reached else None)
        assert each.path.steps[0].start == node
        assert each.path.steps[-1].end in reached


@given(graphs())
def test_control_of_the_organization_comes_first_and_without_assumptions_before_with(graph):
    order = [{"certain": 0, "assumed": 1, None: 2}[each.organization] for each in riskiest(graph)]
    assert order == sorted(order)


def test_an_org_with_a_known_order():
    machines = riskiest(snapshot_of(*ORG), of="machines")
    assert [each.node for each in machines][:2] == ["0oaTop", "00T1"]
    assert {each.kind for each in machines} == {
        "Okta_ApiServiceIntegration",
        "Okta_Application",
        "Okta_ApiToken",
    }
    people = riskiest(snapshot_of(*ORG), of="people")
    assert [each.node for each in people] == ["00uAnn", "00uBob"]
    assert {each.node for each in riskiest(snapshot_of(*ORG))} == {each.node for each in (*machines, *people)}
    roles = next(each for each in machines if each.node == "0oaRoles")
    assert (roles.organization, len(roles.assumptions)) == ("assumed", 1)


def test_the_display_contains_the_explained_path():
    answer = riskiest(snapshot_of(*ORG))
    assert "controls the organization" in repr(answer)
    assert "Okta_SuperAdmin" in answer._repr_html_()
    (first, *_) = answer.to_rows(1)
    assert first["rank"] == 1
    assert first["path"].endswith("contoso.okta.com")
    pytest.importorskip("pandas")
    assert len(answer.to_dataframe()) == len(answer)


def test_a_graph_without_scopes_gives_an_incomplete_ranking():
    with pytest.raises(ConfigurationError, match=r"build_graph\(snapshot, scopes=True\)"):
        riskiest(build_graph(snapshot_of(*ORG)))


def test_a_group_of_principals_that_does_not_exist():
    with pytest.raises(ConfigurationError, match="'machines', 'people' or 'all'"):
        riskiest(snapshot_of(), of="robots")  # type: ignore[arg-type]
