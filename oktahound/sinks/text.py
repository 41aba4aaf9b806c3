"""Serialize graph attributes to JSON text that every JSON parser accepts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson

__all__ = ["json_bytes", "printable"]


def json_bytes(value: Any) -> bytes:
    """Serialize a JSON-ready value to one line of JSON."""
    try:
        return orjson.dumps(value)
    except TypeError:  # orjson rejects lone surrogates and numbers over 64 bits
        return json.dumps(printable(value), ensure_ascii=False, separators=(",", ":")).encode()


def printable(value: Any) -> Any:
    """Escape lone surrogates, which cannot be encoded, in a JSON-ready value."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list | tuple):
        return [printable(each) for each in value]
    if isinstance(value, Mapping):
        return {printable(name): printable(each) for name, each in value.items()}
    return value
