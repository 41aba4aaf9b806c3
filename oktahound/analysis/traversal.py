"""Search the attack view of a graph: either networkx's mappings, or the arrays of a compact graph."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol

import networkx as nx

from oktahound.graph import OktaGraph, attack_view
from oktahound.graph.grants import COVERS, TARGET_SET

__all__ = ["Traversal", "traversal_of"]

EdgesByKind = Mapping[str, Mapping[str, Any]]


class Traversal(Protocol):
    """The two searches that all analysis of paths uses."""

    def tree(
        self, root: str, *, backwards: bool, kinds: Collection[str] | None, assume: bool
    ) -> Mapping[str, str | None]:
        """Search breadth-first.

        Among paths of the same length, the one with the smallest node keys is used, independent of the order
        of the graph. A step into a target set and the step out of it count as one step.

        Args:
            root: the node at which the search starts.
            backwards: follow edges against their direction.
            kinds: names of the edge kinds to follow; all traversable ones if None. The edges out of target
                sets are always followed.
            assume: also follow edges with an assumption.

        Returns:
            For each found node, its predecessor; None for the root.
        """
        ...

    def closure(self, starts: Iterable[str], *, without: Collection[str]) -> frozenset[str]:
        """Return the starts and all nodes that they reach, without entering the nodes in `without`."""
        ...


def traversal_of(graph: nx.MultiDiGraph[str]) -> Traversal:
    """Return the searches for a graph. For a compact graph, they use its arrays, which is faster."""
    if isinstance(graph, OktaGraph) and graph.arrays is not None:
        from oktahound.analysis.compact_traversal import CompactTraversal  # noqa: PLC0415 - numpy may be missing

        return CompactTraversal(graph.arrays)
    return _NetworkxTraversal(graph)


class _NetworkxTraversal:
    """Searches over the adjacency of any networkx graph."""

    def __init__(self, graph: nx.MultiDiGraph[str]) -> None:
        self._view = attack_view(graph)

    def tree(
        self, root: str, *, backwards: bool, kinds: Collection[str] | None, assume: bool
    ) -> Mapping[str, str | None]:
        return _Tree(self._view, backwards=backwards, kinds=kinds, assume=assume).search_from(root)

    def closure(self, starts: Iterable[str], *, without: Collection[str]) -> frozenset[str]:
        seen = set(starts)
        todo = list(seen)
        while todo:
            new = [each for each in self._view.succ[todo.pop()] if each not in seen and each not in without]
            seen.update(new)
            todo += new
        return frozenset(seen)


class _Tree:
    """One breadth-first search over networkx's adjacency."""

    def __init__(
        self, view: nx.MultiDiGraph[str], *, backwards: bool, kinds: Collection[str] | None, assume: bool
    ) -> None:
        self._nodes = view.nodes
        self._adjacency: Any = view.pred if backwards else view.succ
        self._kinds = None if kinds is None else frozenset(kinds) | {COVERS.name}
        self._assume = assume
        self._came_from: dict[str, str | None] = {}

    def search_from(self, root: str) -> Mapping[str, str | None]:
        self._came_from[root] = None
        frontier = [root]
        while frontier:
            # Sorted, so that the result for two paths of the same length is deterministic.
            layer = self._next(sorted(frontier))
            sets = [each for each in layer if self._is_set(each)]
            # A target set is between a holder and an object, and does not count as a step.
            through = self._next(sorted(sets))
            frontier = [each for each in layer if not self._is_set(each)] + through
        return self._came_from

    def _next(self, layer: Iterable[str]) -> list[str]:
        found: list[str] = []
        for at in layer:
            for each, edges in self._adjacency[at].items():
                if each not in self._came_from and self._followed(edges):
                    self._came_from[each] = at
                    found.append(each)
        return found

    def _followed(self, edges: EdgesByKind) -> bool:
        if self._kinds is None:
            return self._assume or any("assumption" not in attributes for attributes in edges.values())
        return any(
            kind in self._kinds and (self._assume or "assumption" not in attributes)
            for kind, attributes in edges.items()
        )

    def _is_set(self, node: str) -> bool:
        return self._nodes[node].get("kind") == TARGET_SET
