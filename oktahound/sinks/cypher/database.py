"""Create, write, open and query an embedded Cypher database of a graph."""

from __future__ import annotations

import importlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, Unpack, overload

import ladybug
import networkx as nx

from oktahound.errors import ConfigurationError
from oktahound.file_types import is_file, is_folder
from oktahound.graph.rows import GraphRows
from oktahound.sinks.arrow import GraphOptions
from oktahound.sinks.arrow.tables import rows_to_write
from oktahound.sinks.cypher.loading import load_rows
from oktahound.sinks.cypher.translation import translate
from oktahound.sinks.text import json_bytes
from oktahound.snapshot import Snapshot

__all__ = ["CypherDatabase", "CypherResult", "load_cypher", "open_cypher", "write_cypher"]

_DATABASE_FILE, _METADATA_FILE = "graph.lbug", "graph.json"


class CypherResult(Sequence[Mapping[str, Any]]):
    """The rows of a query: a sequence of dicts by column name.

    A node is a dict with ``id``, ``kind`` and its properties. A relationship is a dict with ``kind`` and its
    properties. A path is a dict with ``nodes`` and ``edges``, whose edges also have ``start`` and ``end``.
    """

    def __init__(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self.columns = tuple(columns)
        self._rows = [dict(zip(columns, map(_plain, row), strict=True)) for row in rows]

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Mapping[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Mapping[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> Mapping[str, Any] | Sequence[Mapping[str, Any]]:
        return self._rows[index]

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return iter(self._rows)

    def to_dataframe(self) -> Any:
        """Return a pandas DataFrame with the columns of the query.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        try:
            pandas = importlib.import_module("pandas")
        except ImportError as error:
            raise ConfigurationError("a DataFrame needs pandas: pip install pandas") from error
        return pandas.DataFrame(self._rows, columns=list(self.columns))

    def __repr__(self) -> str:
        return f"<{len(self)} rows: {', '.join(self.columns)}>"


class CypherDatabase:
    """A graph in an embedded database. Close it, or use it as a context manager.

    Attributes:
        about: the metadata of the graph (``graph.graph``): organization, gaps, withheld rules, ….
    """

    def __init__(self, database: ladybug.Database, about: Mapping[str, Any]) -> None:
        self.about = about
        self._database = database
        self._connection = ladybug.Connection(database)
        self._labels: tuple[str, ...] = ()

    @property
    def connection(self) -> ladybug.Connection:
        """The connection of LadybugDB, for features that `query` does not offer."""
        return self._connection

    @property
    def labels(self) -> tuple[str, ...]:
        """The node labels: all kinds of the model, and the kinds of all other nodes in the graph."""
        if not self._labels:
            _, rows = self._execute("CALL show_tables() WHERE type = 'NODE' RETURN name", {})
            self._labels = tuple(sorted(row[0] for row in rows))
        return self._labels

    def query(self, text: str, **parameters: Any) -> CypherResult:
        """Run a query.

        Args:
            text: Cypher. Constructs of Neo4j's Cypher are translated with `translate` first.
            **parameters: values for ``$name`` in the text.

        Raises:
            ConfigurationError: the query names an unknown label or property, or is not valid.
        """
        return CypherResult(*self._execute(translate(text, self.labels), parameters))

    def _execute(self, text: str, parameters: Mapping[str, Any]) -> tuple[list[str], list[list[Any]]]:
        try:
            result = self._connection.execute(text, dict(parameters))
        except RuntimeError as error:
            raise ConfigurationError(f"the query failed: {error}\nIt was run as: {text}") from error
        if isinstance(result, list):
            raise ConfigurationError("a query must be one statement: call query() once for each statement")
        rows = []
        while result.has_next():
            rows.append(list(result.get_next()))
        return list(result.get_column_names()), rows

    def close(self) -> None:
        """Close the database. A database in memory is lost."""
        self._connection.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def load_cypher(
    graph_or_snapshot: nx.MultiDiGraph[str] | Snapshot | GraphRows, **options: Unpack[GraphOptions]
) -> CypherDatabase:
    """Load a graph into a database in memory. Arguments are those of `oktahound.sinks.arrow.batches`.

    Raises:
        ConfigurationError: an argument is invalid.
        KindError: a node has no kind, or the kind of an edge is unknown.
    """
    rows = rows_to_write(graph_or_snapshot, options)
    database = CypherDatabase(ladybug.Database(":memory:"), dict(rows.about))
    try:
        load_rows(database.connection, rows)
    except BaseException:
        database.close()
        raise
    return database


def write_cypher(
    graph_or_snapshot: nx.MultiDiGraph[str] | Snapshot | GraphRows,
    directory: str | os.PathLike[str],
    **options: Unpack[GraphOptions],
) -> Path:
    """Write a database file to a folder, and a JSON file with the metadata of the graph.

    The folder is created if it does not exist. The new files replace those of an earlier run when they are
    complete. Only their owner can read them. Arguments are those of `oktahound.sinks.arrow.batches`.

    Returns:
        The path of the database file, for `open_cypher`.

    Raises:
        ConfigurationError: an argument is invalid.
        KindError: a node has no kind, or the kind of an edge is unknown.
        OSError: the files cannot be written.
    """
    rows = rows_to_write(graph_or_snapshot, options)
    target = Path(directory)
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".cypher-", dir=target) as draft:
        file, metadata = Path(draft, _DATABASE_FILE), Path(draft, _METADATA_FILE)
        metadata.touch(mode=0o600)
        metadata.write_bytes(json_bytes(dict(rows.about)))
        with CypherDatabase(ladybug.Database(str(file)), {}) as database:
            load_rows(database.connection, rows)
        file.chmod(0o600)
        for each in (metadata, file):
            each.replace(target / each.name)
    return target / _DATABASE_FILE


def open_cypher(path: str | os.PathLike[str]) -> CypherDatabase:
    """Open a database file that `write_cypher` wrote, for reading.

    Args:
        path: the database file, or its folder.

    Raises:
        ConfigurationError: the file does not exist, or is not a database.
        OSError: the file cannot be read.
    """
    file = Path(path)
    if is_folder(file):
        file = file / _DATABASE_FILE
    if not is_file(file):
        raise ConfigurationError(f"{file} does not exist: create it with write_cypher")
    metadata_file = file.with_name(_METADATA_FILE)
    metadata = json.loads(metadata_file.read_bytes()) if is_file(metadata_file) else {}
    try:
        return CypherDatabase(ladybug.Database(str(file), read_only=True), metadata)
    except RuntimeError as error:
        raise ConfigurationError(
            f"LadybugDB cannot open {file}: {error}. Write the database again with write_cypher"
        ) from error


def _plain(value: Any) -> Any:
    """Return a value of a result without the internal ids of the database."""
    if isinstance(value, dict):
        if "_NODES" in value:
            return _plain_path(value)
        if "_LABEL" in value:
            return _plain_object(value)
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value


def _plain_object(value: Mapping[str, Any]) -> dict[str, Any]:
    columns = {name: each for name, each in value.items() if each is not None and not name.startswith("_")}
    others = json.loads(columns.pop("properties", None) or "{}")
    columns = {"kind": value["_LABEL"], **columns}
    # An attribute with the name of a column stays in "properties".
    clashing = {name: each for name, each in others.items() if name in columns}
    free = {name: each for name, each in others.items() if name not in columns}
    return {**columns, **free, **({"properties": clashing} if clashing else {})}


def _plain_path(value: Mapping[str, Any]) -> dict[str, Any]:
    keys = {tuple(node["_ID"].values()): node["id"] for node in value["_NODES"]}
    return {
        "nodes": [_plain_object(node) for node in value["_NODES"]],
        "edges": [
            {**_plain_object(edge), "start": keys[tuple(edge["_SRC"].values())],
             "end": keys[tuple(edge["_DST"].values())]}
            for edge in value["_RELS"]
        ],
    }  # fmt: skip
