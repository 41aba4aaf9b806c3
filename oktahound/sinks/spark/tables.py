"""Read the Parquet tables of a graph into Spark DataFrames, and find a node in them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import orjson

from oktahound.entities import Entity
from oktahound.errors import ConfigurationError
from oktahound.graph.grants import TARGET_SET
from oktahound.sinks.spark.session import analysis_error, get_session
from oktahound.snapshot.display import printable

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession  # pyright: ignore[reportMissingImports]

__all__ = ["SparkGraph", "node_key", "read_graph"]

_TABLES = {
    "nodes": ("id", "kind", "name", "displayName", "oauthScopes", "properties"),
    "edges": ("src", "dst", "kind", "traversable", "active", "assumption", "properties"),
}
_METADATA_KEY = "oktahound"
_MAX_LISTED = 5


@attrs.frozen(kw_only=True, repr=False, eq=False, slots=False)
class SparkGraph:
    """A graph as two DataFrames.

    Attributes:
        nodes: one row for each node: ``id``, ``kind``, and the other columns of
            `oktahound.sinks.arrow.NODE_SCHEMA`.
        edges: one row for each edge: ``src``, ``dst``, ``kind``, ``traversable``, ``active``, and the other
            columns of `oktahound.sinks.arrow.EDGE_SCHEMA`. Attackers can use edges that are both
            ``traversable`` and ``active``.
        session: the Spark session that reads them.
        folder: the folder that contains them.
    """

    nodes: DataFrame
    edges: DataFrame
    session: SparkSession
    folder: str

    @cached_property
    def about(self) -> Mapping[str, Any]:
        """The metadata of the graph (``graph.graph`` of `oktahound.build_graph`): gaps, withheld rules, ...

        Raises:
            ConfigurationError: the session is a Spark Connect session, which cannot read the metadata of
                Parquet files. `oktahound.sinks.arrow.read_parquet` reads it without Spark.
        """
        session: Any = self.session
        java = getattr(session, "_jvm", None)
        if java is None:
            raise ConfigurationError(
                "a Spark Connect session cannot read the metadata of Parquet files: read it with "
                "oktahound.sinks.arrow.read_parquet"
            )
        configuration = session._jsc.hadoopConfiguration()  # noqa: SLF001 - PySpark has no public access to it
        path = java.org.apache.hadoop.fs.Path(self.nodes.inputFiles()[0])
        footer = java.org.apache.parquet.hadoop.ParquetFileReader.readFooter(configuration, path)
        text = footer.getFileMetaData().getKeyValueMetaData().get(_METADATA_KEY)
        metadata: Mapping[str, Any] = orjson.loads(text or "{}")
        return metadata

    @cached_property
    def has_scopes(self) -> bool:
        """Whether the graph was built with ``scopes=True`` and has edges to OAuth scopes."""
        return not self.edges.where("kind = 'OktaHound_HasScope'").isEmpty()

    @cached_property
    def has_target_sets(self) -> bool:
        """Whether the graph was built with ``permissions="targets"`` and has nodes for sets of targets."""
        return not self.nodes.where(f"kind = '{TARGET_SET}'").isEmpty()

    def __repr__(self) -> str:
        return f"<SparkGraph of {printable(self.folder)}: DataFrames nodes, edges>"


def read_graph(folder: str | os.PathLike[str], session: SparkSession | None = None) -> SparkGraph:
    """Read the tables of `oktahound.sinks.arrow.write_parquet`, each in one file or in part files.

    Args:
        folder: the folder of both tables. A `pathlib.Path` is a folder of this machine. Text is a path or a
            URL that Spark understands, such as ``s3a://bucket/contoso``.
        session: the Spark session to read with. If None, the active session, or else a new one.

    Raises:
        ConfigurationError: the tables do not exist, or columns are missing; PySpark or Java is missing; or
            `session` is not a Spark session.
    """
    spark = get_session(session)
    if isinstance(folder, os.PathLike):
        where = f"file://{Path(folder).absolute().as_posix()}"
    elif isinstance(folder, str) and folder:
        where = folder.rstrip("/") or "/"
    else:
        raise ConfigurationError(f"folder must be a path, or a path or URL as text, not {folder!r}")
    tables = {name: _read(spark, f"{where}/{name}.parquet", columns) for name, columns in _TABLES.items()}
    return SparkGraph(**tables, session=spark, folder=where)


def _read(session: SparkSession, path: str, required: Iterable[str]) -> DataFrame:
    try:
        table = session.read.parquet(path)
        columns = table.columns
    except analysis_error() as error:
        reason = str(error).partition("\n")[0]
        raise ConfigurationError(
            f"cannot read {printable(path)}: {printable(reason)} Write the tables with "
            "oktahound.sinks.arrow.write_parquet to a folder that Spark can read"
        ) from error
    if missing := [name for name in required if name not in columns]:
        raise ConfigurationError(
            f"{printable(path)} has no columns {', '.join(missing)}: write it with "
            "oktahound.sinks.arrow.write_parquet"
        )
    return table


def node_key(graph: SparkGraph, node: str | Entity) -> str:
    """Return the id of a node that is given by id, entity or name.

    Args:
        graph: the graph.
        node: a node id; an entity; or the exact name or display name of one node.

    Raises:
        ConfigurationError: the graph has no such node, or several nodes have this name. The message lists
            them.
    """
    given: object = node
    if isinstance(node, Entity):
        if node.KIND is None:
            raise ConfigurationError(
                f"a {type(node).__name__} has no node of its own: it becomes edges or properties"
            )
        # The keys of some kinds contain more than the id: the application of a key, the domain of a role.
        conditions = ("id = :node", f"kind = '{node.KIND}' AND contains(id, :node)")
        text = node.id
    elif isinstance(given, str):
        named = f"(name = :node OR displayName = :node) AND kind <> '{TARGET_SET}'"
        conditions, text = ("id = :node", named), given
    else:
        raise ConfigurationError(f"node must be a node id, an entity or a name, not {type(given).__name__}")
    for condition in conditions:
        query = f"SELECT id, kind FROM {{nodes}} WHERE {condition} ORDER BY id LIMIT {_MAX_LISTED + 1}"  # noqa: S608
        rows = graph.session.sql(query, args={"node": text}, nodes=graph.nodes).collect()
        if len(rows) == 1:
            return str(rows[0]["id"])
        if rows:
            listed = ", ".join(f"{printable(row['id'])} ({row['kind']})" for row in rows[:_MAX_LISTED])
            more = ", ..." if len(rows) > _MAX_LISTED else ""
            raise ConfigurationError(
                f"several nodes are named {printable(text)!r}: {listed}{more}. Pass the id of one of them"
            )
    raise ConfigurationError(
        f"the graph has no node with the id or name {printable(text)!r}. All names are in graph.nodes"
    )
