"""Clean configuration text that was pasted, exported or read from a file."""

from __future__ import annotations

__all__ = ["BOM", "unwrap"]

BOM = "\ufeff"
_MARKS = f"{BOM}\u200b\u2060"
_QUOTES = (('"', '"'), ("'", "'"), ("`", "`"), ("\u201c", "\u201d"), ("\u2018", "\u2019"))


def unwrap(text: str) -> str:
    """Remove byte-order marks, whitespace and pairs of quotes around a value.

    Editors on Windows write a byte-order mark, ``docker --env-file`` keeps quotes, and text copied from a
    web page may contain typographic quotes, no-break spaces and zero-width spaces.
    """
    before = None
    while text != before:
        before = text
        text = text.strip().strip(_MARKS)
        if len(text) > 1 and (text[0], text[-1]) in _QUOTES:
            text = text[1:-1]
    return text
