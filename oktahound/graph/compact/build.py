"""Build compact graphs from a snapshot or from a networkx graph."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Unpack

import networkx as nx

from oktahound.errors import ConfigurationError, KindError
from oktahound.gc_control import without_gc
from oktahound.graph.build import Permissions, check_permissions
from oktahound.graph.builtin_role_nodes import built_in_role_nodes
from oktahound.graph.compact.attributes import FixedAttributes, attributes_of_row
from oktahound.graph.compact.node_table import NodeTable, Source
from oktahound.graph.foreign import Resolve
from oktahound.graph.merge_properties import EdgeProperties, combined
from oktahound.graph.metadata import RuleSelection
from oktahound.graph.nodes import rows_of_nodes
from oktahound.graph.okta_graph import OktaGraph
from oktahound.graph.optional_parts import PartOptions, SelectedParts, select_parts
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.rule_runner import EdgeKey, run_rules
from oktahound.snapshot import Snapshot

if TYPE_CHECKING:
    from oktahound.graph.compact.edge_arrays import Direction, EdgeArrays

__all__ = ["compact_graph", "graph_of_arrays", "has_numpy"]


def has_numpy() -> bool:
    """Return whether numpy is installed, which compact graphs need."""
    return importlib.util.find_spec("numpy") is not None


def compact_graph(
    graph_or_snapshot: nx.MultiDiGraph[str] | Snapshot,
    *,
    permissions: Permissions = "edges",
    resolve: Resolve | None = None,
    **parts: Unpack[PartOptions],
) -> OktaGraph:
    """Build a graph in flat arrays: read-only, with a few bytes for each edge.

    All functions of networkx and of `oktahound.analysis` accept it and return the same results as for the
    graph of `oktahound.build_graph`. Those of `oktahound.analysis` search the arrays directly. Attributes of
    nodes are read from the rows of the snapshot when they are looked up. Nodes are in the order of their
    keys.

    Args:
        graph_or_snapshot: a snapshot, a graph of `oktahound.build_graph`, or a view of one. For a graph, the
            result is a copy, which does not reflect later changes.
        permissions: for a snapshot; see `oktahound.build_graph`.
        resolve: for a snapshot; see `oktahound.build_graph`.
        parts: for a snapshot: the optional parts, as in `oktahound.build_graph` (``scopes=True``).

    Returns:
        A frozen `networkx.MultiDiGraph`. Its copies (``graph.copy()``) are ordinary graphs.

    Raises:
        ConfigurationError: numpy is not installed (install ``oktahound[compact]``); `permissions` has another
            value; a part is unknown; or options were given for an existing graph.
        KindError: a rule emitted an edge of a kind that it does not declare; or the key of a node or edge of
            the graph is not a string.
    """
    check_permissions(permissions)
    selected = select_parts(parts)
    if not has_numpy():
        raise ConfigurationError("a compact graph needs numpy: pip install 'oktahound[compact]'")
    if isinstance(graph_or_snapshot, Snapshot):
        with without_gc():
            return _of_snapshot(graph_or_snapshot, permissions == "targets", resolve, selected)
    if permissions != "edges" or resolve is not None or selected.parts:
        options = "".join(f", {name}=" for name in selected.as_dict())
        raise ConfigurationError(
            f"permissions=, resolve={options} apply to a snapshot only: pass them to build_graph() instead"
        )
    if isinstance(graph_or_snapshot, OktaGraph) and graph_or_snapshot.arrays is not None:
        return graph_or_snapshot
    if not isinstance(graph_or_snapshot, nx.MultiDiGraph):
        raise ConfigurationError(
            "compact_graph() needs a Snapshot, as oktahound.collect returns it, or a networkx.MultiDiGraph, "
            f"not {type(graph_or_snapshot).__name__}"
        )
    return _of_graph(graph_or_snapshot)


def graph_of_arrays(edges: EdgeArrays, metadata: dict[str, Any]) -> OktaGraph:
    """Return a networkx graph that reads its edges from arrays."""
    graph: Any = nx.freeze(OktaGraph())
    graph.arrays = edges
    graph.graph = metadata
    # networkx reads a graph only through these private mappings; `networkx.subgraph_view` also sets them.
    graph._node = edges.table  # noqa: SLF001
    graph._succ = _Adjacency(edges, backwards=False)  # noqa: SLF001
    graph._pred = _Adjacency(edges, backwards=True)  # noqa: SLF001
    compact: OktaGraph = graph
    return compact


def _of_snapshot(
    snapshot: Snapshot, share_targets: bool, resolve: Resolve | None, selected: SelectedParts
) -> OktaGraph:
    org = OrgIndex(snapshot)
    selection = RuleSelection.of(selected.rules, org)
    builder = _ArraysBuilder()
    builder.describe(org, selected)
    unmatched = run_rules(builder, org, selection.rules, share_targets=share_targets, resolve=resolve)
    metadata = selection.metadata(org, unmatched, parts=selected.as_dict())
    # Free the memory of the indexes before the arrays are sorted, which copies them.
    org.drop_indexes()
    return graph_of_arrays(builder.finished(org), metadata)


def _of_graph(graph: nx.MultiDiGraph[str]) -> OktaGraph:
    builder = _ArraysBuilder()
    for node, attributes in graph.nodes(data=True):
        if not isinstance(node, str):
            raise KindError(f"the key of node {node!r} is not a string: use the ids that build_graph assigns")
        builder.add_node(node, dict(attributes))
    for start, end, kind, attributes in graph.edges(keys=True, data=True):
        if not isinstance(kind, str):
            raise KindError(f"the key of an edge is not the name of a kind: {kind!r}")
        if attributes:
            builder.merge_edge((start, end, kind), attributes)
        else:
            builder.add_edge(start, end, kind)
    return graph_of_arrays(builder.finished(None), dict(graph.graph))


class _ArraysBuilder:
    """Collects nodes and edges in the order in which they are added. Edges are merged at the end."""

    def __init__(self) -> None:
        from oktahound.graph.compact.edge_arrays import EdgeList  # noqa: PLC0415 - needs numpy

        self._sources: dict[str, Source] = {}
        self._numbers: dict[str, int] = {}
        self._properties: dict[EdgeKey, Mapping[str, Any]] = {}
        self._edges = EdgeList()

    def nodes(self) -> Iterable[str]:
        return self._numbers

    def describe(self, org: OrgIndex, selected: SelectedParts) -> None:
        """Add the nodes of a snapshot's rows, of built-in roles, and of the selected parts."""
        for node, _, row in rows_of_nodes(org, selected):
            if node in self._numbers:
                self._describe_further(node, attributes_of_row(row, org), org)
            else:
                self._numbers[node] = len(self._numbers)
                self._sources[node] = row
        for node, attributes in (*built_in_role_nodes(org), *selected.nodes(org)):
            self._describe_further(node, attributes, org)

    def _describe_further(self, node: str, attributes: Mapping[str, Any], org: OrgIndex) -> None:
        """Add attributes to a node; create it if it is new. A node has the attributes of all its sources."""
        first = self._sources.get(node)
        if first is None:
            self.add_node(node, attributes)
        else:
            present = first if isinstance(first, FixedAttributes) else attributes_of_row(first, org)
            self._sources[node] = FixedAttributes({**present, **attributes})

    def add_node(self, node: str, attributes: Mapping[str, Any]) -> None:
        self._numbers[node] = len(self._numbers)
        self._sources[node] = FixedAttributes(attributes)

    def add_edge(self, start: str, end: str, kind: str) -> None:
        numbers = self._numbers
        self._edges.add(numbers[start], numbers[end], kind)

    def merge_edge(self, key: EdgeKey, properties: EdgeProperties) -> None:
        if properties:
            merged = combined(self._properties[key], properties) if key in self._properties else properties
            if merged:
                self._properties[key] = merged
        else:
            self.add_edge(*key)

    def finished(self, org: OrgIndex | None) -> EdgeArrays:
        table = NodeTable(self._sources, org)
        self._sources.clear()
        return self._edges.finished(table, self._numbers, self._properties)


_Neighbors = dict[str, dict[str, FixedAttributes]]
"""Attributes of edges, by the node at the other end and by kind."""


class _Adjacency(Mapping[str, _Neighbors]):
    """The neighbours of each node: the ``_succ`` or ``_pred`` mapping of a networkx graph."""

    __slots__ = ("_backwards", "_edges")

    def __init__(self, edges: EdgeArrays, *, backwards: bool) -> None:
        self._edges, self._backwards = edges, backwards

    @property
    def _direction(self) -> Direction:
        return self._edges.incoming if self._backwards else self._edges.outgoing

    def __getitem__(self, node: str) -> _Neighbors:
        edges, direction = self._edges, self._direction
        number = edges.table.numbers[node]
        part = slice(*direction.first[number : number + 2].tolist())
        others: list[int] = direction.others[part].tolist()
        kinds: list[int] = direction.kinds[part].tolist()
        attributes: list[int] = direction.attributes[part].tolist()
        keys, names, distinct = edges.table.keys_by_number, edges.kinds, edges.attribute_sets
        found: _Neighbors = {}
        for other, kind, number in zip(others, kinds, attributes, strict=True):
            key = keys[other]
            if key in found:
                found[key][names[kind]] = distinct[number]
            else:
                found[key] = {names[kind]: distinct[number]}
        return found

    def __contains__(self, node: object) -> bool:
        return node in self._edges.table

    def __iter__(self) -> Iterator[str]:
        return iter(self._edges.table)

    def __len__(self) -> int:
        return len(self._edges.table)

    def __repr__(self) -> str:
        return repr(dict(self))
