"""A compact graph equals the ordinary graph: in networkx, when pickled, and when copied."""

from __future__ import annotations

import copy
import pickle

import networkx as nx
import pytest
from example_counts import examples
from handwritten import tiers
from handwritten.orgs import snapshot_of
from hypothesis import given
from properties.losses import with_losses
from properties.orgs import orgs

import oktahound.graph.compact.build
from oktahound import attack_view, build_graph
from oktahound.errors import ConfigurationError, KindError
from oktahound.graph import compact_graph


def same(one: nx.MultiDiGraph, other: nx.MultiDiGraph) -> bool:
    return nx.utils.graphs_equal(one, other) and one.graph == other.graph


@given(orgs().flatmap(with_losses))
@examples(4)
def test_it_is_equal_to_the_graph_of_networkx(org):
    for options in ({}, {"permissions": "targets", "scopes": True, "trust_boundaries": True}):
        expected = build_graph(org, **options)
        for compact in (compact_graph(org, **options), compact_graph(expected)):
            assert same(compact, expected)
            assert same(attack_view(compact), attack_view(expected))
            assert compact.number_of_edges() == expected.number_of_edges()
            assert list(compact) == sorted(expected)
            for node, attributes in compact.nodes(data=True):
                assert dict(attributes) == expected.nodes[node]
                assert len(attributes) == len(expected.nodes[node])
                assert all(attributes.get(name) == value for name, value in attributes.items())
                assert "no such property" not in attributes
                with pytest.raises(KeyError):
                    attributes["no such property"]


@pytest.fixture
def compact(org):
    return compact_graph(org)


@pytest.fixture
def org():
    return snapshot_of(*tiers.ORG)


def test_functions_of_networkx_accept_it(org, compact):
    expected, root = build_graph(org), org.organization.id
    assert nx.descendants(compact, root) == nx.descendants(expected, root)
    assert dict(compact.degree()) == dict(expected.degree())
    assert sorted(compact.in_edges(root, keys=True)) == sorted(expected.in_edges(root, keys=True))
    assert same(compact.reverse(), expected.reverse())
    part = sorted(expected)[:4]
    assert same(compact.subgraph(part), expected.subgraph(part))


def test_it_is_read_only_and_copies_are_not(org, compact):
    copied = compact.copy()
    copied.add_edge("a", "b", "Okta_MemberOf")
    copied.nodes[org.organization.id]["name"] = "renamed"
    assert copied.arrays is None
    assert same(compact, build_graph(org))
    with pytest.raises(nx.NetworkXError, match="Frozen"):
        compact.add_edge("a", "b", "Okta_MemberOf")
    start, end, kind = next(iter(compact.edges(keys=True)))
    for change in (
        lambda: compact.edges[start, end, kind].update(active=False),
        lambda: compact.edges[start, end, kind].__setitem__("active", False),
        compact.edges[start, end, kind].clear,
    ):
        with pytest.raises(ConfigurationError, match="copy"):
            change()
    with pytest.raises(TypeError):
        compact.nodes[org.organization.id]["name"] = "renamed"


def test_it_can_be_pickled_and_deeply_copied(org, compact):
    assert same(pickle.loads(pickle.dumps(compact)), build_graph(org))
    assert same(copy.deepcopy(compact), build_graph(org))


def test_a_compact_graph_is_not_converted_again(compact):
    assert compact_graph(compact) is compact
    assert same(attack_view(attack_view(compact)), attack_view(compact))


def test_it_does_not_follow_changes_of_the_original_graph():
    graph = nx.MultiDiGraph(organization="a")
    graph.add_node("a", kind="Okta_Organization")
    graph.add_edge("a", "b", "Elsewhere_Controls", weight=1, tags=["x"])
    graph.add_edge("a", "b", "Okta_AddMember", active=True)
    graph.add_edge("b", "a", "Okta_AddMember", active=1)
    compact, before = compact_graph(graph), graph.copy()
    graph.edges["a", "b", "Okta_AddMember"]["active"] = False
    graph.nodes["a"]["kind"] = "Okta_User"
    graph.remove_node("b")
    assert same(compact, before)
    assert sorted(attack_view(compact).edges) == [("a", "b", "Okta_AddMember"), ("b", "a", "Okta_AddMember")]
    assert compact.edges["a", "b", "Okta_AddMember"]["active"] is True
    assert compact.edges["b", "a", "Okta_AddMember"]["active"] == 1


def test_an_empty_graph_is_accepted():
    compact = compact_graph(nx.MultiDiGraph())
    assert same(compact, nx.MultiDiGraph())
    assert attack_view(compact).number_of_edges() == 0


def test_keys_that_are_not_text_are_refused():
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", 0)
    with pytest.raises(KindError, match="not the name of a kind: 0"):
        compact_graph(graph)
    graph.clear_edges()
    graph.add_node(7)
    with pytest.raises(KindError, match="node 7 is not a string"):
        compact_graph(graph)


def test_options_of_build_graph_are_refused_for_a_built_graph(org):
    with pytest.raises(ConfigurationError, match="apply to a snapshot only"):
        compact_graph(build_graph(org), scopes=True)
    with pytest.raises(ConfigurationError, match="permissions="):
        compact_graph(org, permissions="all")
    with pytest.raises(ConfigurationError, match="needs a Snapshot"):
        compact_graph(object())


def test_without_numpy_it_names_what_to_install(org, monkeypatch):
    monkeypatch.setattr(oktahound.graph.compact.build, "has_numpy", lambda: False)
    with pytest.raises(ConfigurationError, match=r"oktahound\[compact\]"):
        compact_graph(org)
