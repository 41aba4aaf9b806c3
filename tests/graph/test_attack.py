"""The attack view equals a filter that networkx applies to each edge."""

from __future__ import annotations

import copy
import pickle

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oktahound import attack_view
from oktahound.graph import EDGE_KINDS

KINDS = [*sorted(EDGE_KINDS), "Elsewhere_Controls"]
ATTRIBUTES = st.sampled_from(
    [{}, {}, {"active": False, "inactiveReason": "off"}, {"active": True}, {"mode": "x"}, {"assumption": "y"}]
)


@st.composite
def graphs(draw: st.DrawFn) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph(organization="00o1")
    nodes = [f"00u{number}" for number in range(draw(st.integers(0, 6)))]
    graph.add_nodes_from(nodes, kind="Okta_User")
    if nodes:
        ends = st.sampled_from(nodes)
        for start, end, kind, properties in draw(
            st.lists(st.tuples(ends, ends, st.sampled_from(KINDS), ATTRIBUTES), max_size=25)
        ):
            graph.add_edge(start, end, kind, **properties)
    return graph


def filtered(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """Return the same view with the filter of networkx."""

    def is_usable(start: str, end: str, kind: str) -> bool:
        known = EDGE_KINDS.get(kind)
        return known is not None and known.traversable and graph.edges[start, end, kind].get("active", True)

    return nx.subgraph_view(graph, filter_edge=is_usable)


def listed(edges: object) -> list:
    return sorted((repr(each) for each in edges), key=str)


@given(graphs())
def test_it_equals_a_filter_of_networkx(graph):
    view, expected = attack_view(graph), filtered(graph)
    assert isinstance(view, nx.MultiDiGraph)
    assert nx.utils.graphs_equal(view, expected)
    assert list(view.nodes(data=True)) == list(expected.nodes(data=True))
    assert view.graph == expected.graph
    assert view.number_of_edges() == expected.number_of_edges()
    for each in ("edges", "in_edges"):
        edges = getattr(view, each)
        assert listed(edges(keys=True, data=True)) == listed(getattr(expected, each)(keys=True, data=True))
    for each in ("degree", "in_degree", "out_degree"):
        assert dict(getattr(view, each)()) == dict(getattr(expected, each)())
    for start in graph:
        assert list(view.successors(start)) == list(expected.successors(start))
        assert list(view.predecessors(start)) == list(expected.predecessors(start))
        assert len(view[start]) == len(list(view[start]))
        assert nx.descendants(view, start) == nx.descendants(expected, start)
        for end in graph:
            # Without a key, networkx 3.4 counts two nodes as connected whose edges are all filtered out.
            connected = any(expected.has_edge(start, end, kind) for kind in KINDS)
            assert view.has_edge(start, end) is connected
            assert view.number_of_edges(start, end) == expected.number_of_edges(start, end)
            for kind in KINDS:
                assert view.has_edge(start, end, kind) is expected.has_edge(start, end, kind)
    assert nx.utils.graphs_equal(view.copy(), expected.copy())
    assert nx.utils.graphs_equal(view.reverse(), expected.reverse())
    assert nx.utils.graphs_equal(
        nx.MultiDiGraph(view.to_undirected()), nx.MultiDiGraph(expected.to_undirected())
    )


def mixed() -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", "Okta_AddMember")
    graph.add_edge("a", "b", "Okta_CreatorOf")
    graph.add_edge("b", "c", "Okta_SecretOf")
    return graph


def test_only_the_usable_of_several_edges_between_two_nodes_are_in_it():
    assert sorted(attack_view(mixed()).edges(keys=True)) == [
        ("a", "b", "Okta_AddMember"),
        ("b", "c", "Okta_SecretOf"),
    ]


def test_it_follows_changes_of_the_graph():
    graph = mixed()
    view = attack_view(graph)
    assert nx.has_path(view, "a", "c")
    graph.edges["b", "c", "Okta_SecretOf"]["active"] = False
    assert not nx.has_path(view, "a", "c")
    graph.add_edge("a", "c", "Okta_AddMember")
    assert nx.has_path(view, "a", "c")
    graph.remove_node("c")
    assert "c" not in view


def test_it_is_read_only():
    view = attack_view(mixed())
    assert nx.is_frozen(view)
    for change in (
        lambda: view.add_edge("b", "a", "Okta_AddMember"),
        lambda: view.remove_edge("a", "b"),
        lambda: view.add_node("d"),
        lambda: view.remove_node("a"),
        view.clear,
        view.clear_edges,
    ):
        with pytest.raises(nx.NetworkXError, match="Frozen"):
            change()
    with pytest.raises(TypeError):
        view.adj["a"]["b"]["Okta_CreatorOf"] = {}
    with pytest.raises(TypeError):
        view.adj["a"]["c"] = {}


def test_a_copy_can_be_changed_and_holds_only_the_usable_edges():
    graph = mixed()
    copied = attack_view(graph).copy()
    copied.add_edge("c", "a", "Okta_AddMember")
    assert not graph.has_edge("c", "a")
    assert not copied.has_edge("a", "b", "Okta_CreatorOf")


@pytest.mark.parametrize("again", [lambda view: pickle.loads(pickle.dumps(view)), copy.deepcopy])
def test_it_can_be_pickled_and_copied_deeply(again):
    view = attack_view(mixed())
    copied = again(view)
    assert nx.utils.graphs_equal(copied, view)
    assert nx.is_frozen(copied)
    assert not copied.has_edge("a", "b", "Okta_CreatorOf")
    assert list(copied.pred["b"]) == ["a"]


def test_a_subgraph_of_the_view_is_the_view_of_a_subgraph():
    graph = mixed()
    part = attack_view(graph.subgraph(["a", "b"]))
    assert list(part.edges(keys=True)) == [("a", "b", "Okta_AddMember")]
    assert nx.utils.graphs_equal(part, attack_view(graph).subgraph(["a", "b"]))


def test_a_backend_of_networkx_keeps_no_copy_of_it():
    assert attack_view(mixed()).__networkx_cache__ is None


def test_its_repr_shows_the_usable_edges():
    view = attack_view(mixed())
    assert repr(view.adj["a"]) == "AdjacencyView({'b': {'Okta_AddMember': {}}})"
    assert repr(view.pred["c"]) == "AdjacencyView({'b': {'Okta_SecretOf': {}}})"
    assert (
        repr(view._adj) == "{'a': {'b': {'Okta_AddMember': {}}}, 'b': {'c': {'Okta_SecretOf': {}}}, 'c': {}}"
    )
