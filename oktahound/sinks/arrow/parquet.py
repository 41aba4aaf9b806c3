"""Write a graph as two Parquet files, and read them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Unpack

import networkx as nx
import pyarrow as pa
import pyarrow.parquet as pq

from oktahound.graph.rows import GraphRows
from oktahound.sinks.arrow.tables import (
    ABOUT,
    EDGE_SCHEMA,
    NODE_SCHEMA,
    Drawn,
    GraphTables,
    about_of,
    batches,
    chosen_rows,
)
from oktahound.sinks.folder import prepare_folder, refuse_foreign_files
from oktahound.snapshot import Snapshot

__all__ = ["EDGES", "NODES", "read_parquet", "write_parquet"]

NODES, EDGES = "nodes.parquet", "edges.parquet"
"""The names of the files."""


def write_parquet(
    graph_or_snapshot: nx.MultiDiGraph[str] | Snapshot | GraphRows,
    directory: str | os.PathLike[str],
    **drawn: Unpack[Drawn],
) -> tuple[Path, Path]:
    """Write ``nodes.parquet`` and ``edges.parquet`` to a folder, which is made if it is not there.

    Files of an earlier run are replaced once both new ones are written whole. Other files are never touched.
    The files are readable by their owner only, and so is the folder if it is made here. From a snapshot, the
    graph is never in memory. Arguments are those of `batches`.

    Returns:
        The two paths.

    Raises:
        ConfigurationError: an argument cannot work; or a file under one of the names is in the folder that
            this function did not write.
        KindError: a node has no kind, or an edge one that oktahound does not know.
        OSError: the disk refuses.
    """
    rows = chosen_rows(graph_or_snapshot, drawn)
    target = prepare_folder(directory, (NODES, EDGES), _is_ours)
    with tempfile.TemporaryDirectory(prefix=".parquet-", dir=target) as drafts:
        _write(rows, Path(drafts))
        refuse_foreign_files(target, (NODES, EDGES), _is_ours)  # again: writing can take minutes
        for name in (NODES, EDGES):
            Path(drafts, name).replace(target / name)
    return target / NODES, target / EDGES


def _is_ours(path: Path) -> bool:
    try:
        return ABOUT in (pq.read_schema(path).metadata or {})
    except pa.ArrowInvalid:  # no Parquet file
        return False


def _write(rows: GraphRows, folder: Path) -> None:
    about = about_of(rows)
    with ExitStack() as open_files:
        writers = {
            table: open_files.enter_context(
                pq.ParquetWriter(
                    open_files.enter_context(_private(folder / name)),
                    schema.with_metadata(about),
                    compression="zstd",
                )
            )
            for table, name, schema in (("nodes", NODES, NODE_SCHEMA), ("edges", EDGES, EDGE_SCHEMA))
        }
        for table, batch in batches(rows):
            writers[table].write_batch(batch)


@contextmanager
def _private(path: Path) -> Iterator[BinaryIO]:
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        yield file
        file.flush()
        os.fsync(file.fileno())  # a rename can reach the disk before what was written


def read_parquet(directory: str | os.PathLike[str]) -> GraphTables:
    """The tables that `write_parquet` wrote.

    Raises:
        OSError: a file is not there.
    """
    return GraphTables(pq.read_table(Path(directory, NODES)), pq.read_table(Path(directory, EDGES)))
