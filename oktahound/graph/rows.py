"""A graph as a stream of rows, from a networkx graph or directly from a snapshot. Sinks read these rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Unpack

import attrs
import networkx as nx

from oktahound.errors import ConfigurationError, KindError
from oktahound.graph.build import Permissions, check_permissions
from oktahound.graph.foreign import Resolve
from oktahound.graph.metadata import RuleSelection, UnmatchedEndpoints
from oktahound.graph.model import Unmatched
from oktahound.graph.optional_parts import PartOptions, SelectedParts, select_parts
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.rules import EDGE_KINDS
from oktahound.graph.stream import NOTHING, EdgeRow, NodeRow, Row, Stream, node_row
from oktahound.snapshot import Snapshot

__all__ = ["EdgeRow", "GraphRows", "NodeRow", "graph_rows"]


@attrs.frozen(eq=False)
class GraphRows:
    """The nodes and edges of a graph, as an iterable that can be iterated several times.

    Every node occurs once, before its first edge. Every edge (start, kind, end) occurs once, with all its
    properties. Collected nodes precede all edges; the order is otherwise undefined. A row does not change
    after it was yielded.
    """

    _about: Callable[[], Mapping[str, Any]]
    _walk: Callable[[], Iterator[Row]]

    @property
    def about(self) -> Mapping[str, Any]:
        """The metadata of the graph: ``graph.graph`` of the networkx graph.

        It is available before the iteration: for a snapshot, the rules for external objects run once to find
        edges with unknown endpoints.
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
    **parts: Unpack[PartOptions],
) -> GraphRows:
    """Return the rows of a graph.

    For a snapshot, the rows are exactly those of `oktahound.build_graph`, but the graph is never in memory.
    Only the ids of nodes are kept, and a few bytes for each edge of the kinds that are being created.

    Args:
        graph_or_snapshot: a graph of `oktahound.build_graph`, a view of one, or a snapshot.
        permissions: for a snapshot; see `oktahound.build_graph`.
        resolve: for a snapshot; see `oktahound.build_graph`.
        parts: for a snapshot: the optional parts, as in `oktahound.build_graph` (``scopes=True``).

    Raises:
        ConfigurationError: `permissions` has another value; a part is unknown; options were given for an
            existing graph; or the graph is not a directed multigraph.
        KindError: during the iteration: a node of the graph has no kind, or the kind of an edge is unknown.
    """
    check_permissions(permissions)
    selected = select_parts(parts)
    if isinstance(graph_or_snapshot, Snapshot):
        return _of_snapshot(graph_or_snapshot, permissions == "targets", resolve, selected)
    if permissions != "edges" or resolve is not None or selected.parts:
        options = "".join(f", {name}=" for name in selected.as_dict())
        raise ConfigurationError(
            f"permissions=, resolve={options} apply to a snapshot only: pass them to build_graph() instead"
        )
    if not (graph_or_snapshot.is_directed() and graph_or_snapshot.is_multigraph()):
        raise ConfigurationError(
            f"the graph must be a networkx.MultiDiGraph, not {type(graph_or_snapshot).__name__}"
        )
    return GraphRows(lambda: graph_or_snapshot.graph, partial(_of_graph, graph_or_snapshot))


def _of_graph(graph: nx.MultiDiGraph[str]) -> Iterator[Row]:
    for node, attributes in graph.nodes(data=True):
        if not isinstance(node, str):
            raise KindError(
                f"the key of node {node!r} is not a string: use the ids that build_graph assigns. "
                "nx.relabel_nodes can restore them"
            )
        if not isinstance(attributes.get("kind"), str):
            raise KindError(f"node {node!r} has no kind: set its attribute 'kind', such as 'Okta_User'")
        yield node_row(node, attributes)
    for start, end, key, attributes in graph.edges(keys=True, data=True):
        edge_kind = EDGE_KINDS.get(key)
        if edge_kind is None:
            raise KindError(
                f"unknown edge kind {key!r}: the key of an edge must be the name of a kind in EDGE_KINDS"
            )
        yield EdgeRow(edge_kind, start, end, dict(attributes) if attributes else NOTHING)


def _of_snapshot(
    snapshot: Snapshot, share_targets: bool, resolve: Resolve | None, selected: SelectedParts
) -> GraphRows:
    org = OrgIndex(snapshot)
    selection = RuleSelection.of(selected.rules, org)
    cached: list[dict[str, Any]] = []

    def metadata() -> Mapping[str, Any]:
        if not cached:
            cached.append(selection.metadata(org, _unmatched(selection, org), parts=selected.as_dict()))
        return cached[0]

    stream = Stream(org, selection.rules, share_targets=share_targets, resolve=resolve, selected=selected)
    return GraphRows(metadata, partial(iter, stream))


def _unmatched(selection: RuleSelection, org: OrgIndex) -> UnmatchedEndpoints:
    unmatched = UnmatchedEndpoints()
    for rule in selection.rules:
        for item in rule.body(org) if rule.yields_unmatched else ():
            if isinstance(item, Unmatched):
                unmatched.add(rule, item)
    return unmatched
