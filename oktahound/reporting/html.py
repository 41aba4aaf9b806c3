"""Pieces of HTML: escaped text, tables that stack on narrow screens, and severities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from oktahound.scopes import Severity
from oktahound.snapshot.display import printable

__all__ = ["badge", "listed", "section", "share_text", "table", "text"]


def text(value: object) -> str:
    """Return a value as escaped text, with control characters spelled out, cut to a few hundred
    characters.
    """
    return "" if value is None else escape(printable(str(value)))


def badge(severity: Severity) -> str:
    """Return the severity as a word on a background of its colour."""
    return f'<span class="badge {severity.value}">{severity.value}</span>'


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the cells are HTML, the head is plain text. On narrow screens each row is a block."""
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td data-label="{escape(name)}">{cell}</td>' if cell else "<td></td>"
            for name, cell in zip(head, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll"><table class="stack"><thead><tr>{names}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def listed(items: Iterable[object], kind: str = "ul") -> str:
    """Return plain values as a list."""
    return f"<{kind}>{''.join(f'<li>{text(item)}</li>' for item in items)}</{kind}>"


def section(id: str, title: str, inner: str) -> str:
    """Return a section with a heading that the table of contents links to."""
    return f'<section id="{id}"><h2>{escape(title)}</h2>{inner}</section>'


def share_text(share: float) -> str:
    """Return a share as a percentage: a share above zero is never shown as "0 %"."""
    return "<1 %" if 0 < share < 0.01 else f"{share:.0%}".replace("%", " %")
