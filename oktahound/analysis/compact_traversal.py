"""Search the arrays of a compact graph, level by level in numpy. Results equal those over networkx."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

import numpy as np

from oktahound.graph.compact.edge_arrays import BoolArray, Direction, EdgeArrays, IntArray
from oktahound.graph.compact.node_table import NodeTable
from oktahound.graph.grants import COVERS

__all__ = ["CompactTraversal"]


_NOT_FOUND, _ROOT = -1, -2


class CompactTraversal:
    """Searches edge arrays. Among equal paths, the lowest node number (the first key) is used."""

    def __init__(self, edges: EdgeArrays) -> None:
        self._edges = edges.attack
        self._without: Collection[str] = ()
        self._unvisited = self._state_without(())

    def tree(
        self, root: str, *, backwards: bool, kinds: Collection[str] | None, assume: bool
    ) -> Mapping[str, str | None]:
        """Search breadth-first; see `Traversal.tree`."""
        edges = self._edges
        direction = edges.incoming if backwards else edges.outgoing
        followed = self._edges_to_follow(direction, kinds, assume=assume)
        came_from = self._state_without(())
        start = edges.table.numbers[root]
        came_from[start] = _ROOT
        frontier = np.array([start], dtype=np.int32)
        is_set = edges.target_sets
        while len(frontier):
            layer = _next(np.sort(frontier), direction, followed, came_from)
            in_set = is_set[layer]
            # A target set is between a holder and an object, and does not count as a step.
            through = _next(layer[in_set], direction, followed, came_from)
            frontier = np.concatenate((layer[~in_set], through))
        return _SearchTree(edges.table, came_from)

    def closure(self, starts: Iterable[str], *, without: Collection[str]) -> frozenset[str]:
        """Find all reachable nodes; see `Traversal.closure`."""
        table, direction = self._edges.table, self._edges.outgoing
        frontier = _numbers(table, starts)
        if not len(frontier):
            return frozenset()
        if without is not self._without:
            # Thousands of consecutive searches exclude the same nodes.
            self._without, self._unvisited = without, self._state_without(without)
        came_from = self._unvisited.copy()
        came_from[frontier] = _ROOT
        found = [frontier]
        while len(frontier):
            frontier = _next(frontier, direction, None, came_from)
            found.append(frontier)
        keys = table.keys_by_number
        return frozenset(keys[number] for number in np.concatenate(found).tolist())

    def _state_without(self, nodes: Collection[str]) -> IntArray:
        """Return the state before a search, in which these nodes count as found."""
        came_from = np.full(len(self._edges.table), _NOT_FOUND, dtype=np.int32)
        came_from[_numbers(self._edges.table, nodes)] = _ROOT
        return came_from

    def _edges_to_follow(
        self, direction: Direction, kinds: Collection[str] | None, *, assume: bool
    ) -> BoolArray | None:
        """Return for each edge whether to follow it; None to follow all edges."""
        edges = self._edges
        followed: BoolArray | None = None
        if not assume:
            is_certain = np.array(["assumption" not in each for each in edges.attribute_sets], dtype=np.bool_)
            followed = is_certain[direction.attributes]
        if kinds is not None:
            names = frozenset(kinds) | {COVERS.name}
            of_kind = np.array([kind in names for kind in edges.kinds], dtype=np.bool_)[direction.kinds]
            followed = of_kind if followed is None else followed & of_kind
        return followed


def _numbers(table: NodeTable, nodes: Collection[str] | Iterable[str]) -> IntArray:
    return np.fromiter((table.numbers[node] for node in nodes), dtype=np.int32)


def _next(layer: IntArray, direction: Direction, followed: BoolArray | None, came_from: IntArray) -> IntArray:
    """Return the new nodes at the ends of a layer's edges, sorted, and store their predecessors."""
    first = direction.first[layer]
    counts = direction.first[layer + 1] - first
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    places = np.arange(total) + np.repeat(first - ends + counts, counts)
    others, starts = direction.others[places], np.repeat(layer, counts)
    new = came_from[others] == _NOT_FOUND
    if followed is not None:
        new &= followed[places]
    # Among several edges to a node, the one from the lowest node number comes first.
    found, indexes = np.unique(others[new], return_index=True)
    came_from[found] = starts[new][indexes]
    return found


class _SearchTree(Mapping[str, str | None]):
    """The result of a search: for each found node, its predecessor."""

    def __init__(self, table: NodeTable, came_from: IntArray) -> None:
        self._table, self._came_from = table, came_from

    def __getitem__(self, node: str) -> str | None:
        before = int(self._came_from[self._table.numbers[node]])
        if before == _NOT_FOUND:
            raise KeyError(node)
        return None if before == _ROOT else self._table.keys_by_number[before]

    def __contains__(self, node: object) -> bool:
        number = self._table.numbers.get(node) if isinstance(node, str) else None
        return number is not None and bool(self._came_from[number] != _NOT_FOUND)

    def __iter__(self) -> Iterator[str]:
        keys = self._table.keys_by_number
        return (keys[number] for number in np.flatnonzero(self._came_from != _NOT_FOUND).tolist())

    def __len__(self) -> int:
        return int(np.count_nonzero(self._came_from != _NOT_FOUND))
