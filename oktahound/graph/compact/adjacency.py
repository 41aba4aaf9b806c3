"""The adjacency of networkx, created from flat arrays when a node is looked up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from oktahound.graph.compact.attributes import FixedAttributes

if TYPE_CHECKING:
    from oktahound.graph.compact.edge_arrays import Direction, EdgeArrays

__all__ = ["Adjacency", "Neighbors"]

Neighbors = dict[str, dict[str, FixedAttributes]]
"""Attributes of edges, by the node at the other end and by kind."""


class Adjacency(Mapping[str, Neighbors]):
    """The neighbours of each node: the ``_succ`` or ``_pred`` mapping of a networkx graph."""

    __slots__ = ("_backwards", "_edges")

    def __init__(self, edges: EdgeArrays, *, backwards: bool) -> None:
        self._edges, self._backwards = edges, backwards

    @property
    def _direction(self) -> Direction:
        return self._edges.incoming if self._backwards else self._edges.outgoing

    def __getitem__(self, node: str) -> Neighbors:
        edges, direction = self._edges, self._direction
        number = edges.table.numbers[node]
        part = slice(*direction.first[number : number + 2].tolist())
        others: list[int] = direction.others[part].tolist()
        kinds: list[int] = direction.kinds[part].tolist()
        attributes: list[int] = direction.attributes[part].tolist()
        keys, names, distinct = edges.table.keys_by_number, edges.kinds, edges.attribute_sets
        found: Neighbors = {}
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
