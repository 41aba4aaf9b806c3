"""An embedded Cypher database of a graph (needs ``oktahound[cypher]``).

The database is LadybugDB, which runs in this process and needs no server. Every node kind is a label, and
every edge kind is a relationship type. Properties have the names of the graph. Properties without a column
are JSON text in ``properties``. Times are text in UTC (``2026-01-15T12:25:42.000Z``), which sorts by time.

`CypherDatabase.query` translates constructs of Neo4j's Cypher, which queries for BloodHound use. The how-to
guide "Query with Cypher" lists the differences.
"""

from __future__ import annotations

try:
    import ladybug  # noqa: F401
    import pyarrow as pa  # noqa: F401
except ImportError as error:
    raise ImportError(
        "oktahound.sinks.cypher needs ladybug and pyarrow: pip install 'oktahound[cypher]'"
    ) from error

from oktahound.sinks.cypher.database import (
    CypherDatabase,
    CypherResult,
    load_cypher,
    open_cypher,
    write_cypher,
)
from oktahound.sinks.cypher.translation import translate

__all__ = ["CypherDatabase", "CypherResult", "load_cypher", "open_cypher", "translate", "write_cypher"]
