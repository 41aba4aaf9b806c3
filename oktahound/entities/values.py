"""Strict parsing of single values of Okta's JSON, with clear errors."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import attrs
import cattrs
import orjson

from oktahound.scopes import OAuthScope

__all__ = ["configure_converter", "json_ready", "time_text", "time_texts", "type_name"]


_NAMES: dict[type, str] = {
    bool: "a boolean",
    str: "text",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
}


def type_name(value: object) -> str:
    """Return the JSON name of a value's type."""
    if value is None:
        return "null"
    return _NAMES.get(type(value), type(value).__name__)


def time_text(moment: datetime) -> str:
    """Format a time as in the graph: UTC with milliseconds and ``Z``, truncated.

    >>> from datetime import UTC, datetime
    >>> time_text(datetime(2026, 1, 15, 12, 25, 42, tzinfo=UTC))
    '2026-01-15T12:25:42.000Z'
    """
    (text,) = time_texts([moment])
    return typing.cast("str", text)


def json_ready(value: Any) -> Any:
    """Convert a value for JSON: times to text, tuples to lists, attrs objects to objects."""
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, tuple):
        return [json_ready(each) for each in value]
    if attrs.has(type(value)):
        members = {each.name: getattr(value, each.name) for each in attrs.fields(type(value))}
        return {name: json_ready(member) for name, member in members.items() if member is not None}
    return str(value) if isinstance(value, str) else value


def time_texts(moments: list[datetime | None]) -> list[str | None]:
    """Format many times; see `time_text`. None stays None."""
    # orjson takes a quarter of the time of isoformat, and graphs have millions of times.
    texts = orjson.loads(orjson.dumps(moments, option=orjson.OPT_UTC_Z))
    return [
        text
        and (
            text[:19] + ".000Z" if len(text) == 20 else text[:23] + "Z" if len(text) == 27 else _in_utc(text)
        )
        for text in texts
    ]


def _in_utc(text: str) -> str:
    """Convert a time in another zone to UTC. Callers may create entities with such times."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone. Entities need times in UTC")
    return time_text(moment.astimezone(UTC))


def configure_converter(converter: cattrs.Converter) -> None:
    """Configure a cattrs converter for Okta's values: no coercion, times in UTC, sorted scopes."""
    for type_, read in _READ.items():
        converter.register_structure_hook(type_, read)
        converter.register_structure_hook(type_ | None, _or_none(read))
    converter.register_structure_hook_factory(_is_tuple, _tuple_hook)
    converter.register_structure_hook_factory(_is_optional_tuple, _optional_tuple_hook)


Read = Callable[[Any, Any], Any]


def _text(value: Any, _: Any) -> str:
    if value.__class__ is not str:
        raise TypeError(f"expected text, got {type_name(value)}")
    if not value:
        # Only required fields have this type: an empty id is invalid.
        raise ValueError("expected text, got an empty one")
    return value


def _text_or_none(value: Any, _: Any) -> str | None:
    if value is None or value.__class__ is str:
        return value
    raise TypeError(f"expected text, got {type_name(value)}")


def _flag(value: Any, _: Any) -> bool:
    if value.__class__ is not bool:
        raise TypeError(f"expected true or false, got {type_name(value)}")
    return value


def _whole_number(value: Any, _: Any) -> int:
    if value.__class__ is not int:
        raise TypeError(f"expected a whole number, got {type_name(value)}")
    return value


def _moment(value: Any, _: Any) -> datetime:
    if value.__class__ is not str:
        raise TypeError(f"expected a time, got {type_name(value)}")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("expected a time as in 2026-01-15T12:25:42.000Z") from None
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        # Assuming UTC would be a guess, and a wrong one would move an expiry by hours.
        raise ValueError("expected a time with a zone, as in 2026-01-15T12:25:42.000Z")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("expected a time between the years 1 and 9999") from None


def _scope(value: Any, _: Any) -> OAuthScope:
    return OAuthScope(_text(value, _))


_READ: dict[type, Read] = {
    str: _text,
    bool: _flag,
    int: _whole_number,
    datetime: _moment,
    OAuthScope: _scope,
}


def _or_none(read: Read) -> Read:
    if read is _text:
        return _text_or_none
    return lambda value, type_: None if value is None else read(value, type_)


def _is_tuple(type_: Any) -> bool:
    return typing.get_origin(type_) is tuple


def _is_optional_tuple(type_: Any) -> bool:
    is_union = typing.get_origin(type_) is types.UnionType
    return is_union and any(_is_tuple(arg) for arg in typing.get_args(type_))


def _tuple_hook(type_: Any, converter: cattrs.Converter) -> Read:
    item, _ = typing.get_args(type_)
    read = converter.get_structure_hook(item | None if item is str else item)
    if attrs.has(item):
        read = _object(read)

    def hook(value: Any, _: Any) -> tuple[Any, ...]:
        if value.__class__ is not list:
            raise TypeError(f"expected a list, got {type_name(value)}")
        if item is str and None in value:
            raise TypeError("expected a list of texts, got null in it")
        items = tuple(read(each, item) for each in value)
        # Okta does not guarantee an order of scopes, and two snapshots of one org must compare equal.
        return tuple(sorted(set(items))) if item is OAuthScope else items

    return hook


def _object(read: Read) -> Read:
    """Turn a missing member or a wrong type into the usual error for invalid values."""

    def hook(value: Any, type_: Any) -> Any:
        if value.__class__ is not dict:
            raise TypeError(f"expected an object, got {type_name(value)}")
        try:
            return read(value, type_)
        except KeyError as missing:
            raise ValueError(f"expected an object with {missing.args[0]!r}") from None

    return hook


def _optional_tuple_hook(type_: Any, converter: cattrs.Converter) -> Read:
    inner = next(arg for arg in typing.get_args(type_) if _is_tuple(arg))
    return _or_none(converter.get_structure_hook(inner))
