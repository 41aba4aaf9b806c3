"""The protocol that every sink implements."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from oktahound.graph.rows import GraphRows

__all__ = ["Sink"]


class Sink(Protocol):
    """Writes a graph in one format.

    Every function with this signature is a sink, such as `oktahound.write_opengraph` and
    `oktahound.sinks.arrow.write_parquet`. `oktahound.graph.GraphRows` describes what it can rely on.
    `oktahound.sinks.check_sink` checks its obligations:

    - It writes every node and edge with all attributes, or documents what its format cannot represent.
    - It creates the folder if there is none, and replaces its earlier result.
    - Its files are readable by their owner only, because a graph shows how to attack its org.
    - Files appear when they are complete. If the rows raise an exception, the earlier result stays.
    """

    def __call__(self, rows: GraphRows, folder: Path, /) -> object:
        """Write the rows to a folder."""
        ...
