"""Convert a graph to Arrow tables or record batches and back, and define their schemas."""

from __future__ import annotations

import json
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
from oktahound.graph.rules import EDGE_KINDS
from oktahound.sinks.columns import EDGE_PROPERTIES, NODE_PROPERTIES, Column, split_by_column
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
        self._length = min(size, 64)  # of the lists, which grow: most batches of small orgs are far from full
        self.count = 0

    def add(self, values: dict[str, Any]) -> Batch | None:
        """Add a row. Returns the batch when it is full."""
        columns, index = self._columns, self.count
        if index == self._length:
            self._grow()
        for name, value in values.items():
            column = columns.get(name)
            if column is None:
                column = columns[name] = [None] * self._length
            column[index] = value
        self.count += 1
        return self.take() if self.count == self._size else None

    def _grow(self) -> None:
        more = min(self._length, self._size - self._length)
        self._length += more
        for column in self._columns.values():
            column.extend([None] * more)

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
        ConfigurationError: the value is not a whole number, or is less than 1.
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
        if isinstance(row, NodeRow):
            full = nodes.add(_values_of_node(row))
        else:
            full = edges.add(_values_of_edge(row))
        if full:
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
    yield from (_node_of_values(values) for batch in found.nodes.to_batches() for values in batch.to_pylist())
    yield from (_edge_of_values(values) for batch in found.edges.to_batches() for values in batch.to_pylist())


def _values_of_node(row: NodeRow) -> dict[str, Any]:
    """Return the values of a node by column. All other columns are null."""
    return {"id": row.id, "kind": row.kind, **split_by_column(row.attributes, NODE_PROPERTIES)}


def _values_of_edge(row: EdgeRow) -> dict[str, Any]:
    """Return the values of an edge by column. An edge without the property ``active`` is active."""
    kind, attributes = row.kind, row.attributes
    values = {
        "src": row.start,
        "dst": row.end,
        "kind": kind.name,
        "traversable": kind.traversable,
        "active": attributes.get("active") is not False,
    }
    if not values["active"]:
        attributes = {name: value for name, value in attributes.items() if name != "active"}
    return {**values, **split_by_column(attributes, EDGE_PROPERTIES)} if attributes else values


def _node_of_values(values: dict[str, Any]) -> NodeRow:
    """Return the node that has these values by column."""
    attributes = _attributes(values)
    return NodeRow(attributes.pop("id"), attributes.pop("kind"), attributes | _others(values))


def _edge_of_values(values: dict[str, Any]) -> EdgeRow:
    """Return the edge that has these values by column.

    Raises:
        KeyError: its kind is unknown.
    """
    attributes = _attributes(values)
    kind = EDGE_KINDS[attributes.pop("kind")]
    del attributes["traversable"]
    if attributes["active"]:
        del attributes["active"]
    start, end = attributes.pop("src"), attributes.pop("dst")
    return EdgeRow(kind, start, end, attributes | _others(values))


def _attributes(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None and name != "properties"}


def _others(values: dict[str, Any]) -> dict[str, Any]:
    others: dict[str, Any] = json.loads(values["properties"] or "{}")
    return others
