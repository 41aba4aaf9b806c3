"""Parse JSON without putting its text into an exception."""

from __future__ import annotations

import codecs
import math
import re
import sys
from typing import Any

import orjson

__all__ = ["NOT_JSON", "parse_json"]

NOT_JSON: Any = object()

# Matches every escape of a string, so that an escaped backslash does not start one. A surrogate pair is one.
_HIGH, _LOW = rb"u[dD][89abAB][0-9a-fA-F]{2}", rb"u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE = re.compile(rb"\\(?:%s\\%s|(%s|%s)|.)" % (_HIGH, _LOW, _HIGH, _LOW), re.DOTALL)
_TEXT = rb'"(?:[^"\\]++|\\.)*+"'
_NUMBER = rb"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?"
_TEXT_OR_NUMBER = re.compile(_TEXT + b"|" + _NUMBER, re.DOTALL)
_LARGEST = repr(sys.float_info.max).encode()


def parse_json(text: bytes | str) -> Any:
    """Parse JSON; returns `NOT_JSON` if the text is invalid.

    It raises nothing: the parser's exception contains the whole text, which may contain secrets.

    Three defects are repaired, because each of them would hide a whole page of a listing. A byte-order
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
    """Remove a byte-order mark. UTF-16 with such a mark is converted to UTF-8."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace").encode("utf-8", "replace")
    return raw.removeprefix(codecs.BOM_UTF8)


def _mended(found: re.Match[bytes]) -> bytes:
    token = found[0]
    if token.startswith(b'"'):
        return _ESCAPE.sub(lambda escape: rb"\ufffd" if escape[1] else escape[0], token)
    size = float(token)
    return token if math.isfinite(size) else b"-" * (size < 0) + _LARGEST
