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

__all__ = ["BoolArray", "Direction", "EdgeArrays", "EdgeList", "IntArray"]

IntArray = npt.NDArray[Any]
BoolArray = npt.NDArray[np.bool_]


@attrs.frozen(eq=False)
class Direction:
    """All edges in one direction, sorted by the node at this end, then by the node at the other end, and by
    kind.

    Attributes:
        first: for each node number, the index of its first edge; a last entry with the number of edges.
        others: for each edge, the number of the node at the other end.
        kinds: for each edge, the index of its kind in `EdgeArrays.kinds`.
        attributes: for each edge, the index of its attributes in `EdgeArrays.attribute_sets`.
    """

    first: IntArray
    others: IntArray
    kinds: IntArray
    attributes: IntArray

    def where(self, chosen: BoolArray) -> Direction:
        """Return this direction with only the chosen edges."""
        before = np.zeros(len(chosen) + 1, dtype=np.int64)
        np.cumsum(chosen, out=before[1:])
        return Direction(before[self.first], self.others[chosen], self.kinds[chosen], self.attributes[chosen])

    @property
    def nodes(self) -> IntArray:
        """For each edge, the number of the node at this end."""
        return np.repeat(np.arange(len(self.first) - 1, dtype=self.others.dtype), np.diff(self.first))


@attrs.frozen(eq=False, slots=False)
class EdgeArrays:
    """Edges between the nodes of a table.

    Attributes:
        table: the nodes.
        kinds: the names of the kinds.
        attribute_sets: the distinct sets of attributes of edges.
        outgoing: the edges, sorted by start.
    """

    table: NodeTable
    kinds: Sequence[str]
    attribute_sets: Sequence[FixedAttributes]
    outgoing: Direction

    def __len__(self) -> int:
        return len(self.outgoing.others)

    @cached_property
    def incoming(self) -> Direction:
        """The edges, sorted by end."""
        out = self.outgoing
        # Stable: edges to one node stay sorted by start and kind.
        order = np.argsort(out.others, kind="stable")
        counts = np.bincount(out.others, minlength=len(self.table))
        return Direction(_firsts(counts), out.nodes[order], out.kinds[order], out.attributes[order])

    @cached_property
    def target_sets(self) -> BoolArray:
        """For each node, whether it represents a set of targets."""
        found = np.zeros(len(self.table), dtype=np.bool_)
        found[self.table.numbers_of_kind(TARGET_SET)] = True
        return found

    @cached_property
    def attack(self) -> EdgeArrays:
        """The traversable, active edges."""
        traversable = {name for name, kind in EDGE_KINDS.items() if kind.traversable}
        is_traversable = np.array([kind in traversable for kind in self.kinds], dtype=np.bool_)
        is_active = np.array([bool(each.get("active", True)) for each in self.attribute_sets], dtype=np.bool_)
        out = self.outgoing
        return attrs.evolve(self, outgoing=out.where(is_traversable[out.kinds] & is_active[out.attributes]))


class EdgeList:
    """Edges in the order in which they were found, between nodes that are numbered in that order."""

    def __init__(self) -> None:
        self._kinds: dict[str, int] = {}
        self._set_numbers: dict[tuple[tuple[str, str], ...], int] = {(): 0}
        self._distinct = [FixedAttributes()]
        self._starts, self._ends, self._kind_codes = array("i"), array("i"), array("H")

    def add(self, start: int, end: int, kind: str) -> None:
        """Add an edge without properties. It can be added several times."""
        code = self._kinds.get(kind)
        if code is None:
            code = self._kinds[kind] = len(self._kinds)
        self._starts.append(start)
        self._ends.append(end)
        self._kind_codes.append(code)

    def finished(
        self,
        table: NodeTable,
        numbers: Mapping[str, int],
        with_properties: Mapping[EdgeKey, Mapping[str, Any]],
    ) -> EdgeArrays:
        """Sort the edges.

        Args:
            table: the nodes.
            numbers: the number of each node, in the order in which the nodes were found.
            with_properties: further edges, with their properties. An edge that was also added without
                properties has none: a cause without conditions makes an edge unconditional.
        """
        plain = len(self._starts)
        set_numbers = array("i", [self._set_number(each) for each in with_properties.values()])
        for start, end, kind in with_properties:
            self.add(numbers[start], numbers[end], kind)
        sorted_number = np.fromiter(
            map(table.numbers.__getitem__, numbers), dtype=np.int32, count=len(numbers)
        )
        starts = sorted_number[np.array(self._starts)]
        ends = sorted_number[np.array(self._ends)]
        kinds = np.array(self._kind_codes)
        attributes = np.zeros(len(starts), dtype=np.int32)
        attributes[plain:] = set_numbers
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
                attributes[order].astype(np.min_scalar_type(len(self._distinct))),
            ),
        )

    def _set_number(self, attributes: Mapping[str, Any]) -> int:
        # As text, True and 1 differ, although they are equal as keys.
        text = tuple(sorted((name, repr(value)) for name, value in attributes.items()))
        found = self._set_numbers.get(text)
        if found is None:
            found = self._set_numbers[text] = len(self._distinct)
            self._distinct.append(FixedAttributes(attributes))
        return found


def _firsts(counts: IntArray) -> IntArray:
    first = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=first[1:])
    return first
