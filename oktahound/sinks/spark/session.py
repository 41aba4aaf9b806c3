"""Get the Spark session that reads the tables, and compute checkpoints in it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from oktahound.errors import ConfigurationError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession  # pyright: ignore[reportMissingImports]

__all__ = ["analysis_error", "checkpoint", "get_session", "has_checkpoint_folder"]

_CONSTRAINTS = "spark.sql.constraintPropagation.enabled"


def get_session(session: SparkSession | None) -> SparkSession:
    """Return the given session or, without one, the active session or a new one.

    A new session uses the settings of Spark's configuration (``spark-submit``, ``spark-defaults.conf``), and
    runs on this machine if they name no cluster.

    Raises:
        ConfigurationError: `session` is not a Spark session; PySpark is not installed; or Java is missing
            or too old.
    """
    sql = _import("pyspark.sql")
    if session is None:
        try:
            active: SparkSession = sql.SparkSession.builder.getOrCreate()
        except _import("pyspark.errors").PySparkRuntimeError as error:
            if "JAVA_GATEWAY_EXITED" not in str(error):
                raise
            raise ConfigurationError(
                "Spark could not start Java. Install Java 17 or later (for example the package "
                "openjdk-17-jre-headless), and set JAVA_HOME if it is not on the PATH"
            ) from error
        return active
    given: Any = session
    if not (callable(getattr(given, "sql", None)) and hasattr(given, "read")):
        raise ConfigurationError(f"session must be a SparkSession, not {type(given).__name__}")
    return session


def checkpoint(rows: DataFrame, *, reliable: bool = False) -> DataFrame:
    """Compute rows once and store them. The plans of DataFrames derived from them start at the stored rows.

    Args:
        rows: the rows.
        reliable: store them in the checkpoint folder of the session, not on the executors.
    """
    # Spark stores inferred constraints on columns (`x IS NOT NULL`) with a checkpoint, but does not rename
    # all columns in them: a later union of such DataFrames fails with "key not found".
    conf = rows.sparkSession.conf
    before = conf.get(_CONSTRAINTS)
    conf.set(_CONSTRAINTS, "false")
    try:
        return rows.checkpoint() if reliable else rows.localCheckpoint()
    finally:
        conf.set(_CONSTRAINTS, before or "true")


def has_checkpoint_folder(session: SparkSession) -> bool:
    """Return whether a session has a folder for reliable checkpoints."""
    if session.conf.get("spark.checkpoint.dir", None):
        return True
    context: Any = getattr(session, "sparkContext", None)  # a Spark Connect session has none
    return context is not None and context.getCheckpointDir() is not None


def analysis_error() -> type[Exception]:
    """Return the error that Spark raises for a query or a path that it cannot analyse."""
    error: type[Exception] = _import("pyspark.errors").AnalysisException
    return error


def _import(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "oktahound.sinks.spark needs PySpark: pip install 'oktahound[spark]'. "
            "PySpark needs Java 17 or later"
        ) from error
