"""The filter language of ``GET /api/v1/logs``: SCIM expressions over the fields of an event.

Grammar (``and`` has precedence over ``or``)::

    disjunction = conjunction {"or" conjunction}
    conjunction = term {"and" term}
    term        = "not" "(" disjunction ")" | "(" disjunction ")" | condition
    condition   = path "pr" | path operator value
    value       = "text" | number | true | false | null

Operators: eq, ne, co, sw, ew, gt, ge, lt, le and pr, in any letter case. Text compares without regard to
letter case, as in SCIM (RFC 7644, 3.4.2.2). Value paths in brackets, ``published``, and ``co`` on the two
URLs of the debug data are refused, as in Okta's guide to System Log queries.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

import attrs
import orjson

from oktahound.sim.errors import Refusal
from oktahound.sim.world import Json

__all__ = ["LogFilter", "parse_log_filter"]

_Test: TypeAlias = Callable[[Json], bool]

_TOKEN = re.compile(r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<mark>[()\[\]])|(?P<word>[^\s()"\[\]]+))')

_INDEXED = frozenset(
    {"eventType", "actor.id", "client.id", "target.id", "transaction.detail.requestApiTokenId"}
)
"""Paths whose values are constant in the events of one behaviour, so that ``eq`` on them can skip it."""

_NO_CONTAINS = frozenset({"debugContext.debugData.url", "debugContext.debugData.requestUri"})

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "co": lambda actual, expected: expected in actual,
    "sw": lambda actual, expected: actual.startswith(expected),
    "ew": lambda actual, expected: actual.endswith(expected),
    "gt": lambda actual, expected: actual > expected,
    "ge": lambda actual, expected: actual >= expected,
    "lt": lambda actual, expected: actual < expected,
    "le": lambda actual, expected: actual <= expected,
}
_TEXT_ONLY = frozenset({"co", "sw", "ew"})


@attrs.frozen
class LogFilter:
    """A parsed filter.

    Attributes:
        matches: a function that returns whether an event matches.
        required_texts: texts of which a matching event contains at least one; None if any event can match.
    """

    matches: Callable[[Json], bool]
    required_texts: frozenset[str] | None = None


@lru_cache(maxsize=256)
def parse_log_filter(expression: str) -> LogFilter:
    """Parse a filter.

    Raises:
        Refusal: 400 with a cause that states the position and the expected token.
    """
    parser = _Parser(_tokens(expression))
    found = parser.disjunction()
    if parser.tokens:
        raise _invalid_filter(f"expected 'and', 'or' or the end, got {parser.tokens[0]}")
    return found


def _tokens(expression: str) -> list[str]:
    tokens: list[str] = []
    text, position = expression.strip(), 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            start = len(text) - len(text[position:].lstrip()) + 1
            raise _invalid_filter(f"unterminated text at character {start}")
        token = found.group().strip()
        if token in ("[", "]"):
            raise _invalid_filter(f"operator {token} is not supported")
        tokens.append(token)
        position = found.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def disjunction(self) -> LogFilter:
        parts = [self._conjunction()]
        while self._take("or"):
            parts.append(self._conjunction())
        if len(parts) == 1:
            return parts[0]
        tests = [part.matches for part in parts]
        required_texts = [part.required_texts for part in parts]
        known = [each for each in required_texts if each is not None]
        return LogFilter(
            lambda event: any(test(event) for test in tests),
            frozenset().union(*known) if len(known) == len(required_texts) else None,
        )

    def _conjunction(self) -> LogFilter:
        parts = [self._term()]
        while self._take("and"):
            parts.append(self._term())
        tests = [part.matches for part in parts]
        known = [part.required_texts for part in parts if part.required_texts is not None]
        return LogFilter(lambda event: all(test(event) for test in tests), known[0] if known else None)

    def _term(self) -> LogFilter:
        if self._take("not"):
            if self.tokens[:1] != ["("]:
                raise _invalid_filter("expected ( after 'not'")
            inner = self._term().matches
            return LogFilter(lambda event: not inner(event))
        if self._take("("):
            found = self.disjunction()
            if not self._take(")"):
                raise _invalid_filter("expected )")
            return found
        return self._condition()

    def _condition(self) -> LogFilter:
        path = self._next("a field")
        if path.startswith('"') or path == ")":
            raise _invalid_filter(f"expected a field, got {path}")
        if path.split(".")[0].lower() == "published":
            raise _invalid_filter("published cannot be filtered by; use since and until")
        operator = self._next(f"an operator after {path}").lower()
        steps = path.split(".")
        if operator == "pr":
            return LogFilter(
                lambda event: any(value not in (None, "", [], {}) for value in _values(event, steps))
            )
        if operator not in ("eq", "ne", *_COMPARE):
            raise _invalid_filter(f"unknown operator {operator} after {path}")
        if operator == "co" and path in _NO_CONTAINS:
            raise _invalid_filter(f"operator co is not supported for {path}")
        wanted = _literal(self._next(f"a value after {path} {operator}"))
        if operator in _TEXT_ONLY and not isinstance(wanted, str):
            raise _invalid_filter(f"operator {operator} takes a text")
        test = _comparison(operator, steps, wanted)
        indexed = operator == "eq" and path in _INDEXED and isinstance(wanted, str)
        return LogFilter(test, frozenset({wanted.lower()}) if indexed else None)

    def _next(self, expected: str) -> str:
        if not self.tokens:
            raise _invalid_filter(f"expected {expected}, got the end")
        return self.tokens.pop(0)

    def _take(self, word: str) -> bool:
        if self.tokens and self.tokens[0].lower() == word:
            self.tokens.pop(0)
            return True
        return False


def _literal(token: str) -> Any:
    try:
        value = orjson.loads(token)
    except orjson.JSONDecodeError:
        raise _invalid_filter(f'expected a value such as "text", 1 or true, got {token}') from None
    return value.lower() if isinstance(value, str) else value


def _comparison(operator: str, steps: list[str], wanted: Any) -> _Test:
    if operator == "eq":
        return lambda event: any(_same(value, wanted) for value in _values(event, steps))
    if operator == "ne":
        return lambda event: not any(_same(value, wanted) for value in _values(event, steps))
    compare = _COMPARE[operator]

    def test(event: Json) -> bool:
        for value in _values(event, steps):
            held = value.lower() if isinstance(value, str) else value
            if type(held) is type(wanted) and held is not None and compare(held, wanted):
                return True
        return False

    return test


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(value, str):
        return bool(value.lower() == wanted)
    return type(value) is type(wanted) and bool(value == wanted)


def _values(event: Json, steps: list[str]) -> list[Any]:
    """Return the values at a path, for every element of lists on the path; [None] if there are none."""
    held: list[Any] = [event]
    for step in steps:
        found = [each.get(step) for each in held if isinstance(each, dict)]
        held = [item for each in found for item in (each if isinstance(each, list) else [each])]
    return held or [None]


def _invalid_filter(cause: str) -> Refusal:
    return Refusal(400, "E0000031", causes=(f"Invalid filter: {cause}.",))
