"""How a snapshot shows itself: counts and gaps, as text and as HTML. Every value of the org is escaped."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING

from oktahound.entities import ENTITIES, time_text

if TYPE_CHECKING:
    from oktahound.snapshot.gaps import Gap
    from oktahound.snapshot.snapshot import Snapshot

__all__ = ["html", "printable", "text"]

_SHOWN = 5


def printable(value: str) -> str:
    """The text with control and formatting characters spelled out, so that an org cannot drive a terminal."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in value)


def text(snapshot: Snapshot) -> str:
    """Counts and gaps on a few lines."""
    counts = ", ".join(f"{count} {name}" for name, count in _counts(snapshot))
    lines = [f"<Snapshot of {printable(snapshot.domain)}, {time_text(snapshot.collected_at)}: {counts}"]
    if snapshot.gaps:
        lines.append(f" {len(snapshot.gaps)} gaps: {_summary(snapshot.gaps)}")
        lines += [f"  {printable(str(gap))}" for gap in snapshot.gaps[:_SHOWN]]
        if len(snapshot.gaps) > _SHOWN:
            lines.append(f"  … and {len(snapshot.gaps) - _SHOWN} more in .gaps")
    else:
        lines.append(" no gaps")
    if not_asked := _not_asked(snapshot):
        lines.append(f" not asked for: {', '.join(not_asked)}")
    return "\n".join(lines) + ">"


def html(snapshot: Snapshot) -> str:
    """Counts and gaps as a table for a notebook."""
    title = f"Snapshot of {snapshot.domain}, {time_text(snapshot.collected_at)}"
    not_asked = set(_not_asked(snapshot))
    lost = Counter(gap.entity for gap in snapshot.gaps)
    rows = []
    for cls in ENTITIES:
        count = "not asked for" if cls.__name__ in not_asked else str(len(snapshot.rows(cls)))
        rows.append(f"<tr><td>{escape(cls.PLURAL)}</td><td>{count}</td><td>{lost[cls.__name__] or ''}</td></tr>")
    gaps = "".join(f"<li>{escape(printable(str(gap)))}</li>" for gap in snapshot.gaps[: 4 * _SHOWN])
    more = len(snapshot.gaps) - 4 * _SHOWN
    return (
        f"<table><caption>{escape(printable(title))}</caption>"
        f"<thead><tr><th>entity</th><th>rows</th><th>gaps</th></tr></thead><tbody>{''.join(rows)}</tbody></table>"
        + (f"<p>{len(snapshot.gaps)} gaps: {escape(_summary(snapshot.gaps))}</p><ul>{gaps}</ul>" if gaps else "<p>no gaps</p>")
        + (f"<p>… and {more} more in <code>.gaps</code></p>" if more > 0 else "")
    )


def _counts(snapshot: Snapshot) -> list[tuple[str, int]]:
    names = {cls.PLURAL: len(snapshot.rows(cls)) for cls in ENTITIES if cls.__name__ in snapshot.asked}
    return [(name, count) for name, count in names.items() if name != "organizations"]


def _not_asked(snapshot: Snapshot) -> list[str]:
    return [cls.__name__ for cls in ENTITIES if cls.__name__ not in snapshot.asked]


def _summary(gaps: tuple[Gap, ...]) -> str:
    counted = Counter((gap.entity, gap.reason.value) for gap in gaps)
    return ", ".join(f"{count} × {entity} {reason}" for (entity, reason), count in counted.most_common())
