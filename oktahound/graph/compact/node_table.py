"""The nodes of a compact graph: keys in order, their numbers, and the sources of their attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from oktahound.entities import Entity
from oktahound.graph.compact.attributes import FixedAttributes, RowAttributes, attributes_of_row
from oktahound.graph.org_index import OrgIndex

__all__ = ["NodeTable", "Source"]

Source: TypeAlias = Entity | FixedAttributes
"""The row whose fields are the attributes of a node, or the attributes themselves."""


class NodeTable(Mapping[str, Mapping[str, Any]]):
    """The nodes by key, with their attributes: the ``_node`` mapping of a networkx graph.

    Node numbers are the indexes of the keys in sorted order, so numbers have the same order as keys.

    Attributes:
        keys_by_number: the keys, sorted.
        numbers: the number of each key.
    """

    def __init__(self, sources: Mapping[str, Source], org: OrgIndex | None) -> None:
        """Number the nodes.

        Args:
            sources: the source of each node by key.
            org: the index of the snapshot with the rows among the sources.
        """
        self.keys_by_number = sorted(sources)
        self.numbers = {key: number for number, key in enumerate(self.keys_by_number)}
        self._sources = [sources[key] for key in self.keys_by_number]
        self._org = org

    def __getitem__(self, node: str) -> Mapping[str, Any]:
        source = self._sources[self.numbers[node]]
        if isinstance(source, FixedAttributes):
            return source
        assert self._org is not None  # noqa: S101 - for the type checker: rows come with their index
        return RowAttributes(source, self._org)

    def __contains__(self, node: object) -> bool:
        return node in self.numbers

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys_by_number)

    def __len__(self) -> int:
        return len(self.keys_by_number)

    def numbers_of_kind(self, kind: str) -> list[int]:
        """Return the numbers of the nodes of a kind, ascending."""
        return [number for number, source in enumerate(self._sources) if _kind(source) == kind]

    def __getstate__(self) -> dict[str, Any]:
        """Pickle attributes in place of rows: an index of a snapshot contains functions."""
        state = self.__dict__.copy()
        if self._org is not None:
            state["_org"] = None
            state["_sources"] = [
                each
                if isinstance(each, FixedAttributes)
                else FixedAttributes(attributes_of_row(each, self._org))
                for each in self._sources
            ]
        return state


def _kind(source: Source) -> object:
    return source.get("kind") if isinstance(source, FixedAttributes) else source.KIND
