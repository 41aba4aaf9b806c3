"""Merge the properties of an edge that several rules produced, and the assumptions of one edge.

The result does not depend on the order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

__all__ = ["EdgeProperties", "assuming", "combined", "joined_assumptions"]

EdgeProperties: TypeAlias = Mapping[str, Any] | None
"""The properties of an edge; empty or None if it has none."""


def joined_assumptions(*assumptions: str | None) -> str | None:
    """Return one text with each of these assumptions once; None if there are none."""
    return "; ".join(dict.fromkeys(text for text in assumptions if text)) or None


def assuming(properties: Mapping[str, Any], *assumptions: str | None) -> dict[str, Any]:
    """Return the properties of an edge with these additional assumptions."""
    text = joined_assumptions(properties.get("assumption"), *assumptions)
    return dict(properties) if text is None else {**properties, "assumption": text}


def combined(first: EdgeProperties, second: EdgeProperties) -> EdgeProperties:
    """Merge the properties of an edge that two rules produced.

    If one of the rules has no properties, the edge has none: it exists unconditionally. Otherwise the
    stronger properties count: active before inactive, certain before assumed, unconditional before
    conditional. Equally strong properties are combined.
    """
    if not first or not second:
        return None
    if _strength(first) != _strength(second):
        return first if _strength(first) > _strength(second) else second
    # Of two different values, the choice is by text, independent of their order.
    return {
        name: max((each[name] for each in (first, second) if name in each), key=repr)
        for name in {**first, **second}
    }


def _strength(properties: Mapping[str, Any]) -> tuple[bool, bool, bool]:
    certain = "assumption" not in properties and properties.get("usable", True) is True
    return properties.get("active", True), certain, not properties.get("conditional", False)
