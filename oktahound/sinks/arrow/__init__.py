r"""Arrow tables and Parquet files: one table of nodes, one of edges (needs ``oktahound[arrow]``).

The names are those that property-graph tools agree on, so that DuckDB, Polars, Spark's GraphFrames and
Neo4j's importers read the tables as they are:

- nodes: ``id``, ``kind``, then a column for each property that the model declares (null where the node
  lacks it), then ``properties``;
- edges: ``src``, ``dst``, ``kind``, ``traversable`` (of the kind), ``active`` (of this edge),
  ``inactiveReason``, ``assumption``, then ``properties``.

``properties`` holds whatever has no column of its own, as the text of a JSON object; null when there is
nothing. An attacker walks the edges that are both ``traversable`` and ``active``. Times are text, as in the
graph (``2026-01-15T12:25:42.000Z``). Text that no Unicode encoding can hold, halves of surrogate pairs, is
written out as ``\ud800``.
"""

from __future__ import annotations

try:
    import pyarrow as pa  # noqa: F401
except ImportError as error:
    raise ImportError("oktahound.sinks.arrow needs pyarrow: pip install 'oktahound[arrow]'") from error

from oktahound.sinks.arrow.parquet import EDGES, NODES, read_parquet, write_parquet
from oktahound.sinks.arrow.tables import (
    EDGE_SCHEMA,
    NODE_SCHEMA,
    Batch,
    Drawn,
    GraphTables,
    batches,
    rows_of,
    tables,
)

__all__ = [
    "EDGES",
    "EDGE_SCHEMA",
    "NODES",
    "NODE_SCHEMA",
    "Batch",
    "Drawn",
    "GraphTables",
    "batches",
    "read_parquet",
    "rows_of",
    "tables",
    "write_parquet",
]
