"""The protocol that every sink implements."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from oktahound.graph.rows import GraphRows

__all__ = ["Sink"]


class Sink(Protocol):
    """Writes a graph in one format.

    Every function with this signature is a sink, such as `oktahound.write_opengraph` and
    `oktahound.sinks.arrow.write_parquet`. `oktahound.graph.GraphRows` describes the guarantees about rows.
    `oktahound.sinks.check_sink` checks these requirements:

    - A sink writes every node and edge with all attributes, or documents what its format cannot represent.
    - It creates a missing folder, and replaces its earlier result.
    - Only their owner can read its files, because a graph shows how to attack its org.
    - Files appear when they are complete. If the rows raise an exception, the earlier result stays.
    """

    def __call__(self, rows: GraphRows, folder: Path, /) -> object:
        """Write the rows to a folder."""
        ...
