"""The part of a graph that an attacker can walk."""

from __future__ import annotations

import networkx as nx

from oktahound.graph.rules import EDGE_KINDS

__all__ = ["attack_view", "is_traversable"]


def is_traversable(kind: str) -> bool:
    """Whether edges of this kind can be walked: a fact of the kind.

    Raises:
        KeyError: there is no such kind.
    """
    return EDGE_KINDS[kind].traversable


def attack_view(graph: nx.MultiDiGraph[str]) -> nx.MultiDiGraph[str]:
    """The traversable, active edges of a graph, with all its nodes.

    Every question about paths is to be asked of this view and not of the graph itself.

    Returns:
        A read-only networkx view: it follows changes of `graph` and costs no copy. An edge of a kind that
        oktahound does not know is not in it.
    """
    adjacency = graph.adj

    def walks(start: str, end: str, kind: str) -> bool:
        known = EDGE_KINDS.get(kind)
        return known is not None and known.traversable and adjacency[start][end][kind].get("active", True)

    # The stubs know only the integer keys that networkx makes up itself.
    return nx.subgraph_view(graph, filter_edge=walks)  # type: ignore[arg-type]
