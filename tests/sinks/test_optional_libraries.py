"""Sinks whose libraries are not installed name what to install. All other sinks work without them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from handwritten.orgs import snapshot_of

from oktahound.sinks.arrow import write_parquet

WITHOUT_LIBRARIES = """
import sys
sys.modules.update(pyarrow=None, ladybug=None, pyspark=None)
from oktahound.sinks import spark, write_opengraph
from oktahound.errors import ConfigurationError
try:
    import oktahound.sinks.arrow
except ImportError as error:
    print(error)
try:
    import oktahound.sinks.cypher
except ImportError as error:
    print(error)
try:
    spark.read_graph("tables")
except ConfigurationError as error:
    print(error)
"""
SPARK = """
import sys
from oktahound.sinks import spark
from oktahound.errors import ConfigurationError
assert "pyspark" not in sys.modules
try:
    spark.read_graph(sys.argv[1])
except ConfigurationError as error:
    print(error)
"""


def output_of(program: str, *arguments: str, env: dict[str, str] | None = None) -> str:
    command = [sys.executable, "-W", "ignore", "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout.strip()


def test_without_a_library_the_error_names_what_to_install() -> None:
    assert output_of(WITHOUT_LIBRARIES).splitlines() == [
        "oktahound.sinks.arrow needs pyarrow: pip install 'oktahound[arrow]'",
        "oktahound.sinks.cypher needs ladybug and pyarrow: pip install 'oktahound[cypher]'",
        "oktahound.sinks.spark needs PySpark: pip install 'oktahound[spark]'. PySpark needs Java 17 or later",
    ]


def test_without_java_the_error_names_what_to_install(tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="PySpark is not installed: nox -s spark installs it")
    write_parquet(snapshot_of(), tmp_path / "tables")
    (tmp_path / "empty").mkdir()
    # Spark's launcher is a shell script: these are the commands that it needs besides Java.
    for name in ("bash", "env", "dirname", "ps", "sh"):
        for folder in ("/bin", "/usr/bin"):
            if (found := Path(folder, name)).exists() and not (link := tmp_path / "empty" / name).exists():
                link.symlink_to(found)
    env = {name: value for name, value in os.environ.items() if name not in ("JAVA_HOME", "SPARK_HOME")}
    env["PATH"] = str(tmp_path / "empty")
    assert output_of(SPARK, str(tmp_path / "tables"), env=env) == (
        "Spark could not start Java. Install Java 17 or later (for example the package "
        "openjdk-17-jre-headless), "
        "and set JAVA_HOME if it is not on the PATH"
    )
