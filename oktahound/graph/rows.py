"""A graph as a stream of rows: what every sink reads, from a networkx graph or straight from a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Unpack

import attrs
import networkx as nx

from oktahound.errors import ConfigurationError, KindError
from oktahound.graph.build import Permissions, check_permissions
from oktahound.graph.foreign import Resolve
from oktahound.graph.metadata import Running, UnmatchedEndpoints
from oktahound.graph.model import Unmatched
from oktahound.graph.optional_parts import Chosen, DrawnParts, chosen_parts
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.rules import EDGE_KINDS
from oktahound.graph.stream import NOTHING, EdgeRow, NodeRow, Row, Stream, node_row
from oktahound.snapshot import Snapshot

__all__ = ["EdgeRow", "GraphRows", "NodeRow", "graph_rows"]


@attrs.frozen(eq=False)
class GraphRows:
    """The nodes and edges of a graph, one after another. It can be walked again and again.

    Every node comes once, before its first edge; every edge (start, kind, end) comes once, with everything
    that it carries. Nothing else is promised of the order, except that nodes that were collected come before
    all edges, and that a row is not changed after it was handed over.
    """

    _about: Callable[[], Mapping[str, Any]]
    _walk: Callable[[], Iterator[Row]]

    @property
    def about(self) -> Mapping[str, Any]:
        """What the graph says of itself: ``graph.graph`` of the networkx graph.

        It is known before the rows were walked: from a snapshot, the edges that lead out of the org are
        looked through for those whose ends nobody can tell.
        """
        return self._about()

    def __iter__(self) -> Iterator[Row]:
        return self._walk()

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Build the graph of these rows, as `oktahound.build_graph` does from a snapshot."""
        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        graph.graph.update(self.about)
        for row in self:
            if isinstance(row, NodeRow):
                graph.add_node(row.id)
                graph.nodes[row.id].update({"kind": row.kind, **row.attributes})
            else:
                graph.add_edge(row.start, row.end, row.kind.name)
                graph.edges[row.start, row.end, row.kind.name].update(row.attributes)
        return graph


def graph_rows(
    graph_or_snapshot: nx.MultiDiGraph[str] | Snapshot,
    *,
    permissions: Permissions = "edges",
    resolve: Resolve | None = None,
    **parts: Unpack[DrawnParts],
) -> GraphRows:
    """The rows of a graph.

    From a snapshot they are exactly those of `oktahound.build_graph`, and the graph is never in memory: what
    is kept are the ids of nodes, and a few bytes for each edge of those kinds that are being drawn.

    Args:
        graph_or_snapshot: a graph that `oktahound.build_graph` made, a view of one, or a snapshot.
        permissions: from a snapshot: as in `oktahound.build_graph`.
        resolve: from a snapshot: as in `oktahound.build_graph`.
        parts: from a snapshot: which optional parts to draw, as in `oktahound.build_graph` (``scopes=True``).

    Raises:
        ConfigurationError: `permissions` is neither of the two; a part is unknown; what is drawn was chosen
            for a graph that is there already; or it is no directed multigraph.
        KindError: while walking: a node of the graph has no kind, or an edge is of a kind that oktahound does
            not know.
    """
    check_permissions(permissions)
    chosen = chosen_parts(parts)
    if isinstance(graph_or_snapshot, Snapshot):
        return _of_snapshot(graph_or_snapshot, permissions == "targets", resolve, chosen)
    if permissions != "edges" or resolve is not None or chosen.parts:
        named = "".join(f", {name}=" for name in chosen.as_dict())
        raise ConfigurationError(f"permissions=, resolve={named} are chosen where a graph is built")
    if not (graph_or_snapshot.is_directed() and graph_or_snapshot.is_multigraph()):
        raise ConfigurationError("the graph is no networkx.MultiDiGraph")
    return GraphRows(lambda: graph_or_snapshot.graph, partial(_of_graph, graph_or_snapshot))


def _of_graph(graph: nx.MultiDiGraph[str]) -> Iterator[Row]:
    for node, attributes in graph.nodes(data=True):
        if not isinstance(node, str):
            raise KindError(
                f"node {node!r} is not text: node keys are the ids that build_graph gave them. "
                "nx.relabel_nodes can put them back"
            )
        if not isinstance(attributes.get("kind"), str):
            raise KindError(f"node {node!r} has no kind")
        yield node_row(node, attributes)
    for start, end, key, attributes in graph.edges(keys=True, data=True):
        edge_kind = EDGE_KINDS.get(key)
        if edge_kind is None:
            raise KindError(f"oktahound knows no edges of the kind {key!r}")
        yield EdgeRow(edge_kind, start, end, dict(attributes) if attributes else NOTHING)


def _of_snapshot(snapshot: Snapshot, share: bool, resolve: Resolve | None, chosen: Chosen) -> GraphRows:
    view = OrgIndex(snapshot)
    running = Running.of(chosen.rules, view)
    known: list[dict[str, Any]] = []

    def about() -> Mapping[str, Any]:
        if not known:
            known.append(running.about(view, _unmatched(running, view), parts=chosen.as_dict()))
        return known[0]

    stream = Stream(view, running.rules, share=share, resolve=resolve, chosen=chosen)
    return GraphRows(about, partial(iter, stream))


def _unmatched(running: Running, view: OrgIndex) -> UnmatchedEndpoints:
    found = UnmatchedEndpoints()
    for rule in running.rules:
        for item in rule.body(view) if rule.untold else ():
            if isinstance(item, Unmatched):
                found.note(rule, item)
    return found
