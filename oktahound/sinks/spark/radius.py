"""Reachability from and to a node in Spark: blast radius and who can reach a node, with explained paths."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from oktahound.entities import Entity
from oktahound.errors import ConfigurationError
from oktahound.graph import EDGE_KINDS
from oktahound.graph.grants import TARGET_SET
from oktahound.sinks.spark.search import SearchResult, search
from oktahound.sinks.spark.session import checkpoint, has_checkpoint_folder
from oktahound.sinks.spark.tables import SparkGraph, node_key
from oktahound.snapshot.display import printable

if TYPE_CHECKING:
    from pyspark.sql import DataFrame  # pyright: ignore[reportMissingImports]

__all__ = ["SparkRadius", "blast_radius", "who_can_reach"]

_STEPS_PER_PLAN = 8
"""Number of path steps that one query plan computes. Spark takes long to optimize plans with more joins."""

# A path without an assumption is preferred to a shorter one with an assumption.
_NODES = f"""
    SELECT b.node, n.kind, coalesce(n.name, b.node) AS name, b.best.steps, NOT b.best.assume AS certain
    FROM (SELECT node, min(struct(assume, steps)) AS best FROM {{links}} WHERE steps > 0 GROUP BY node) b
    JOIN {{nodes}} n ON n.id = b.node
    WHERE n.kind <> '{TARGET_SET}'
"""  # noqa: S608 - a constant

_WALK = """
    SELECT n.*, n.node AS here,
        CAST(array() AS ARRAY<STRUCT<start STRING, kind STRING, `end` STRING, assumption STRING>>) AS edges
    FROM {nodes} n {join}
"""

# One step back from each node, along the search that found it. A complete path does not change.
_BACK = """
    SELECT w.node, w.kind, w.name, w.steps, w.certain, coalesce(l.came_from, w.here) AS here,
        if(l.came_from IS NULL, w.edges, concat({edges})) AS edges
    FROM {{walk}} w LEFT JOIN {{links}} l ON w.here = l.node AND l.assume <> w.certain
"""
_STEP = "array(struct({start} AS start, l.kind AS kind, {end} AS `end`, l.assumption AS assumption))"

_PATHS = """
    SELECT node, kind, name, steps,
        concat(edges[0].start, array_join(transform(edges, e -> concat(' -[', e.kind, ']-> ', e.`end`)), ''))
            AS path,
        array_distinct(filter(transform(edges, e -> e.assumption), a -> a <> '')) AS assumptions,
        edges
    FROM {walk}
"""

_STEPS = """
    SELECT p.node, p.position + 1 AS step, p.edge.start, p.edge.kind, p.edge.`end`, k.why, k.abuse, k.cut,
        p.edge.assumption
    FROM (SELECT node, posexplode(edges) AS (position, edge) FROM {paths}) p
    JOIN {kinds} k ON k.kind = p.edge.kind
"""

_CUT_OFF = """
    SELECT i.id, i.name FROM {nodes} i LEFT JOIN {reached} r ON i.id = r.node
    WHERE i.kind = 'Okta_ApiServiceIntegration' AND size(i.oauthScopes) > 0
        AND :backwards = (r.node IS NULL AND i.id <> :node)
    ORDER BY i.id LIMIT 1
"""


def blast_radius(
    graph: SparkGraph, node: str | Entity, *, max_steps: int | None = None, reliable: bool = False
) -> SparkRadius:
    """Find everything that an attacker who controls a node can reach.

    The result equals that of `oktahound.analysis.blast_radius`. The search proceeds level by level. The rows
    of each level are computed once and stored, so that the plans of later levels do not grow.

    Args:
        graph: a graph of `read_graph`, written with ``scopes=True``.
        node: a node id, the entity of the node, or the exact name of the node if no other node has it.
        max_steps: maximum number of steps of a path; no limit if None.
        reliable: store each level in the checkpoint folder of the session (``spark.checkpoint.dir``), which
            survives the loss of an executor. Otherwise executors store it, in memory or on their disks.

    Raises:
        ConfigurationError: the graph has no such node, or several; `max_steps` is not a whole number of 1 or
            more; `reliable` is set and the session has no checkpoint folder; or the result depends on OAuth
            scopes, but the graph was written without them.
    """
    return _radius(graph, node, max_steps=max_steps, reliable=reliable, backwards=False)


def who_can_reach(
    graph: SparkGraph, node: str | Entity, *, max_steps: int | None = None, reliable: bool = False
) -> SparkRadius:
    """Find every node from which an attacker can reach a node: `blast_radius` in the opposite direction.

    Arguments and errors are those of `blast_radius`.
    """
    return _radius(graph, node, max_steps=max_steps, reliable=reliable, backwards=True)


@attrs.frozen(kw_only=True, repr=False, eq=False, slots=False)
class SparkRadius:
    """The nodes that a node reaches, or that reach it, with one shortest path each, as DataFrames.

    If a node can be reached without an assumption, its path is the shortest one without an assumption. Among
    paths of the same length, the one with the smallest node ids is used. Paths are computed on request.

    Attributes:
        graph: the graph.
        node: the id of the node.
        backwards: True if these are the nodes that reach the node.
        found: the result of the search: number of nodes, greatest number of steps, and whether it is
            complete.
    """

    graph: SparkGraph
    node: str
    backwards: bool
    found: SearchResult

    @cached_property
    def nodes(self) -> DataFrame:
        """All nodes that the node reaches, or that reach it, without the node itself and target sets.

        Columns: ``node`` (id), ``kind``, ``name``, ``steps`` (of the path), ``certain`` (true if the path has
        no assumption).
        """
        return self.graph.session.sql(_NODES, links=self.found.links, nodes=self.graph.nodes)

    @property
    def complete(self) -> bool:
        """True if the search found all nodes; False if `max_steps` ended it."""
        return self.found.complete

    def paths(self, nodes: DataFrame | None = None) -> DataFrame:
        """Return one shortest path for each node, as in `oktahound.analysis.Radius.to_dataframe`.

        Args:
            nodes: a DataFrame with node ids in a column ``node``, such as a part of the attribute `nodes`;
                all nodes if None. Ids of other nodes have no row.

        Returns:
            Columns: ``node``, ``kind``, ``name``, ``steps``, ``path`` (text), ``assumptions`` (each once),
            and ``edges``: an array of structs ``start``, ``kind``, ``end``, ``assumption``, in the order in
            which an attacker uses them.

        Raises:
            ConfigurationError: `nodes` has no column ``node``.
        """
        sql = self.graph.session.sql
        tables, join = {"nodes": self.nodes}, ""
        if nodes is not None:
            if "node" not in nodes.columns:
                raise ConfigurationError("the DataFrame nodes= needs a column 'node' with node ids")
            tables["chosen"] = nodes.select("node")
            join = "LEFT SEMI JOIN {chosen} c ON n.node = c.node"
        walk = sql(_WALK.replace("{join}", join), None, **tables)
        back = self._backtrack_query()
        for step in range(self.found.steps):
            if step % _STEPS_PER_PLAN == 0:
                walk = checkpoint(walk)
            walk = sql(back, walk=walk, links=self.found.links)
        return sql(_PATHS, walk=walk)

    def _backtrack_query(self) -> str:
        if self.backwards:
            return _BACK.format(edges=f"w.edges, {_STEP.format(start='w.here', end='l.came_from')}")
        return _BACK.format(edges=f"{_STEP.format(start='l.came_from', end='w.here')}, w.edges")

    def steps(self, nodes: DataFrame | None = None) -> DataFrame:
        """Return one row for each step of the paths, with its explanation.

        Args:
            nodes: as in `paths`.

        Returns:
            Columns: ``node`` (the node that the path belongs to), ``step`` (from 1), ``start``, ``kind``,
            ``end``, ``why`` (why the edge is traversable), ``abuse`` (how an attacker uses it), ``cut`` (how
            an administrator removes it), and ``assumption``, null if there is none.

        Raises:
            ConfigurationError: `nodes` has no column ``node``.
        """
        session = self.graph.session
        rows = [(kind.name, kind.why, kind.abuse, kind.cut) for kind in EDGE_KINDS.values()]
        kinds = session.createDataFrame(rows, "kind STRING, why STRING, abuse STRING, cut STRING")
        return session.sql(_STEPS, paths=self.paths(nodes), kinds=kinds.hint("broadcast"))

    def __repr__(self) -> str:
        verb = "is reached by" if self.backwards else "reaches"
        counts = f"{self.found.count} nodes in at most {self.found.steps} steps"
        limit = "" if self.complete else "; ended at max_steps"
        return f"<SparkRadius: {printable(self.node)} {verb} {counts}{limit}>"


def _radius(
    graph: SparkGraph, node: str | Entity, *, max_steps: int | None, reliable: bool, backwards: bool
) -> SparkRadius:
    given: object = graph
    if not isinstance(given, SparkGraph):
        raise ConfigurationError(f"graph must be a SparkGraph of read_graph, not {type(given).__name__}")
    if max_steps is not None and (
        isinstance(max_steps, bool) or not isinstance(max_steps, int) or max_steps < 1
    ):
        raise ConfigurationError(f"max_steps must be a whole number of 1 or more, not {max_steps!r}")
    if reliable and not has_checkpoint_folder(graph.session):
        raise ConfigurationError(
            "reliable=True needs a folder for checkpoints: set spark.checkpoint.dir, or call "
            "SparkContext.setCheckpointDir"
        )
    key = node_key(graph, node)
    found = search(graph, key, backwards=backwards, max_steps=max_steps, reliable=reliable)
    radius = SparkRadius(graph=graph, node=key, backwards=backwards, found=found)
    _require_scopes(radius)
    return radius


def _require_scopes(radius: SparkRadius) -> None:
    """Check that the result does not depend on scopes if the graph was written without them."""
    graph = radius.graph
    if graph.has_scopes:
        return
    # Control of the organization includes control of everything in it, independent of scopes.
    if not (radius.backwards or radius.nodes.where("kind = 'Okta_Organization'").isEmpty()):
        return
    arguments = {"backwards": radius.backwards, "node": radius.node}
    rows = graph.session.sql(_CUT_OFF, args=arguments, nodes=graph.nodes, reached=radius.nodes).collect()
    if rows:
        raise ConfigurationError(
            f"the result depends on the OAuth scopes of {printable(str(rows[0]['name']))!r} "
            f"({printable(rows[0]['id'])}), but the tables were written without scopes. Write them with "
            "write_parquet(snapshot, folder, scopes=True)"
        )
