"""Breadth-first search over the attack edges, level by level, in Spark SQL.

Two searches run at the same time: one over the edges without an assumption, and one over all edges. The
column ``assume`` of a row is true if it belongs to the search over all edges.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import attrs

from oktahound.graph.grants import TARGET_SET
from oktahound.sinks.spark.session import checkpoint
from oktahound.sinks.spark.tables import SparkGraph

if TYPE_CHECKING:
    from pyspark.sql import DataFrame  # pyright: ignore[reportMissingImports]

__all__ = ["SearchResult", "search"]

_BROADCAST_ROWS = 100_000
"""Maximum number of frontier rows that Spark copies to every executor instead of shuffling the edges."""

_MAX_PIECES = 8
"""Maximum number of DataFrames of visited nodes. More are merged into one, so that plans stay small."""

# The attack edges in the direction of the search.
_EDGES = """
    SELECT e.{start} AS start, e.{end} AS `end`, e.kind, e.assumption, {is_set} AS is_set
    FROM {{edges}} e {join}
    WHERE e.traversable AND e.active
"""

_START = """
    SELECT assume, :node AS node, CAST(NULL AS STRING) AS came_from, CAST(NULL AS STRING) AS kind,
        CAST(NULL AS STRING) AS assumption, 0 AS steps, false AS is_set
    FROM VALUES (false), (true) AS searches(assume)
    WHERE NOT assume OR :assumptions
"""

# Among paths of the same length, the smallest node ids decide, and then the kind of the edge.
_LEVEL = """
    WITH reached AS (
        SELECT f.assume, e.`end` AS node, bool_or(e.is_set) AS is_set,
            min(struct(f.node, e.assumption IS NOT NULL AS assumed, e.kind, e.assumption)) AS best
        FROM {edges} e JOIN {frontier} f ON e.start = f.node
        WHERE f.assume OR e.assumption IS NULL
        GROUP BY f.assume, e.`end`
    )
    SELECT r.assume, r.node, r.best.node AS came_from, r.best.kind, r.best.assumption,
        CAST(:steps AS INT) AS steps, r.is_set
    FROM reached r LEFT ANTI JOIN {visited} v ON r.assume = v.assume AND r.node = v.node
"""

# An edge into a set and the edge out of it are one step. Its kind is that of the right over the set, and it
# has the assumptions of both edges.
_THROUGH_SETS = """
    SELECT r.assume, r.node, s.came_from, {right}.kind,
        nullif(array_join(array_distinct(array_compact(
            array({right}.assumption, {covers}.assumption))), '; '), '') AS assumption,
        r.steps, r.is_set
    FROM {{reached}} r JOIN {{sets}} s ON r.assume = s.assume AND r.came_from = s.node
"""


@attrs.frozen(kw_only=True)
class SearchResult:
    """The result of a search.

    Attributes:
        links: one row for each node and each search that reached it: ``assume``, ``node``, ``came_from``,
            ``kind`` and ``assumption`` of the edge, ``steps`` from the start, and ``is_set``.
        count: the number of reached nodes, without the start and without sets.
        steps: the greatest number of steps to a node.
        complete: False if the search ended at its limit.
    """

    links: DataFrame
    count: int
    steps: int
    complete: bool


def search(
    graph: SparkGraph, node: str, *, backwards: bool, max_steps: int | None = None, reliable: bool = False
) -> SearchResult:
    """Find all nodes that a node reaches, or that reach it.

    Args:
        graph: the graph.
        node: the id of the node at which the search starts.
        backwards: follow edges against their direction.
        max_steps: maximum number of steps of a path.
        reliable: whether each level is stored in the checkpoint folder of the session.
    """
    edges = _attack_edges(graph, backwards=backwards).persist()
    try:
        return _Search(graph, edges, backwards=backwards, reliable=reliable).run(node, max_steps)
    finally:
        edges.unpersist()


def _attack_edges(graph: SparkGraph, *, backwards: bool) -> DataFrame:
    start, end = ("dst", "src") if backwards else ("src", "dst")
    if graph.has_target_sets:
        sets = graph.nodes.where(f"kind = '{TARGET_SET}'").select("id")
        query = _EDGES.format(
            start=start, end=end, is_set="s.id IS NOT NULL", join=f"LEFT JOIN {{sets}} s ON e.{end} = s.id"
        )
        return graph.session.sql(query, edges=graph.edges, sets=sets)
    return graph.session.sql(_EDGES.format(start=start, end=end, is_set="false", join=""), edges=graph.edges)


class _Search:
    def __init__(self, graph: SparkGraph, edges: DataFrame, *, backwards: bool, reliable: bool) -> None:
        self._session = graph.session
        self._edges = edges
        self._backwards = backwards
        self._reliable = reliable
        self._pieces: list[DataFrame] = []

    def run(self, node: str, max_steps: int | None) -> SearchResult:
        assumptions = not self._edges.where("assumption IS NOT NULL").isEmpty()
        start = self._session.sql(_START, args={"node": node, "assumptions": assumptions})
        frontier, width = self._checkpointed(start), 2
        count, steps = 0, 0
        while width and steps != max_steps:
            level = self._checkpointed(self._level(frontier, width, steps + 1))
            objects, sets, reached = _counts(level, assumptions)
            frontier, width = level.where("NOT is_set"), objects
            if sets:
                through = self._checkpointed(self._through(level.where("is_set"), sets, steps + 1))
                objects, _, more = _counts(through, assumptions)
                frontier, width, reached = frontier.unionByName(through), width + objects, reached + more
            steps += bool(width)
            count += reached
        return SearchResult(links=self._visited(), count=count, steps=steps, complete=not width)

    def _level(self, frontier: DataFrame, width: int, steps: int) -> DataFrame:
        if width <= _BROADCAST_ROWS:
            frontier = frontier.hint("broadcast")
        return self._session.sql(
            _LEVEL,
            args={"steps": steps},
            edges=self._edges,
            frontier=frontier,
            visited=self._visited(),
        )

    def _through(self, sets: DataFrame, width: int, steps: int) -> DataFrame:
        right, covers = ("r", "s") if self._backwards else ("s", "r")
        query = _THROUGH_SETS.format(right=right, covers=covers)
        return self._session.sql(query, reached=self._level(sets, width, steps), sets=sets)

    def _visited(self) -> DataFrame:
        if len(self._pieces) > _MAX_PIECES:
            self._pieces = [checkpoint(reduce(_union, self._pieces), reliable=self._reliable)]
        return reduce(_union, self._pieces)

    def _checkpointed(self, rows: DataFrame) -> DataFrame:
        """Compute rows once, add them to the visited nodes, and end their lineage."""
        kept = checkpoint(rows, reliable=self._reliable)
        self._pieces.append(kept)
        return kept


def _union(first: DataFrame, second: DataFrame) -> DataFrame:
    return first.unionByName(second)


def _counts(rows: DataFrame, assumptions: bool) -> tuple[int, int, int]:
    """Count the rows of objects, the rows of sets, and the objects that the search over all edges reached."""
    groups = rows.groupBy("is_set", "assume").count().collect()
    objects = {row["assume"]: row["count"] for row in groups if not row["is_set"]}
    sets = sum(row["count"] for row in groups if row["is_set"])
    return sum(objects.values()), sets, objects.get(assumptions, 0)
