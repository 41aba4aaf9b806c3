"""Convert attributes to what BloodHound can store: primitives, and lists of one primitive type."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from oktahound.sinks.columns import NODE_PROPERTIES
from oktahound.sinks.text import json_bytes

__all__ = ["RESERVED", "as_properties"]

RESERVED = frozenset({"objectid", "ref"})
"""The property names, in lower case, that BloodHound reserves. It rejects a file that sets one of them."""

_NAME_TAKEN = "BloodHound reserves the name"
_SAME_NAME = "another property has the same name in BloodHound, which ignores letter case"
_NO_VALUE = "BloodHound has no null, infinity or NaN"
_NO_ITEM = "an item of the list was null, infinity or NaN; the other items are written"


def as_properties(
    attributes: Mapping[str, Any],
    dropped: Counter[tuple[str, str]],
    *,
    own: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Convert the attributes of a node or an edge to properties that BloodHound can store.

    Attributes of oktahound do not change. In attributes that a caller added, a list of several types becomes
    a list of text, and an object becomes JSON text.

    Args:
        attributes: the attributes.
        dropped: counts the properties that are left out, by name and reason.
        own: properties that take precedence over attributes of the same name; their names are lower case.

    Returns:
        The properties. Among names that differ only by letter case, the one that the model declares is kept,
        or else the first in alphabetical order.
    """
    properties: dict[str, Any] = dict(own)
    taken = set(own)
    names = list(attributes)
    if len({name.casefold() for name in names}) < len(names):
        names.sort(key=lambda name: (name not in NODE_PROPERTIES, name))
    for name in names:
        if (folded := name.casefold()) in RESERVED:
            dropped[name, _NAME_TAKEN] += 1
        elif folded in taken:
            dropped[name, _SAME_NAME] += 1
        elif (value := _property(attributes[name])) is None:
            dropped[name, _NO_VALUE] += 1
        else:
            if isinstance(value, list) and len(value) < len(attributes[name]):
                dropped[name, _NO_ITEM] += 1
            taken.add(folded)
            properties[name] = value
    return properties


def _property(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        items = [item for each in value if (item := _primitive(each)) is not None]
        return items if len({type(each) for each in items}) < 2 else [_text(each) for each in items]
    return _text(value)


def _primitive(value: Any) -> Any:
    converted = _property(value)
    return _text(converted) if isinstance(converted, list) else converted


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return json_bytes(value).decode()
    except TypeError:
        return str(value)
