"""Searches over the arrays of a compact graph: the same results as over networkx, layer by layer in numpy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from oktahound.graph.compact.edge_arrays import Direction, EdgeArrays
from oktahound.graph.compact.node_table import NodeTable
from oktahound.graph.grants import COVERS

__all__ = ["CompactTraversal"]

Numbers = npt.NDArray[Any]

_NOT_FOUND, _ROOT = -1, -2


class CompactTraversal:
    """Searches over edge arrays. The lowest node number, by order of keys, decides ties."""

    def __init__(self, edges: EdgeArrays) -> None:
        self._edges = edges.attack
        self._without: Collection[str] = ()
        self._unvisited = self._without_found(())

    def tree(
        self, root: str, *, backwards: bool, kinds: Collection[str] | None, assume: bool
    ) -> Mapping[str, str | None]:
        """Search breadth-first, as `Traversal.tree` describes it."""
        edges = self._edges
        direction = edges.incoming if backwards else edges.outgoing
        followed = self._followed(direction, kinds, assume=assume)
        came_by = self._without_found(())
        start = edges.table.numbers[root]
        came_by[start] = _ROOT
        frontier = np.array([start], dtype=np.int32)
        is_set = edges.target_sets
        while len(frontier):
            layer = _next(np.sort(frontier), direction, followed, came_by)
            in_set = is_set[layer]
            # A set of targets stands between a holder and an object, and is no step of its own.
            through = _next(layer[in_set], direction, followed, came_by)
            frontier = np.concatenate((layer[~in_set], through))
        return _Found(edges.table, came_by)

    def closure(self, starts: Iterable[str], *, without: Collection[str]) -> frozenset[str]:
        """Find everything within reach, as `Traversal.closure` describes it."""
        table, direction = self._edges.table, self._edges.outgoing
        frontier = _numbers(table, starts)
        if not len(frontier):
            return frozenset()
        if without is not self._without:
            # Searches come in thousands that leave out the same nodes.
            self._without, self._unvisited = without, self._without_found(without)
        came_by = self._unvisited.copy()
        came_by[frontier] = _ROOT
        found = [frontier]
        while len(frontier):
            frontier = _next(frontier, direction, None, came_by)
            found.append(frontier)
        keys = table.keys_by_number
        return frozenset(keys[number] for number in np.concatenate(found).tolist())

    def _without_found(self, nodes: Collection[str]) -> Numbers:
        """The state before a search: nothing was found but these nodes."""
        came_by = np.full(len(self._edges.table), _NOT_FOUND, dtype=np.int32)
        came_by[_numbers(self._edges.table, nodes)] = _ROOT
        return came_by

    def _followed(
        self, direction: Direction, kinds: Collection[str] | None, *, assume: bool
    ) -> npt.NDArray[np.bool_] | None:
        """For each edge, whether to follow it; None to follow all."""
        edges = self._edges
        followed: npt.NDArray[np.bool_] | None = None
        if not assume:
            of_mark = np.array(["assumption" not in mark for mark in edges.marks], dtype=np.bool_)
            followed = of_mark[direction.marks]
        if kinds is not None:
            names = frozenset(kinds) | {COVERS.name}
            of_kind = np.array([kind in names for kind in edges.kinds], dtype=np.bool_)[direction.kinds]
            followed = of_kind if followed is None else followed & of_kind
        return followed


def _numbers(table: NodeTable, nodes: Collection[str] | Iterable[str]) -> Numbers:
    return np.fromiter((table.numbers[node] for node in nodes), dtype=np.int32)


def _next(
    layer: Numbers, direction: Direction, followed: npt.NDArray[np.bool_] | None, came_by: Numbers
) -> Numbers:
    """Mark the nodes that edges lead to from a layer and that were not found before; return them, sorted."""
    first = direction.first[layer]
    counts = direction.first[layer + 1] - first
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    places = np.arange(total) + np.repeat(first - ends + counts, counts)
    others, starts = direction.others[places], np.repeat(layer, counts)
    new = came_by[others] == _NOT_FOUND
    if followed is not None:
        new &= followed[places]
    # Of several ways to a node, the one from the lowest number comes first.
    found, way = np.unique(others[new], return_index=True)
    came_by[found] = starts[new][way]
    return found


class _Found(Mapping[str, str | None]):
    """The result of a search: for each node that was found, the node that it was found from."""

    def __init__(self, table: NodeTable, came_by: Numbers) -> None:
        self._table, self._came_by = table, came_by

    def __getitem__(self, node: str) -> str | None:
        before = int(self._came_by[self._table.numbers[node]])
        if before == _NOT_FOUND:
            raise KeyError(node)
        return None if before == _ROOT else self._table.keys_by_number[before]

    def __contains__(self, node: object) -> bool:
        number = self._table.numbers.get(node) if isinstance(node, str) else None
        return number is not None and bool(self._came_by[number] != _NOT_FOUND)

    def __iter__(self) -> Iterator[str]:
        keys = self._table.keys_by_number
        return (keys[number] for number in np.flatnonzero(self._came_by != _NOT_FOUND).tolist())

    def __len__(self) -> int:
        return int(np.count_nonzero(self._came_by != _NOT_FOUND))
