"""Add nodes and edges to a networkx graph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import networkx as nx

from oktahound.graph.merge_properties import EdgeProperties, combined
from oktahound.graph.rule_runner import EdgeKey

__all__ = ["NetworkxBuilder"]


class NetworkxBuilder:
    """Adds nodes and edges to a networkx graph.

    Attributes:
        with_properties: the edges that have properties.
        add_edge: adds an edge without properties: networkx's own method, because it is called millions of
            times.
    """

    def __init__(self, graph: nx.MultiDiGraph[str]) -> None:
        self.with_properties: set[EdgeKey] = set()
        self.add_edge: Any = graph.add_edge
        self._graph = graph

    def nodes(self) -> Iterable[str]:
        """Return the keys of the existing nodes."""
        return self._graph

    def add_node(self, node: str, attributes: dict[str, Any]) -> None:
        """Add a new node."""
        # The attributes are not passed as keywords: one could have the name of a parameter of networkx.
        self._graph.add_node(node)
        self._graph.nodes[node].update(attributes)

    def merge_edge(self, key: EdgeKey, properties: EdgeProperties) -> None:
        """Add an edge, or merge the properties with those of an existing edge of the same key."""
        if self._graph.has_edge(*key):
            attributes = self._graph.edges[key]
            properties = combined(attributes, properties)
            if attributes != (properties or {}):
                attributes.clear()
                attributes.update(properties or {})
            if not properties:
                self.with_properties.discard(key)
        elif properties:
            self.with_properties.add(key)
            self._graph.add_edge(*key)
            self._graph.edges[key].update(properties)
        else:
            self._graph.add_edge(*key)

    def end_group(self) -> None:
        """Drop the data for merging edges."""
        self.with_properties.clear()
