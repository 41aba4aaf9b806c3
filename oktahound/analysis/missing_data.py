"""Reasons why an answer about paths may be incomplete, read from a graph's own attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import networkx as nx

__all__ = ["missing_data"]


def missing_data(graph: nx.MultiDiGraph[str]) -> tuple[str, ...]:
    """The rules that lacked data, and the scopes if the graph was built without them; empty if complete."""
    about: Mapping[str, Any] = graph.graph
    scopes = () if about.get("scopes") else ("scopes are not in the graph: build it with scopes=True",)
    withheld = (f"{rule} was withheld: {', '.join(of)} not read" for rule, of in _items(about, "withheld"))
    unsure = (f"{rule} is unsure: {', '.join(of)} incomplete" for rule, of in _items(about, "unsure"))
    return (*scopes, *withheld, *unsure)


def _items(about: Mapping[str, Any], key: str) -> list[tuple[str, list[str]]]:
    return sorted(about.get(key, {}).items())
