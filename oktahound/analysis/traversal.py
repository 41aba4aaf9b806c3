"""Searches over the attack view of a graph, be it networkx's mappings or the arrays of a compact graph."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol

import networkx as nx

from oktahound.graph import OktaGraph, attack_view
from oktahound.graph.grants import COVERS, TARGET_SET

__all__ = ["Traversal", "traversal_of"]

Marks = Mapping[str, Mapping[str, Any]]


class Traversal(Protocol):
    """The two searches that questions about paths are made of."""

    def tree(
        self, root: str, *, backwards: bool, kinds: Collection[str] | None, assume: bool
    ) -> Mapping[str, str | None]:
        """Search breadth-first.

        Between paths of the same length the keys of the nodes decide, not the order of the graph. A step into
        a target set and out of it again counts as one.

        Args:
            root: the node at which the search starts.
            backwards: follow edges against their direction.
            kinds: names of the edge kinds to follow; all traversable ones if None. The edges out of target
                sets are always followed.
            assume: follow edges that rest on an assumption too.

        Returns:
            For each node that is found, the node that it was found from; None for the root.
        """
        ...

    def closure(self, starts: Iterable[str], *, without: Collection[str]) -> frozenset[str]:
        """Find nodes and everything that can be reached from them, without entering some nodes."""
        ...


def traversal_of(graph: nx.MultiDiGraph[str]) -> Traversal:
    """Return the searches for a graph, the fast ones if it is a compact graph."""
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
        return _Tree(self._view, backwards=backwards, kinds=kinds, assume=assume).grown_from(root)

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
        self._came_by: dict[str, str | None] = {}

    def grown_from(self, root: str) -> Mapping[str, str | None]:
        self._came_by[root] = None
        frontier = [root]
        while frontier:
            # In order, so that of two ways of the same length always the same is kept.
            layer = self._next(sorted(frontier))
            sets = [each for each in layer if self._is_set(each)]
            # A set of targets stands between a holder and an object, and is no step of its own.
            through = self._next(sorted(sets))
            frontier = [each for each in layer if not self._is_set(each)] + through
        return self._came_by

    def _next(self, layer: Iterable[str]) -> list[str]:
        found: list[str] = []
        for at in layer:
            for each, edges in self._adjacency[at].items():
                if each not in self._came_by and self._followed(edges):
                    self._came_by[each] = at
                    found.append(each)
        return found

    def _followed(self, edges: Marks) -> bool:
        if self._kinds is None:
            return self._assume or any("assumption" not in marks for marks in edges.values())
        return any(
            kind in self._kinds and (self._assume or "assumption" not in marks)
            for kind, marks in edges.items()
        )

    def _is_set(self, node: str) -> bool:
        return self._nodes[node].get("kind") == TARGET_SET
