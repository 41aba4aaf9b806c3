"""JSON-ready records of results, for SIEMs and ticketing tools: a stable id, what it means, what to do."""

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
    """A short id of a result that is the same in every run: 24 hexadecimal digits.

    Args:
        *parts: what identifies the result, such as its class and the keys of its nodes.
    """
    text = "\0".join(parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def record(result: object, *identity: str, meaning: str, what_to_do: str, **values: Any) -> dict[str, Any]:
    """A result as a dict of JSON-ready values, with its id, class, meaning and remedy first.

    Args:
        result: the result; its class is part of the id.
        *identity: what tells it apart from other results of its class.
        meaning: what the result means, in whole sentences.
        what_to_do: what an administrator can do about it, in whole sentences; empty if nothing needs to be
            done.
        **values: the facts, made JSON-ready with `plain`.
    """
    name = type(result).__name__
    about = {"id": stable_id(name, *identity), "type": name, "meaning": meaning, "what_to_do": what_to_do}
    return about | {key: plain(value) for key, value in values.items()}


def plain(value: Any) -> Any:
    """A value as JSON holds it.

    Results become the dict of their ``to_dict``, enums their values, sets sorted lists, and times ISO 8601
    text in UTC with milliseconds and ``Z``.

    >>> plain((1, frozenset({"b", "a"}), None))
    [1, ['a', 'b'], None]
    """
    found = value
    match value:
        case enum.Enum():
            found = plain(value.value)
        case str():
            found = str(value)
        case datetime():
            found = value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case _ if hasattr(value, "to_dict"):
            found = value.to_dict()
        case Mapping():
            found = {str(key): plain(each) for key, each in value.items()}
        case AbstractSet():
            found = sorted(map(plain, value))
        case list() | tuple():
            found = [plain(each) for each in value]
        case _ if attrs.has(type(value)):
            found = {each.name: plain(getattr(value, each.name)) for each in attrs.fields(type(value))}
    return found
