"""Peak memory and CPU time of each step from an org to its answers: ``nox -s bench -- memory``.

A separate process serves the simulated org over loopback HTTP; its memory is printed too. Each step runs in a
new process, and the memory is the peak of that whole process: Python, the libraries and the rows. With
``--memberships 6`` every user is a member of six groups, as in large organizations.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import oktahound
from oktahound.entities import ENTITIES
from oktahound.sim import SimulatedOrg

sys.path.insert(0, str(Path(__file__).parent))  # `python -P` leaves it out

from over_http import peak, serve

Figures = dict[str, Any]
PART = 500_000


def main() -> None:
    """Run the steps in turn for each size, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--users", type=int, nargs="+", default=[10_000], help="sizes of the simulated org")
    parser.add_argument("--memberships", type=int, default=0, help="groups of each user; 0 as generated")
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=list(STEPS), metavar="STEP")
    parser.add_argument("--folder", type=Path, help="keep the files here, and use those that are there")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(org(given.users[0], given.memberships)))
    elif given.step:
        step, folder, *where = json.loads(given.step)
        print(json.dumps(STEPS[step](Path(folder), *where) | {"peak": peak(), "cpu": time.process_time()}))
    else:
        run(given)


def run(given: argparse.Namespace) -> None:
    """Measure every size."""
    with tempfile.TemporaryDirectory() as scratch:
        for users in given.users:
            folder = (given.folder or Path(scratch)) / str(users)
            folder.mkdir(parents=True, exist_ok=True)
            measure(users, given.memberships, given.steps, folder)


def measure(users: int, memberships: int, steps: list[str], folder: Path) -> None:
    """Run the steps for one size."""
    print(f"{users} users")
    if online := [step for step in steps if step in ONLINE]:
        numbers = ["--users", str(users), "--memberships", str(memberships)]
        command = [sys.executable, __file__, "--serve", *numbers]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                url, token = server.stdout.readline().split()
                for step in online:
                    show(step, folder, url, token)
                with suppress(OSError):  # Linux only
                    status = Path(f"/proc/{server.pid}/status").read_text()
                    most = int(status.partition("VmHWM:")[2].split()[0]) / 2**10
                    print(f"  {'(the simulated org)':28} {'':>10} {most:>8.0f} MiB", flush=True)
            finally:
                server.terminate()
    for step in steps:
        if step not in ONLINE:
            show(step, folder)


def org(users: int, memberships: int) -> SimulatedOrg:
    """Create an org in which every user is a member of at least `memberships` groups."""
    made = SimulatedOrg(seed=1, users=users)
    people = list(made.world["users"])
    # A generated user is in 2.4 groups. The additional groups have about ten thousand members each.
    parts = max(1, users // 10_000)
    for number in range(max(0, memberships - 2)):
        shuffled = random.Random(number).sample(people, len(people))
        for part in range(parts):
            made.add_group(f"Site {number}.{part}", members=shuffled[part::parts])
    return made


def show(step: str, folder: Path, *where: str) -> None:
    """Run one step in a new process, and print its figures."""
    argument = json.dumps([step, str(folder), *where])
    command = [sys.executable, __file__, "--step", argument]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures = json.loads(done.stdout)
    peak, cpu, found = figures.pop("peak"), figures.pop("cpu"), figures
    result = ", ".join(f"{count} {name}" for name, count in found.items())
    print(f"  {step:28} {cpu:8.1f} s {peak:8.0f} MiB  {result}", flush=True)


def collect_and_build(_: Path, url: str, token: str) -> Figures:
    """Collect in memory, and build the graph for networkx."""
    with oktahound.OktaClient(url, oktahound.ApiToken(token)) as client:
        snapshot = oktahound.collect(client)
    return counts(snapshot) | {"edges": oktahound.build_graph(snapshot).number_of_edges()}


def collect_into(folder: Path, url: str, token: str) -> Figures:
    """Collect into a folder."""
    with oktahound.OktaClient(url, oktahound.ApiToken(token)) as client:
        return counts(oktahound.collect(client, into=folder / "snapshot"))


def load(folder: Path) -> Figures:
    """Load the snapshot with all its rows."""
    return counts(oktahound.Snapshot.load(folder / "snapshot"))


def findings(folder: Path) -> Figures:
    """Find weaknesses."""
    return {"findings": len(oktahound.analysis.findings(oktahound.Snapshot.load(folder / "snapshot")))}


def who_can_reach(folder: Path) -> Figures:
    """Find who can control the organization."""
    snapshot = oktahound.Snapshot.load(folder / "snapshot")
    return {"nodes": len(oktahound.analysis.who_can_reach(snapshot, snapshot.organization).nodes)}


def choke_points(folder: Path) -> Figures:
    """Find the edges whose removal cuts the most paths to the organization."""
    snapshot = oktahound.Snapshot.load(folder / "snapshot")
    return {"choke points": len(oktahound.analysis.choke_points(snapshot))}


def opengraph(folder: Path) -> Figures:
    """Write the graph for BloodHound."""
    oktahound.write_opengraph(oktahound.Snapshot.load(folder / "snapshot"), folder / "opengraph")
    return {"MiB": size_of(folder / "opengraph")}


def parquet(folder: Path) -> Figures:
    """Write the graph as tables."""
    from oktahound.sinks.arrow import write_parquet  # noqa: PLC0415 - takes 40 MiB

    write_parquet(
        oktahound.Snapshot.load(folder / "snapshot"),
        folder,
        rows_per_file=PART,
        scopes=True,
        permissions="targets",
    )
    return {"MiB": size_of(folder / "nodes.parquet") + size_of(folder / "edges.parquet")}


def counts(snapshot: oktahound.Snapshot) -> Figures:
    """Return the number of all rows, and of the most frequent ones."""
    return {
        "rows": sum(len(snapshot.rows(cls)) for cls in ENTITIES),
        "memberships": len(snapshot.group_memberships),
        "assignments": len(snapshot.app_users),
    }


def size_of(folder: Path) -> int:
    """Return the size of the files in a folder in MiB."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) >> 20


STEPS: dict[str, Callable[..., Figures]] = {
    "collect and build_graph": collect_and_build,
    "collect into a folder": collect_into,
    "load": load,
    "findings": findings,
    "who_can_reach": who_can_reach,
    "choke_points": choke_points,
    "write_opengraph": opengraph,
    "write_parquet": parquet,
}
ONLINE = ("collect and build_graph", "collect into a folder")


if __name__ == "__main__":
    main()
