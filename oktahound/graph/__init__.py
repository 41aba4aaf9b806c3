"""The graph of a snapshot: node and edge kinds, and the rules that create edges. Pure, without I/O."""

from __future__ import annotations

from oktahound.graph.attack import attack_view, is_traversable
from oktahound.graph.build import build_graph
from oktahound.graph.compact import compact_graph
from oktahound.graph.foreign import Foreign, find_in, foreign_key
from oktahound.graph.model import Edge, EdgeKind, Rule, Unmatched, rule
from oktahound.graph.okta_graph import OktaGraph
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.portable import portable
from oktahound.graph.rows import EdgeRow, GraphRows, NodeRow, graph_rows
from oktahound.graph.rules import ALL_RULES, EDGE_KINDS, RULES, SCOPE_RULES

__all__ = [
    "ALL_RULES",
    "EDGE_KINDS",
    "RULES",
    "SCOPE_RULES",
    "Edge",
    "EdgeKind",
    "EdgeRow",
    "Foreign",
    "GraphRows",
    "NodeRow",
    "OktaGraph",
    "OrgIndex",
    "Rule",
    "Unmatched",
    "attack_view",
    "build_graph",
    "compact_graph",
    "find_in",
    "foreign_key",
    "graph_rows",
    "is_traversable",
    "portable",
    "rule",
]


def __dir__() -> list[str]:
    return sorted(__all__)
