"""A report about an org for people: one HTML file that needs nothing else."""

from __future__ import annotations

from oktahound.reporting.report import report

__all__ = ["report"]


def __dir__() -> list[str]:
    return sorted(__all__)
