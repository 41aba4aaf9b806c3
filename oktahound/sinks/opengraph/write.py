"""Write a graph as BloodHound's OpenGraph files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Unpack

import networkx as nx

from oktahound.errors import ConfigurationError
from oktahound.graph.build import Permissions
from oktahound.graph.foreign import Resolve
from oktahound.graph.optional_parts import PartOptions, select_parts
from oktahound.graph.rows import GraphRows, graph_rows
from oktahound.sinks.folder import prepare_folder, refuse_foreign_files, replacing_files
from oktahound.sinks.opengraph.documents import Document, write_whole
from oktahound.sinks.opengraph.export import (
    REPORT,
    DroppedProperty,
    LeftOut,
    OpenGraphExport,
    WrittenFile,
    counted,
    export_report,
    reported_files,
)
from oktahound.sinks.opengraph.extension import extension_schema
from oktahound.sinks.opengraph.routing import RowRouter
from oktahound.snapshot import Snapshot

__all__ = ["write_opengraph"]

_MAIN, _HYBRID, _DIRECTORY, _OWN = "okta-graph", "okta-graph-hybrid", "okta-graph-ad", "okta-graph-oktahound"
# The name does not start with "okta-graph", because the schema is installed, and not uploaded with the graph.
_EXTENSION = "oktahound-extension"
_STEMS = (_MAIN, _HYBRID, _DIRECTORY, _OWN, _EXTENSION)
_NAMES = (*(f"{stem}{suffix}" for stem in _STEMS for suffix in (".json", ".zip")), REPORT)
"""Every file that a run may write, or removes if an earlier run wrote it."""

_SOURCE_KIND = "Okta"


def write_opengraph(
    graph_or_snapshot: nx.MultiDiGraph[str] | Snapshot | GraphRows,
    directory: str | os.PathLike[str],
    *,
    permissions: Permissions = "edges",
    resolve: Resolve | None = None,
    include_inactive: bool = False,
    own_kinds: bool = False,
    active_directory: bool = False,
    compress: bool = False,
    **parts: Unpack[PartOptions],
) -> OpenGraphExport:
    """Write a graph as files that BloodHound ingests.

    For a snapshot, neither the graph nor a file is ever in memory. The files are:

    - ``okta-graph.json``: Okta's nodes and the edges between them, with the source kind ``Okta``;
    - ``okta-graph-hybrid.json``: the edges with an endpoint outside the org, without a source kind, which
      BloodHound would add to nodes of other products. The endpoint outside is matched by its id or its
      properties. The collector of the other product writes its node, and BloodHound drops an edge without a
      match;
    - ``okta-graph-oktahound.json``, on request: nodes and edges of oktahound's own kinds;
    - ``okta-graph-ad.json``, on request: the Active Directory users and groups whose SIDs are in Okta;
    - ``oktahound-export.json``, which is not uploaded: what was left out, and the gaps and withheld rules of
      the graph, which BloodHound cannot show.

    Ids, ``name`` and ``environmentid`` are in upper case, because BloodHound stores them so; the property
    ``id`` is the original id. Colons and percent signs in an id are percent-encoded. Ids that differ only by
    letter case get a suffix computed from the original, so that no two nodes are merged. A device with a
    unique UDID gets the id that collectors of device management use: ``{udid}@{domain}``.

    Only their owner can read the files, and the folder if this function creates it. The files appear when
    all are complete. Files of an earlier run that this run does not write are removed. Other files stay
    untouched.

    Args:
        graph_or_snapshot: a graph, a snapshot, or the rows of one (`oktahound.graph.graph_rows`).
        directory: the folder to write to, which is created if it does not exist.
        permissions: for a snapshot; see `oktahound.build_graph`. The form ``"targets"`` needs `own_kinds`,
            because its rights lead through nodes of oktahound's own kinds.
        resolve: for a snapshot; see `oktahound.build_graph`.
        include_inactive: also write inactive edges of traversable kinds. In BloodHound, traversability is a
            property of the kind and not of the edge, so it would show attack paths that do not exist.
        own_kinds: write nodes and edges that are not in the model of BloodHound's extension for Okta
            (``OktaHound_…``) to a separate file, and write ``oktahound-extension.json``: the extension schema
            to install first, at ``PUT /api/v2/extensions``.
        active_directory: write ``okta-graph-ad.json``.
        compress: write each file as a ``.zip`` that contains the ``.json``.
        parts: for a snapshot: the optional parts, as in `oktahound.build_graph` (``scopes=True``). They need
            `own_kinds`.

    Returns:
        The written files, the omitted nodes and edges with reasons, and the gaps of the snapshot.

    Raises:
        ConfigurationError: the options contradict each other; options for a snapshot were given for an
            existing graph; or the folder contains a file of one of these names that no earlier run wrote.
        KindError: a node has no kind, or the kind of an edge is unknown.
        TimeoutError: another process replaces files in the folder for more than a minute.
        OSError: the files cannot be written.
    """
    needing_own_kinds = [f"{part.keyword}=True" for part in select_parts(parts).parts]
    if permissions == "targets":
        needing_own_kinds.insert(0, "permissions='targets'")
    if needing_own_kinds and not own_kinds:
        raise ConfigurationError(
            f"{' and '.join(needing_own_kinds)} add kinds that BloodHound's extension for Okta lacks: "
            "set own_kinds=True"
        )
    rows = _rows(graph_or_snapshot, permissions, resolve, parts)
    target = prepare_folder(directory, _refuse_foreign_files)
    kinds = {
        _MAIN: _SOURCE_KIND,
        _HYBRID: None,
        # All endpoints of its edges belong to Okta or to the same environment.
        **({_OWN: _SOURCE_KIND} if own_kinds else {}),
        **({_DIRECTORY: None} if active_directory else {}),
    }
    clashing: frozenset[str] = frozenset()
    while True:
        # It has mode 0700, and because it is inside the target, the rename cannot cross file systems.
        with tempfile.TemporaryDirectory(prefix=".opengraph-", dir=target) as drafts:
            with ExitStack() as writing:
                documents = {
                    stem: writing.enter_context(
                        Document(Path(drafts), stem, source_kind=kind, compress=compress)
                    )
                    for stem, kind in kinds.items()
                }
                router = RowRouter(
                    main=documents[_MAIN],
                    hybrid=documents[_HYBRID],
                    own=documents.get(_OWN),
                    directory=documents.get(_DIRECTORY),
                    clashing=clashing,
                    include_inactive=include_inactive,
                )
                router.write(rows)
            if not router.ids.clashes:
                export = _result(target, documents, router, clashing, rows.about)
                _publish(Path(drafts), export, rows.about, target)
                return export
            # Some ids differ only by letter case. Write again, and give each of them a suffix.
            clashing |= router.ids.clashes


def _rows(
    source: nx.MultiDiGraph[str] | Snapshot | GraphRows,
    permissions: Permissions,
    resolve: Resolve | None,
    parts: PartOptions,
) -> GraphRows:
    if isinstance(source, GraphRows):
        if permissions != "edges" or resolve is not None or any(parts.values()):
            names = ", ".join(f"{name}=" for name in ("permissions", "resolve", *parts))
            raise ConfigurationError(f"{names} apply to a snapshot only: pass them to graph_rows() instead")
        return source
    return graph_rows(source, permissions=permissions, resolve=resolve, **parts)


def _result(
    target: Path,
    documents: dict[str, Document],
    router: RowRouter,
    clashing: frozenset[str],
    about: Mapping[str, Any],
) -> OpenGraphExport:
    return OpenGraphExport(
        files=tuple(
            WrittenFile(target / document.path.name, document.nodes, document.edges)
            for document in documents.values()
        ),
        left_out=counted(LeftOut, router.left_out),
        dropped=counted(DroppedProperty, router.dropped),
        renamed=tuple(sorted(clashing)),
        extension=target / f"{_EXTENSION}.json" if _OWN in documents else None,
        gaps=tuple(about.get("gaps", ())),
        not_asked=tuple(about.get("notAsked", ())),
        withheld=about.get("withheld", {}),
        unsure=about.get("unsure", {}),
        unmatched=tuple(about.get("unmatched", ())),
        complete="gaps" in about and not (about["gaps"] or about.get("withheld") or about.get("unsure")),
        report=target / REPORT,
    )


def _publish(drafts: Path, export: OpenGraphExport, about: Mapping[str, Any], target: Path) -> None:
    if export.extension is not None:
        write_whole(drafts / export.extension.name, extension_schema())
    written = sorted(path.name for path in drafts.iterdir())
    write_whole(drafts / REPORT, export_report(export, about, written))
    with replacing_files(target, _refuse_foreign_files):  # check again: writing can take minutes
        for name in [*written, REPORT]:
            (drafts / name).replace(target / name)
        # No upload may mix files of an earlier run with those of this one.
        for name in set(_NAMES) - {*written, REPORT}:
            (target / name).unlink(missing_ok=True)


def _refuse_foreign_files(target: Path) -> None:
    refuse_foreign_files(target, _NAMES, reported_files(target))
