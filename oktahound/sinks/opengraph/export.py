"""The result of `write_opengraph`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import attrs

__all__ = ["DroppedProperty", "LeftOut", "OpenGraphExport", "WrittenFile", "counted"]

C = TypeVar("C", "LeftOut", "DroppedProperty")


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
class DroppedProperty:
    """Properties of one name that BloodHound cannot hold. The nodes and edges themselves are written.

    Attributes:
        name: the name of the property.
        why: the reason, the same for all of them.
        count: how many.
    """

    name: str
    why: str
    count: int


@attrs.frozen
class OpenGraphExport:
    """The result of `oktahound.write_opengraph`: what was written, what was left out, and what was not read.

    BloodHound shows what is in the files and nothing else. Where `complete` is false, an attack path that it
    does not show may exist all the same.

    Attributes:
        files: the files to upload, in the order to upload them.
        left_out: the nodes and edges of the graph that are in none of them, by kind and reason.
        dropped: properties that BloodHound cannot hold, by name and reason. Only attributes that a caller
            added to a graph can be among them.
        renamed: ids, upper case, that more than one node would have had. Each of those nodes has a mark at
            the end of its id instead; empty in all but the strangest orgs.
        extension: the extension schema to install before the upload; None unless own kinds were asked for.
        gaps: what could not be read of the org, as in ``graph.graph["gaps"]``.
        not_asked: names of the entities that were not requested.
        withheld: names of the rules that drew nothing, each with the entities that were not read in full and
            whose absence they conclude from.
        unsure: names of the rules that may have missed edges, each with the entities that were not read in
            full.
        unmatched: edges out of the org whose other end is unknown, as in ``graph.graph["unmatched"]``.
        complete: whether everything that was requested of the org was read, and every rule could run on it.
            False also for a graph that lost what it says of itself (``graph.graph``).
        report: the file beside the graph that says all this, as JSON. It is not uploaded.
    """

    files: tuple[WrittenFile, ...]
    left_out: tuple[LeftOut, ...]
    dropped: tuple[DroppedProperty, ...] = ()
    renamed: tuple[str, ...] = ()
    extension: Path | None = None
    gaps: tuple[Mapping[str, Any], ...] = attrs.field(default=(), repr=lambda gaps: f"<{len(gaps)} gaps>")
    not_asked: tuple[str, ...] = ()
    withheld: Mapping[str, Any] = attrs.field(factory=dict, hash=False)
    unsure: Mapping[str, Any] = attrs.field(factory=dict, hash=False)
    unmatched: tuple[Mapping[str, Any], ...] = attrs.field(default=(), repr=lambda them: f"<{len(them)}>")
    complete: bool = False
    report: Path | None = None

    @property
    def nodes(self) -> int:
        """Nodes in all files together."""
        return sum(file.nodes for file in self.files)

    @property
    def edges(self) -> int:
        """Edges in all files together."""
        return sum(file.edges for file in self.files)


def counted(cls: type[C], counts: Counter[tuple[str, str]]) -> tuple[C, ...]:
    """Counts by kind or name and reason, in a stable order."""
    return tuple(cls(what, why, count) for (what, why), count in sorted(counts.items()))
