"""Parsing JSON without letting the text into an exception."""

from __future__ import annotations

import re
from typing import Any

import orjson

__all__ = ["NOT_JSON", "parsed"]

NOT_JSON: Any = object()

# Every escape of a text, so that a backslash that is escaped itself begins none; a pair of surrogates is one.
_HIGH, _LOW = rb"u[dD][89abAB][0-9a-fA-F]{2}", rb"u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE = re.compile(rb"\\(?:%s\\%s|(%s|%s)|.)" % (_HIGH, _LOW, _HIGH, _LOW), re.DOTALL)


def parsed(text: bytes | str) -> Any:
    """The JSON in `text`, or `NOT_JSON`.

    Not raised, because the parser's exception holds the whole text, and the text can hold secrets.

    Half of a surrogate pair, which JSON can write and Unicode does not know, becomes U+FFFD: otherwise
    whoever can put one into a name would hide the page of the listing that they are on.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    mended = _ESCAPE.sub(lambda found: rb"\ufffd" if found[1] else found[0], raw)
    if mended == raw:
        return NOT_JSON
    try:
        return orjson.loads(mended)
    except orjson.JSONDecodeError:
        return NOT_JSON
