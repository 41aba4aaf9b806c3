"""Translate Cypher for Neo4j and BloodHound to the dialect of LadybugDB."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection

from oktahound.errors import ConfigurationError
from oktahound.sinks.cypher.loading import quoted

__all__ = ["translate"]

_WORD = r"(?:`[^`]+`|[A-Za-z_]\w*)"
_LABELS = rf"(?P<labels>!?\s*{_WORD}(?:\s*[:&|]\s*:?\s*!?\s*{_WORD})*)"
# Quoted text and comments, which are not translated. Names in backticks are not quoted text.
_VERBATIM = re.compile(r"""('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/)""", re.DOTALL)
_NODE = re.compile(rf"\(\s*(?P<name>{_WORD})?\s*:\s*{_LABELS}(?=\s*[){{])")
_PREDICATE = re.compile(
    rf"(?P<before>\b(?:WHERE|AND|OR|XOR|NOT)\b[\s(]*)(?P<name>{_WORD})\s*:\s*{_LABELS}", re.IGNORECASE
)
_SHORTEST = re.compile(r"\b(?P<all>all)?shortestPaths?\s*\(", re.IGNORECASE)
_STAR = re.compile(r"\*\s*(?P<least>\d+)?\s*(?P<range>\.\.)?\s*(?P<most>\d+)?")
_LONGEST_PATH = 30
_DAYS = re.compile(r"\bduration\(\s*'P(?P<days>\d+)D'\s*\)", re.IGNORECASE)
_REPLACED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\bdatetime\(\s*\)", re.IGNORECASE), "current_timestamp()"),
    (re.compile(r"\bdatetime\(", re.IGNORECASE), "timestamp("),
    (re.compile(r"\btype\(", re.IGNORECASE), "label("),
    (re.compile(r"\.objectid\b", re.IGNORECASE), ".id"),
)


def translate(text: str, labels: Collection[str]) -> str:
    """Translate a query.

    - The label ``Okta`` means every label that starts with ``Okta_``. ``!``, ``&``, ``|`` and the
      conjunction ``:A:B`` work as in Neo4j, in node patterns and in ``WHERE n:Label``.
    - ``shortestPath((a)-[*1..]->(b))`` and ``allShortestPaths(…)`` become recursive relationships.
    - ``datetime()``, ``datetime(x)``, ``duration('P90D')``, ``type(r)`` and ``n.objectid`` get the names that
      LadybugDB uses.

    Args:
        text: the query.
        labels: the labels of the database.

    Raises:
        ConfigurationError: a label does not exist, or a parenthesis of ``shortestPath(`` is not closed.
    """
    text = _DAYS.sub(r"interval('\g<days> days')", text)
    text = _in_code(text, lambda code: _translate_labels(code, labels))
    text = _shortest_paths(text)
    for pattern, replacement in _REPLACED:
        text = _in_code(text, lambda code, p=pattern, r=replacement: p.sub(r, code))  # type: ignore[misc]
    return text


def _in_code(text: str, change: Callable[[str], str]) -> str:
    """Apply a change to everything except quoted text and comments."""
    parts = _VERBATIM.split(text)
    return "".join(part if index % 2 else change(part) for index, part in enumerate(parts))


def _translate_labels(code: str, labels: Collection[str]) -> str:
    def node(found: re.Match[str]) -> str:
        matching = _matching_labels(found["labels"], labels)
        return f"({found['name'] or ''}:{'|'.join(map(quoted, matching))}"

    def predicate(found: re.Match[str]) -> str:
        matching = ", ".join(f"'{label}'" for label in _matching_labels(found["labels"], labels))
        return f"{found['before']}label({found['name']}) IN [{matching}]"

    return _PREDICATE.sub(predicate, _NODE.sub(node, code))


def _matching_labels(expression: str, labels: Collection[str]) -> list[str]:
    """Return the labels that match an expression of ``|``, ``&``, ``:`` and ``!``. A node has one label."""
    matching: set[str] = set()
    for alternative in re.split(r"\|\s*:?", expression):
        parts = [part for part in re.split(r"[:&]", alternative) if part.strip()]
        matching |= set.intersection(*(_labels_of_term(part.strip(), labels) for part in parts))
    if not matching:
        raise ConfigurationError(f"no node can match the labels {expression!r}: a node has only one kind")
    return sorted(matching)


def _labels_of_term(part: str, labels: Collection[str]) -> set[str]:
    if part.startswith("!"):
        return set(labels) - _labels_of_term(part[1:].strip(), labels)
    name = part.strip("`")
    if name == "Okta":
        return {label for label in labels if label.startswith("Okta_")}
    if name not in labels:
        close = difflib.get_close_matches(name, labels, n=3)
        hint = f"; did you mean {' or '.join(close)}?" if close else ""
        raise ConfigurationError(
            f"no node has the label {name!r}{hint}. CypherDatabase.labels lists all labels"
        )
    return {name}


def _shortest_paths(text: str) -> str:
    """Replace ``shortestPath(pattern)`` with the pattern, with SHORTEST in its recursive relationship."""
    while (found := _SHORTEST.search(text)) is not None:
        end = _closing(text, found.end())
        word = "ALL SHORTEST" if found["all"] else "SHORTEST"
        pattern = text[found.end() : end]
        if star := _STAR.search(pattern):
            pattern = f"{pattern[: star.start()]}* {word} {_range(star)}{pattern[star.end() :]}"
        text = text[: found.start()] + pattern + text[end + 1 :]
    return text


def _range(star: re.Match[str]) -> str:
    least = star["least"] or "1"
    open_ended = star["range"] or not star["least"]
    return f"{least}..{star['most'] or (_LONGEST_PATH if open_ended else least)}"


def _closing(text: str, start: int) -> int:
    depth = 1
    for position in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return position
    raise ConfigurationError("a parenthesis of shortestPath( is not closed")
