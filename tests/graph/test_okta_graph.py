"""The graph class: like networkx's, except for its text and HTML."""

from __future__ import annotations

import copy
import pickle

import networkx as nx
from handwritten.orgs import snapshot_of

from oktahound import Gap, GapReason, User, attack_view, build_graph
from oktahound.graph import OktaGraph

GAP = Gap(
    entity="RoleAssignment", reason=GapReason.FORBIDDEN, request="GET /api/v1/users/{id}/roles", status=403
)


def test_the_display_names_the_organization() -> None:
    graph = build_graph(snapshot_of(User(id="00u1", login="ann@contoso.com"), gaps=(GAP,)))
    assert type(graph) is OktaGraph
    lines = repr(graph).splitlines()
    assert lines[0].startswith("<graph of contoso.okta.com, read 2026-06-01T12:00:00.000Z: ")
    assert lines[1] == "  1 gaps in the snapshot"
    assert "withheld" in repr(graph)
    assert "contoso.okta.com" in graph._repr_html_()


def test_copies_and_views_are_of_the_same_class() -> None:
    graph = build_graph(snapshot_of(User(id="00u1")))
    pickled = pickle.loads(pickle.dumps(graph))
    copies = (graph.copy(), copy.deepcopy(graph), pickled)
    views = (graph.subgraph(["00u1"]), attack_view(graph), nx.reverse_view(graph))
    assert {type(each) for each in (*copies, *views)} == {OktaGraph}
    assert nx.utils.graphs_equal(pickled, graph)
    assert repr(attack_view(graph)).startswith("<view of a graph of contoso.okta.com")


def test_the_display_escapes_hostile_names() -> None:
    graph = OktaGraph(oktaDomain="<script>\x1b", gaps=[{}], withheld={"<b>": []})
    graph.add_node("x", kind="<i>")
    assert "<script>" not in graph._repr_html_()
    assert "<i>" not in graph._repr_html_()
    assert "\x1b" not in repr(graph)


def test_a_graph_without_attributes_has_a_display() -> None:
    assert repr(OktaGraph()) == "<graph of an organization: 0 nodes, 0 edges>"
