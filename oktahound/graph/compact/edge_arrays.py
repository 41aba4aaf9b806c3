"""The edges of a compact graph in flat arrays, sorted by node, in both directions."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt

from oktahound.graph.compact.attributes import FixedAttributes
from oktahound.graph.compact.node_table import NodeTable
from oktahound.graph.grants import TARGET_SET
from oktahound.graph.rule_runner import EdgeKey
from oktahound.graph.rules import EDGE_KINDS

__all__ = ["Direction", "EdgeArrays", "EdgeList"]

Numbers = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]


@attrs.frozen(eq=False)
class Direction:
    """All edges, sorted by the node that they are looked up by, then by the node at the other end, and kind.

    Attributes:
        first: for each node number, the place of its first edge; one more entry closes the last node.
        others: for each edge, the number of the node at the other end.
        kinds: for each edge, the place of its kind in `EdgeArrays.kinds`.
        marks: for each edge, the place of its attributes in `EdgeArrays.marks`.
    """

    first: Numbers
    others: Numbers
    kinds: Numbers
    marks: Numbers

    def where(self, chosen: Flags) -> Direction:
        """The same direction with some of the edges only."""
        before = np.zeros(len(chosen) + 1, dtype=np.int64)
        np.cumsum(chosen, out=before[1:])
        return Direction(before[self.first], self.others[chosen], self.kinds[chosen], self.marks[chosen])

    @property
    def nodes(self) -> Numbers:
        """For each edge, the number of the node that it is looked up by."""
        return np.repeat(np.arange(len(self.first) - 1, dtype=self.others.dtype), np.diff(self.first))


@attrs.frozen(eq=False, slots=False)
class EdgeArrays:
    """Edges between the nodes of a table.

    Attributes:
        table: the nodes.
        kinds: the names of the kinds.
        marks: the distinct sets of attributes that edges carry.
        outgoing: the edges by start.
    """

    table: NodeTable
    kinds: Sequence[str]
    marks: Sequence[FixedAttributes]
    outgoing: Direction

    def __len__(self) -> int:
        return len(self.outgoing.others)

    @cached_property
    def incoming(self) -> Direction:
        """The edges by end."""
        out = self.outgoing
        # Stable: edges to one node stay sorted by start and kind.
        order = np.argsort(out.others, kind="stable")
        counts = np.bincount(out.others, minlength=len(self.table))
        return Direction(_firsts(counts), out.nodes[order], out.kinds[order], out.marks[order])

    @cached_property
    def target_sets(self) -> Flags:
        """For each node, whether it stands for a set of targets."""
        found = np.zeros(len(self.table), dtype=np.bool_)
        found[self.table.numbers_of_kind(TARGET_SET)] = True
        return found

    @cached_property
    def attack(self) -> EdgeArrays:
        """The traversable, active edges."""
        traversable = {name for name, kind in EDGE_KINDS.items() if kind.traversable}
        of_kind = np.array([kind in traversable for kind in self.kinds], dtype=np.bool_)
        of_mark = np.array([bool(mark.get("active", True)) for mark in self.marks], dtype=np.bool_)
        out = self.outgoing
        return attrs.evolve(self, outgoing=out.where(of_kind[out.kinds] & of_mark[out.marks]))


class EdgeList:
    """Edges in the order in which they were found, between nodes that are numbered in that order."""

    def __init__(self) -> None:
        self._kinds: dict[str, int] = {}
        self._marks: dict[tuple[tuple[str, str], ...], int] = {(): 0}
        self._distinct = [FixedAttributes()]
        self._starts, self._ends, self._kind_codes = array("i"), array("i"), array("H")

    def add(self, start: int, end: int, kind: str) -> None:
        """Add an edge that carries nothing. It may occur several times."""
        code = self._kinds.get(kind)
        if code is None:
            code = self._kinds[kind] = len(self._kinds)
        self._starts.append(start)
        self._ends.append(end)
        self._kind_codes.append(code)

    def finished(
        self, table: NodeTable, places: Mapping[str, int], carried: Mapping[EdgeKey, Mapping[str, Any]]
    ) -> EdgeArrays:
        """Sort the edges.

        Args:
            table: the nodes.
            places: the number of each node in the order in which they were found.
            carried: further edges, with what they carry. Those that are among the others carry nothing: a
                cause without conditions makes an edge unconditional.
        """
        plain = len(self._starts)
        marks = array("i", [self._mark(each) for each in carried.values()])
        for start, end, kind in carried:
            self.add(places[start], places[end], kind)
        number = np.fromiter(map(table.numbers.__getitem__, places), dtype=np.int32, count=len(places))
        starts = number[np.array(self._starts)]
        ends = number[np.array(self._ends)]
        kinds = np.array(self._kind_codes)
        mark_codes = np.zeros(len(starts), dtype=np.int32)
        mark_codes[plain:] = marks
        key = (starts.astype(np.int64) * max(len(table), 1) + ends) * max(len(self._kinds), 1) + kinds
        # Stable: of edges that occur several times, the one without properties comes first and is kept.
        order = np.argsort(key, kind="stable")
        key = key[order]
        order = order[np.concatenate(([True], key[1:] != key[:-1]))] if len(order) else order
        counts = np.bincount(starts[order], minlength=len(table))
        return EdgeArrays(
            table,
            list(self._kinds),
            self._distinct,
            Direction(
                _firsts(counts),
                ends[order],
                kinds[order].astype(np.min_scalar_type(len(self._kinds))),
                mark_codes[order].astype(np.min_scalar_type(len(self._distinct))),
            ),
        )

    def _mark(self, attributes: Mapping[str, Any]) -> int:
        # The text of a value tells True from 1, which are equal keys.
        text = tuple(sorted((name, repr(value)) for name, value in attributes.items()))
        found = self._marks.get(text)
        if found is None:
            found = self._marks[text] = len(self._distinct)
            self._distinct.append(FixedAttributes(attributes))
        return found


def _firsts(counts: Numbers) -> Numbers:
    first = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=first[1:])
    return first
