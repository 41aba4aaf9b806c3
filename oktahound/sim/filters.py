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
    "eq": lambda held, wanted: held == wanted,
    "ne": lambda held, wanted: held != wanted,
    "sw": lambda held, wanted: held.startswith(wanted),
    "co": lambda held, wanted: wanted in held,
    "gt": lambda held, wanted: held > wanted,
    "ge": lambda held, wanted: held >= wanted,
    "lt": lambda held, wanted: held < wanted,
    "le": lambda held, wanted: held <= wanted,
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
            raise _unreadable()
        tokens.append(found.group().strip())
        position = found.end()
    parser = _Parser(tokens)
    test = parser.either()
    if parser.tokens:
        raise _unreadable()
    return test


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def either(self) -> Test:
        tests = [self.both()]
        while self._take("or"):
            tests.append(self.both())
        return lambda document: any(test(document) for test in tests)

    def both(self) -> Test:
        tests = [self.term()]
        while self._take("and"):
            tests.append(self.term())
        return lambda document: all(test(document) for test in tests)

    def term(self) -> Test:
        if self._take("("):
            test = self.either()
            if not self._take(")"):
                raise _unreadable()
            return test
        if len(self.tokens) > 1 and self.tokens[1].lower() == "pr":
            present = self.tokens.pop(0).split(".")
            self.tokens.pop(0)
            return lambda document: bool(_value(document, present))
        if len(self.tokens) < 3:
            raise _unreadable()
        path, operator, value = (self.tokens.pop(0) for _ in range(3))
        compare = _OPERATORS.get(operator.lower())
        if compare is None:
            raise _unreadable()
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


def _unreadable() -> Refusal:
    return Refusal(400, "E0000031", causes=("Invalid search criteria.",))
