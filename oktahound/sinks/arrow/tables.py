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
    "EDGE_SCHEMA",
    "METADATA_KEY",
    "NODE_SCHEMA",
    "Batch",
    "GraphOptions",
    "GraphTables",
    "batches",
    "check_count",
    "rows_of",
    "rows_to_write",
    "table_metadata",
    "tables",
]

METADATA_KEY = b"oktahound"
"""The key of the graph's metadata in the schema metadata of both tables."""

_TYPES: dict[Column, Any] = {
    str: pa.string(),
    bool: pa.bool_(),
    int: pa.int64(),
    list: pa.list_(pa.field("element", pa.string())),  # Parquet's name for the items of a list
}


NODE_SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("id", _TYPES[str], nullable=False),
        pa.field("kind", _TYPES[str], nullable=False),
        *(pa.field(name, _TYPES[kind]) for name, kind in NODE_PROPERTIES.items()),
        pa.field("properties", pa.string()),
    ]
)
"""The columns of the table of nodes. They are the same for every org."""

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
        table: the name of the table.
        rows: the rows, with `NODE_SCHEMA` or `EDGE_SCHEMA`.
    """

    table: Literal["nodes", "edges"]
    rows: pa.RecordBatch


class GraphTables(NamedTuple):
    """A graph as two tables.

    Attributes:
        nodes: the nodes, with `NODE_SCHEMA`.
        edges: the edges, with `EDGE_SCHEMA`. The schema metadata of both tables contains the metadata of the
            graph (``graph.graph``), as JSON under the key ``oktahound``.
    """

    nodes: pa.Table
    edges: pa.Table


class GraphOptions(PartOptions, total=False):
    """Options for building the graph of a snapshot: keyword arguments of `oktahound.build_graph`."""

    permissions: Permissions
    resolve: Resolve | None


class _Table:
    """Collects rows of one table for a batch. Columns without values are created only as nulls."""

    def __init__(self, name: Literal["nodes", "edges"], schema: pa.Schema, size: int) -> None:
        self.name: Literal["nodes", "edges"] = name
        self._schema = schema
        self._size = size
        self._columns: dict[str, list[Any]] = {}
        self.count = 0

    def add(self, values: dict[str, Any]) -> Batch | None:
        """Add a row. Returns the batch when it is full."""
        columns, index = self._columns, self.count
        for name, value in values.items():
            column = columns.get(name)
            if column is None:
                column = columns[name] = [None] * self._size
            column[index] = value
        self.count += 1
        return self.take() if self.count == self._size else None

    def take(self) -> Batch:
        """Return the collected rows as a batch, and start the next one."""
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
    **options: Unpack[GraphOptions],
) -> Iterator[Batch]:
    """Yield the two tables in batches. Batches of nodes and edges alternate. The graph is never in memory.

    Args:
        graph_or_snapshot: a graph, a snapshot, or rows of one (`oktahound.graph.rows.graph_rows`).
        size: number of rows of a batch. The last batch of each table is shorter.
        options: options for building the graph of a snapshot, as in `oktahound.build_graph`.

    Raises:
        ConfigurationError: an argument is invalid.
        KindError: a node has no kind, or the kind of an edge is unknown.
    """
    check_count("size", size)
    return _batched(rows_to_write(graph_or_snapshot, options), size)


def check_count(argument: str, value: object) -> None:
    """Check that an argument is a number of rows.

    Raises:
        ConfigurationError: it is not a whole number, or less than 1.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigurationError(f"{argument} must be a whole number of 1 or more, not {value!r}")


def rows_to_write(source: nx.MultiDiGraph[str] | Snapshot | GraphRows, options: GraphOptions) -> GraphRows:
    """Return the rows of a graph, a snapshot, or existing rows.

    Raises:
        ConfigurationError: options were given for existing rows.
    """
    if not isinstance(source, GraphRows):
        return graph_rows(source, **options)
    if options:
        names = ", ".join(f"{name}=" for name in options)
        raise ConfigurationError(f"{names} apply to a snapshot only: pass them to graph_rows() instead")
    return source


def _batched(rows: GraphRows, size: int) -> Iterator[Batch]:
    nodes, edges = _Table("nodes", NODE_SCHEMA, size), _Table("edges", EDGE_SCHEMA, size)
    for row in rows:
        if full := nodes.add(of_node(row)) if isinstance(row, NodeRow) else edges.add(of_edge(row)):
            yield full
    yield from (table.take() for table in (nodes, edges) if table.count)


def tables(
    graph_or_snapshot: nx.MultiDiGraph[str] | Snapshot | GraphRows,
    **options: Unpack[GraphOptions],
) -> GraphTables:
    """Return a graph as two tables in memory. Arguments and errors are those of `batches`."""
    rows = rows_to_write(graph_or_snapshot, options)
    parts: dict[str, list[pa.RecordBatch]] = {"nodes": [], "edges": []}
    for table, batch in batches(rows):
        parts[table].append(batch)
    metadata = table_metadata(rows)
    return GraphTables(
        pa.Table.from_batches(parts["nodes"], NODE_SCHEMA).replace_schema_metadata(metadata),
        pa.Table.from_batches(parts["edges"], EDGE_SCHEMA).replace_schema_metadata(metadata),
    )


def table_metadata(rows: GraphRows) -> dict[bytes, bytes]:
    """Return the schema metadata of both tables: the metadata of the graph as JSON."""
    return {METADATA_KEY: orjson.dumps(printable(rows.about), default=str)}


def rows_of(found: GraphTables) -> GraphRows:
    """Return the rows of a graph from its tables: nodes first, then edges.

    Raises:
        KeyError: during the iteration: the kind of an edge is unknown.
    """
    metadata: dict[str, Any] = orjson.loads((found.nodes.schema.metadata or {}).get(METADATA_KEY, b"{}"))
    return GraphRows(lambda: metadata, lambda: _iterate(found))


def _iterate(found: GraphTables) -> Iterator[NodeRow | EdgeRow]:
    yield from (to_node(values) for batch in found.nodes.to_batches() for values in batch.to_pylist())
    yield from (to_edge(values) for batch in found.edges.to_batches() for values in batch.to_pylist())
