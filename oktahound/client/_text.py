"""Clean text that was pasted, exported or read from a file, before anything is decided by it."""

from __future__ import annotations

__all__ = ["BOM", "unwrap"]

BOM = "\ufeff"
_MARKS = f"{BOM}\u200b\u2060"
_QUOTES = (('"', '"'), ("'", "'"), ("`", "`"), ("\u201c", "\u201d"), ("\u2018", "\u2019"))


def unwrap(text: str) -> str:
    """Remove what surrounds a value and is no part of it: byte-order marks, blanks and pairs of quotes.

    Editors on Windows write a byte-order mark, ``docker --env-file`` keeps quotes, and copying from a web
    page brings typographic quotes, no-break and zero-width spaces along.
    """
    before = None
    while text != before:
        before = text
        text = text.strip().strip(_MARKS)
        if len(text) > 1 and (text[0], text[-1]) in _QUOTES:
            text = text[1:-1]
    return text
