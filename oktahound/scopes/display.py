"""Render values and rows as text, HTML tables and pandas DataFrames.

Names come from an org and may be hostile: everything is escaped here.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from oktahound.errors import ConfigurationError
from oktahound.scopes.severity import Severity

__all__ = ["LONGEST", "badge", "cell", "details", "frame", "printable", "spelled_out", "table"]

LONGEST = 300
"""The longest text that `printable` shows whole, in characters."""


_COLOURS = {
    Severity.CRITICAL: "#8b0000",
    Severity.HIGH: "#c2410c",
    Severity.MEDIUM: "#a16207",
    Severity.LOW: "#1d4ed8",
    Severity.INFO: "#52525b",
}
_SHOWN = 200


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
    """The value as escaped text for an HTML cell; None gives an empty cell."""
    return "" if value is None else escape(printable(str(value)))


def badge(severity: Severity) -> str:
    """The severity as HTML: its name on its colour."""
    style = f"color:#fff;background:{_COLOURS[severity]};border-radius:3px;padding:0 .4em"
    return f'<span style="{style}">{severity.value}</span>'


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """An HTML table.

    Args:
        caption: plain text.
        head: the column titles, plain text.
        rows: cells as HTML: make them with `cell` or `badge`. Rows after the first 200 are counted only.
    """
    lines = list(rows)
    body = "".join(_line(line, "td") for line in lines[:_SHOWN])
    more = f"<p>… and {len(lines) - _SHOWN} more</p>" if len(lines) > _SHOWN else ""
    names = _line([cell(name) for name in head], "th")
    return (
        f"<table><caption>{cell(caption)}</caption><thead>{names}</thead><tbody>{body}</tbody></table>{more}"
    )


def _line(cells: Iterable[str], tag: str) -> str:
    return "<tr>" + "".join(f'<{tag} style="text-align:left">{each}</{tag}>' for each in cells) + "</tr>"


def details(summary: str, inner: str) -> str:
    """A collapsed HTML section: `summary` is plain text, `inner` is HTML."""
    return f"<details><summary>{cell(summary)}</summary>{inner}</details>"


def frame(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Any:
    """A pandas DataFrame with these columns and rows.

    Raises:
        ConfigurationError: pandas is not installed.
    """
    try:
        pandas = importlib.import_module("pandas")
    except ImportError as error:
        raise ConfigurationError("a DataFrame needs pandas: pip install pandas") from error
    return pandas.DataFrame([list(row) for row in rows], columns=list(columns))
