"""Parse JSON without putting any of its text into an exception."""

from __future__ import annotations

import codecs
import math
import re
import sys
from typing import Any

import orjson

__all__ = ["NOT_JSON", "parsed"]

NOT_JSON: Any = object()

# Every escape of a text, so that a backslash that is escaped itself begins none; a pair of surrogates is one.
_HIGH, _LOW = rb"u[dD][89abAB][0-9a-fA-F]{2}", rb"u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE = re.compile(rb"\\(?:%s\\%s|(%s|%s)|.)" % (_HIGH, _LOW, _HIGH, _LOW), re.DOTALL)
_TEXT = rb'"(?:[^"\\]++|\\.)*+"'
_NUMBER = rb"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?"
_TEXT_OR_NUMBER = re.compile(_TEXT + b"|" + _NUMBER, re.DOTALL)
_LARGEST = repr(sys.float_info.max).encode()


def parsed(text: bytes | str) -> Any:
    """Parse `text` as JSON; `NOT_JSON` if it is not.

    Nothing is raised: the parser's exception holds the whole text, and the text can hold secrets.

    Three defects are repaired, because each would otherwise hide a whole page of a listing. A byte-order
    mark is removed. A lone surrogate becomes U+FFFD. A number beyond the range of floats becomes the
    largest float.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    raw = _without_bom(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    mended = _TEXT_OR_NUMBER.sub(_mended, raw)
    if mended == text:
        return NOT_JSON
    try:
        return orjson.loads(mended)
    except orjson.JSONDecodeError:
        return NOT_JSON


def _without_bom(raw: bytes) -> bytes:
    """UTF-8 without a byte-order mark; UTF-16 with one is decoded."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace").encode("utf-8", "replace")
    return raw.removeprefix(codecs.BOM_UTF8)


def _mended(found: re.Match[bytes]) -> bytes:
    token = found[0]
    if token.startswith(b'"'):
        return _ESCAPE.sub(lambda escape: rb"\ufffd" if escape[1] else escape[0], token)
    size = float(token)
    return token if math.isfinite(size) else b"-" * (size < 0) + _LARGEST
