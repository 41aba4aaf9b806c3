"""Write a graph as Parquet, in two files or in two folders of part files, and read it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, Unpack

import networkx as nx
import pyarrow as pa
import pyarrow.parquet as pq

from oktahound.file_types import exists, is_folder
from oktahound.graph.rows import GraphRows
from oktahound.sinks.arrow.tables import (
    EDGE_SCHEMA,
    METADATA_KEY,
    NODE_SCHEMA,
    GraphOptions,
    GraphTables,
    batches,
    check_count,
    rows_to_write,
    table_metadata,
)
from oktahound.sinks.folder import prepare_folder, refuse_foreign_files, replacing_files
from oktahound.snapshot import Snapshot

__all__ = ["EDGES", "NODES", "read_parquet", "write_parquet"]

NODES, EDGES = "nodes.parquet", "edges.parquet"
"""The names of the two files, or of the two folders of part files."""

_ROW_GROUP = 65_536


def write_parquet(
    graph_or_snapshot: nx.MultiDiGraph[str] | Snapshot | GraphRows,
    directory: str | os.PathLike[str],
    *,
    rows_per_file: int | None = None,
    **options: Unpack[GraphOptions],
) -> tuple[Path, Path]:
    """Write ``nodes.parquet`` and ``edges.parquet`` to a folder, which is created if it does not exist.

    With `rows_per_file`, each of the two is a folder of part files (``part-00000.parquet``, ...). Spark,
    DuckDB, pandas and pyarrow read such a folder as one table. A table without rows has one part file.

    When all new files are complete, they replace those that an earlier run wrote under the two names, in
    either form. Other files stay untouched. Only their owner can read the files and new folders. For a
    snapshot, the graph is never in memory.

    Args:
        graph_or_snapshot: a graph, a snapshot, or rows of one (`oktahound.graph.rows.graph_rows`).
        directory: the folder.
        rows_per_file: maximum number of rows in a part file; one file for each table if None. Part files of a
            few hundred thousand rows suit a cluster.
        options: options for building the graph of a snapshot, as in `oktahound.build_graph`.

    Returns:
        The paths of the two files, or of the two folders of part files.

    Raises:
        ConfigurationError: an argument is invalid; or the folder contains a file that this function did not
            write, under one of the two names or in a folder under one of them.
        KindError: a node has no kind, or the kind of an edge is unknown.
        TimeoutError: another process replaces files in the folder for more than a minute.
        OSError: the files cannot be written. If the process is killed or the disk fails in the last step, in
            which files get their final names, replaced files may remain in a folder ``.parquet-...`` in
            `directory`.
    """
    if rows_per_file is not None:
        check_count("rows_per_file", rows_per_file)
    rows = rows_to_write(graph_or_snapshot, options)
    target = prepare_folder(directory, _refuse_foreign_files)
    with tempfile.TemporaryDirectory(prefix=".parquet-", dir=target) as drafts:
        _write(rows, Path(drafts), rows_per_file)
        with replacing_files(target, _refuse_foreign_files):  # check again: writing can take minutes
            for name in (NODES, EDGES):
                _put_in_place(Path(drafts, name), target / name)
    return target / NODES, target / EDGES


def _refuse_foreign_files(target: Path) -> None:
    refuse_foreign_files(target, (NODES, EDGES), _is_ours, folders=True)


def _is_ours(path: Path) -> bool:
    try:
        return METADATA_KEY in (pq.read_schema(path).metadata or {})
    except pa.ArrowInvalid:  # not a Parquet file
        return False


def _put_in_place(draft: Path, final: Path) -> None:
    """Rename a draft to its final name. A folder cannot be replaced atomically, so move the old one first."""
    if not (is_folder(draft) or is_folder(final)):
        draft.replace(final)
        return
    replaced = draft.with_name(f"replaced-{final.name}")
    if final_exists := exists(final):
        final.rename(replaced)
    try:
        draft.rename(final)
    except OSError:
        if final_exists:
            replaced.rename(final)
        raise


def _write(rows: GraphRows, folder: Path, rows_per_file: int | None) -> None:
    metadata = table_metadata(rows)
    with ExitStack() as open_tables:
        writers = {
            table: open_tables.enter_context(
                _TableWriter(folder / name, schema.with_metadata(metadata), rows_per_file)
            )
            for table, name, schema in (("nodes", NODES, NODE_SCHEMA), ("edges", EDGES, EDGE_SCHEMA))
        }
        for table, batch in batches(rows, size=min(rows_per_file or _ROW_GROUP, _ROW_GROUP)):
            writers[table].write(batch)


class _TableWriter:
    """A context manager that writes one table to a file, or to part files in a folder.

    Args:
        path: the file or the folder.
        schema: the schema, with the metadata of each file.
        rows_per_file: maximum number of rows in a part file; None for a single file.
    """

    def __init__(self, path: Path, schema: pa.Schema, rows_per_file: int | None) -> None:
        self._path = path
        self._schema = schema
        self._rows_per_file = rows_per_file
        self._parts = 0
        self._written = 0
        self._file = ExitStack()

    def __enter__(self) -> Self:
        if self._rows_per_file is not None:
            self._path.mkdir(0o700)
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, batch: pa.RecordBatch) -> None:
        """Write rows. When a part file is full, the next one starts."""
        if self._rows_per_file is None:
            self._writer.write_batch(batch)
            return
        while batch.num_rows:
            if self._written == self._rows_per_file:
                self._file.close()
                self._open()
            piece = batch.slice(0, self._rows_per_file - self._written)
            self._writer.write_batch(piece)
            self._written += piece.num_rows
            batch = batch.slice(piece.num_rows)

    def _open(self) -> None:
        path = self._path
        if self._rows_per_file is not None:
            path = path / f"part-{self._parts:05}.parquet"
            self._parts += 1
            self._written = 0
        file = self._file.enter_context(_private(path))
        self._writer = self._file.enter_context(pq.ParquetWriter(file, self._schema, compression="zstd"))


@contextmanager
def _private(path: Path) -> Iterator[BinaryIO]:
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        yield file
        file.flush()
        os.fsync(file.fileno())  # a rename can reach the disk before the content of the file


def read_parquet(directory: str | os.PathLike[str]) -> GraphTables:
    """Read the tables that `write_parquet` wrote, from one file each or from part files.

    Raises:
        OSError: a file does not exist or cannot be read.
    """
    return GraphTables(*(pq.read_table(Path(directory, name), partitioning=None) for name in (NODES, EDGES)))
