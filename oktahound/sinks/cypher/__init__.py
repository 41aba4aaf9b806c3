"""An embedded Cypher database of a graph (needs ``oktahound[cypher]``).

The database is LadybugDB, which runs in this process and needs no server. Every node kind is a label, and
every edge kind a relationship type. Properties have the names of the graph; what has no column of its own is
JSON text in ``properties``. Times are text in UTC (``2026-01-15T12:25:42.000Z``), which sorts as time.

`CypherDatabase.query` translates constructs of Neo4j's Cypher, as BloodHound's users write it; the how-to
"Query with Cypher" lists the differences.
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
