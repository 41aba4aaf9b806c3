"""Convert rows of a graph to column values, and column values back to rows."""

from __future__ import annotations

import json
from typing import Any

from oktahound.graph.rows import EdgeRow, NodeRow
from oktahound.graph.rules import EDGE_KINDS
from oktahound.sinks.columns import EDGE_PROPERTIES, NODE_PROPERTIES, split_by_column

__all__ = ["of_edge", "of_node", "to_edge", "to_node"]


def of_node(row: NodeRow) -> dict[str, Any]:
    """Return the values of a node by column. All other columns are null."""
    return {"id": row.id, "kind": row.kind, **split_by_column(row.attributes, NODE_PROPERTIES)}


def of_edge(row: EdgeRow) -> dict[str, Any]:
    """Return the values of an edge by column. An edge without the property ``active`` is active."""
    kind, attributes = row.kind, row.attributes
    values = {
        "src": row.start,
        "dst": row.end,
        "kind": kind.name,
        "traversable": kind.traversable,
        "active": attributes.get("active") is not False,
    }
    if not values["active"]:
        attributes = {name: value for name, value in attributes.items() if name != "active"}
    return {**values, **split_by_column(attributes, EDGE_PROPERTIES)} if attributes else values


def to_node(values: dict[str, Any]) -> NodeRow:
    """Return the node that has these values by column."""
    attributes = _attributes(values)
    return NodeRow(attributes.pop("id"), attributes.pop("kind"), attributes | _others(values))


def to_edge(values: dict[str, Any]) -> EdgeRow:
    """Return the edge that has these values by column.

    Raises:
        KeyError: its kind is unknown.
    """
    attributes = _attributes(values)
    kind = EDGE_KINDS[attributes.pop("kind")]
    del attributes["traversable"]
    if attributes["active"]:
        del attributes["active"]
    start, end = attributes.pop("src"), attributes.pop("dst")
    return EdgeRow(kind, start, end, attributes | _others(values))


def _attributes(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None and name != "properties"}


def _others(values: dict[str, Any]) -> dict[str, Any]:
    others: dict[str, Any] = json.loads(values["properties"] or "{}")
    return others
