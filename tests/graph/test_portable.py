"""Round trips of a graph through networkx and other formats, and the copy that other graph tools can take."""

from __future__ import annotations

import copy
import io
import json
import pickle
import tempfile
import warnings
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from handwritten.orgs import snapshot_of
from hypothesis import given
from hypothesis import strategies as st
from properties.orgs import orgs

from oktahound import Snapshot, User, attack_view, build_graph
from oktahound.entities import Group, GroupMembership
from oktahound.errors import ConfigurationError, KindError
from oktahound.graph import GraphRows, NodeRow, graph_rows, portable
from oktahound.sinks import write_opengraph
from oktahound.sinks.arrow import read_parquet, rows_of, write_parquet
from oktahound.sinks.samples import SAMPLES

ANN_IN_A_GROUP = snapshot_of(
    User(id="00uAnn", login="ann@contoso.com", status="SUSPENDED"),
    Group(id="00g1", name="Everyone"),
    GroupMembership(id="00uAnn", group_id="00g1"),
)


def same(one: nx.MultiDiGraph, other: nx.MultiDiGraph) -> bool:
    return bool(
        dict(one.nodes(data=True)) == dict(other.nodes(data=True))
        and {key[:3]: key[3] for key in one.edges(keys=True, data=True)}
        == {key[:3]: key[3] for key in other.edges(keys=True, data=True)}
        and one.graph == other.graph
    )


def through_node_link(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    text = json.dumps(nx.node_link_data(graph, edges="edges"))
    return nx.node_link_graph(json.loads(text), edges="edges")


def through_adjacency(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    return nx.adjacency_graph(json.loads(json.dumps(nx.adjacency_data(graph))))


def through_numbers(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    numbered = nx.convert_node_labels_to_integers(graph, label_attribute="was")
    names = nx.get_node_attributes(numbered, "was")
    back = nx.relabel_nodes(numbered, names)
    for _, attributes in back.nodes(data=True):
        del attributes["was"]
    return back


def through_other_names(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    names = {node: f"x{node}" for node in graph}
    return nx.relabel_nodes(nx.relabel_nodes(graph, names), {new: old for old, new in names.items()})


ROUND_TRIPS = {
    "node-link JSON": through_node_link,
    "adjacency JSON": through_adjacency,
    "pickle": lambda graph: pickle.loads(pickle.dumps(graph)),
    "deepcopy": copy.deepcopy,
    "copy": lambda graph: graph.copy(),
    "relabelled": through_other_names,
    "integers": through_numbers,
    "compose": lambda graph: nx.compose(graph, nx.MultiDiGraph()),
    "rows": lambda graph: graph_rows(graph).to_networkx(),
}


@given(orgs())
def test_a_round_trip_preserves_the_graph(org: Snapshot) -> None:
    graph = build_graph(org)
    assert [name for name, way in ROUND_TRIPS.items() if not same(way(graph), graph)] == []
    assert same(graph_rows(org).to_networkx(), graph)


@given(orgs())
def test_a_graph_read_from_json_is_exported_completely(org: Snapshot) -> None:
    graph = build_graph(org)
    with tempfile.TemporaryDirectory() as folder:
        before = write_opengraph(graph, folder)
        after = write_opengraph(through_node_link(graph), folder)
    assert (after.nodes, after.edges, after.left_out) == (before.nodes, before.edges, before.left_out)


@given(orgs())
def test_a_round_trip_through_parquet_preserves_the_graph(org: Snapshot) -> None:
    graph = build_graph(org)
    with tempfile.TemporaryDirectory() as folder:
        write_parquet(graph, folder)
        assert same(rows_of(read_parquet(folder)).to_networkx(), graph)


@given(orgs())
def test_an_attack_view_can_be_pickled_and_copied(org: Snapshot) -> None:
    view = attack_view(build_graph(org))
    for other in (pickle.loads(pickle.dumps(view)), copy.deepcopy(view)):
        assert set(other.edges(keys=True)) == set(view.edges(keys=True))


@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        (nx.convert_node_labels_to_integers, KindError, "is not a string"),
        (nx.DiGraph, ConfigurationError, "MultiDiGraph"),
        (nx.MultiGraph, ConfigurationError, "MultiDiGraph"),
        (portable, KindError, "unknown edge kind 0"),
    ],
    ids=["integers", "DiGraph", "undirected", "portable"],
)
def test_a_graph_without_the_data_for_a_sink_is_a_clear_error(
    changed: Any, error: type[Exception], words: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=words):
        write_opengraph(changed(build_graph(ANN_IN_A_GROUP)), tmp_path)


def sample_graph(name: str) -> nx.MultiDiGraph:
    about = {"organization": "00oOrg", "gaps": [{"entity": "User"}], "unsure": {"rule": ["User"]}}
    return GraphRows(lambda: about, lambda: iter(SAMPLES[name])).to_networkx()


def facts(graph: nx.MultiDiGraph) -> tuple[dict[Any, Any], list[Any], dict[str, Any]]:
    """Return nodes, edges without their keys, and graph attributes, as a reader returns them."""
    edges = sorted(
        (start, end, sorted((name, repr(value)) for name, value in attributes.items()))
        for start, end, attributes in graph.edges(data=True)
    )
    return dict(graph.nodes(data=True)), edges, dict(graph.graph)


def written_graphml(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    file = io.BytesIO()
    nx.write_graphml(graph, file)
    return nx.read_graphml(io.BytesIO(file.getvalue()), force_multigraph=True)


def written_gml(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    file = io.BytesIO()
    nx.write_gml(graph, file)
    return nx.read_gml(io.BytesIO(file.getvalue()))


def written_gexf(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    file = io.BytesIO()
    nx.write_gexf(graph, file)
    return nx.read_gexf(io.BytesIO(file.getvalue()))


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_sample_goes_through_graphml_and_back(sample: str) -> None:
    exported = portable(sample_graph(sample))
    nodes, edges, about = facts(written_graphml(exported))
    assert (nodes, [edge[:2] for edge in edges]) == (
        facts(exported)[0],
        [edge[:2] for edge in facts(exported)[1]],
    )
    assert about["organization"] == "00oOrg"


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("way", [written_gexf, written_gml], ids=["GEXF", "GML"])
def test_every_sample_goes_through_gexf_and_gml(sample: str, way: Any) -> None:
    exported = portable(sample_graph(sample))
    back = way(exported)
    assert set(back) == set(exported)
    assert sorted((s, e, d["kind"]) for s, e, d in back.edges(data=True)) == sorted(
        (s, e, d["kind"]) for s, e, d in exported.edges(data=True)
    )


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_sample_goes_through_the_other_writers(sample: str, tmp_path: Path) -> None:
    exported = portable(sample_graph(sample))
    assert same(through_node_link(exported), exported)
    assert same(through_adjacency(exported), exported)
    data = json.loads(json.dumps(nx.cytoscape_data(exported)))
    assert len(data["elements"]["edges"]) == exported.number_of_edges()
    nx.write_edgelist(exported, tmp_path / "edges")
    nx.write_multiline_adjlist(exported, tmp_path / "adjacency")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Pajek stores text only, and networkx warns about this
        nx.write_pajek(exported, tmp_path / "pajek")


@given(orgs())
def test_a_portable_graph_has_the_nodes_edges_and_kinds_of_the_graph(org: Snapshot) -> None:
    graph = build_graph(org)
    exported = portable(graph)
    assert {node: about["kind"] for node, about in exported.nodes(data=True)} == {
        node: about["kind"] for node, about in graph.nodes(data=True)
    }
    assert sorted((s, e, d["kind"]) for s, e, d in exported.edges(data=True)) == sorted(
        graph.edges(keys=True)
    )
    walkable = {
        (s, e, d["kind"]) for s, e, d in exported.edges(data=True) if d["traversable"] and d["active"]
    }
    assert walkable == set(attack_view(graph).edges(keys=True))
    assert len({key for _, _, key in exported.edges(keys=True)}) == exported.number_of_edges()
    nodes, edges, _ = facts(written_graphml(exported))
    assert nodes == facts(exported)[0]
    assert edges == facts(exported)[1]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)
names = st.text(max_size=5) | st.sampled_from(
    ["id", "label", "kind", "key", "source", "target", "type", "viz", "a.b", "a_b", "A_B", "active", "", "1"]
)


@given(st.dictionaries(names, json_values, max_size=6), st.dictionaries(names, json_values, max_size=6))
def test_every_writer_can_write_attributes_of_the_caller(
    on_node: dict[str, Any], on_edge: dict[str, Any]
) -> None:
    graph = build_graph(ANN_IN_A_GROUP)
    graph.nodes["00uAnn"].update({name: value for name, value in on_node.items() if name != "kind"})
    graph.edges["00uAnn", "00g1", "Okta_MemberOf"].update(on_edge)
    graph.graph["added"] = on_node
    exported = portable(graph)
    values = [value for _, about in exported.nodes(data=True) for value in about.values()]
    assert {type(value) for value in values} <= {str, int, float, bool}
    kept = {name for name, value in on_node.items() if value is not None and name != "kind"}
    assert len(exported.nodes["00uAnn"]) >= len(kept)
    for way in (written_graphml, written_gexf, written_gml, through_node_link, through_adjacency):
        back = way(exported)
        assert set(back) == set(exported)
        assert back.number_of_edges() == exported.number_of_edges()
    assert written_graphml(exported).nodes["00uAnn"] == exported.nodes["00uAnn"]


def test_reserved_and_clashing_names_are_renamed_in_a_stated_way() -> None:
    rows = [
        NodeRow("00u1", "Okta_User", {"id": "x", "settings.url": "u", "settings_url": "v", "tags": ["a"]}),
        NodeRow("00g1", "Okta_Group", {"deep": {"a": None}, "none": None, "big": 2**70, "bad": "\x00"}),
    ]
    exported = portable(GraphRows(dict, lambda: iter(rows)).to_networkx())
    assert exported.nodes["00u1"] == {
        "kind": "Okta_User",
        "id_": "x",
        "settings_url": "u",
        "settings_url_": "v",
        "tags": '["a"]',
    }
    assert exported.nodes["00g1"] == {
        "kind": "Okta_Group",
        "deep": '{"a": null}',
        "big": str(2**70),
        "bad": "\\x00",
    }


def test_edges_have_kind_traversable_and_active() -> None:
    exported = portable(build_graph(ANN_IN_A_GROUP))
    (edge,) = [about for _, _, about in exported.edges(data=True) if about["kind"] == "Okta_MemberOf"]
    assert edge == {
        "kind": "Okta_MemberOf",
        "traversable": True,
        "active": False,
        "inactiveReason": "the user is SUSPENDED",
    }


def test_nodes_whose_keys_would_collide_are_an_error() -> None:
    rows = [NodeRow("a\x00", "Okta_User", {}), NodeRow("a\\x00", "Okta_User", {})]
    with pytest.raises(KindError, match="two nodes"):
        portable(GraphRows(dict, lambda: iter(rows)).to_networkx())
