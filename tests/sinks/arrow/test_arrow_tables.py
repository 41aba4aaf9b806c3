"""Arrow tables and Parquet files contain the complete graph, with the same columns for every org."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import networkx as nx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from example_counts import examples
from handwritten.orgs import content, snapshot_of
from hypothesis import given
from hypothesis import strategies as st
from properties.orgs import orgs

from oktahound import Snapshot, User, build_graph
from oktahound.entities import ENTITIES, derived_of, fields_of
from oktahound.errors import ConfigurationError, KindError
from oktahound.graph import EDGE_KINDS, EdgeRow, GraphRows, NodeRow, graph_rows
from oktahound.sinks import arrow
from oktahound.sinks.columns import _DERIVED, NODE_PROPERTIES

forms = st.sampled_from(["edges", "targets"])
WITH_ENDS = "Okta_MemberOf"


def graph_of(rows: Iterable[NodeRow | EdgeRow]) -> tuple[dict, dict]:
    nodes, edges = {}, {}
    for row in rows:
        if isinstance(row, NodeRow):
            nodes[row.id] = {"kind": row.kind, **row.attributes}
        else:
            edges[row.start, row.end, row.kind.name] = dict(row.attributes)
    return nodes, edges


def a_graph(node: dict[str, Any], edge: dict[str, Any]) -> nx.MultiDiGraph:
    """Return a graph of two nodes and an edge, with attributes that Okta does not have."""
    graph = nx.MultiDiGraph()
    for name in ("a", "b"):
        graph.add_node(name)
        graph.nodes[name].update(node, kind="Okta_User")
    graph.add_edge("a", "b", WITH_ENDS)
    graph.edges["a", "b", WITH_ENDS].update(edge)
    return graph


def back(graph: nx.MultiDiGraph) -> tuple[dict, dict]:
    return graph_of(arrow.rows_of(arrow.tables(graph)))


@examples(4)
@given(org=orgs(), form=forms, scopes=st.booleans())
def test_every_attribute_of_every_org_is_read_back(org: Snapshot, form: Any, scopes: bool):
    drawn: Any = {"permissions": form, "scopes": scopes}
    found = arrow.tables(org, **drawn)
    nodes, edges, about = content(build_graph(org, **drawn))
    assert graph_of(arrow.rows_of(found)) == (nodes, edges)
    assert arrow.rows_of(found).about == json.loads(json.dumps(about))
    assert graph_of(arrow.rows_of(arrow.tables(build_graph(org, **drawn)))) == (nodes, edges)


def test_files_hold_the_tables(snapshot: Snapshot, tmp_path: Path):
    folder = tmp_path / "new" / "folder"
    assert arrow.write_parquet(snapshot, folder) == (folder / "nodes.parquet", folder / "edges.parquet")
    read, made = arrow.read_parquet(folder), arrow.tables(snapshot)
    assert read.nodes.equals(made.nodes, check_metadata=True)
    assert read.edges.equals(made.edges, check_metadata=True)
    assert graph_of(arrow.rows_of(read)) == content(build_graph(snapshot))[:2]


def test_columns_are_the_same_for_every_org(snapshot: Snapshot):
    empty, full = arrow.tables(snapshot_of()), arrow.tables(snapshot, scopes=True)
    for found in (empty, full):
        assert found.nodes.schema.equals(arrow.NODE_SCHEMA)
        assert found.edges.schema.equals(arrow.EDGE_SCHEMA)
    assert empty.nodes.num_rows > 0
    assert arrow.EDGE_SCHEMA.names[:5] == ["src", "dst", "kind", "traversable", "active"]
    assert arrow.NODE_SCHEMA.names[:2] == ["id", "kind"]
    never_null = [field.name for field in (*arrow.NODE_SCHEMA, *arrow.EDGE_SCHEMA) if not field.nullable]
    assert never_null == ["id", "kind", "src", "dst", "kind", "traversable", "active"]


def test_no_two_columns_differ_by_letter_case_only():
    for schema in (arrow.NODE_SCHEMA, arrow.EDGE_SCHEMA):  # for SQL they would be one
        assert len({name.casefold() for name in schema.names}) == len(schema.names)


def test_every_declared_property_has_its_column_and_its_type(snapshot: Snapshot):
    declared = {field.prop for cls in ENTITIES if cls.KIND for field in fields_of(cls) if field.prop}
    declared |= {each.name for cls in ENTITIES if cls.KIND for each in derived_of(cls)}
    assert declared <= set(NODE_PROPERTIES)
    assert set(_DERIVED) <= {each.name for cls in ENTITIES if cls.KIND for each in derived_of(cls)}
    assert arrow.NODE_SCHEMA.field("login").type == pa.string()
    assert arrow.NODE_SCHEMA.field("created").type == pa.string()
    assert arrow.NODE_SCHEMA.field("oauthScopes").type.equals(pa.list_(pa.field("element", pa.string())))
    assert arrow.NODE_SCHEMA.field("authenticationFactors").type == pa.int64()
    assert arrow.NODE_SCHEMA.field("enabled").type == pa.bool_()


@examples(4)
@given(org=orgs())
def test_properties_of_nodes_of_the_org_are_in_columns(org: Snapshot):
    for node in arrow.tables(org, scopes=True).nodes.to_pylist():
        assert node["properties"] is None or node["foreign"], node


def test_edges_have_traversable_and_active(snapshot: Snapshot):
    for edge in arrow.tables(snapshot).edges.to_pylist():
        assert edge["traversable"] is EDGE_KINDS[edge["kind"]].traversable
        assert edge["active"] is (edge["inactiveReason"] is None)
    inactive = a_graph({}, {"active": False, "inactiveReason": "the user is SUSPENDED"})
    (edge,) = arrow.tables(inactive).edges.to_pylist()
    assert (edge["active"], edge["inactiveReason"]) == (False, "the user is SUSPENDED")
    assert edge["properties"] is None


@pytest.mark.parametrize(
    "odd",
    [
        {"login": 7},
        {"enabled": "yes"},
        {"authenticationFactors": 2**63},
        {"authenticationFactors": True},
        {"oauthScopes": ["a", 1]},
        {"oauthScopes": "a"},
        {"id": "somebody else"},
        {"properties": {"deep": [None, 1.5, {"x": []}]}},
        {"login": None},
        {"mine": [], "yours": {}, "": ""},
        {"oauthScopes": [], "login": ""},
        {"active": True},
        {"active": "no"},
        {"src": "x", "dst": "y", "traversable": False},
        {"inactiveReason": 3, "assumption": None},
        {"huge": 10**30},
    ],
    ids=str,
)
def test_values_that_do_not_fit_their_column_are_stored_as_json(odd: dict[str, Any]):
    graph = a_graph(odd, odd)
    assert back(graph) == content(graph)[:2]


def test_text_with_lone_surrogates_is_escaped():
    half = "\ud83d name"
    graph = nx.MultiDiGraph()
    graph.add_node(half, kind="Okta_User", login=half, oauthScopes=[half], mine={half: half})
    graph.add_node("b", kind="Okta_Group")
    graph.add_edge(half, "b", WITH_ENDS, assumption=half)
    said = "\\ud83d name"
    assert back(graph) == (
        {
            said: {"kind": "Okta_User", "login": said, "oauthScopes": [said], "mine": {said: said}},
            "b": {"kind": "Okta_Group"},
        },
        {(said, "b", WITH_ENDS): {"assumption": said}},
    )


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_batches_are_as_long_as_requested_and_lose_nothing(size: int, snapshot: Snapshot):
    found = list(arrow.batches(snapshot, size=size))
    whole = arrow.tables(snapshot)
    for name, table, schema in (
        ("nodes", whole.nodes, arrow.NODE_SCHEMA),
        ("edges", whole.edges, arrow.EDGE_SCHEMA),
    ):
        rows = [batch.rows for batch in found if batch.table == name]
        assert {each.num_rows for each in rows[:-1]} <= {size}
        assert 0 < rows[-1].num_rows <= size
        assert pa.Table.from_batches(rows, schema).equals(table)


def test_existing_rows_are_accepted(snapshot: Snapshot):
    rows = graph_rows(snapshot, scopes=True)
    assert graph_of(arrow.rows_of(arrow.tables(rows))) == content(build_graph(snapshot, scopes=True))[:2]
    with pytest.raises(ConfigurationError, match="scopes"):
        arrow.tables(rows, scopes=True)


def test_rows_are_streamed():
    taken = 0

    def walk():
        nonlocal taken
        while True:
            taken += 1
            yield NodeRow(str(taken), "Okta_User", {})

    first = next(arrow.batches(GraphRows(dict, walk), size=10))
    assert (first.rows.num_rows, taken) == (10, 10)


@pytest.mark.parametrize("size", [0, -1, 1.5, True, None])
def test_an_invalid_batch_size_is_refused(size: Any):
    with pytest.raises(ConfigurationError, match="size"):
        arrow.batches(nx.MultiDiGraph(), size=size)


def test_files_are_private_and_nothing_else_is_left(tmp_path: Path, snapshot: Snapshot):
    before = os.umask(0)
    try:
        arrow.write_parquet(snapshot, tmp_path)
    finally:
        os.umask(before)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["edges.parquet", "nodes.parquet"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_files_of_an_earlier_run_stay_until_the_new_ones_are_complete(tmp_path: Path):
    arrow.write_parquet(snapshot_of(User(id="00u1")), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    broken = nx.MultiDiGraph()
    broken.add_node("a", kind="Okta_User")
    broken.add_edge("a", "a", "Elsewhere_Knows")
    with pytest.raises(KindError):
        arrow.write_parquet(broken, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    arrow.write_parquet(snapshot_of(), tmp_path)
    assert before != {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_files_contain_gaps_and_withheld_rules(tmp_path: Path):
    partial = snapshot_of(User(id="00u1"), asked=frozenset({"User"}))
    nodes, _ = arrow.write_parquet(partial, tmp_path)
    about = json.loads(pq.read_schema(nodes).metadata[b"oktahound"])
    assert about == json.loads(json.dumps(build_graph(partial).graph))
    assert "Group" in about["notAsked"]
