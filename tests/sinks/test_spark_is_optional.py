"""`oktahound.sinks.spark` can be imported without PySpark, and says what to install when it is used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from handwritten.orgs import snapshot_of

from oktahound.sinks.arrow import write_parquet

USE = """
import sys
from oktahound.sinks import spark
from oktahound.errors import ConfigurationError
assert "pyspark" not in sys.modules
{before}
try:
    spark.read_graph({folder!r})
except ConfigurationError as error:
    print(error)
"""


def output_of(folder: Path, *, before: str = "", env: dict[str, str] | None = None) -> str:
    program = USE.format(before=before, folder=str(folder))
    command = [sys.executable, "-W", "ignore", "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout.strip()


def test_without_pyspark_the_error_names_what_to_install(tmp_path: Path) -> None:
    assert output_of(tmp_path, before="sys.modules['pyspark'] = None") == (
        "oktahound.sinks.spark needs PySpark: pip install 'oktahound[spark]'. PySpark needs Java 17 or later"
    )


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
    assert output_of(tmp_path / "tables", env=env) == (
        "Spark could not start Java. Install Java 17 or later (for example the package "
        "openjdk-17-jre-headless), "
        "and set JAVA_HOME if it is not on the PATH"
    )
