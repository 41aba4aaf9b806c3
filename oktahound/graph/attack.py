"""The edges that an attacker can use: the traversable, active part of a graph, as a read-only view."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from operator import itemgetter
from typing import Any, TypeAlias

import networkx as nx

from oktahound.graph.compact.build import graph_of_arrays
from oktahound.graph.okta_graph import OktaGraph
from oktahound.graph.rules import EDGE_KINDS

__all__ = ["attack_view", "is_traversable"]

Edges: TypeAlias = Mapping[str, Mapping[str, Any]]
"""The edges between two nodes: attributes by kind."""

_TRAVERSABLE = frozenset(name for name, kind in EDGE_KINDS.items() if kind.traversable)
_ALL_TRAVERSABLE, _NONE_TRAVERSABLE = _TRAVERSABLE.issuperset, _TRAVERSABLE.isdisjoint
_FIRST, _SECOND = itemgetter(0), itemgetter(1)


def is_traversable(kind: str) -> bool:
    """Return whether edges of this kind are traversable.

    Raises:
        KeyError: there is no such kind.
    """
    return EDGE_KINDS[kind].traversable


def attack_view(graph: nx.MultiDiGraph[str]) -> nx.MultiDiGraph[str]:
    """Return a view of the traversable, active edges of a graph, with all its nodes.

    Every question about paths must use this view, not the graph itself.

    Returns:
        A read-only `networkx.MultiDiGraph` that shares the data of `graph`: it follows later changes of
        `graph`, copies nothing and can be pickled. Edges of unknown kinds are left out.
        Each pass tests each edge; for many passes, take the view of `oktahound.graph.compact_graph`.
    """
    if isinstance(graph, OktaGraph) and graph.arrays is not None:
        compact: Any = graph_of_arrays(graph.arrays.attack, graph.graph)
        compact._graph = graph  # noqa: SLF001
        compact_view: nx.MultiDiGraph[str] = compact
        return compact_view
    view: nx.MultiDiGraph[str] = nx.freeze(graph.__class__())
    parts: Any = view
    whole: Any = graph
    # The same attributes that `networkx.subgraph_view` sets. Its filters call a function of three arguments
    # and build three mappings for each edge at every pass, which is about thirty times slower.
    parts._graph = graph  # noqa: SLF001
    parts.graph = graph.graph
    parts._node = whole._node  # noqa: SLF001
    parts._succ = _Adjacency(whole._succ)  # noqa: SLF001
    parts._pred = _Adjacency(whole._pred)  # noqa: SLF001
    # Tells networkx backends not to cache a conversion, because `graph` can change.
    parts.__networkx_cache__ = None
    return view


class _Adjacency(Mapping[str, Mapping[str, Edges]]):
    """The adjacency of networkx (neighbours by node, edges by neighbour), without unusable edges."""

    __slots__ = ("_all",)

    def __init__(self, adjacency: Mapping[str, Mapping[str, Edges]]) -> None:
        self._all = adjacency

    def __getitem__(self, node: str) -> Mapping[str, Edges]:
        return _Neighbors(self._all[node])

    def __contains__(self, node: object) -> bool:
        return node in self._all

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __repr__(self) -> str:
        return repr(dict(self))


class _Neighbors(Mapping[str, Edges]):
    """The neighbours of one node that are connected to it by at least one usable edge."""

    __slots__ = ("_all",)

    def __init__(self, neighbors: Mapping[str, Edges]) -> None:
        self._all = neighbors

    def __getitem__(self, node: str) -> Edges:
        if edges := _usable(self._all[node]):
            return edges
        raise KeyError(node)

    def __iter__(self) -> Iterator[str]:
        return map(_FIRST, self.pairs())

    def __len__(self) -> int:
        return len(self.pairs())

    def __repr__(self) -> str:
        return repr(dict(self))

    def items(self) -> ItemsView[str, Edges]:
        """Return neighbours with edges. Tests each edge once; `Mapping.items` would test it twice."""
        return _Items(self)

    def values(self) -> ValuesView[Edges]:
        """Return the edges to each neighbour, each tested once."""
        return _Values(self)

    def pairs(self) -> list[tuple[str, Edges]]:
        """Return neighbours with their usable edges."""
        # `_usable` with its common case written out: a call for each edge would double the time of a pass.
        return [
            (node, usable)
            for node, edges in self._all.items()
            if not _NONE_TRAVERSABLE(edges)
            and (usable := edges if _ALL_TRAVERSABLE(edges) and not any(edges.values()) else _usable(edges))
        ]


class _Items(ItemsView[str, Edges]):
    _mapping: _Neighbors

    def __iter__(self) -> Iterator[tuple[str, Edges]]:
        return iter(self._mapping.pairs())


class _Values(ValuesView[Edges]):
    _mapping: _Neighbors

    def __iter__(self) -> Iterator[Edges]:
        return map(_SECOND, self._mapping.pairs())


def _usable(edges: Edges) -> Edges:
    """Return the traversable, active edges between two nodes; the same mapping if all of them are."""
    usable = {
        kind: attributes
        for kind, attributes in edges.items()
        if kind in _TRAVERSABLE and attributes.get("active", True)
    }
    return edges if len(usable) == len(edges) else usable
