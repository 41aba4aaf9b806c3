"""Parsing JSON without letting the text into an exception."""

from __future__ import annotations

from typing import Any

import orjson

__all__ = ["NOT_JSON", "parsed"]

NOT_JSON: Any = object()


def parsed(text: bytes | str) -> Any:
    """The JSON in `text`, or `NOT_JSON`.

    Not raised, because the parser's exception holds the whole text, and the text can hold secrets.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return NOT_JSON
