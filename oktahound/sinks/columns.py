"""Table columns for the node and edge properties that the model declares. They are the same for every org.

A column has the type of the entity's field. All other properties of a row (those that identify objects
outside the org, and attributes that a caller added to a graph) are JSON text in the last column, so that
nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from oktahound.entities import ENTITIES, derived_of, fields_of
from oktahound.sinks.text import json_bytes

__all__ = ["EDGE_PROPERTIES", "NODE_PROPERTIES", "Column", "split_by_column"]

Column = type[str] | type[bool] | type[int] | type[list[str]]
"""The type of a column: text, booleans, 64-bit integers, or lists of text."""

_IS_TYPE: Mapping[Column, Callable[[Any], bool]] = {
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


def _column_type(type_: object) -> Column:
    """Return the column type of a field. Times are text in the graph."""
    name = str(type_)
    return list if name.startswith("tuple") else bool if "bool" in name else int if "int" in name else str


def _declared_properties() -> dict[str, Column]:
    properties = dict(_WITHOUT_ENTITY)
    for cls in ENTITIES:
        if cls.KIND is not None:
            properties |= {field.prop: _column_type(field.type) for field in fields_of(cls) if field.prop}
            properties |= {each.name: _DERIVED.get(each.name, str) for each in derived_of(cls)}
    return dict(sorted(properties.items()))


NODE_PROPERTIES: Mapping[str, Column] = MappingProxyType(_declared_properties())
"""The types of all properties that the model declares for any kind of node, by name."""

EDGE_PROPERTIES: Mapping[str, Column] = MappingProxyType({"assumption": str, "inactiveReason": str})
"""The types of the properties that edges of every kind may have, except for ``active``, by name."""


def split_by_column(attributes: Mapping[str, Any], declared: Mapping[str, Column]) -> dict[str, Any]:
    """Distribute attributes to the declared columns if the type fits, and otherwise to ``properties``."""
    values: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for name, value in attributes.items():
        kind = declared.get(name)
        (others if kind is None or not _IS_TYPE[kind](value) else values)[name] = value
    if others:
        values["properties"] = json_bytes(dict(sorted(others.items()))).decode()
    return values
