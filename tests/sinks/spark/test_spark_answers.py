"""Spark finds the nodes and the paths that the analysis of the networkx graph finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from example_counts import examples
from hypothesis import given
from hypothesis import strategies as st
from properties.orgs import orgs

from oktahound import ApiToken, OktaClient, Snapshot, analysis, attack_view, build_graph, collect
from oktahound.graph import EDGE_KINDS
from oktahound.graph.grants import TARGET_SET
from oktahound.sim import SimulatedOrg
from oktahound.sinks import spark
from oktahound.sinks.arrow import write_parquet
from oktahound.snapshot.display import spelled_out

COLUMNS = ["node", "kind", "name", "steps", "path", "assumptions"]


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    org = SimulatedOrg(seed=1, users=200)
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport) as client:
        return collect(client)


@pytest.fixture(scope="module")
def graph(snapshot: Snapshot) -> nx.MultiDiGraph[str]:
    return build_graph(snapshot, scopes=True, permissions="targets")


@pytest.fixture(scope="module")
def tables(snapshot: Snapshot, session: Any, tmp_path_factory: pytest.TempPathFactory) -> spark.SparkGraph:
    folder = tmp_path_factory.mktemp("tables")
    write_parquet(snapshot, folder, scopes=True, permissions="targets", rows_per_file=400)
    return spark.read_graph(folder, session)


def rows(radius: spark.SparkRadius) -> list[tuple[Any, ...]]:
    found = [tuple(row) for row in radius.paths().select(COLUMNS).collect()]
    return sorted((*row[:4], spelled_out(row[4]), row[5]) for row in found)


def expected(radius: analysis.Radius) -> list[tuple[Any, ...]]:
    found = radius.to_dataframe()[COLUMNS].itertuples(index=False, name=None)
    # Spark's texts have the keys of nodes, because names are in another table.
    return sorted((*row[:4], radius.path(row[0]).to_text(ids=True), row[5]) for row in found)


def widest(graph: nx.MultiDiGraph[str], *, backwards: bool) -> str:
    """Return the node with the largest radius, so that the comparison is not empty."""
    view = attack_view(graph)
    around = nx.ancestors if backwards else nx.descendants
    objects = [node for node, kind in graph.nodes(data="kind") if kind != TARGET_SET]
    return max(sorted(objects), key=lambda node: len(around(view, node)))


@examples(2, reuse_fixtures=True)
@given(org=orgs(), form=st.sampled_from(["edges", "targets"]), backwards=st.booleans())
def test_paths_equal_those_of_the_analysis_in_any_org(
    org: Snapshot, form: Any, backwards: bool, session: Any, tmp_path: Path
) -> None:
    graph = build_graph(org, scopes=True, permissions=form)
    write_parquet(org, tmp_path, scopes=True, permissions=form, rows_per_file=50)
    node = widest(graph, backwards=backwards)
    name = "who_can_reach" if backwards else "blast_radius"
    found = getattr(spark, name)(spark.read_graph(tmp_path, session), node)
    assert rows(found) == expected(getattr(analysis, name)(graph, node))
    assert found.complete


def test_nodes_equal_those_that_networkx_reaches(
    graph: nx.MultiDiGraph[str], tables: spark.SparkGraph, snapshot: Snapshot
) -> None:
    view = attack_view(graph)
    organization = snapshot.organization
    found = spark.who_can_reach(tables, organization)
    kinds = graph.nodes(data="kind")
    objects = {node for node in nx.ancestors(view, organization.id) if kinds[node] != TARGET_SET}
    listed = found.nodes.collect()
    assert len(objects) > 5
    assert {row["node"] for row in listed} == objects
    assert found.found.count == len(listed) == len(objects)
    assert found.found.steps == max(row["steps"] for row in listed)
    certain = analysis.who_can_reach(graph, organization).certain
    assert {row["node"] for row in listed if row["certain"]} == certain != objects


def test_a_limit_on_steps_keeps_the_paths_up_to_it(
    graph: nx.MultiDiGraph[str], tables: spark.SparkGraph
) -> None:
    node = widest(graph, backwards=True)
    near = spark.who_can_reach(tables, node, max_steps=1)
    assert not near.complete
    assert "ended at max_steps" in repr(near)
    view, kinds = attack_view(graph), graph.nodes(data="kind")
    sets = {each for each in view.predecessors(node) if kinds[each] == TARGET_SET}
    expected = {each for each in view.predecessors(node) if each not in sets}
    expected |= {holder for each in sets for holder in view.predecessors(each)}
    assert {row["node"] for row in near.nodes.collect()} == expected - {node}
    assert near.found.steps == 1


def test_steps_explain_the_paths_of_chosen_nodes(
    graph: nx.MultiDiGraph[str], tables: spark.SparkGraph
) -> None:
    node = widest(graph, backwards=False)
    found, radius = spark.blast_radius(tables, node), analysis.blast_radius(graph, node)
    wanted = [max(radius.nodes, key=lambda each: (len(radius.path(each)), each)), min(radius.nodes)]
    chosen = found.nodes.where(found.nodes["node"].isin(wanted))
    collected = found.steps(chosen).orderBy("node", "step").collect()
    steps = [(each, step) for each in sorted(wanted) for step in radius.path(each).steps]
    assert [(row["node"], row["start"], row["kind"], row["end"], row["assumption"]) for row in collected] == [
        (each, step.start, step.kind, step.end, step.assumption) for each, step in steps
    ]
    for row in collected:
        kind = EDGE_KINDS[row["kind"]]
        assert (row["why"], row["abuse"], row["cut"]) == (kind.why, kind.abuse, kind.cut)
    assert sorted(row["node"] for row in found.paths(chosen).collect()) == sorted(wanted)
