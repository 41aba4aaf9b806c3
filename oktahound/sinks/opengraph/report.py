"""The report of an export: its files, omitted objects, and gaps of the snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
import orjson

from oktahound.sinks.opengraph.export import OpenGraphExport

__all__ = ["REPORT", "export_report", "reported_files"]

# The name does not start with "okta-graph", because the report is not uploaded with the graph.
REPORT = "oktahound-export.json"
_FORMAT = "oktahound export"
_COPIED = ("organization", "oktaDomain", "collectedAt", "unknownRoles", "unknownPermissions")


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
