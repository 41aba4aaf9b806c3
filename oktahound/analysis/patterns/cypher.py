"""Translate path patterns and conditions to Cypher."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from oktahound.analysis.patterns.pattern import Condition, PathPattern, Where
from oktahound.entities import time_text

__all__ = ["cypher_of"]


def cypher_of(pattern: PathPattern, where: Iterable[Where], returns: str | None, now: datetime) -> str:
    """Return the Cypher query for one path.

    Args:
        pattern: the path.
        where: the conditions; those on names that the path lacks are ignored.
        returns: the name of the node to return; None for the whole path.
        now: the reference time for ages. Times are ISO 8601 text in UTC with milliseconds, so that comparing
            texts compares times.
    """
    conditions = [_condition(each, now) for each in where if each.name in pattern.names]
    lines = [f"MATCH {pattern}" if returns is not None else f"MATCH p = {pattern}"]
    if conditions:
        lines.append("WHERE " + "\n  AND ".join(conditions))
    lines.append(f"RETURN DISTINCT {returns}" if returns is not None else "RETURN p")
    return "\n".join(lines)


def _condition(condition: Where, now: datetime) -> str:
    if isinstance(condition, Condition):
        return _comparison(condition, now)
    return "(" + " OR ".join(_comparison(each, now) for each in condition.conditions) + ")"


def _comparison(condition: Condition, now: datetime) -> str:
    left = f"{condition.name}.{_quoted(condition.prop)}"
    match condition.operator:
        case "is_null":
            return f"{left} IS NULL"
        case "not_null":
            return f"{left} IS NOT NULL"
        case "in":
            return f"{left} IN [{', '.join(map(_literal, condition.value))}]"
        case "older_than_days":
            limit = now.astimezone(UTC) - timedelta(days=condition.value)
            return f"{left} <= {_literal(time_text(limit))}"
        case operator:
            return f"{left} {'=' if operator == 'eq' else '<>'} {_literal(condition.value)}"


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_literal, value))}]"
    text = str(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{text}'"


def _quoted(name: str) -> str:
    """Return a property name as a Cypher identifier, quoted if necessary."""
    return name if name.isidentifier() and name.isascii() else f"`{name.replace('`', '``')}`"
