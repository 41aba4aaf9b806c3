"""Read the data files of this package."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any

import orjson

__all__ = ["read_json", "read_toml"]


def read_json(name: str) -> dict[str, Any]:
    """Return the content of a JSON file in ``data``."""
    content: dict[str, Any] = orjson.loads(_text(name))
    return content


def read_toml(name: str) -> dict[str, Any]:
    """Return the content of a TOML file in ``data``."""
    return tomllib.loads(_text(name))


def _text(name: str) -> str:
    return resources.files("oktahound.scopes").joinpath("data", name).read_text(encoding="utf-8")
