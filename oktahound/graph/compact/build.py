"""Build compact graphs: straight from a snapshot, or from a graph."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Unpack

import networkx as nx

from oktahound.errors import ConfigurationError, KindError
from oktahound.gc_control import without_gc
from oktahound.graph.build import Permissions, check_permissions
from oktahound.graph.builtin_role_nodes import built_in_role_nodes
from oktahound.graph.compact.adjacency import Adjacency
from oktahound.graph.compact.attributes import FixedAttributes, attributes_of_row
from oktahound.graph.compact.node_table import NodeTable, Source
from oktahound.graph.drawing import EdgeKey, draw
from oktahound.graph.foreign import Resolve
from oktahound.graph.merge_properties import Carried, combined
from oktahound.graph.metadata import Running
from oktahound.graph.nodes import described
from oktahound.graph.okta_graph import OktaGraph
from oktahound.graph.optional_parts import Chosen, DrawnParts, chosen_parts
from oktahound.graph.org_index import OrgIndex
from oktahound.snapshot import Snapshot

if TYPE_CHECKING:
    from oktahound.graph.compact.edge_arrays import EdgeArrays

__all__ = ["compact_graph", "has_numpy", "wrapped"]


def has_numpy() -> bool:
    """Return whether numpy is installed, which compact graphs need."""
    return importlib.util.find_spec("numpy") is not None


def compact_graph(
    graph_or_snapshot: nx.MultiDiGraph[str] | Snapshot,
    *,
    permissions: Permissions = "edges",
    resolve: Resolve | None = None,
    **parts: Unpack[DrawnParts],
) -> OktaGraph:
    """Build a graph in flat arrays: read-only, with a few bytes for each edge.

    Every function of networkx and of `oktahound.analysis` takes it and gives the same answers as for the
    graph of `oktahound.build_graph`; those of `oktahound.analysis` search the arrays. The attributes of nodes
    are read from the rows of the snapshot when they are looked up. Nodes come in the order of their keys.

    Args:
        graph_or_snapshot: a snapshot, a graph that `oktahound.build_graph` made, or a view of one. The result
            is a copy of a graph: it does not follow changes.
        permissions: from a snapshot: as in `oktahound.build_graph`.
        resolve: from a snapshot: as in `oktahound.build_graph`.
        parts: from a snapshot: which optional parts to draw, as in `oktahound.build_graph` (``scopes=True``).

    Returns:
        A frozen `networkx.MultiDiGraph`. Its copies (``graph.copy()``) are ordinary graphs.

    Raises:
        ConfigurationError: numpy is not installed (install ``oktahound[compact]``); `permissions` is neither
            of the two; a part is unknown; or what is drawn was chosen for a graph that exists.
        KindError: a rule drew an edge of a kind that it does not declare; or a node of a graph is not text.
    """
    check_permissions(permissions)
    chosen = chosen_parts(parts)
    if not has_numpy():
        raise ConfigurationError("a compact graph needs numpy: pip install 'oktahound[compact]'")
    if isinstance(graph_or_snapshot, Snapshot):
        with without_gc():
            return _of_snapshot(graph_or_snapshot, permissions == "targets", resolve, chosen)
    if permissions != "edges" or resolve is not None or chosen.parts:
        raise ConfigurationError("what to draw is chosen where a graph is built, and this is a graph")
    if isinstance(graph_or_snapshot, OktaGraph) and graph_or_snapshot.arrays is not None:
        return graph_or_snapshot
    if not isinstance(graph_or_snapshot, nx.MultiDiGraph):
        raise ConfigurationError(
            "compact_graph() needs a Snapshot, as oktahound.collect returns it, or a networkx.MultiDiGraph, "
            f"not {type(graph_or_snapshot).__name__}"
        )
    return _of_graph(graph_or_snapshot)


def wrapped(edges: EdgeArrays, about: dict[str, Any]) -> OktaGraph:
    """A networkx graph that reads edge arrays."""
    graph: Any = nx.freeze(OktaGraph())
    graph.arrays = edges
    graph.graph = about
    # networkx reads a graph through these mappings only. `attack_view` sets them in the same way.
    graph._node = edges.table  # noqa: SLF001
    graph._succ = Adjacency(edges, backwards=False)  # noqa: SLF001
    graph._pred = Adjacency(edges, backwards=True)  # noqa: SLF001
    made: OktaGraph = graph
    return made


def _of_snapshot(snapshot: Snapshot, share: bool, resolve: Resolve | None, chosen: Chosen) -> OktaGraph:
    org = OrgIndex(snapshot)
    running = Running.of(chosen.rules, org)
    canvas = _Canvas()
    canvas.describe(org, chosen)
    unmatched = draw(canvas, org, running.rules, share_targets=share, resolve=resolve)
    about = running.about(org, unmatched, parts=chosen.as_dict())
    edges = canvas.finished(org)
    org.drop_indexes()
    return wrapped(edges, about)


def _of_graph(graph: nx.MultiDiGraph[str]) -> OktaGraph:
    canvas = _Canvas()
    for node, attributes in graph.nodes(data=True):
        if not isinstance(node, str):
            raise KindError(f"node {node!r} is not text: node keys are the ids that build_graph gave them")
        canvas.add_node(node, dict(attributes))
    for start, end, kind, attributes in graph.edges(keys=True, data=True):
        if not isinstance(kind, str):
            raise KindError(f"the key of an edge is not the name of a kind: {kind!r}")
        if attributes:
            canvas.merge_edge((start, end, kind), attributes)
        else:
            canvas.add_edge(start, end, kind)
    return wrapped(canvas.finished(None), dict(graph.graph))


class _Canvas:
    """Nodes and edges in the order in which they are drawn.

    Attributes:
        carrying: none: the arrays are sorted, and equal edges merged, at the end.
    """

    def __init__(self) -> None:
        from oktahound.graph.compact.edge_arrays import EdgeList  # noqa: PLC0415 - needs numpy

        self.carrying: frozenset[EdgeKey] = frozenset()
        self._sources: dict[str, Source] = {}
        self._places: dict[str, int] = {}
        self._carried: dict[EdgeKey, Mapping[str, Any]] = {}
        self._edges = EdgeList()

    def nodes(self) -> Iterable[str]:
        return self._places

    def describe(self, org: OrgIndex, chosen: Chosen) -> None:
        """Add the nodes of a snapshot's rows, of built-in roles, and of the chosen parts."""
        for node, _, row in described(org, chosen):
            if node in self._places:
                self._describe_further(node, attributes_of_row(row, org), org)
            else:
                self._places[node] = len(self._places)
                self._sources[node] = row
        for node, attributes in (*built_in_role_nodes(org), *chosen.nodes(org)):
            self._describe_further(node, attributes, org)

    def _describe_further(self, node: str, attributes: Mapping[str, Any], org: OrgIndex) -> None:
        """Add attributes to those of a node that may exist: the attributes of all its sources are its own."""
        first = self._sources.get(node)
        if first is None:
            self.add_node(node, attributes)
        else:
            held = first if isinstance(first, FixedAttributes) else attributes_of_row(first, org)
            self._sources[node] = FixedAttributes({**held, **attributes})

    def add_node(self, node: str, attributes: Mapping[str, Any]) -> None:
        self._places[node] = len(self._places)
        self._sources[node] = FixedAttributes(attributes)

    def add_edge(self, start: str, end: str, kind: str) -> None:
        places = self._places
        self._edges.add(places[start], places[end], kind)

    def merge_edge(self, key: EdgeKey, properties: Carried) -> None:
        if properties:
            merged = combined(self._carried[key], properties) if key in self._carried else properties
            if merged:
                self._carried[key] = merged
        else:
            self.add_edge(*key)

    def end_family(self) -> None:
        """Keep everything: edges are merged at the end."""

    def finished(self, org: OrgIndex | None) -> EdgeArrays:
        return self._edges.finished(NodeTable(self._sources, org), self._places, self._carried)
