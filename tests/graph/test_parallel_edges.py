"""A graph that stores its edges in less memory behaves like a graph of networkx."""

from __future__ import annotations

import copy
import json
import pickle

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oktahound.graph import OktaGraph
from oktahound.graph.parallel_edges import ParallelEdges

NODES = st.sampled_from(["a", "b", "c"])
KEYS = st.sampled_from(["Okta_MemberOf", "Okta_AddMember", None, 0, 1, True])
ATTRIBUTES = st.sampled_from([{}, {}, {"active": False}, {"mode": "x", "weight": 2}])
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("add_edge"), NODES, NODES, KEYS, ATTRIBUTES),
        st.tuples(st.just("remove_edge"), NODES, NODES, KEYS),
        st.tuples(st.just("mark"), NODES, NODES, KEYS),
        st.tuples(st.just("remove_node"), NODES),
        st.tuples(st.just("copy")),
    ),
    max_size=12,
)


def change(graph: nx.MultiDiGraph, how: str, *what) -> tuple[nx.MultiDiGraph, object]:
    """The graph after the change, and what the method returned or raised."""
    if how == "copy":
        return graph.copy(), None
    try:
        if how == "add_edge":
            start, end, key, attributes = what
            return graph, graph.add_edge(start, end, key, **attributes)
        if how == "mark":
            graph.edges[what]["marked"] = True
            return graph, None
        return graph, getattr(graph, how)(*what)
    except (nx.NetworkXError, KeyError) as error:
        return graph, type(error)


@given(CHANGES)
def test_every_change_has_the_effect_that_it_has_on_a_graph_of_networkx(changes):
    ours, theirs = OktaGraph(), nx.MultiDiGraph()
    for each in changes:
        ours, found = change(ours, *each)
        theirs, expected = change(theirs, *each)
        assert found == expected
        assert ours.number_of_edges() == theirs.number_of_edges()
    for listing in (
        lambda graph: list(graph.edges(keys=True, data=True)),
        lambda graph: list(graph.in_edges(keys=True, data="mode", default="none")),
        lambda graph: list(graph.edges),
        lambda graph: sorted(graph.degree(), key=str),
        nx.to_dict_of_dicts,
        lambda graph: nx.node_link_data(graph, edges="edges"),
        lambda graph: {pair: graph.get_edge_data(*pair) for pair in graph.edges()},
        lambda graph: dict(nx.all_pairs_shortest_path_length(graph)),
    ):
        assert repr(listing(ours)) == repr(listing(theirs))
    for again in (
        copy.deepcopy(ours),
        pickle.loads(pickle.dumps(ours)),
        nx.MultiDiGraph(ours),
        OktaGraph(theirs),
    ):
        assert nx.utils.graphs_equal(again, theirs)
    assert nx.utils.graphs_equal(nx.MultiGraph(ours), nx.MultiGraph(theirs))
    assert nx.utils.graphs_equal(ours.reverse(), theirs.reverse())
    assert nx.utils.graphs_equal(ours.to_undirected(), theirs.to_undirected())
    assert nx.utils.graphs_equal(ours.subgraph("ab"), theirs.subgraph("ab"))


def test_attributes_are_shared_until_they_are_read():
    shared = {"active": False}
    one, other = ParallelEdges(), ParallelEdges()
    for each in (one, other):
        each.put("Okta_MemberOf", {})
        each.put("Okta_AddMember", shared)
    assert one.kinds is other.kinds
    one["Okta_AddMember"]["active"] = True
    one["Okta_MemberOf"]["mode"] = "x"
    assert one == {"Okta_MemberOf": {"mode": "x"}, "Okta_AddMember": {"active": True}}
    assert other == {"Okta_MemberOf": {}, "Okta_AddMember": {"active": False}}
    assert shared == {"active": False}


def test_attributes_can_be_replaced_before_and_after_they_are_read():
    for read in (False, True):
        edges = ParallelEdges()
        edges.put("a", {})
        edges.put("b", {"mode": "x"})
        if read:
            list(edges.values())
        edges.put("a", {"mode": "y"})
        edges.put("b", {})
        edges.put("c", {})
        assert dict(edges) == {"a": {"mode": "y"}, "b": {}, "c": {}}
        assert edges.peek("a") == {"mode": "y"}
        assert edges.peek("d") is None


def test_it_has_the_methods_of_a_dict():
    edges = ParallelEdges()
    with pytest.raises(KeyError):
        edges.popitem()
    with pytest.raises(KeyError):
        edges["a"]
    with pytest.raises(KeyError):
        del edges["a"]
    with pytest.raises(TypeError):
        edges[[]] = {}
    edges["a"] = {"mode": "x"}
    edges["b"] = {}
    edges["a"] = {"mode": "y"}
    assert repr(edges) == "{'a': {'mode': 'y'}, 'b': {}}"
    assert edges.copy() == dict(edges)
    assert edges.get("c", 7) == 7
    assert edges.popitem() == ("b", {})
    assert list(edges.items()) == [("a", {"mode": "y"})]


def test_the_edges_between_two_nodes_can_be_written_as_json():
    graph = OktaGraph()
    graph.add_edge("a", "b", "Okta_AddMember", active=False)
    assert json.loads(json.dumps(graph.get_edge_data("a", "b"))) == {"Okta_AddMember": {"active": False}}
    graph.get_edge_data("a", "b")["Okta_AddMember"]["active"] = True
    assert graph.edges["a", "b", "Okta_AddMember"] == {"active": True}
    assert graph.get_edge_data("b", "a", default="none") == "none"
