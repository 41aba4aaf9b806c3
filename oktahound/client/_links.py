"""Parse ``Link`` headers (RFC 8288) strictly.

A part of a header that does not parse may contain the link to the next page. So a syntax error raises, and
the listing gets a gap instead of ending early.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs
import httpx

__all__ = ["PageLinks", "page_links"]

_TARGET = re.compile(r"<([^<>]*+)>")
# A parameter is a name, or a name with a quoted or unquoted value; it may be empty. Unquoted values are
# tokens in the RFC. Single quotes around a value are a common mistake.
_PARAMETER = re.compile(
    r"""[ \t]*+;[ \t]*+
        (?:([\w!\#$%&'*+.^`|~-]++)
           (?:[ \t]*+=[ \t]*+(?:"((?:[^"\\]|\\.)*+)"|([^\s;,"<>]*+)))?+
        )?+""",
    re.VERBOSE,
)
_BETWEEN = re.compile(r"[ \t,]*+")
_END = re.compile(r"[ \t]*+(?:,|$)")
_RELATION = re.compile(r"[a-z][a-z0-9.-]*+|[a-z][a-z0-9+.-]*+:\S++")


@attrs.frozen
class PageLinks:
    """The links of one page of a listing.

    Attributes:
        next_url: the target of ``rel="next"``; None if there is none.
        self_url: the target of ``rel="self"``, which Okta sends with every page of a listing; None if there
            is none.
    """

    next_url: str | None = None
    self_url: str | None = None


def page_links(headers: httpx.Headers) -> PageLinks:
    """Parse the links of all ``Link`` headers.

    Raises:
        ValueError: a part of a header is not a link, a link has no relation or several, a relation is
            similar to ``next`` but not equal, or two links lead to different next pages.
    """
    found: dict[str, str] = {}
    for line in headers.get_list("link"):
        for relation, target in _links(line):
            if found.setdefault(relation, target) != target and relation == "next":
                raise ValueError("two links lead to different next pages")
    return PageLinks(found.get("next"), found.get("self"))


def _links(line: str) -> Iterator[tuple[str, str]]:
    """Yield the relation and target of every link in one header line, in order."""
    at = _skip(_BETWEEN, line, 0)
    while at < len(line):
        target = _TARGET.match(line, at)
        if target is None:
            raise ValueError("a part of the header is not a link")
        parameters, at = _parameters(line, target.end())
        if _END.match(line, at) is None:
            raise ValueError("the parameters of a link do not parse")
        for relation in _relations(parameters):
            yield relation, target[1].strip()
        at = _skip(_BETWEEN, line, at)


def _skip(pattern: re.Pattern[str], line: str, at: int) -> int:
    found = pattern.match(line, at)
    return found.end() if found else at


def _parameters(line: str, at: int) -> tuple[list[tuple[str, str]], int]:
    """Parse the parameters of the link whose target ends at `at`. Also returns the position of their end."""
    parameters = []
    while (parameter := _PARAMETER.match(line, at)) is not None:
        name, quoted, bare = parameter.groups()
        value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else (bare or "").strip("'")
        parameters.append(((name or "").lower(), value))
        at = parameter.end()
    return parameters, at


def _relations(parameters: list[tuple[str, str]]) -> list[str]:
    values = [value for name, value in parameters if name == "rel"]
    if len(values) != 1:
        raise ValueError("a link has no relation, or several")
    relations = values[0].lower().split()
    for relation in relations:
        if not _RELATION.fullmatch(relation) or ("next" in relation and relation != "next"):
            raise ValueError("the relation of a link is unknown")
    if not relations:
        raise ValueError("the relation of a link is empty")
    return relations
