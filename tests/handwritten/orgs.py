"""Builders for small snapshots and their graphs, for tests of rules."""

from __future__ import annotations

from datetime import UTC, datetime

import networkx as nx

from oktahound import Gap, Snapshot, build_graph
from oktahound.entities import ENTITIES, Entity, Organization

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
ORG = Organization(id="00oOrg", company_name="Contoso", subdomain="contoso", status="ACTIVE")


def snapshot_of(*rows: Entity, gaps: tuple[Gap, ...] = (), asked: frozenset[str] | None = None) -> Snapshot:
    """Build the snapshot of an org with these rows."""
    tables: dict[str, list[Entity]] = {}
    for row in (ORG, *rows):
        tables.setdefault(type(row).PLURAL, []).append(row)
    return Snapshot(
        domain="contoso.okta.com",
        started_at=NOON,
        collected_at=NOON,
        asked=frozenset(cls.__name__ for cls in ENTITIES) if asked is None else asked,
        gaps=gaps,
        **{name: tuple(rows) for name, rows in tables.items()},
    )


def edges(*rows: Entity, but: str = "Okta_Contains", **about: object) -> set[tuple[str, str, str]]:
    """Return the edges of such an org as (start, kind, end), without those of one kind."""
    graph = build_graph(snapshot_of(*rows, **about))
    return {(start, kind, end) for start, end, kind in graph.edges(keys=True) if kind != but}


def content(graph: nx.MultiDiGraph) -> tuple[dict, dict, dict]:
    """Convert a graph to plain values that compare independent of order."""
    return (
        {node: dict(attributes) for node, attributes in graph.nodes(data=True)},
        {
            (start, end, kind): dict(attributes)
            for start, end, kind, attributes in graph.edges(keys=True, data=True)
        },
        dict(graph.graph),
    )
