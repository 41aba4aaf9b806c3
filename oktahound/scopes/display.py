"""Render values and rows as text, HTML tables and pandas DataFrames.

Names come from an org and may be hostile, so every value is escaped here.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from oktahound.errors import ConfigurationError
from oktahound.scopes.severity import Severity

__all__ = [
    "LONGEST",
    "badge",
    "bullets",
    "cell",
    "details",
    "frame",
    "paragraph",
    "printable",
    "spelled_out",
    "table",
]

LONGEST = 300
"""The maximum length of a text in `printable`, in characters."""


_COLOURS = {
    Severity.CRITICAL: "#8b0000",
    Severity.HIGH: "#c2410c",
    Severity.MEDIUM: "#a16207",
    Severity.LOW: "#1d4ed8",
    Severity.INFO: "#52525b",
}
_MAX_ROWS = 200
_SHORT_TEXT, _SHORT_WORD = 60, 36
_LONGEST_PARAGRAPH = 2_000
_TAG = re.compile(r"<[^>]*>")
# No colours are set, so that text and background follow the theme of the notebook.
_TEXT_STYLE = "overflow-wrap:anywhere"


def spelled_out(value: str) -> str:
    """Escape control and formatting characters, so that a name in an org cannot control a terminal."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in value)


def printable(value: str) -> str:
    """Escape control characters and cut the text after `LONGEST` characters.

    Okta's ids and names are short; a hostile server may send megabytes.
    """
    shown = spelled_out(value[:LONGEST])
    return shown if len(value) <= LONGEST else f"{shown}…"


def cell(value: object) -> str:
    """Return a value as escaped text for an HTML cell; None gives an empty cell."""
    return "" if value is None else escape(printable(str(value)))


def badge(severity: Severity) -> str:
    """Return a severity as HTML: its name on a background of its colour."""
    style = f"color:#fff;background:{_COLOURS[severity]};border-radius:3px;padding:0 .4em"
    return f'<span style="{style}">{severity.value}</span>'


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return an HTML table. If it is wider than the page, it scrolls horizontally.

    Args:
        caption: plain text.
        head: the column titles, plain text.
        rows: cells as HTML, made with `cell` or `badge`. After 200 rows, the table ends with the number of
            further rows.
    """
    lines = list(rows)
    shown = lines[:_MAX_ROWS]
    styles = _column_styles(shown) or ["text-align:left"] * len(head)
    body = "".join(_table_row(line, "td", styles) for line in shown)
    more = paragraph(f"… and {len(lines) - _MAX_ROWS} more") if len(lines) > _MAX_ROWS else ""
    names = _table_row([cell(name) for name in head], "th", styles)
    # The caption is above the scrolling element, so that it stays visible.
    title = f'<p style="{_TEXT_STYLE};font-weight:600">{cell(caption)}</p>' if caption else ""
    return (
        f'{title}<div style="overflow-x:auto;overflow-wrap:break-word"><table><thead>{names}</thead>'
        f"<tbody>{body}</tbody></table></div>{more}"
    )


def _column_styles(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return column styles for narrow pages: wide enough for sentences, but not wider."""
    columns = [[_TAG.sub("", each) for each in column] for column in zip(*rows, strict=True)]
    longest = [max(map(len, column)) for column in columns]
    words = [max(len(word) for each in column for word in each.split() or [""]) for column in columns]
    top = ";vertical-align:top" if max(longest, default=0) > _SHORT_TEXT else ""
    return [
        f"text-align:left{top}"
        + (";min-width:12em" if length > _SHORT_TEXT else "")
        + (";max-width:24em" if word > _SHORT_WORD else "")
        for length, word in zip(longest, words, strict=True)
    ]


def _table_row(cells: Sequence[str], tag: str, styles: Sequence[str]) -> str:
    row = (f'<{tag} style="{style}">{each}</{tag}>' for each, style in zip(cells, styles, strict=True))
    return f"<tr>{''.join(row)}</tr>"


def paragraph(text: str) -> str:
    """Return a paragraph of plain text. Long words are broken, so that they do not widen the page."""
    shown = spelled_out(text[:_LONGEST_PARAGRAPH]) + ("…" if len(text) > _LONGEST_PARAGRAPH else "")
    return f'<p style="{_TEXT_STYLE}">{escape(shown)}</p>'


def bullets(items: Iterable[str]) -> str:
    """Return an HTML list of plain texts; an empty text if there are none."""
    listed = "".join(f"<li>{cell(each)}</li>" for each in items)
    return f'<ul style="{_TEXT_STYLE}">{listed}</ul>' if listed else ""


def details(summary: str, inner: str) -> str:
    """Return a collapsed HTML section: `summary` is plain text, `inner` is HTML."""
    return f'<details><summary style="{_TEXT_STYLE}">{cell(summary)}</summary>{inner}</details>'


def frame(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Any:
    """Return a pandas DataFrame with these columns and rows.

    Raises:
        ConfigurationError: pandas is not installed.
    """
    try:
        pandas = importlib.import_module("pandas")
    except ImportError as error:
        raise ConfigurationError("a DataFrame needs pandas: pip install pandas") from error
    return pandas.DataFrame([list(row) for row in rows], columns=list(columns))
