"""Attributes as BloodHound's properties: primitives and lists of one type of primitives, and no nulls."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from oktahound.sinks.text import json_bytes

__all__ = ["SERVERS_OWN", "as_properties"]

SERVERS_OWN = "objectid"
"""The property that BloodHound keeps the id of a node in; a file that sets it is refused."""


def as_properties(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """What of some attributes BloodHound can hold.

    What oktahound draws goes through as it is. In a graph that somebody added to, a list of several types
    becomes a list of text, and an object becomes its JSON; a null, and a number that is none, say nothing
    and are left out.
    """
    found: dict[str, Any] = {}
    for name, value in attributes.items():
        if name.lower() != SERVERS_OWN and (made := _property(value)) is not None:
            found[name] = made
    return found


def _property(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        items = [made for each in value if (made := _primitive(each)) is not None]
        return items if len({type(each) for each in items}) < 2 else [_text(each) for each in items]
    return _text(value)


def _primitive(value: Any) -> Any:
    made = _property(value)
    return _text(made) if isinstance(made, list) else made


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return json_bytes(value).decode()
    except TypeError:
        return str(value)
