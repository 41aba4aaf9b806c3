"""The protocol that every sink implements."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from oktahound.graph.rows import GraphRows

__all__ = ["Sink"]


class Sink(Protocol):
    """Writes a graph in one format.

    A function of this shape is a sink, and that is all there is to it: `oktahound.write_opengraph` and
    `oktahound.sinks.arrow.write_parquet` are two. What it may rely on is said at
    `oktahound.graph.GraphRows`; whether it keeps its own side, `oktahound.sinks.check_sink` says:

    - it writes every node and every edge, with all attributes, or says what its format cannot hold;
    - it makes the folder if there is none, and replaces what it wrote there before;
    - its files are readable by their owner only, for a graph says how to attack its org;
    - they appear when they are whole: if the rows break off, what was there before stays.
    """

    def __call__(self, rows: GraphRows, folder: Path, /) -> object:
        """Write the rows to a folder."""
        ...
