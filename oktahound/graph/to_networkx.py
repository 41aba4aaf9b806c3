"""Adapter that adds nodes and edges to a networkx graph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import networkx as nx

from oktahound.graph.drawing import EdgeKey
from oktahound.graph.merge_properties import Carried, combined

__all__ = ["NetworkxCanvas"]


class NetworkxCanvas:
    """Adds nodes and edges to a networkx graph.

    Attributes:
        carrying: the edges that carry properties.
        add_edge: adds an edge that carries nothing: networkx's own method, called millions of times.
    """

    def __init__(self, graph: nx.MultiDiGraph[str]) -> None:
        self.carrying: set[EdgeKey] = set()
        self.add_edge: Any = graph.add_edge
        self._graph = graph

    def nodes(self) -> Iterable[str]:
        """The keys of the nodes that exist."""
        return self._graph

    def add_node(self, node: str, attributes: dict[str, Any]) -> None:
        """Add a node that does not exist."""
        # Not passed as keywords, because an attribute could have the name of a parameter of networkx.
        self._graph.add_node(node)
        self._graph.nodes[node].update(attributes)

    def merge_edge(self, key: EdgeKey, properties: Carried) -> None:
        """Add an edge, or merge the properties with those of the same edge."""
        if self._graph.has_edge(*key):
            attributes = self._graph.edges[key]
            properties = combined(attributes, properties)
            if attributes != (properties or {}):
                attributes.clear()
                attributes.update(properties or {})
            if not properties:
                self.carrying.discard(key)
        elif properties:
            self.carrying.add(key)
            self._graph.add_edge(*key)
            self._graph.edges[key].update(properties)
        else:
            self._graph.add_edge(*key)

    def end_family(self) -> None:
        """Release what was kept to merge edges."""
        self.carrying.clear()
