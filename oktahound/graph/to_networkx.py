"""Add nodes and edges to a networkx graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import networkx as nx

from oktahound.graph.merge_properties import EdgeProperties, combined
from oktahound.graph.parallel_edges import ParallelEdges
from oktahound.graph.rule_runner import EdgeKey

__all__ = ["NetworkxBuilder"]


class NetworkxBuilder:
    """Adds nodes and edges to a networkx graph. Equal attributes of edges are stored once."""

    def __init__(self, graph: nx.MultiDiGraph[str]) -> None:
        self._graph = graph
        # As `networkx.MultiDiGraph.add_edge`, without what can be left out for nodes that exist.
        whole: Any = graph
        self._succ: dict[str, dict[str, ParallelEdges]] = whole._succ  # noqa: SLF001
        self._pred: dict[str, dict[str, ParallelEdges]] = whole._pred  # noqa: SLF001
        self._shared: dict[tuple[Any, ...], Mapping[str, Any]] = {}

    def nodes(self) -> Iterable[str]:
        """Return the keys of the existing nodes."""
        return self._graph

    def add_node(self, node: str, attributes: dict[str, Any]) -> None:
        """Add a new node."""
        # The attributes are not passed as keywords: one could have the name of a parameter of networkx.
        self._graph.add_node(node)
        self._graph.nodes[node].update(attributes)

    def add_edge(self, start: str, end: str, kind: str) -> None:
        """Add an edge without properties, or remove the properties of an existing edge of the same key."""
        self._between(start, end).put(kind)

    def merge_edge(self, key: EdgeKey, properties: EdgeProperties) -> None:
        """Add an edge, or merge the properties with those of an existing edge of the same key."""
        start, end, kind = key
        edges = self._between(start, end)
        if (present := edges.peek(kind)) is not None:
            properties = combined(present, properties)
        if properties:
            edges.put(kind, self._same(properties))
        else:
            edges.put(kind)

    def _between(self, start: str, end: str) -> ParallelEdges:
        """Return the edges from one node to another, to which edges can be added."""
        edges = self._succ[start].get(end)
        if edges is None:
            edges = self._succ[start][end] = self._pred[end][start] = ParallelEdges()
        return edges

    def _same(self, properties: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return one mapping for all equal properties."""
        try:
            # The types tell True from 1, which are equal.
            return self._shared.setdefault((*properties.items(), *map(type, properties.values())), properties)
        except TypeError:  # a list
            return properties
