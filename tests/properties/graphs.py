"""Checks that hold for every graph."""

from __future__ import annotations

from typing import Any, TypeAlias

import networkx as nx

from oktahound import Snapshot, attack_view, build_graph

__all__ = ["COVERS", "TARGET_SET", "active", "edges_of", "graph_of", "reach"]

Key: TypeAlias = tuple[str, str, str]
"""Start, kind and end of an edge."""

TARGET_SET, COVERS = "OktaHound_TargetSet", "OktaHound_Covers"


def graph_of(org: Snapshot, form: Any = "edges") -> nx.MultiDiGraph:
    """Build the graph with all optional parts."""
    return build_graph(
        org, permissions=form, scopes=True, trust_boundaries=True, saml=True, indirect_members=True
    )


def edges_of(graph: nx.MultiDiGraph) -> dict[Key, dict[str, Any]]:
    return {(start, kind, end): said for start, end, kind, said in graph.edges(keys=True, data=True)}


def active(graph: nx.MultiDiGraph) -> set[Key]:
    return {key for key, said in edges_of(graph).items() if said.get("active", True)}


def reach(graph: nx.MultiDiGraph) -> dict[str, set[str]]:
    """Return the reachable nodes of each Okta node, without target sets."""
    walk = nx.DiGraph()
    walk.add_edges_from(attack_view(graph).edges())
    walk.add_nodes_from(graph)
    sets = {node for node, kind in graph.nodes(data="kind") if kind == TARGET_SET}
    return {node: nx.descendants(walk, node) - sets for node in set(walk) - sets}
