"""Repair malformed events: leave out missing and invalid values, and report them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

__all__ = ["Problem", "check_network", "repair_event"]

_REQUIRED = ("uuid", "published", "eventType")

_OPTIONAL: tuple[tuple[tuple[str, ...], type | tuple[type, ...]], ...] = (
    (("actor", "id"), str),
    (("actor", "type"), str),
    (("actor", "displayName"), str),
    (("actor", "alternateId"), str),
    (("client", "id"), str),
    (("client", "ipAddress"), str),
    (("outcome", "result"), str),
    (("outcome", "reason"), str),
    (("securityContext", "asNumber"), int),
    (("securityContext", "asOrg"), str),
    (("securityContext", "isProxy"), bool),
    (("transaction", "detail", "requestApiTokenId"), str),
    (("debugContext", "debugData", "grantedScopes"), str),
    (("debugContext", "debugData", "privilegeGranted"), str),
)


class Problem(NamedTuple):
    """A value of an event that could not be read.

    Attributes:
        event: index of the event in its page.
        path: path of the value in the event (``actor.id``).
        problem: the expected type. Never the actual value.
        fatal: whether the event was dropped.
    """

    event: int
    path: str
    problem: str
    fatal: bool


def check_network(network: tuple[Any, ...]) -> None:
    """Check the types of a network: address, AS number, AS name, proxy or not.

    Raises:
        TypeError: a value has a wrong type.
    """
    for value, type_ in zip(network, (str, int, str, bool), strict=True):
        if value is not None and value.__class__ is not type_:
            raise TypeError


def repair_event(event: Any) -> tuple[dict[str, Any] | None, list[tuple[str, str, bool]]]:
    """Convert an event to the usual form, with the values that are valid.

    Returns:
        The event, or None if it cannot be used, and the problems: path, description, whether fatal.
    """
    if event.__class__ is not dict:
        return None, [("", "expected an object", True)]
    problems = [
        (name, "expected text", True)
        for name in _REQUIRED
        if event.get(name).__class__ is not str or not event[name]
    ]
    if problems:
        return None, problems
    try:
        published = _in_utc(event["published"])
    except ValueError as error:
        return None, [("published", str(error), True)]
    repaired: dict[str, Any] = {
        "uuid": event["uuid"],
        "published": published,
        "eventType": event["eventType"],
    }
    for path, type_ in _OPTIONAL:
        value, problem = _read(event, path, type_)
        if problem is not None:
            problems.append((*problem, False))
        parent = repaired
        for step in path[:-1]:
            parent = parent.setdefault(step, {})
        parent[path[-1]] = value
    target = event.get("target")
    repaired["target"] = (
        [each for each in target if isinstance(each, dict)] if isinstance(target, list) else None
    )
    return repaired, list(dict.fromkeys(problems))


def _read(event: dict[str, Any], path: tuple[str, ...], type_: Any) -> tuple[Any, tuple[str, str] | None]:
    value: Any = event
    for depth, step in enumerate(path):
        if value is None:
            return None, None
        if value.__class__ is not dict:
            return None, (".".join(path[:depth]), "expected an object")
        value = value.get(step)
    if value is None or value.__class__ is type_:
        return value, None
    return None, (".".join(path), f"expected {_WORDS[type_]}")


_WORDS: dict[Any, str] = {str: "text", int: "a whole number", bool: "true or false"}


def _in_utc(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
        zoned = None if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        zoned = None
    if zoned is None:
        raise ValueError("expected a time as in 2026-01-15T12:25:42.000Z")
    return zoned.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
