"""Tables in Spark: both layouts, the metadata, how a node is named, and errors."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from handwritten.orgs import snapshot_of

from oktahound import ApiServiceIntegration, OAuthScope, User, build_graph
from oktahound.entities import AdminAssignee
from oktahound.errors import ConfigurationError
from oktahound.sinks import arrow, spark
from oktahound.sinks.arrow import write_parquet

ANN, NAMESAKE = User(id="00u1", login="ann", display_name="Ann"), User(id="00u2", login="ann")


def chain(length: int) -> nx.MultiDiGraph[str]:
    """Return a chain of users, each of whom reaches the next."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(organization="00o1", scopes=False)
    for number in range(length + 1):
        graph.add_node(f"00u{number:03}", kind="Okta_User")
    for start, end in pairwise(sorted(graph)):
        graph.add_edge(start, end, "Okta_ResetPassword")
    return graph


@pytest.fixture(scope="module")
def people(session: Any, tmp_path_factory: pytest.TempPathFactory) -> spark.SparkGraph:
    folder = tmp_path_factory.mktemp("people")
    write_parquet(snapshot_of(ANN, NAMESAKE), folder)
    return spark.read_graph(folder, session)


@pytest.mark.parametrize("rows_per_file", [None, 1], ids=["one file", "part files"])
def test_both_layouts_are_read(session: Any, tmp_path: Path, rows_per_file: int | None) -> None:
    org = snapshot_of(ANN, NAMESAKE)
    write_parquet(org, tmp_path, rows_per_file=rows_per_file)
    found = spark.read_graph(str(tmp_path), session)
    expected = arrow.tables(org)
    for table, whole in ((found.nodes, expected.nodes), (found.edges, expected.edges)):
        assert table.columns == whole.schema.names
        assert sorted(map(str, (row.asDict() for row in table.collect()))) == sorted(
            map(str, whole.to_pylist())
        )
    assert found.about == json.loads(json.dumps(build_graph(org).graph))
    assert {"id"} <= set(found.nodes.columns)  # as GraphFrames wants them
    assert {"src", "dst"} <= set(found.edges.columns)


def test_a_path_may_need_more_steps_than_one_plan_holds(session: Any, tmp_path: Path) -> None:
    length = 12
    write_parquet(chain(length), tmp_path)
    found = spark.blast_radius(spark.read_graph(tmp_path, session), "00u000")
    assert (found.found.count, found.found.steps, found.complete) == (length, length, True)
    (last,) = found.paths(found.nodes.where("node = '00u012'")).collect()
    assert [edge["end"] for edge in last["edges"]] == [f"00u{number:03}" for number in range(1, length + 1)]


def test_a_node_is_found_by_its_id_its_entity_or_its_name(people: spark.SparkGraph) -> None:
    for node in ("00u1", ANN, "Ann"):
        assert spark.blast_radius(people, node, max_steps=1).node == "00u1"


@pytest.mark.parametrize(
    ("node", "message"),
    [
        ("ann", r"several nodes are named 'ann': 00u1 \(Okta_User\), 00u2 \(Okta_User\)"),
        ("nobody", "the graph has no node with the id or name 'nobody'"),
        ("' OR true --", "the graph has no node with"),
        (User(id="00u9"), "the graph has no node with the id or name '00u9'"),
        (AdminAssignee(id="00u1"), "a AdminAssignee has no node"),
        (7, "node must be a node id, an entity or a name, not int"),
    ],
    ids=str,
)
def test_an_unknown_node_is_an_error(people: spark.SparkGraph, node: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        spark.who_can_reach(people, node)


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, "2"])
def test_a_limit_that_cannot_work_is_an_error(people: spark.SparkGraph, limit: Any) -> None:
    with pytest.raises(ConfigurationError, match="max_steps must be a whole number of 1 or more"):
        spark.blast_radius(people, "00u1", max_steps=limit)


def test_reliable_checkpoints_need_a_folder(people: spark.SparkGraph, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"spark\.checkpoint\.dir"):
        spark.blast_radius(people, "00u1", reliable=True)
    write_parquet(chain(2), tmp_path / "tables")
    graph = spark.read_graph(tmp_path / "tables", people.session)
    people.session.sparkContext.setCheckpointDir(str(tmp_path / "kept"))
    assert spark.blast_radius(graph, "00u000", reliable=True).found.count == 2
    assert list((tmp_path / "kept").rglob("part-*"))


def test_tables_without_scopes_are_refused_if_the_answer_depends_on_them(
    session: Any, tmp_path: Path
) -> None:
    vendor = ApiServiceIntegration(
        id="0oaVendor1", name="Vendor", oauth_scopes=(OAuthScope("okta.users.manage"),)
    )
    org = snapshot_of(ANN, vendor)
    write_parquet(org, tmp_path / "without")
    write_parquet(org, tmp_path / "with", scopes=True)
    without = spark.read_graph(tmp_path / "without", session)
    for ask, node in ((spark.blast_radius, vendor), (spark.who_can_reach, "00u1")):
        with pytest.raises(ConfigurationError, match=r"OAuth scopes of 'Vendor' \(0oaVendor1\)"):
            ask(without, node)
    assert spark.blast_radius(without, "00u1").found.count == 0
    radius = spark.who_can_reach(spark.read_graph(tmp_path / "with", session), "00u1")
    assert "0oaVendor1" in {row["node"] for row in radius.nodes.collect()}


def test_folders_without_tables_are_errors(session: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot read .*nodes\.parquet: .*PATH_NOT_FOUND"):
        spark.read_graph(tmp_path, session)
    nodes, _ = write_parquet(snapshot_of(ANN), tmp_path)
    nodes.replace(tmp_path / "edges.parquet")
    write_parquet(snapshot_of(ANN), tmp_path / "other")[0].replace(nodes)
    with pytest.raises(
        ConfigurationError, match=r"edges\.parquet has no columns src, dst, traversable, active"
    ):
        spark.read_graph(tmp_path, session)


@pytest.mark.parametrize("given", ["", None, 3])
def test_a_folder_is_a_path_or_text(session: Any, given: Any) -> None:
    with pytest.raises(ConfigurationError, match="folder must be a path, or a path or URL as text"):
        spark.read_graph(given, session)


def test_arguments_of_other_types_are_errors(people: spark.SparkGraph, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="session must be a SparkSession, not str"):
        spark.read_graph(tmp_path, "local[2]")  # type: ignore[arg-type]
    with pytest.raises(
        ConfigurationError, match="graph must be a SparkGraph of read_graph, not MultiDiGraph"
    ):
        spark.blast_radius(chain(1), "00u000")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="needs a column 'node'"):
        spark.blast_radius(people, "00u1").paths(people.nodes)
