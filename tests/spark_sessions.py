"""The Spark session of all tests: in this process, on one core. ``nox -s spark`` runs what needs it."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    # Less work for the compiler and the planner: the tables of tests have a few hundred rows.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
}


def spark_session() -> Any:
    """Return the session, and skip the test if PySpark is not installed."""
    sql = pytest.importorskip("pyspark.sql", reason="PySpark is not installed: nox -s spark installs it")
    builder = sql.SparkSession.builder.master("local[1]").appName("oktahound tests")
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PySpark warns about versions of pandas that it does not know
        found = builder.getOrCreate()
    found.sparkContext.setLogLevel("ERROR")
    return found
