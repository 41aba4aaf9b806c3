"""The result of `write_opengraph`, and the report file that repeats it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import attrs
import orjson

__all__ = [
    "REPORT",
    "DroppedProperty",
    "LeftOut",
    "OpenGraphExport",
    "WrittenFile",
    "counted",
    "export_report",
    "reported_files",
]

C = TypeVar("C", "LeftOut", "DroppedProperty")

# The name does not start with "okta-graph", because the report is not uploaded with the graph.
REPORT = "oktahound-export.json"
_FORMAT = "oktahound export"
_COPIED = ("organization", "oktaDomain", "collectedAt", "unknownRoles", "unknownPermissions")


@attrs.frozen
class WrittenFile:
    """One written file.

    Attributes:
        path: path of the file.
        nodes: number of nodes in it.
        edges: number of edges in it.
    """

    path: Path
    nodes: int
    edges: int


@attrs.frozen
class LeftOut:
    """Nodes or edges of one kind that are in no file, for one reason.

    Attributes:
        kind: their kind.
        why: the reason.
        count: their number.
    """

    kind: str
    why: str
    count: int


@attrs.frozen
class DroppedProperty:
    """Properties of one name that BloodHound cannot store. Their nodes and edges are written without them.

    Attributes:
        name: the name of the property.
        why: the reason.
        count: their number.
    """

    name: str
    why: str
    count: int


@attrs.frozen
class OpenGraphExport:
    """The result of `oktahound.write_opengraph`: the files, the omissions, and the gaps of the snapshot.

    BloodHound shows only the content of the files. If `complete` is False, there may be attack paths that it
    does not show.

    Attributes:
        files: the files to upload, in the order in which to upload them.
        left_out: the nodes and edges of the graph that are in no file, by kind and reason.
        dropped: properties that BloodHound cannot store, by name and reason. They can only be attributes that
            a caller added to a graph.
        renamed: ids, upper case, that several nodes would have had. The id of each of these nodes has a
            suffix instead. Empty for almost every org.
        extension: the extension schema to install before the upload; None without ``own_kinds=True``.
        gaps: the parts of the org that could not be read, as in ``graph.graph["gaps"]``.
        not_asked: names of the entities that were not requested.
        withheld: names of the rules that did not run, each with the incomplete entities whose absence they
            draw conclusions from.
        unsure: names of the rules that may have missed edges, each with the incomplete entities.
        unmatched: edges out of the org whose other end is unknown, as in ``graph.graph["unmatched"]``.
        complete: whether everything that was requested of the org was read, and every rule could run on it.
            Also False for a graph that lost its metadata (``graph.graph``).
        report: the file with all this information, as JSON. Do not upload it.
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
        """The number of nodes in all files."""
        return sum(file.nodes for file in self.files)

    @property
    def edges(self) -> int:
        """The number of edges in all files."""
        return sum(file.edges for file in self.files)


def counted(cls: type[C], counts: Counter[tuple[str, str]]) -> tuple[C, ...]:
    """Convert counts by kind or name and reason to records, sorted."""
    return tuple(cls(name, why, count) for (name, why), count in sorted(counts.items()))


def export_report(export: OpenGraphExport, metadata: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """Return the report as a JSON-ready object.

    Args:
        export: the result of the export.
        metadata: the metadata of the graph.
        names: the names of all files of the export.
    """
    return {
        "format": _FORMAT,
        **{name: metadata[name] for name in _COPIED if name in metadata},
        "complete": export.complete,
        "gaps": list(export.gaps),
        "notAsked": list(export.not_asked),
        "withheld": dict(export.withheld),
        "unsure": dict(export.unsure),
        "unmatched": list(export.unmatched),
        "leftOut": [attrs.asdict(each) for each in export.left_out],
        "droppedProperties": [attrs.asdict(each) for each in export.dropped],
        "renamed": list(export.renamed),
        "graph": {each.path.name: {"nodes": each.nodes, "edges": each.edges} for each in export.files},
        "files": names,
    }


def reported_files(folder: Path) -> Callable[[Path], bool]:
    """Return a predicate for files: whether the report in a folder lists a file as part of its export."""
    try:
        report = orjson.loads((folder / REPORT).read_bytes())
    except (OSError, ValueError):
        report = None
    if not isinstance(report, dict) or report.get("format") != _FORMAT:
        return lambda path: False
    files = report.get("files")
    known = {REPORT, *files} if isinstance(files, list) else {REPORT}
    return lambda path: path.name in known
