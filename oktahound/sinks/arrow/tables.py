"""Convert a graph to Arrow tables or record batches, and define their schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, Unpack

import networkx as nx
import orjson
import pyarrow as pa

from oktahound.errors import ConfigurationError
from oktahound.graph.build import Permissions
from oktahound.graph.foreign import Resolve
from oktahound.graph.optional_parts import PartOptions
from oktahound.graph.rows import EdgeRow, GraphRows, NodeRow, graph_rows
from oktahound.sinks.arrow.rows import of_edge, of_node, to_edge, to_node
from oktahound.sinks.columns import EDGE_PROPERTIES, NODE_PROPERTIES, Column
from oktahound.sinks.text import printable
from oktahound.snapshot import Snapshot

__all__ = [
    "ABOUT",
    "EDGE_SCHEMA",
    "NODE_SCHEMA",
    "Batch",
    "Drawn",
    "GraphTables",
    "about_of",
    "batches",
    "check_count",
    "chosen_rows",
    "rows_of",
    "tables",
]

ABOUT = b"oktahound"
"""The key of the metadata of both tables."""

_TYPES: dict[Column, Any] = {
    str: pa.string(),
    bool: pa.bool_(),
    int: pa.int64(),
    list: pa.list_(pa.field("element", pa.string())),  # as Parquet calls it
}


NODE_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("id", _TYPES[str], nullable=False),
        pa.field("kind", _TYPES[str], nullable=False),
        *(pa.field(name, _TYPES[kind]) for name, kind in NODE_PROPERTIES.items()),
        pa.field("properties", pa.string()),
    ]
)
"""The columns of the table of nodes: the same for every org."""

EDGE_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("src", _TYPES[str], nullable=False),
        pa.field("dst", _TYPES[str], nullable=False),
        pa.field("kind", _TYPES[str], nullable=False),
        pa.field("traversable", _TYPES[bool], nullable=False),
        pa.field("active", _TYPES[bool], nullable=False),
        *(pa.field(name, _TYPES[kind]) for name, kind in EDGE_PROPERTIES.items()),
        pa.field("properties", pa.string()),
    ]
)
"""The columns of the table of edges."""


class Batch(NamedTuple):
    """Some rows of one of the two tables.

    Attributes:
        table: which one.
        rows: the rows, with `NODE_SCHEMA` or `EDGE_SCHEMA`.
    """

    table: Literal["nodes", "edges"]
    rows: pa.RecordBatch


class GraphTables(NamedTuple):
    """A graph as two tables.

    Attributes:
        nodes: with `NODE_SCHEMA`.
        edges: with `EDGE_SCHEMA`. Both have what the graph says of itself (``graph.graph``) in their
            metadata, as JSON under ``oktahound``.
    """

    nodes: pa.Table
    edges: pa.Table


class Drawn(PartOptions, total=False):
    """What to draw from a snapshot: as in `oktahound.build_graph`."""

    permissions: Permissions
    resolve: Resolve | None


class _Table:
    """Rows of one table on their way into a batch: columns that no row uses are never made."""

    def __init__(self, name: Literal["nodes", "edges"], schema: pa.Schema, size: int) -> None:
        self.name: Literal["nodes", "edges"] = name
        self._schema = schema
        self._size = size
        self._columns: dict[str, list[Any]] = {}
        self.count = 0

    def add(self, values: dict[str, Any]) -> Batch | None:
        """Add a row; the batch that it makes full, if it does."""
        columns, index = self._columns, self.count
        for name, value in values.items():
            column = columns.get(name)
            if column is None:
                column = columns[name] = [None] * self._size
            column[index] = value
        self.count += 1
        return self.take() if self.count == self._size else None

    def take(self) -> Batch:
        """The rows so far."""
        count, columns = self.count, self._columns
        self.count, self._columns = 0, {}
        arrays = [
            _array(columns[field.name][:count], field.type)
            if field.name in columns
            else pa.nulls(count, field.type)
            for field in self._schema
        ]
        return Batch(self.name, pa.record_batch(arrays, schema=self._schema))


def _array(values: list[Any], type_: Any) -> Any:
    try:
        return pa.array(values, type_)
    except UnicodeEncodeError:
        return pa.array([printable(value) for value in values], type_)


def batches(
    graph_or_snapshot: nx.MultiDiGraph[str] | Snapshot | GraphRows,
    *,
    size: int = 65_536,
    **drawn: Unpack[Drawn],
) -> Iterator[Batch]:
    """The tables in pieces, those of nodes and of edges as they come. The graph is never in memory.

    Args:
        graph_or_snapshot: a graph, a snapshot, or rows of one (`oktahound.graph.rows.graph_rows`).
        size: rows of a batch; the last ones of each table are shorter.
        drawn: what to draw from a snapshot.

    Raises:
        ConfigurationError: an argument cannot work.
        KindError: a node has no kind, or an edge one that oktahound does not know.
    """
    check_count("size", size)
    return _batched(chosen_rows(graph_or_snapshot, drawn), size)


def check_count(argument: str, value: object) -> None:
    """Check that an argument is a number of rows.

    Raises:
        ConfigurationError: it is no whole number, or less than 1.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigurationError(f"{argument} must be a whole number of 1 or more, not {value!r}")


def chosen_rows(source: nx.MultiDiGraph[str] | Snapshot | GraphRows, drawn: Drawn) -> GraphRows:
    """The rows of whatever a caller has.

    Raises:
        ConfigurationError: there are rows already, and somebody chose what to draw.
    """
    if not isinstance(source, GraphRows):
        return graph_rows(source, **drawn)
    if drawn:
        raise ConfigurationError(f"{', '.join(drawn)}: chosen where the rows were made")
    return source


def _batched(rows: GraphRows, size: int) -> Iterator[Batch]:
    nodes, edges = _Table("nodes", NODE_SCHEMA, size), _Table("edges", EDGE_SCHEMA, size)
    for row in rows:
        if full := nodes.add(of_node(row)) if isinstance(row, NodeRow) else edges.add(of_edge(row)):
            yield full
    yield from (table.take() for table in (nodes, edges) if table.count)


def tables(
    graph_or_snapshot: nx.MultiDiGraph[str] | Snapshot | GraphRows,
    **drawn: Unpack[Drawn],
) -> GraphTables:
    """A graph as two tables in memory. Arguments and errors are those of `batches`."""
    rows = chosen_rows(graph_or_snapshot, drawn)
    found: dict[str, list[pa.RecordBatch]] = {"nodes": [], "edges": []}
    for table, batch in batches(rows):
        found[table].append(batch)
    about = about_of(rows)
    return GraphTables(
        pa.Table.from_batches(found["nodes"], NODE_SCHEMA).replace_schema_metadata(about),
        pa.Table.from_batches(found["edges"], EDGE_SCHEMA).replace_schema_metadata(about),
    )


def about_of(rows: GraphRows) -> dict[bytes, bytes]:
    """The metadata of both tables: what the graph says of itself, as JSON."""
    return {ABOUT: orjson.dumps(printable(rows.about), default=str)}


def rows_of(found: GraphTables) -> GraphRows:
    """The rows of a graph back out of its tables: nodes first, then edges.

    Raises:
        KeyError: while walking: an edge is of a kind that oktahound does not know.
    """
    about: dict[str, Any] = orjson.loads((found.nodes.schema.metadata or {}).get(ABOUT, b"{}"))
    return GraphRows(lambda: about, lambda: _walked(found))


def _walked(found: GraphTables) -> Iterator[NodeRow | EdgeRow]:
    yield from (to_node(values) for batch in found.nodes.to_batches() for values in batch.to_pylist())
    yield from (to_edge(values) for batch in found.edges.to_batches() for values in batch.to_pylist())
