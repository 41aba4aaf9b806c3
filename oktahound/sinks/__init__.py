"""Sinks write a graph in an output format. Each format has one module; `check_sink` checks new sinks.

Import sinks that need an optional library by module: ``oktahound.sinks.arrow``.
"""

from __future__ import annotations

from oktahound.sinks.conformance import Sink, check_sink
from oktahound.sinks.opengraph import DroppedProperty, LeftOut, OpenGraphExport, WrittenFile, write_opengraph

__all__ = [
    "DroppedProperty",
    "LeftOut",
    "OpenGraphExport",
    "Sink",
    "WrittenFile",
    "check_sink",
    "write_opengraph",
]


def __dir__() -> list[str]:
    return sorted(__all__)
