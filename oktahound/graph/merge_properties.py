"""What an edge carries that came about in several ways: it is drawn once, and no order of causes matters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

__all__ = ["Carried", "combined"]

Carried: TypeAlias = Mapping[str, Any] | None
"""What an edge carries; empty or None for nothing."""


def combined(one: Carried, other: Carried) -> Carried:
    """What an edge with these two causes carries.

    A cause without conditions makes the edge unconditional. Of two with conditions the stronger one counts;
    two that are equally strong say what both say.
    """
    if not one or not other:
        return None
    if _strength(one) != _strength(other):
        return one if _strength(one) > _strength(other) else other
    # Whichever came first: where they contradict each other, the text decides.
    return {
        name: max((each[name] for each in (one, other) if name in each), key=repr)
        for name in {**one, **other}
    }


def _strength(properties: Mapping[str, Any]) -> tuple[bool, bool, bool]:
    certain = "assumption" not in properties and properties.get("usable", True) is True
    return properties.get("active", True), certain, not properties.get("conditional", False)
