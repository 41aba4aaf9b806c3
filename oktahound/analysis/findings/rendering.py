"""Render findings as text, HTML, JSON and pandas DataFrames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from oktahound.analysis.pictures import picture_of
from oktahound.scopes.display import badge, bullets, cell, details, frame, table
from oktahound.scopes.records import stable_id
from oktahound.snapshot.display import printable

if TYPE_CHECKING:
    from oktahound.analysis.findings.collection import Findings
    from oktahound.analysis.findings.model import Finding

__all__ = ["as_dict", "as_document", "html", "text", "to_dataframe", "to_json"]

_COLUMNS = (
    "id",
    "severity",
    "severity_reason",
    "finding",
    "subject",
    "title",
    "node",
    "kind",
    "name",
    "part",
    "evidence",
    "assumptions",
    "meaning",
    "what_to_do",
    "advice",
)
_MAX_OBJECTS = 5
"""Maximum number of objects of each class in the text."""


def as_dict(finding: Finding) -> dict[str, Any]:
    """Return one finding as JSON-ready values."""
    return {
        "id": finding.id,
        "severity": finding.severity.value,
        "severity_reason": finding.severity_reason,
        "finding": type(finding).__name__,
        "subject": finding.subject,
        "title": finding.title,
        "node": finding.node,
        "kind": finding.kind,
        "name": finding.name,
        "part": finding.part,
        "evidence": list(finding.evidence),
        "assumptions": list(finding.assumptions),
        "meaning": finding.meaning,
        "what_to_do": finding.what_to_do,
        "advice": list(finding.advice),
    }


def as_document(found: Findings) -> dict[str, Any]:
    """Return all findings, and the classes that were not checked, as JSON-ready values."""
    return {
        "id": stable_id("Findings", found.domain),
        "type": "Findings",
        "meaning": f"{_count(len(found))}; {len(found.not_checked)} classes were not checked completely.",
        "what_to_do": " ".join(dict.fromkeys(each.what_to_do for each in found)),
        "domain": found.domain,
        "collected_at": found.collected_at,
        "findings": found.to_rows(),
        "not_checked": [
            {"finding": each.finding, "reason": each.reason, "entirely": each.entirely}
            for each in found.not_checked
        ],
    }


def to_json(found: Findings) -> str:
    """Return all findings as one indented JSON document."""
    return orjson.dumps(as_document(found), option=orjson.OPT_INDENT_2).decode()


def to_dataframe(found: Findings) -> Any:
    """Convert to a pandas DataFrame with one row for each finding."""
    return frame(_COLUMNS, ([row[name] for name in _COLUMNS] for row in found.to_rows()))


def text(found: Findings) -> str:
    """Return several lines: each class with its texts and first objects, and the classes not checked."""
    lines = [f"<{_count(len(found))}"]
    for items in found.by_class.values():
        first = items[0]
        lines += [
            f" {first.severity.value}: {first.title} ({type(first).__name__}, {_count(len(items))})",
            f"   meaning: {first.meaning}",
            f"   what to do: {first.what_to_do}",
            *(f"   - {printable(_seen(each))}" for each in items[:_MAX_OBJECTS]),
        ]
        if len(items) > _MAX_OBJECTS:
            lines.append(f"   - … and {len(items) - _MAX_OBJECTS} more")
    lines += [f" not checked: {printable(line)}" for line in _not_checked(found)]
    return "\n".join(lines) + ">"


def _seen(each: Finding) -> str:
    return f"{each.name}: {'; '.join(each.evidence)}"


def html(found: Findings) -> str:
    """Return an HTML table of the findings, and the list of classes that were not checked."""
    rows = (
        (badge(each.severity), cell(each.name), cell(each.title), cell("; ".join(each.evidence)),
         cell("; ".join(each.assumptions)), cell(each.meaning),
         cell(" ".join((each.what_to_do, *each.advice))))
        for each in found.items
    )  # fmt: skip
    head = ("severity", "object", "finding", "evidence", "assumptions", "meaning", "remedy")
    missing = _not_checked(found)
    rest = details("not checked: there may be more findings", bullets(missing)) if missing else ""
    return picture_of(found) + table(_count(len(found)), head, rows) + rest


def _not_checked(found: Findings) -> list[str]:
    """Return one line for each reason, with the classes that it concerns."""
    by_reason: dict[str, list[str]] = {}
    for each in found.not_checked:
        by_reason.setdefault(each.reason, []).append(each.finding)
    return [f"{reason} ({', '.join(names)})" for reason, names in by_reason.items()]


def _count(number: int) -> str:
    return f"{number} finding{'' if number == 1 else 's'}"
