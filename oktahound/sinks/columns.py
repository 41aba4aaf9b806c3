"""Table columns for the properties that the model declares. They are the same for every org.

A column has the type of the entity's field. All other properties of a row (matchers of objects outside the
org, attributes that a caller added to a graph) are JSON text in one last column, so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from oktahound.entities import ENTITIES, derived_of, fields_of
from oktahound.sinks.text import json_bytes

__all__ = ["EDGE_PROPERTIES", "NODE_PROPERTIES", "Column", "parted"]

Column = type[str] | type[bool] | type[int] | type[list[str]]
"""The type of a column: text, flags, 64-bit integers, or lists of text."""

_FITS: Mapping[Column, Callable[[Any], bool]] = {
    str: lambda value: value.__class__ is str,
    bool: lambda value: value.__class__ is bool,
    int: lambda value: value.__class__ is int and -(2**63) <= value < 2**63,
    list: lambda value: value.__class__ is list and all(each.__class__ is str for each in value),
}

# Derived properties that are not text.
_DERIVED: Mapping[str, Column] = {
    "authenticationFactorTypes": list,
    "authenticationFactors": int,
    "autoUserProvisioning": bool,
    "collected": bool,
    "conditionalPermissions": list,
    "enabled": bool,
    "governedGroupIds": list,
    "hasInheritedRoleAssignments": bool,
    "hasRoleAssignments": bool,
    "mfaCollected": bool,
    "oauthScopes": list,
    "permissions": list,
    "scopeComplete": bool,
    "systemApp": bool,
}
# Properties of nodes without an entity: OAuth scopes, and objects outside the org.
_WITHOUT_ENTITY: Mapping[str, Column] = {
    "access": str,
    "assumption": str,
    "described": bool,
    "environmentid": str,
    "foreign": bool,
    "foreignId": str,
    "knowledge": str,
    "oktaDomain": str,
    "operationCount": int,
    "powers": list,
    "severity": str,
}


def _kind_of(type_: object) -> Column:
    """Return the column type of a field. Times are text in the graph."""
    said = str(type_)
    return list if said.startswith("tuple") else bool if "bool" in said else int if "int" in said else str


def _declared() -> dict[str, Column]:
    found = dict(_WITHOUT_ENTITY)
    for cls in ENTITIES:
        if cls.KIND is not None:
            found |= {field.prop: _kind_of(field.type) for field in fields_of(cls) if field.prop}
            found |= {each.name: _DERIVED.get(each.name, str) for each in derived_of(cls)}
    return dict(sorted(found.items()))


NODE_PROPERTIES: Mapping[str, Column] = MappingProxyType(_declared())
"""The types of all properties that the model declares for nodes of any kind, by name."""

EDGE_PROPERTIES: Mapping[str, Column] = MappingProxyType({"assumption": str, "inactiveReason": str})
"""Properties that edges of every kind may have, besides whether they are active."""


def parted(attributes: Mapping[str, Any], declared: Mapping[str, Column]) -> dict[str, Any]:
    """Split attributes by column: declared ones of a fitting type, and all others in ``properties``."""
    values: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for name, value in attributes.items():
        kind = declared.get(name)
        (others if kind is None or not _FITS[kind](value) else values)[name] = value
    if others:
        values["properties"] = json_bytes(dict(sorted(others.items()))).decode()
    return values
