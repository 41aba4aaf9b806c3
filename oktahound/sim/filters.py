"""Parse and evaluate the part of Okta's filter language that listings use: ``status eq "ACTIVE" or …``."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from oktahound.sim.errors import Refusal
from oktahound.sim.world import Json

__all__ = ["Test", "compile_filter"]

Test: TypeAlias = Callable[[Json], bool]

_TOKEN = re.compile(r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<mark>[()])|(?P<word>[^\s()"]+))')
_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "eq": lambda actual, expected: actual == expected,
    "ne": lambda actual, expected: actual != expected,
    "sw": lambda actual, expected: actual.startswith(expected),
    "co": lambda actual, expected: expected in actual,
    "gt": lambda actual, expected: actual > expected,
    "ge": lambda actual, expected: actual >= expected,
    "lt": lambda actual, expected: actual < expected,
    "le": lambda actual, expected: actual <= expected,
}


@lru_cache(maxsize=128)
def compile_filter(expression: str) -> Test:
    """Compile a filter to a predicate for documents.

    Terms are ``path operator "value"`` or ``path pr``. ``and`` has precedence over ``or``, and parentheses
    group terms.

    Raises:
        Refusal: Okta's 400 for invalid criteria.
    """
    tokens: list[str] = []
    position = 0
    text = expression.strip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise _invalid_filter()
        tokens.append(found.group().strip())
        position = found.end()
    parser = _Parser(tokens)
    test = parser.disjunction()
    if parser.tokens:
        raise _invalid_filter()
    return test


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def disjunction(self) -> Test:
        tests = [self.conjunction()]
        while self._take("or"):
            tests.append(self.conjunction())
        return lambda document: any(test(document) for test in tests)

    def conjunction(self) -> Test:
        tests = [self.term()]
        while self._take("and"):
            tests.append(self.term())
        return lambda document: all(test(document) for test in tests)

    def term(self) -> Test:
        if self._take("("):
            test = self.disjunction()
            if not self._take(")"):
                raise _invalid_filter()
            return test
        if len(self.tokens) > 1 and self.tokens[1].lower() == "pr":
            present = self.tokens.pop(0).split(".")
            self.tokens.pop(0)
            return lambda document: bool(_value(document, present))
        if len(self.tokens) < 3:
            raise _invalid_filter()
        path, operator, value = (self.tokens.pop(0) for _ in range(3))
        compare = _OPERATORS.get(operator.lower())
        if compare is None:
            raise _invalid_filter()
        steps, wanted = path.split("."), value.strip('"')
        return lambda document: compare(_value(document, steps), wanted)

    def _take(self, word: str) -> bool:
        if self.tokens and self.tokens[0].lower() == word:
            self.tokens.pop(0)
            return True
        return False


def _value(document: Json, steps: list[str]) -> str:
    held: object = document
    for step in steps:
        held = held.get(step) if isinstance(held, dict) else None
    return "" if held is None else str(held)


def _invalid_filter() -> Refusal:
    return Refusal(400, "E0000031", causes=("Invalid search criteria.",))
