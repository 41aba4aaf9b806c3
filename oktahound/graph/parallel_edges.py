"""The edges from one node to another, in less memory than the dicts of networkx take."""

from __future__ import annotations

from collections.abc import Hashable, ItemsView, Iterator, Mapping, MutableMapping, ValuesView
from functools import lru_cache
from typing import Any, TypeAlias

__all__ = ["Attributes", "Keys", "ParallelEdges"]

Attributes: TypeAlias = dict[str, Any]
Keys: TypeAlias = tuple[Hashable, ...]

_NONE: Mapping[str, Any] = {}
_MISSING: Any = object()


# typed=True keeps the keys 1, 1.0 and True apart, which are equal.
@lru_cache(maxsize=1024, typed=True)
def _shared(*keys: Hashable) -> Keys:
    """Return one tuple for all pairs of nodes that are connected by edges of these keys."""
    return keys


class ParallelEdges(MutableMapping[Hashable, Attributes]):
    """The attributes of parallel edges by key. It takes the place of a dict of dicts in networkx.

    For a single edge without attributes, networkx takes 248 bytes, and this class 48. Most pairs of nodes
    have the same few keys and the same few attributes, so that they share both. The first access to the
    attributes of an edge copies those of the pair into dicts of its own, which can be changed.

    Lookups compare the keys one by one: there are rarely more than three.

    Attributes:
        kinds: the keys of the edges, in the order in which they were added. oktahound uses kinds as keys.
        held: the attributes in the same order: a tuple of shared mappings, a list of own dicts, or None if
            no edge has attributes.
    """

    __slots__ = ("held", "kinds")

    def __init__(
        self, kinds: Keys = (), held: tuple[Mapping[str, Any], ...] | list[Attributes] | None = None
    ) -> None:
        self.kinds = kinds
        self.held = held

    def peek(self, key: Hashable) -> Mapping[str, Any] | None:
        """Return the attributes of an edge for reading only; None if there is no such edge."""
        if key not in self.kinds:
            return None
        return _NONE if self.held is None else self.held[self.kinds.index(key)]

    def put(self, key: Hashable, attributes: Mapping[str, Any] = _NONE) -> None:
        """Add an edge, or replace its attributes. The mapping is shared: it must never change."""
        held = self.held
        if isinstance(held, list):
            self[key] = dict(attributes)
            return
        if key not in self.kinds:
            if attributes or held is not None:
                self.held = (*(held or (_NONE,) * len(self.kinds)), attributes)
            self.kinds = _shared(*self.kinds, key)
        elif attributes or held is not None:
            place = self.kinds.index(key)
            shared = held or (_NONE,) * len(self.kinds)
            self.held = (*shared[:place], attributes, *shared[place + 1 :])

    def own(self) -> list[Attributes]:
        """Return the attributes as dicts that only this pair of nodes has."""
        held = self.held
        if not isinstance(held, list):
            held = self.held = [dict(each) for each in held or (_NONE,) * len(self.kinds)]
        return held

    def __getitem__(self, key: Hashable) -> Attributes:
        try:
            return self.own()[self.kinds.index(key)]
        except ValueError:
            raise KeyError(key) from None

    def __setitem__(self, key: Hashable, attributes: Attributes) -> None:
        own = self.own()
        if key in self.kinds:
            own[self.kinds.index(key)] = attributes
        else:
            self.kinds = _shared(*self.kinds, key)
            own.append(attributes)

    def __delitem__(self, key: Hashable) -> None:
        if key not in self.kinds:
            raise KeyError(key)
        place = self.kinds.index(key)
        del self.own()[place]
        self.kinds = _shared(*self.kinds[:place], *self.kinds[place + 1 :])

    def __contains__(self, key: object) -> bool:
        return key in self.kinds

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self.kinds)

    def __len__(self) -> int:
        return len(self.kinds)

    def get(self, key: Hashable, default: Any = None) -> Any:
        """Return the attributes of one edge."""
        return self[key] if key in self.kinds else default

    def items(self) -> ItemsView[Hashable, Attributes]:
        """Return keys with attributes."""
        return _ItemsView(self)

    def values(self) -> ValuesView[Attributes]:
        """Return the attributes of each edge."""
        return _ValuesView(self)

    def popitem(self) -> tuple[Hashable, Attributes]:
        """Remove and return the edge that was added last, as a dict does."""
        if not self.kinds:
            raise KeyError("popitem(): there is no edge")
        key = self.kinds[-1]
        return key, self.pop(key)

    def copy(self) -> dict[Hashable, Attributes]:
        """Return a dict of the same attributes."""
        return dict(self.items())

    def __repr__(self) -> str:
        return repr(dict(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return ParallelEdges, (self.kinds, self.held)


class _ItemsView(ItemsView[Hashable, Attributes]):
    _mapping: ParallelEdges

    def __iter__(self) -> Iterator[tuple[Hashable, Attributes]]:
        return zip(self._mapping.kinds, self._mapping.own(), strict=True)


class _ValuesView(ValuesView[Attributes]):
    _mapping: ParallelEdges

    def __iter__(self) -> Iterator[Attributes]:
        return iter(self._mapping.own())
