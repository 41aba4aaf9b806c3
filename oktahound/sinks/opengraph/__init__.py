"""BloodHound's OpenGraph format."""

from __future__ import annotations

from oktahound.sinks.opengraph.export import DroppedProperty, LeftOut, OpenGraphExport, WrittenFile
from oktahound.sinks.opengraph.extension import extension_schema
from oktahound.sinks.opengraph.write import write_opengraph

__all__ = [
    "DroppedProperty",
    "LeftOut",
    "OpenGraphExport",
    "WrittenFile",
    "extension_schema",
    "write_opengraph",
]
