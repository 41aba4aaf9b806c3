"""How answers show themselves: text, HTML and data frames from the same rows."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from oktahound.errors import ConfigurationError
from oktahound.knowledge import Severity
from oktahound.snapshot.display import printable

__all__ = ["badge", "cell", "details", "frame", "table"]

_COLOURS = {
    Severity.CRITICAL: "#8b0000",
    Severity.HIGH: "#c2410c",
    Severity.MEDIUM: "#a16207",
    Severity.LOW: "#1d4ed8",
    Severity.INFO: "#52525b",
}
_SHOWN = 200


def cell(value: object) -> str:
    """A value as text for HTML: escaped, control characters spelled out. An org chooses names."""
    return "" if value is None else escape(printable(str(value)))


def badge(severity: Severity) -> str:
    """A severity as HTML: the word in its colour."""
    style = f"color:#fff;background:{_COLOURS[severity]};border-radius:3px;padding:0 .4em"
    return f'<span style="{style}">{severity.value}</span>'


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """An HTML table. The cells are HTML already: make them with `cell` or `badge`; caption and head are not.

    After a few hundred rows it says how many are left out.
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
    """HTML that is folded away under a line of plain text."""
    return f"<details><summary>{cell(summary)}</summary>{inner}</details>"


def frame(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Any:
    """A pandas DataFrame of these rows.

    Raises:
        ConfigurationError: pandas is not installed.
    """
    try:
        pandas = importlib.import_module("pandas")
    except ImportError as error:
        raise ConfigurationError("a DataFrame needs pandas: pip install pandas") from error
    return pandas.DataFrame([list(row) for row in rows], columns=list(columns))
