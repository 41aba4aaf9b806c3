"""The edges that an attacker can use: the traversable, active part of a graph, as a read-only view."""

from __future__ import annotations

from collections.abc import Hashable, ItemsView, Iterator, Mapping, ValuesView
from operator import itemgetter
from typing import Any, TypeAlias

import networkx as nx

from oktahound.graph.compact.build import graph_of_arrays
from oktahound.graph.okta_graph import OktaGraph
from oktahound.graph.parallel_edges import Keys, ParallelEdges
from oktahound.graph.rules import EDGE_KINDS

__all__ = ["attack_view", "is_traversable"]

Edges: TypeAlias = Any
"""Parallel edges, attributes by kind: `ParallelEdges`, or a dict of dicts in a graph of networkx."""

_TRAVERSABLE = frozenset(name for name, kind in EDGE_KINDS.items() if kind.traversable)
_SECOND = itemgetter(1)


class _TraversableOf(dict[Keys, Keys]):
    """The traversable kinds among the kinds of parallel edges. There are few combinations."""

    def __missing__(self, kinds: Keys) -> Keys:
        if len(self) >= _MOST_COMBINATIONS:
            self.clear()
        self[kinds] = found = tuple(kind for kind in kinds if kind in _TRAVERSABLE)
        return found


_MOST_COMBINATIONS = 4096
_TRAVERSABLE_OF = _TraversableOf()


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
        Each pass tests each edge: counting and searching take two to four times as long as on the whole
        graph. For many passes, take the view of `oktahound.graph.compact_graph`.
    """
    if isinstance(graph, OktaGraph) and graph.arrays is not None:
        compact: Any = graph_of_arrays(graph.arrays.attack, graph.graph)
        compact._graph = graph  # noqa: SLF001
        compact_view: nx.MultiDiGraph[str] = compact
        return compact_view
    # A class of the caller's own stays. networkx's counts edges in two slower passes.
    of: Any = OktaGraph if type(graph) is nx.MultiDiGraph else type(graph)
    view: nx.MultiDiGraph[str] = nx.freeze(of())
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

    def number_of_edges(self) -> int:
        """Return the number of usable edges."""
        return sum(
            len(
                _TRAVERSABLE_OF[edges.kinds]
                if edges.__class__ is ParallelEdges and not (edges.held and any(edges.held))
                else _usable_kinds(edges)
            )
            for neighbors in self._all.values()
            for edges in neighbors.values()
        )


class _Neighbors(Mapping[str, Edges]):
    """The neighbours of one node that are connected to it by at least one usable edge."""

    # The loops write out the common case, parallel edges without attributes: a call for each would double the
    # time of a pass.

    __slots__ = ("_all",)

    def __init__(self, neighbors: Mapping[str, Edges]) -> None:
        self._all = neighbors

    def __getitem__(self, node: str) -> Edges:
        edges = self._all[node]
        if kinds := _usable_kinds(edges):
            return _restricted(edges, kinds)
        raise KeyError(node)

    def __iter__(self) -> Iterator[str]:
        return iter(
            [
                node
                for node, edges in self._all.items()
                if (
                    _TRAVERSABLE_OF[edges.kinds]
                    if edges.__class__ is ParallelEdges and not (edges.held and any(edges.held))
                    else _usable_kinds(edges)
                )
            ]
        )

    def __len__(self) -> int:
        return sum(1 for _ in self)

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
        return [
            (node, _restricted(edges, kinds))
            for node, edges in self._all.items()
            if (
                kinds := _TRAVERSABLE_OF[edges.kinds]
                if edges.__class__ is ParallelEdges and not (edges.held and any(edges.held))
                else _usable_kinds(edges)
            )
        ]


class _Items(ItemsView[str, Edges]):
    _mapping: _Neighbors

    def __iter__(self) -> Iterator[tuple[str, Edges]]:
        return iter(self._mapping.pairs())


class _Values(ValuesView[Edges]):
    _mapping: _Neighbors

    def __iter__(self) -> Iterator[Edges]:
        return map(_SECOND, self._mapping.pairs())


class _Usable(Mapping[Hashable, Any]):
    """The usable edges between two nodes that other edges connect, too."""

    __slots__ = ("_all", "_kinds")

    def __init__(self, edges: Edges, kinds: Keys) -> None:
        self._all = edges
        self._kinds = kinds

    def __getitem__(self, kind: Hashable) -> Any:
        if kind in self._kinds:
            return self._all[kind]
        raise KeyError(kind)

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)

    def items(self) -> ItemsView[Hashable, Any]:
        """Return kinds with attributes. `Mapping.items` would look up each kind on its own."""
        return {kind: self._all[kind] for kind in self._kinds}.items()

    def __repr__(self) -> str:
        return repr(dict(self))


def _restricted(edges: Edges, kinds: Keys) -> Edges:
    """Return the edges of these kinds: the same mapping if there are no others."""
    return edges if len(kinds) == len(edges) else _Usable(edges, kinds)


def _usable_kinds(edges: Edges) -> Keys:
    """Return the kinds of the traversable, active edges among parallel edges."""
    if edges.__class__ is ParallelEdges:
        if not (edges.held and any(edges.held)):
            return _TRAVERSABLE_OF[edges.kinds]
        pairs = zip(edges.kinds, edges.held, strict=True)
    else:
        pairs = edges.items()
    kinds: Keys = ()
    for kind, attributes in pairs:
        if kind in _TRAVERSABLE and (not attributes or attributes.get("active", True)):
            kinds = (*kinds, kind)
    return kinds
