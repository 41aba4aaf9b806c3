"""What `write_opengraph` says of what it wrote."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import attrs

__all__ = ["LeftOut", "OpenGraphExport", "WrittenFile", "left_out"]


@attrs.frozen
class WrittenFile:
    """One file.

    Attributes:
        path: where it is.
        nodes: how many nodes it holds.
        edges: how many edges it holds.
    """

    path: Path
    nodes: int
    edges: int


@attrs.frozen
class LeftOut:
    """Nodes or edges of one kind that are in no file.

    Attributes:
        kind: their kind.
        why: the reason, the same for all of them.
        count: how many.
    """

    kind: str
    why: str
    count: int


@attrs.frozen
class OpenGraphExport:
    """What was written, and what was not.

    Attributes:
        files: the files to upload, in the order to upload them.
        left_out: the nodes and edges of the graph that are in none of them, by kind and reason.
        renamed: ids, upper case, that more than one node would have had. Each of those nodes has a mark at
            the end of its id instead; empty in all but the strangest orgs.
        extension: the extension schema to install before the upload; None unless own kinds were asked for.
    """

    files: tuple[WrittenFile, ...]
    left_out: tuple[LeftOut, ...]
    renamed: tuple[str, ...] = ()
    extension: Path | None = None

    @property
    def nodes(self) -> int:
        """Nodes in all files together."""
        return sum(file.nodes for file in self.files)

    @property
    def edges(self) -> int:
        """Edges in all files together."""
        return sum(file.edges for file in self.files)


def left_out(counts: Counter[tuple[str, str]]) -> tuple[LeftOut, ...]:
    """Counts by kind and reason, in a stable order."""
    return tuple(LeftOut(kind, why, count) for (kind, why), count in sorted(counts.items()))
