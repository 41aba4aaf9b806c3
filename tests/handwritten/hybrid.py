"""Small orgs for tests of edges that lead out of the org."""

from __future__ import annotations

from handwritten.orgs import snapshot_of
from oktahound import build_graph
from oktahound.entities import Entity


def crossings(*rows: Entity, kind: str | None = None, **about: object) -> dict[tuple[str, str, str], dict]:
    """Return the edges with an endpoint outside the org, as (start, kind, end), and their properties."""
    graph = build_graph(snapshot_of(*rows), **about)
    return {
        (start, name, end): carried
        for start, end, name, carried in graph.edges(keys=True, data=True)
        if graph.nodes[start].get("foreign") or graph.nodes[end].get("foreign")
        if kind in (None, name)
    }


def unmatched(*rows: Entity) -> set[tuple[str, str, str, int]]:
    """Return the unmatched edges, as (rule, object, reason, count)."""
    found = build_graph(snapshot_of(*rows)).graph["unmatched"]
    return {(each["rule"], each["object"], each["why"], each["count"]) for each in found}
