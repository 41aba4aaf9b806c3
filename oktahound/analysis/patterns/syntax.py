"""Parser for path patterns, a subset of Cypher's path syntax."""

from __future__ import annotations

import re
from typing import NoReturn

from oktahound.analysis.patterns.pattern import Direction, EdgeStep, NodeTest, PathPattern
from oktahound.errors import ConfigurationError

__all__ = ["parse_path"]

_WORD = r"[A-Za-z_][A-Za-z0-9_]*"
_SPACE = re.compile(r"\s*")
_NODE = re.compile(
    rf"\(\s*(?P<name>{_WORD})?\s*(?::\s*(?P<kinds>!?\s*{_WORD}(?:\s*\|\s*:?\s*{_WORD})*))?\s*\)"
)
_EDGE = re.compile(
    rf"(?P<left><)?\s*-\s*(?:\[\s*(?::\s*(?P<kinds>{_WORD}(?:\s*\|\s*:?\s*{_WORD})*))?\s*"
    r"(?P<hops>\*\s*(?P<least>\d+)\s*(?P<range>\.\.\s*(?P<most>\d+))?)?\s*\])?\s*-\s*(?P<right>>)?"
)
_OKTA = "Okta"


def parse_path(text: str) -> PathPattern:
    """Parse a path pattern.

    The syntax is a subset of Cypher's: ``(user:Okta_User)-[:Okta_MemberOf]->(:Okta_Group)``.

    - ``(name:Kind|Kind)``: a node of one of these kinds. Name and kinds are optional; ``()`` is any node.
      ``:Okta`` means every kind of Okta, ``:!Okta`` every other kind.
    - ``-[:Kind|Kind]->``: an edge from left to right; ``<-[:Kind]-`` from right to left; ``-[:Kind]-``
      in either direction; ``-->`` or ``-[]->`` an edge of any kind.
    - ``-[:Kind*1..3]->``: one to three edges in a row; ``*2``: exactly two.

    Raises:
        ConfigurationError: the text has a syntax error (the message contains the position), or contains a
            kind that does not exist.
    """
    nodes, steps = [], []
    position = _skip(text, 0)
    node, position = _node(text, position)
    nodes.append(node)
    while position < len(text):
        step, position = _edge(text, position)
        node, position = _node(text, position)
        steps.append(step)
        nodes.append(node)
    try:
        return PathPattern(tuple(nodes), tuple(steps))
    except ConfigurationError as error:
        raise ConfigurationError(f"path pattern {text!r}: {error}") from error


def _skip(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _node(text: str, position: int) -> tuple[NodeTest, int]:
    found = _NODE.match(text, position)
    if found is None:
        _refuse(text, position, "expected a node such as (user:Okta_User)")
    written, name = found["kinds"], found["name"]
    try:
        if written is None:
            node = NodeTest(name=name)
        elif written.startswith("!"):
            if written[1:].strip() != _OKTA:
                _refuse(text, found.start("kinds"), "! is supported only before Okta")
            node = NodeTest(okta=False, name=name)
        elif _OKTA in (kinds := _kinds(written)):
            if len(kinds) > 1:
                _refuse(
                    text, found.start("kinds"), "Okta means all kinds of Okta: use it without other kinds"
                )
            node = NodeTest(okta=True, name=name)
        else:
            node = NodeTest(kinds, name=name)
    except ConfigurationError as error:
        raise _located(text, found.start(), error) from error
    return node, _skip(text, found.end())


def _edge(text: str, position: int) -> tuple[EdgeStep, int]:
    found = _EDGE.match(text, position)
    if found is None:
        _refuse(text, position, "expected an edge such as -[:Okta_MemberOf]->")
    if found["left"] and found["right"]:
        _refuse(text, position, "expected one arrow head, or none for an edge in either direction")
    direction: Direction = "in" if found["left"] else "out" if found["right"] else "any"
    least = int(found["least"] or 1)
    most = int(found["most"]) if found["most"] else least
    try:
        step = EdgeStep(_kinds(found["kinds"] or ""), direction, least, most)
    except ConfigurationError as error:
        raise _located(text, position, error) from error
    return step, _skip(text, found.end())


def _kinds(written: str) -> frozenset[str]:
    return frozenset(kind for each in written.split("|") if (kind := each.strip(" \t\r\n:")))


def _located(text: str, position: int, error: ConfigurationError) -> ConfigurationError:
    known = str(error).startswith("path pattern ")
    return error if known else ConfigurationError(f"path pattern {text!r}, position {position + 1}: {error}")


def _refuse(text: str, position: int, expected: str) -> NoReturn:
    found = repr(text[position : position + 20]) if position < len(text) else "the end"
    raise ConfigurationError(f"path pattern {text!r}, position {position + 1}: {expected}, found {found}")
