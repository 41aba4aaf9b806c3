"""Serialize the endpoints of an edge for BloodHound: by id, or by property matchers."""

from __future__ import annotations

from typing import Any

import attrs

from oktahound.graph.foreign import LIST_PROPERTIES
from oktahound.graph.kind_names import is_of_org
from oktahound.graph.object_ids import foreign_object_id
from oktahound.graph.rows import NodeRow

__all__ = ["Endpoint", "Unmatchable", "by_id", "is_foreign", "of_foreign"]

Endpoint = dict[str, Any]
_UPPER_CASE = frozenset({"name", "operatingsystem", "distinguishedname"})
"""The properties that BloodHound converts to upper case."""


@attrs.frozen
class Unmatchable:
    """An object that no property matcher of BloodHound can find.

    Attributes:
        reason: the reason.
    """

    reason: str


def is_foreign(row: NodeRow) -> bool:
    """Return whether a node represents an object outside this org."""
    return row.attributes.get("foreign") is True or not is_of_org(row.kind)


def by_id(kind: str, id_: str) -> Endpoint:
    """Return the endpoint that matches a node by its id in BloodHound."""
    return {"match_by": "id", "value": id_, "kind": kind}


def of_foreign(row: NodeRow) -> Endpoint | Unmatchable:
    """Return the endpoint that matches an object outside the org: by its id or its properties there.

    Ids are in upper case. Properties have the letter case of `oktahound.graph.Foreign`, except for those that
    BloodHound converts to upper case.
    """
    if row.attributes.get("foreign") is not True:
        return by_id(row.kind, row.id.upper())
    if (id_ := foreign_object_id(row.kind, row.attributes)) is not None:
        return by_id(row.kind, id_)
    properties = {
        name: value
        for name, value in row.attributes.items()
        if name not in ("foreign", "collected") and isinstance(value, str)
    }
    if lists := sorted(LIST_PROPERTIES & properties.keys()):
        return Unmatchable(f"BloodHound cannot match an item of a list: {row.kind} by {', '.join(lists)}")
    if not properties:
        return Unmatchable(f"no property identifies the {row.kind}")
    matchers = [
        {"key": name, "operator": "equals", "value": value.upper() if name in _UPPER_CASE else value}
        for name, value in sorted(properties.items())
    ]
    return {"match_by": "property", "property_matchers": matchers, "kind": row.kind}
