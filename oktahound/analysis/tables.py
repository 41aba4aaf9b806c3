"""The rendering functions of `oktahound.scopes.display`, under the name that analysis modules use."""

from __future__ import annotations

from oktahound.scopes.display import badge, cell, details, frame, table

__all__ = ["badge", "cell", "details", "frame", "table"]
