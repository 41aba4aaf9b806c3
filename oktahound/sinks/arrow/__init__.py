r"""Arrow tables and Parquet files of a graph: one table of nodes, one of edges (needs ``oktahound[arrow]``).

The column names are common to property-graph tools, so that DuckDB, Polars, Spark's GraphFrames and Neo4j's
importers read the tables without changes:

- nodes: ``id``, ``kind``, then a column for each property that the model declares (null if the node lacks
  it), then ``properties``;
- edges: ``src``, ``dst``, ``kind``, ``traversable`` (of the kind), ``active`` (of this edge),
  ``inactiveReason``, ``assumption``, then ``properties``.

``properties`` contains all attributes without a column, as the text of a JSON object; null if there are none.
An attacker can use the edges that are both ``traversable`` and ``active``. Times are text, as in the graph
(``2026-01-15T12:25:42.000Z``). Lone surrogates, which no Unicode encoding allows, become text such as
``\ud800``.
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
    GraphOptions,
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
    "GraphOptions",
    "GraphTables",
    "batches",
    "read_parquet",
    "rows_of",
    "tables",
    "write_parquet",
]
