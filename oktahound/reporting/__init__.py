"""A report about an org: one HTML file without external resources."""

from __future__ import annotations

from oktahound.reporting.report import report

__all__ = ["report"]


def __dir__() -> list[str]:
    return sorted(__all__)
