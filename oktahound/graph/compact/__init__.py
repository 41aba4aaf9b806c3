"""Graphs in flat arrays: read-only networkx graphs that take a few bytes for each edge."""

from __future__ import annotations

from oktahound.graph.compact.build import compact_graph, has_numpy

__all__ = ["compact_graph", "has_numpy"]
