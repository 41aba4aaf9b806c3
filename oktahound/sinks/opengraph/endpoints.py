"""Serialize the two ends of an edge for BloodHound: by id, or by property matchers."""

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
"""The properties that BloodHound stores in upper case, whatever a collector sends."""


@attrs.frozen
class Unmatchable:
    """That no matcher of BloodHound finds an object, and why."""

    why: str


def is_foreign(row: NodeRow) -> bool:
    """Whether a node stands for an object that is not this org's."""
    return row.attributes.get("foreign") is True or not is_of_org(row.kind)


def by_id(kind: str, id_: str) -> Endpoint:
    """A node with an id as BloodHound keeps it."""
    return {"match_by": "id", "value": id_, "kind": kind}


def of_foreign(row: NodeRow) -> Endpoint | Unmatchable:
    """An object outside the org: by its id over there, or by properties that it has over there.

    Ids are in upper case. Properties are in the case in which `oktahound.graph.Foreign` says them, except
    those that BloodHound itself turns to upper case.
    """
    if row.attributes.get("foreign") is not True:
        return by_id(row.kind, row.id.upper())
    if (id_ := foreign_object_id(row.kind, row.attributes)) is not None:
        return by_id(row.kind, id_)
    told = {
        name: value
        for name, value in row.attributes.items()
        if name not in ("foreign", "collected") and isinstance(value, str)
    }
    if lists := sorted(LIST_PROPERTIES & told.keys()):
        return Unmatchable(f"BloodHound cannot look into a list: {row.kind} by {', '.join(lists)}")
    if not told:
        return Unmatchable(f"nothing tells which {row.kind} it is")
    matchers = [
        {"key": name, "operator": "equals", "value": value.upper() if name in _UPPER_CASE else value}
        for name, value in sorted(told.items())
    ]
    return {"match_by": "property", "property_matchers": matchers, "kind": row.kind}
