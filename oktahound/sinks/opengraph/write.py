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
from oktahound.sinks.folder import prepare_folder, refuse_foreign_files
from oktahound.sinks.opengraph.documents import Document, write_whole
from oktahound.sinks.opengraph.export import (
    DroppedProperty,
    LeftOut,
    OpenGraphExport,
    WrittenFile,
    counted,
)
from oktahound.sinks.opengraph.extension import extension_schema
from oktahound.sinks.opengraph.report import REPORT, about_export, reported_files
from oktahound.sinks.opengraph.sorting import Sorting
from oktahound.snapshot import Snapshot

__all__ = ["write_opengraph"]

_MAIN, _HYBRID, _DIRECTORY, _OWN = "okta-graph", "okta-graph-hybrid", "okta-graph-ad", "okta-graph-oktahound"
# Not "okta-graph…": it is installed, and not uploaded with the graph.
_EXTENSION = "oktahound-extension"
_STEMS = (_MAIN, _HYBRID, _DIRECTORY, _OWN, _EXTENSION)
_NAMES = (*(f"{stem}{suffix}" for stem in _STEMS for suffix in (".json", ".zip")), REPORT)
"""Every file that a run may write, and removes if an earlier run wrote it."""

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

    From a snapshot, neither the graph nor a file is ever in memory. The files:

    - ``okta-graph.json``: Okta's nodes and the edges between them, with the source kind ``Okta``;
    - ``okta-graph-hybrid.json``: the edges with an end outside the org, without a source kind, which would
      be stamped on the other product's nodes. The object outside is matched by its id or its properties; it
      is its own collector's to write, and BloodHound drops an edge whose match it does not find;
    - ``okta-graph-oktahound.json``, on request: nodes and edges of oktahound's own kinds;
    - ``okta-graph-ad.json``, on request: the Active Directory users and groups that Okta knows the SIDs of;
    - ``oktahound-export.json``, which is not uploaded: what was left out, and the gaps and withheld rules of
      the graph, which BloodHound cannot show.

    Ids, ``name`` and ``environmentid`` are in upper case, as BloodHound keeps them; the property ``id`` is
    the original id. Colons and percent signs in an id are percent-encoded. Ids that differ in nothing but
    letter case get a mark made of the original, so that no two nodes become one. A device whose UDID no other
    device has gets the id that collectors of device management know it by, ``{udid}@{domain}``.

    The files are readable by their owner only, and so is the folder if it is made here. They appear when all
    are whole. Files that an earlier run wrote and this one does not are removed. Others are never touched.

    Args:
        graph_or_snapshot: a graph, a snapshot, or the rows of one (`oktahound.graph.graph_rows`).
        directory: the folder to write to, which is made if it is not there.
        permissions: from a snapshot: as in `oktahound.build_graph`. The form ``"targets"`` needs `own_kinds`:
            without the nodes in the middle, its rights would lead nowhere.
        resolve: from a snapshot: as in `oktahound.build_graph`.
        include_inactive: write inactive edges of kinds that can be walked as well. BloodHound knows of kinds
            and not of edges whether they can be walked, so that these would open paths that are none.
        own_kinds: write what oktahound draws beyond the model of BloodHound's extension for Okta
            (``OktaHound_…``) to a file of its own, and ``oktahound-extension.json`` beside it: the extension
            schema to install first, at ``PUT /api/v2/extensions``.
        active_directory: write ``okta-graph-ad.json``.
        compress: write each file as a ``.zip`` with the ``.json`` in it.
        parts: from a snapshot: which optional parts to draw, as in `oktahound.build_graph` (``scopes=True``).
            They need `own_kinds`.

    Returns:
        What was written, what was left out and why, and what was not read of the org.

    Raises:
        ConfigurationError: the options contradict each other; what is drawn was chosen for a graph that is
            there already; or a file under one of these names is in the folder that no earlier run wrote.
        KindError: a node has no kind, or an edge one that oktahound does not know.
        OSError: the disk refuses.
    """
    chosen = [f"{part.keyword}=True" for part in select_parts(parts).parts]
    if (permissions == "targets" or chosen) and not own_kinds:
        drawing = ["permissions='targets'"] if permissions == "targets" else []
        raise ConfigurationError(
            f"{' and '.join([*drawing, *chosen])} draw kinds that BloodHound's extension for Okta does not "
            "know: say own_kinds=True"
        )
    rows = _rows(graph_or_snapshot, permissions, resolve, parts)
    target = prepare_folder(directory, _NAMES, reported_files(Path(directory)))
    kinds = {
        _MAIN: _SOURCE_KIND,
        _HYBRID: None,
        # All that its edges join is Okta's, or of the same environment.
        **({_OWN: _SOURCE_KIND} if own_kinds else {}),
        **({_DIRECTORY: None} if active_directory else {}),
    }
    clashing: frozenset[str] = frozenset()
    while True:
        # mkdtemp makes it 0700, and inside the target the rename cannot cross file systems.
        with tempfile.TemporaryDirectory(prefix=".opengraph-", dir=target) as drafts:
            with ExitStack() as writing:
                documents = {
                    stem: writing.enter_context(
                        Document(Path(drafts), stem, source_kind=kind, compress=compress)
                    )
                    for stem, kind in kinds.items()
                }
                sorting = Sorting(
                    main=documents[_MAIN],
                    hybrid=documents[_HYBRID],
                    own=documents.get(_OWN),
                    directory=documents.get(_DIRECTORY),
                    clashing=clashing,
                    include_inactive=include_inactive,
                )
                sorting.take(rows)
            if not sorting.ids.clashes:
                export = _result(target, documents, sorting, clashing, rows.about)
                _publish(Path(drafts), export, rows.about, target)
                return export
            # Ids that differ by letter case alone: now that they are known, all of them get a mark.
            clashing |= sorting.ids.clashes


def _rows(
    source: nx.MultiDiGraph[str] | Snapshot | GraphRows,
    permissions: Permissions,
    resolve: Resolve | None,
    parts: PartOptions,
) -> GraphRows:
    if isinstance(source, GraphRows):
        if permissions != "edges" or resolve is not None or any(parts.values()):
            raise ConfigurationError("what to draw was chosen for the rows already")
        return source
    return graph_rows(source, permissions=permissions, resolve=resolve, **parts)


def _result(
    target: Path,
    documents: dict[str, Document],
    sorting: Sorting,
    clashing: frozenset[str],
    about: Mapping[str, Any],
) -> OpenGraphExport:
    return OpenGraphExport(
        files=tuple(
            WrittenFile(target / document.path.name, document.nodes, document.edges)
            for document in documents.values()
        ),
        left_out=counted(LeftOut, sorting.left_out),
        dropped=counted(DroppedProperty, sorting.dropped),
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
    write_whole(drafts / REPORT, about_export(export, about, written))
    refuse_foreign_files(target, _NAMES, reported_files(target))  # again: writing can take minutes
    for name in [*written, REPORT]:
        (drafts / name).replace(target / name)
    for name in set(_NAMES) - {*written, REPORT}:  # of an earlier run: no upload may mix the two
        (target / name).unlink(missing_ok=True)
