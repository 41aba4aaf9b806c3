"""Convert results to JSON-ready records with a stable id, a meaning and a remedy, for SIEMs and ticketing."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Any

import attrs

__all__ = ["plain", "record", "stable_id"]


def stable_id(*parts: str) -> str:
    """Return a short id of a result that is the same in every run: 24 hexadecimal digits.

    Args:
        *parts: texts that identify the result, such as its class and the keys of its nodes.
    """
    text = "\0".join(parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def record(result: object, *identity: str, meaning: str, what_to_do: str, **values: Any) -> dict[str, Any]:
    """Return a result as a dict of JSON-ready values, with its id, class, meaning and remedy first.

    Args:
        result: the result; its class is part of the id.
        *identity: texts that identify it among the results of its class.
        meaning: what the result means, in complete sentences.
        what_to_do: what an administrator can do about it, in complete sentences; empty if no action is
            needed.
        **values: further values, which `plain` converts to JSON-ready ones.
    """
    name = type(result).__name__
    head = {"id": stable_id(name, *identity), "type": name, "meaning": meaning, "what_to_do": what_to_do}
    return head | {key: plain(value) for key, value in values.items()}


def plain(value: Any) -> Any:
    """Convert a value to a JSON-ready one.

    Results become the dict of their ``to_dict``, enums become their values, sets become sorted lists, and
    times become ISO 8601 text in UTC with milliseconds and ``Z``.

    >>> plain((1, frozenset({"b", "a"}), None))
    [1, ['a', 'b'], None]
    """
    plain_value = value
    match value:
        case enum.Enum():
            plain_value = plain(value.value)
        case str():
            plain_value = str(value)
        case datetime():
            plain_value = value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case _ if hasattr(value, "to_dict"):
            plain_value = value.to_dict()
        case Mapping():
            plain_value = {str(key): plain(each) for key, each in value.items()}
        case AbstractSet():
            plain_value = sorted(map(plain, value))
        case list() | tuple():
            plain_value = [plain(each) for each in value]
        case _ if attrs.has(type(value)):
            plain_value = {each.name: plain(getattr(value, each.name)) for each in attrs.fields(type(value))}
    return plain_value
