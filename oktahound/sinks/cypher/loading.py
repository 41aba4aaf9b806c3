"""Load a graph into LadybugDB. Each node kind has a node table, each edge kind a relationship table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import ladybug
import pyarrow as pa
import pyarrow.compute as pc

from oktahound.entities import ENTITIES, derived_of, fields_of
from oktahound.graph import EDGE_KINDS
from oktahound.graph.rows import GraphRows
from oktahound.sinks.arrow import EDGE_SCHEMA, NODE_SCHEMA, Batch, batches

__all__ = ["COMMON_COLUMNS", "load_rows", "quoted"]

COMMON_COLUMNS = ("name", "displayName", "oktaDomain", "environmentid", "collected", "foreign", "properties")
"""The columns of every node table, so that a query over several kinds can name them."""

_EDGES_BUFFERED = 500_000
"""Number of edges to buffer before they are copied. A copy takes 10 ms, however few rows it has."""

_TYPES = {pa.string(): "STRING", pa.bool_(): "BOOLEAN", pa.int64(): "INT64"}
_EDGE_COLUMNS = tuple(name for name in EDGE_SCHEMA.names if name not in {"src", "dst", "kind", "traversable"})


def quoted(name: str) -> str:
    """Return a name as a quoted Cypher identifier."""
    return f"`{name.replace('`', '``')}`"


def load_rows(connection: ladybug.Connection, rows: GraphRows) -> None:
    """Create the tables and copy all nodes and edges into them, in one transaction."""
    connection.execute("BEGIN TRANSACTION")
    _Loader(connection).load(batches(rows))
    connection.execute("COMMIT")


class _Loader:
    """Creates tables and columns as rows need them.

    Tables and columns that the model declares are created first, so that a query that names one of them
    returns no rows, and does not fail, if the org has no such object.
    """

    def __init__(self, connection: ladybug.Connection) -> None:
        self._connection = connection
        self._columns: dict[str, set[str]] = {}
        self._pairs: dict[str, set[tuple[str, str]]] = {}
        self._kind_of: dict[str, str] = {}
        self._waiting: list[pa.Table] = []
        self._edges: defaultdict[tuple[str, str, str], list[pa.Table]] = defaultdict(list)
        self._buffered = 0
        for kind, columns in _declared_columns().items():
            self._create_node_table(kind, columns)
        for name, edge_kind in EDGE_KINDS.items():
            self._create_edge_table(name, min(edge_kind.starts), min(edge_kind.ends))

    def load(self, parts: Iterable[Batch]) -> None:
        """Copy all batches."""
        for part in parts:
            table = pa.Table.from_batches([part.rows])
            if part.table == "nodes":
                self._add_nodes(table)
            else:
                self._add_edges(table)
        # A batch of edges can come before the batch that contains their nodes.
        waiting, self._waiting = self._waiting, []
        for table in waiting:
            self._add_edges(table)
        self._copy_edges()

    def _add_nodes(self, table: pa.Table) -> None:
        kinds = [str(kind) for kind in table.column("kind").to_pylist()]
        ids = [str(node) for node in table.column("id").to_pylist()]
        self._kind_of.update(zip(ids, kinds, strict=True))
        for kind in sorted(set(kinds)):
            rows = table.filter(pc.equal(table.column("kind"), pa.scalar(kind))).drop_columns(["kind"])
            rows = rows.select(
                [name for name in rows.column_names if rows.column(name).null_count < len(rows)]
            )
            if kind not in self._columns:
                self._create_node_table(kind, ())
            for name in rows.column_names:
                self._require_column(kind, name)
            values = ", ".join(f"{name}: {name}" for name in map(quoted, rows.column_names))
            # COPY would allocate about a megabyte for each column, however few rows there are.
            self._connection.execute(f"LOAD FROM $rows CREATE (:{quoted(kind)} {{{values}}})", {"rows": rows})

    def _add_edges(self, table: pa.Table) -> None:
        groups: defaultdict[tuple[str, str, str] | None, list[int]] = defaultdict(list)
        kind_of = self._kind_of
        columns = (table.column(name).to_pylist() for name in ("kind", "src", "dst"))
        for index, (kind, start, end) in enumerate(zip(*columns, strict=True)):
            known = start in kind_of and end in kind_of
            groups[(kind, kind_of[start], kind_of[end]) if known else None].append(index)
        for group, indexes in groups.items():
            rows = table.take(indexes)
            if group is None:
                self._waiting.append(rows)
                continue
            self._edges[group].append(rows.select(["src", "dst", *_EDGE_COLUMNS]))
        self._buffered += len(table)
        if self._buffered >= _EDGES_BUFFERED:
            self._copy_edges()

    def _copy_edges(self) -> None:
        for (kind, start, end), parts in self._edges.items():
            self._require_pair(kind, start, end)
            self._connection.execute(
                f"COPY {quoted(kind)} FROM $rows (from={_text(start)}, to={_text(end)})",
                {"rows": pa.concat_tables(parts)},
            )
        self._edges.clear()
        self._buffered = 0

    def _create_node_table(self, kind: str, columns: Iterable[str]) -> None:
        names = tuple(dict.fromkeys([*COMMON_COLUMNS, *columns]))
        written = ", ".join(f"{quoted(name)} {_type_of(name)}" for name in names)
        self._connection.execute(f"CREATE NODE TABLE {quoted(kind)}(`id` STRING PRIMARY KEY, {written})")
        self._columns[kind] = {"id", *names}

    def _create_edge_table(self, name: str, start: str, end: str) -> None:
        for kind in (start, end):
            if kind not in self._columns:
                self._create_node_table(kind, ())
        columns = ", ".join(
            f"{quoted(column)} {_TYPES[EDGE_SCHEMA.field(column).type]}" for column in _EDGE_COLUMNS
        )
        self._connection.execute(
            f"CREATE REL TABLE {quoted(name)}(FROM {quoted(start)} TO {quoted(end)}, {columns})"
        )
        self._pairs[name] = {(start, end)}

    def _require_column(self, kind: str, name: str) -> None:
        if name not in self._columns[kind]:
            self._connection.execute(f"ALTER TABLE {quoted(kind)} ADD {quoted(name)} {_type_of(name)}")
            self._columns[kind].add(name)

    def _require_pair(self, name: str, start: str, end: str) -> None:
        if (start, end) not in self._pairs[name]:
            self._connection.execute(f"ALTER TABLE {quoted(name)} ADD FROM {quoted(start)} TO {quoted(end)}")
            self._pairs[name].add((start, end))


def _declared_columns() -> Mapping[str, tuple[str, ...]]:
    """Return the properties that the model declares, by node kind."""
    return {
        cls.KIND: tuple(
            name
            for name in (*(field.prop for field in fields_of(cls)), *(each.name for each in derived_of(cls)))
            if name is not None and name in NODE_SCHEMA.names
        )
        for cls in ENTITIES
        if cls.KIND is not None
    }


def _type_of(name: str) -> str:
    return _TYPES.get(NODE_SCHEMA.field(name).type, "STRING[]")


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
