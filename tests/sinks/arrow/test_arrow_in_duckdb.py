"""DuckDB reads the files and finds the same paths as networkx."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import networkx as nx
from example_counts import examples
from hypothesis import given
from properties.orgs import orgs

from oktahound import Snapshot, attack_view, build_graph
from oktahound.sinks import arrow

WHO_CAN_REACH_A_SUPER_ADMIN = """
    WITH RECURSIVE reaching(id) AS (
        SELECT src FROM edges WHERE kind = 'Okta_SuperAdmin' AND traversable AND active
        UNION
        SELECT edges.src FROM edges JOIN reaching ON edges.dst = reaching.id
        WHERE edges.traversable AND edges.active
    )
    SELECT id FROM reaching
"""


def by_networkx(graph: nx.MultiDiGraph) -> set[str]:
    view = attack_view(graph)
    admins = {start for start, _, kind in view.edges(keys=True) if kind == "Okta_SuperAdmin"}
    return admins.union(*(nx.ancestors(view, admin) for admin in admins))


def by_duckdb(nodes: Any, edges: Any) -> set[str]:
    with duckdb.connect() as database:
        database.register("nodes", nodes)
        database.register("edges", edges)
        return {row[0] for row in database.execute(WHO_CAN_REACH_A_SUPER_ADMIN).fetchall()}


def test_the_same_people_reach_a_super_admin_in_the_files(snapshot: Snapshot, tmp_path: Path):
    nodes, edges = arrow.write_parquet(snapshot, tmp_path)
    expected = by_networkx(build_graph(snapshot))
    assert len(expected) > 3
    with duckdb.connect() as database:
        database.execute(f"CREATE VIEW nodes AS FROM '{nodes}'; CREATE VIEW edges AS FROM '{edges}'")
        found = {row[0] for row in database.execute(WHO_CAN_REACH_A_SUPER_ADMIN).fetchall()}
    assert found == expected


@examples(4)
@given(org=orgs())
def test_the_same_people_reach_a_super_admin_in_any_org(org: Snapshot):
    found = arrow.tables(org)
    assert by_duckdb(found.nodes, found.edges) == by_networkx(build_graph(org))


def test_every_edge_joins_two_nodes(snapshot: Snapshot, tmp_path: Path):
    nodes, edges = arrow.write_parquet(snapshot, tmp_path)
    with duckdb.connect() as database:
        loose = database.execute(f"FROM '{edges}' ANTI JOIN '{nodes}' AS nodes ON src = nodes.id").fetchall()
        count = database.execute(f"SELECT count(*), count(DISTINCT id) FROM '{nodes}'").fetchone()
    assert loose == []
    assert count == (build_graph(snapshot).number_of_nodes(),) * 2


def test_columns_have_types_for_sql(snapshot: Snapshot, tmp_path: Path):
    nodes, edges = arrow.write_parquet(snapshot, tmp_path)
    graph = build_graph(snapshot)
    with duckdb.connect() as database:
        old = database.execute(
            f"SELECT id FROM '{nodes}' WHERE enabled AND created::TIMESTAMP < '2026-01-01'::TIMESTAMP"
        ).fetchall()
        readers = database.execute(
            f"SELECT id FROM '{nodes}' WHERE list_contains(oauthScopes, 'okta.users.read')"
        ).fetchall()
        modes = database.execute(f"SELECT DISTINCT properties->>'mode' FROM '{edges}'").fetchall()
    about = graph.nodes.data()
    assert {row[0] for row in old} == {
        node for node, said in about if said.get("enabled") and said.get("created", "9") < "2026"
    }
    assert {row[0] for row in readers} == {
        node for node, said in about if "okta.users.read" in said.get("oauthScopes", ())
    }
    assert {row[0] for row in modes} == {said.get("mode") for _, _, said in graph.edges(data=True)}
