"""Display a finished picture in a notebook, or save it as SVG, PNG, PDF or HTML."""

from __future__ import annotations

import io
import os
import warnings
from html import escape
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from oktahound.errors import ConfigurationError

__all__ = ["Picture", "write_private"]

_FORMATS = (".svg", ".png", ".pdf", ".html")
_DOTS_PER_INCH = 150
# The same picture gives the same file: no date, and element ids that do not change.
_SETTINGS: Any = {"svg.hashsalt": "oktahound", "svg.fonttype": "path"}


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read."""
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)


class Picture:
    """A drawing of matplotlib with a title.

    Args:
        figure: the drawing.
        title: a short title.
        note: the numbers of parts that are not shown; None if everything is shown.

    Attributes:
        figure: a `matplotlib.figure.Figure`. It can be changed before the picture is saved.
        title: a short title.
        note: the numbers of parts that are not shown; None if everything is shown.
    """

    def __init__(self, figure: Figure, title: str, note: str | None = None) -> None:
        self.figure = figure
        self.title = title
        self.note = note

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file, readable by its owner only.

        Args:
            path: the path of the file; the suffix ``.svg``, ``.png``, ``.pdf`` or ``.html`` chooses the
                format.

        Returns:
            The path.

        Raises:
            ConfigurationError: `path` has none of these suffixes.
            OSError: the file cannot be written.
        """
        target = Path(path)
        if target.suffix.lower() not in _FORMATS:
            raise ConfigurationError(
                f"{target.name!r} has no suffix of a picture: use one of {', '.join(_FORMATS)}"
            )
        if target.suffix.lower() == ".html":
            content = self.to_html().encode()
        else:
            content = self._rendered(target.suffix.lower()[1:])
        write_private(target, content)
        return target

    def to_svg(self) -> str:
        """Return the picture as SVG text without an XML declaration, so that it can be put into HTML."""
        text = self._rendered("svg").decode()
        return text[text.index("<svg") :]

    def to_html(self) -> str:
        """Return the picture as one HTML page without external resources."""
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        style = "body{font-family:sans-serif;margin:1rem}svg{max-width:100%;height:auto}"
        return (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(self.title)}</title>'
            f'<meta name="viewport" content="width=device-width"><style>{style}</style>'
            f'<figure role="img" aria-label="{escape(self.title)}">{self.to_svg()}'
            f"<figcaption>{escape(self.title)}{note}</figcaption></figure></html>\n"
        )

    def _rendered(self, kind: str) -> bytes:
        buffer = io.BytesIO()
        metadata: dict[str, Any] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind, {})
        with mpl.rc_context(_SETTINGS), warnings.catch_warnings():
            # A name can contain characters that the font lacks; the picture shows a box for each.
            warnings.filterwarnings("ignore", "Glyph .* missing from")
            self.figure.savefig(
                buffer,
                format=kind,
                dpi=_DOTS_PER_INCH,
                bbox_inches="tight",
                metadata=metadata,
                facecolor="white",
            )
        return buffer.getvalue()

    def _repr_png_(self) -> bytes:
        return self._rendered("png")

    def _repr_svg_(self) -> str:
        return self.to_svg()

    def __repr__(self) -> str:
        return f"<Picture: {self.title}{f' ({self.note})' if self.note else ''}>"
