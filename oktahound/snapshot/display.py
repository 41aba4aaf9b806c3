"""Render the counts and gaps of a snapshot as text and as HTML. Escapes every value that came from Okta."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING

from oktahound.entities import ENTITIES, time_text
from oktahound.scopes.display import bullets, cell, paragraph, printable, spelled_out, table

if TYPE_CHECKING:
    from oktahound.snapshot.gaps import Gap
    from oktahound.snapshot.snapshot import Snapshot

__all__ = ["html", "printable", "spelled_out", "text"]

_SHOWN = 5
_KINDS = 12
_WIDTH = 100
_BOUND = "\N{NO-BREAK SPACE}"


def text(snapshot: Snapshot) -> str:
    """Render counts and gaps on a few lines."""
    # Entities with rows come first: most orgs have only some of Okta's features.
    counts = _counts(snapshot)
    lines = [f"<Snapshot of {_title(snapshot)}:"]
    lines += _wrapped("", [f"{count} {name}" for name, count in counts if count])
    lines += _wrapped("no ", [name for name, count in counts if not count])
    if not counts:
        lines.append(" nothing")
    if snapshot.gaps:
        lines.append(f" {len(snapshot.gaps)} gaps: {_summary(snapshot.gaps)}")
        lines += [f"  {printable(str(gap))}" for gap in _most_severe_first(snapshot.gaps)[:_SHOWN]]
        if len(snapshot.gaps) > _SHOWN:
            lines.append(f"  … and {len(snapshot.gaps) - _SHOWN} more in .gaps")
    else:
        lines.append(" no gaps")
    if not_requested := _not_requested(snapshot):
        lines += _wrapped("not requested: ", not_requested)
    if snapshot.options:
        lines.append(f" options: {_options(snapshot)}")
    if snapshot.interruptions:
        lines.append(f" {_interruptions(snapshot)}")
    return "\n".join(lines) + ">"


def _wrapped(title: str, items: list[str]) -> list[str]:
    """Wrap a list of items without breaking an item."""
    if not items:
        return []
    whole = ", ".join(item.replace(" ", _BOUND) for item in items)
    lines = textwrap.wrap(f"{title}{whole}", _WIDTH, initial_indent=" ", subsequent_indent="  ")
    return [line.replace(_BOUND, " ") for line in lines]


def html(snapshot: Snapshot) -> str:
    """Render counts and gaps as a table for a notebook."""
    not_requested = set(_not_requested(snapshot))
    gaps = Counter(gap.entity for gap in snapshot.gaps)
    rows = []
    for cls in ENTITIES:
        count = "not requested" if cls.__name__ in not_requested else str(len(snapshot.rows(cls)))
        rows.append((cell(cls.PLURAL), count, str(gaps[cls.__name__] or "")))
    return (
        table(f"Snapshot of {_title(snapshot)}", ("entity", "rows", "gaps"), rows)
        + _html_of_gaps(snapshot.gaps)
        + (paragraph(f"options: {_options(snapshot)}") if snapshot.options else "")
        + (paragraph(_interruptions(snapshot)) if snapshot.interruptions else "")
    )


def _html_of_gaps(gaps: tuple[Gap, ...]) -> str:
    if not gaps:
        return paragraph("no gaps")
    shown = _most_severe_first(gaps)[: 4 * _SHOWN]
    more = len(gaps) - len(shown)
    rest = paragraph(f"… and {more} more in .gaps") if more else ""
    summary = paragraph(f"{len(gaps)} gaps: {_summary(gaps)}")
    return f"{summary}{bullets(map(str, shown))}{rest}"


def _title(snapshot: Snapshot) -> str:
    return f"{printable(snapshot.domain)}, {time_text(snapshot.collected_at)}"


def _options(snapshot: Snapshot) -> str:
    return ", ".join(printable(f"{name}={value!r}") for name, value in sorted(snapshot.options.items()))


def _interruptions(snapshot: Snapshot) -> str:
    """Describe when the rows before and after the last interruption were read."""
    last, count = snapshot.interruptions[-1], len(snapshot.interruptions)
    times = "once" if count == 1 else f"{count} times"
    return (
        f"interrupted {times}: a part was read between {time_text(snapshot.started_at)} and "
        f"{time_text(last.stopped_at)}, the rest from {time_text(last.resumed_at)} on"
    )


def _most_severe_first(gaps: tuple[Gap, ...]) -> list[Gap]:
    # A refused listing comes before any number of fields with a wrong type.
    return sorted(gaps, key=lambda gap: (not gap.loses_rows, gap.where is not None))


def _counts(snapshot: Snapshot) -> list[tuple[str, int]]:
    names = {cls.PLURAL: len(snapshot.rows(cls)) for cls in ENTITIES if cls.__name__ in snapshot.asked}
    return [(name, count) for name, count in names.items() if name != "organizations"]


def _not_requested(snapshot: Snapshot) -> list[str]:
    return [cls.__name__ for cls in ENTITIES if cls.__name__ not in snapshot.asked]


def _summary(gaps: tuple[Gap, ...]) -> str:
    counted = Counter((printable(gap.entity), gap.reason.value) for gap in gaps).most_common(_KINDS)
    return ", ".join(f"{count} × {entity} {reason}" for (entity, reason), count in counted)
