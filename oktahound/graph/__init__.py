"""Nodes, edges and the rules that draw them: pure functions over a snapshot."""

from __future__ import annotations

from oktahound.graph.attack import attack_view, is_traversable
from oktahound.graph.build import build_graph
from oktahound.graph.model import Edge, EdgeKind, Rule, rule
from oktahound.graph.rules import EDGE_KINDS, RULES
from oktahound.graph.view import OrgView

__all__ = [
    "EDGE_KINDS",
    "RULES",
    "Edge",
    "EdgeKind",
    "OrgView",
    "Rule",
    "attack_view",
    "build_graph",
    "is_traversable",
    "rule",
]
