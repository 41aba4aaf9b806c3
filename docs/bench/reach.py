"""Cost of one question in each form of the graph: ``python docs/bench/reach.py --users 10000 100000``.

The question is what an attacker reaches who controls the organization. The answer is nearly everything, so
that the search visits all attack edges. Each form answers it in a new process, from the files of one
collection: a networkx graph and a compact graph from the saved snapshot, DuckDB and Spark from Parquet
tables. The time includes reading the files, building the graph and starting the tool. DuckDB runs with a
memory limit; Spark runs on this machine, in a Java process with a heap of 1 GiB. The program fails if the
answers differ.

Spark needs Java and ``pip install 'oktahound[arrow,spark]'``, DuckDB ``pip install duckdb``. A form whose
package is missing is left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import oktahound
from oktahound import analysis
from oktahound.sim import SimulatedOrg

SIZES = (10_000,)
PART = 500_000
DUCKDB_LIMIT = "200MB"
SPARK_HEAP = "1g"

REACHED = """
    WITH RECURSIVE reached(id, steps) USING KEY (id) AS (
        SELECT id, 0 FROM nodes WHERE kind = 'Okta_Organization'
        UNION
        SELECT attack.dst, min(reached.steps) + 1
        FROM attack JOIN reached ON attack.src = reached.id
        WHERE attack.dst NOT IN (SELECT id FROM recurring.reached)
        GROUP BY attack.dst
    )
    SELECT count(*) FROM reached JOIN nodes USING (id)
    WHERE steps > 0 AND kind <> 'OktaHound_TargetSet'
"""


def main() -> None:
    """Create the files of every size, and print the figures of each form."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--users", type=int, nargs="+", default=SIZES, help="sizes of the simulated org")
    parser.add_argument("--folder", type=Path, help="keep the files here, and use those that are there")
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=list(FORMS), help="all when left out")
    parser.add_argument("--work", choices=WORK, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        print(json.dumps(WORK[given.work](given.folder)))
        return
    if importlib.util.find_spec("pyarrow") is None:
        print("not measured: pyarrow is not installed")
        return
    with tempfile.TemporaryDirectory() as scratch:
        for users in given.users:
            measure(users, (given.folder or Path(scratch)) / str(users), given.forms)


def measure(users: int, folder: Path, forms: list[str]) -> None:
    """Answer the question in every form whose package is installed."""
    if not (folder / "snapshot" / "manifest.json").exists():
        show("collect", run("collect", folder, users))
    if not (folder / "edges.parquet").exists() and not {"DuckDB", "Spark"}.isdisjoint(forms):
        show("tables", run("tables", folder, users))
    size = sum(path.stat().st_size for path in folder.rglob("*.parquet") if path.is_file())
    print(f"{users} users, {size / 2**20:.0f} MiB of Parquet")
    counts = set()
    for form in forms:
        needed = PACKAGES.get(form)
        if needed and importlib.util.find_spec(needed) is None:
            print(f"  {form:>8}: not measured, {needed} is not installed")
            continue
        figures = run(form, folder, users)
        counts.add(figures["count"])
        show(form, figures)
    if len(counts) != 1:
        raise SystemExit(f"the answers differ: {sorted(counts)}")


def show(work: str, figures: dict[str, Any]) -> None:
    """Print the figures of a piece of work."""
    print(
        f"  {work:>8}: {figures['wall']:7.1f} s, {figures['cpu']:7.1f} s of CPU, "
        f"peak {figures['peak']:6.0f} MiB, {figures['count']} nodes",
        flush=True,
    )


def run(form: str, folder: Path, users: int) -> dict[str, Any]:
    """Run the work in a new process, and return its figures."""
    command = [sys.executable, "-P", __file__, "--work", form, "--users", str(users), "--folder", str(folder)]
    before = time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found | {"wall": time.perf_counter() - before}


def collect(folder: Path) -> dict[str, Any]:
    """Collect an org into a folder."""
    org = SimulatedOrg(seed=1, users=int(folder.name))
    token = oktahound.ApiToken(org.api_token)
    with oktahound.OktaClient(org.url, token, transport=org.transport) as client:
        oktahound.collect(client, into=folder / "snapshot")
    return own_figures(0)


def tables(folder: Path) -> dict[str, Any]:
    """Write the tables of the snapshot."""
    from oktahound.sinks.arrow import write_parquet  # noqa: PLC0415 - an extra

    snapshot = oktahound.Snapshot.load(folder / "snapshot")
    write_parquet(snapshot, folder, rows_per_file=PART, scopes=True, permissions="targets")
    return own_figures(0)


def in_memory(build: Callable[..., Any]) -> Callable[[Path], dict[str, Any]]:
    """Return a function that answers from a graph of the snapshot."""

    def answer(folder: Path) -> dict[str, Any]:
        snapshot = oktahound.Snapshot.load(folder / "snapshot")
        graph = build(snapshot, scopes=True, permissions="targets")
        return own_figures(len(analysis.blast_radius(graph, snapshot.organization).nodes))

    return answer


def in_duckdb(folder: Path) -> dict[str, Any]:
    """Answer from the tables, with a limit on memory."""
    import duckdb  # noqa: PLC0415 - no dependency of oktahound

    with tempfile.TemporaryDirectory() as scratch, duckdb.connect(Path(scratch, "reach.duckdb")) as database:
        database.execute(f"SET memory_limit = '{DUCKDB_LIMIT}'")
        database.execute(f"CREATE VIEW nodes AS FROM '{folder}/nodes.parquet/*.parquet'")
        database.execute(
            "CREATE TABLE attack AS SELECT DISTINCT src, dst "
            f"FROM '{folder}/edges.parquet/*.parquet' WHERE traversable AND active"
        )
        (count,) = database.execute(REACHED).fetchone()
        return own_figures(count)


def in_spark(folder: Path) -> dict[str, Any]:
    """Answer from the tables, in Spark's local mode."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

    from oktahound.sinks import spark  # noqa: PLC0415 - an extra

    builder = SparkSession.builder.master("local[*]").config("spark.driver.memory", SPARK_HEAP)
    builder = builder.config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
    session = builder.getOrCreate()
    graph = spark.read_graph(folder, session)
    (organization,) = graph.nodes.where("kind = 'Okta_Organization'").collect()
    count = spark.blast_radius(graph, organization["id"]).nodes.count()
    java: Any = session.sparkContext._gateway  # noqa: SLF001 - PySpark has no public name for the process
    return of_java(java.proc.pid) | {"count": count}


def own_figures(count: int) -> dict[str, Any]:
    """Return the CPU seconds and the peak memory (MiB) of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"count": count, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 2**10}


def of_java(process: int) -> dict[str, Any]:
    """Return the CPU seconds and the peak memory (MiB) of Spark's Java process and this one; Linux only."""
    own = own_figures(0)
    ticks = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    status = Path(f"/proc/{process}/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0])
    cpu = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    return {"cpu": own["cpu"] + cpu, "peak": own["peak"] + peak / 2**10}


FORMS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "networkx": in_memory(oktahound.build_graph),
    "compact": in_memory(oktahound.graph.compact_graph),
    "DuckDB": in_duckdb,
    "Spark": in_spark,
}
PACKAGES = {"compact": "numpy", "DuckDB": "duckdb", "Spark": "pyspark"}
WORK = {"collect": collect, "tables": tables, **FORMS}

if __name__ == "__main__":
    main()
