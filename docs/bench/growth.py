"""Measure how the cost of oktahound grows with the size of the org: ``nox -s bench -- growth``.

For each size, it measures the CPU time and the peak memory of a collection, of loading the snapshot, of
building the graph in its forms, and of questions about the snapshot, each in a new process. The simulated org
runs in the process of the collection; its CPU time is measured separately and subtracted. For building the
graph, the time that networkx alone takes for the same nodes and edges is printed too, because larger graphs
use the caches of the processor less well.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import networkx as nx

import oktahound
from oktahound.entities import ENTITIES
from oktahound.sim import SimulatedOrg

SIZES = (1_000, 10_000, 100_000)
ADMINS = 20
"""Number of users with a role over all users, so that rights are a large part of the graph at every size."""

Figures = dict[str, float]


def main() -> None:
    """Measure every size, and print a table for each kind of work."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--users", type=int, nargs="+", default=SIZES, help="sizes of the simulated org")
    parser.add_argument("--repeats", type=int, default=3, help="repeats of each measurement")
    parser.add_argument("--work", choices=WORK, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        warm_up()
        print(json.dumps(WORK[given.work](given.users[0], given.folder)))
        return
    print(f"CPU of the least of {given.repeats} repeats; memory on top of what the process held before\n")
    found: dict[str, list[Figures]] = {name: [] for name in WORK}
    with tempfile.TemporaryDirectory() as kept:
        for users, (name, figures) in itertools.product(given.users, found.items()):
            figures.append(in_a_child(name, users, Path(kept) / f"{users}.okta", given.repeats))
    for name, figures in found.items():
        show(name, given.users, figures)


def warm_up() -> None:
    """Do all the work once with a small org, so that imports and caches are not measured."""
    org = SimulatedOrg(seed=1, users=20)
    with (
        tempfile.TemporaryDirectory() as kept,
        oktahound.OktaClient(org.url, token(org), transport=org.transport) as client,
    ):
        oktahound.collect(client).save(Path(kept) / "small.okta")
        snapshot = oktahound.Snapshot.load(Path(kept) / "small.okta")
    oktahound.build_graph(snapshot)
    oktahound.build_graph(snapshot, permissions="targets")
    oktahound.analysis.findings(snapshot)


def in_a_child(name: str, users: int, folder: Path, repeats: int) -> Figures:
    """Run the work in new processes, and return the figures of the run with the least CPU time."""
    command = [sys.executable, "-P", __file__, "--work", name, "--users", str(users), "--folder", str(folder)]
    runs = [subprocess.run(command, check=True, capture_output=True, text=True) for _ in range(repeats)]
    best: Figures = min((json.loads(run.stdout) for run in runs), key=lambda figures: figures["cpu"])
    return best


def show(name: str, sizes: list[int], figures: list[Figures]) -> None:
    """Print a line for each size, with the cost per row, node or edge, and its ratio to the size before."""
    print(name)
    before: Figures | None = None
    for users, each in zip(sizes, figures, strict=True):
        grown = "" if before is None else f"  x {unit(each) / unit(before):.2f}"
        bare = ""
        if "bare" in each:
            bare = f"  : networkx alone {each['bare']:.2f} s, ratio {each['cpu'] / each['bare']:.2f}"
        memory = each["peak"] / each["things"] * 2**20
        print(
            f"  {users:>7} users  {each['cpu']:7.2f} s  {each['peak']:7.0f} MiB"
            f"  {each['things']:>9.0f} {THINGS[name]}  {unit(each) * 1e6:6.2f} us and {memory:5.0f} B each"
            f"{grown}{bare}"
        )
        before = each
    print()


def unit(figures: Figures) -> float:
    """Return the CPU seconds per row, node or edge."""
    return figures["cpu"] / figures["things"]


def collect(users: int, folder: Path) -> Figures:
    """Collect everything."""
    org = SimulatedOrg(seed=1, users=users)
    ids = [user["id"] for user in org.world["users"].documents() if user["status"] == "ACTIVE"]
    for admin in ids[:ADMINS]:
        org.assign_role(admin, "HELP_DESK_ADMIN")
    served = Served(org.transport)
    with measured() as figures, oktahound.OktaClient(org.url, token(org), transport=served) as client:
        snapshot = oktahound.collect(client)
    figures["cpu"] -= served.cpu
    snapshot.save(folder)
    return figures | {"things": rows_of(snapshot)}


def load(users: int, folder: Path) -> Figures:
    """Load the collected snapshot."""
    with measured() as figures:
        snapshot = oktahound.Snapshot.load(folder)
    return figures | {"things": rows_of(snapshot)}


def build(permissions: Any) -> Callable[[int, Path], Figures]:
    """Return a function that builds the graph in one of its forms."""

    def work(users: int, folder: Path) -> Figures:
        snapshot = oktahound.Snapshot.load(folder)
        with measured() as figures:
            graph = oktahound.build_graph(snapshot, permissions=permissions)
        figures["things"] = graph.number_of_nodes() + graph.number_of_edges()
        nodes, edges = list(graph.nodes(data=True)), list(graph.edges(keys=True, data=True))
        del snapshot, graph
        with measured() as bare:
            one_by_one(nodes, edges)
        return figures | {"bare": bare["cpu"]}

    return work


def compact(users: int, folder: Path) -> Figures:
    """Build the compact graph with OAuth scopes and target sets, as questions about snapshots do."""
    snapshot = oktahound.Snapshot.load(folder)
    with measured() as figures:
        graph = oktahound.graph.compact_graph(snapshot, permissions="targets", scopes=True)
    return figures | {"things": graph.number_of_nodes() + graph.number_of_edges()}


def analyse(users: int, folder: Path) -> Figures:
    """Find the weaknesses of a snapshot, and who can control the organization."""
    snapshot = oktahound.Snapshot.load(folder)
    with measured() as figures:
        oktahound.analysis.findings(snapshot)
        oktahound.analysis.who_can_reach(snapshot, snapshot.organization)
    return figures | {"things": rows_of(snapshot)}


def one_by_one(nodes: list[Any], edges: list[Any]) -> None:
    """Add the same nodes and edges to a networkx graph."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node, attributes in nodes:
        graph.add_node(node, **attributes)
    for start, end, kind, attributes in edges:
        graph.add_edge(start, end, kind, **attributes)


def token(org: SimulatedOrg) -> oktahound.ApiToken:
    """Return the API token of the org's own administrator."""
    return oktahound.ApiToken(org.api_token)


def rows_of(snapshot: oktahound.Snapshot) -> int:
    """Return the number of entities in a snapshot."""
    return sum(len(snapshot.rows(cls)) for cls in ENTITIES)


class Served(httpx.AsyncBaseTransport):
    """A transport that measures the CPU time of the org's responses."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport
        self.cpu = 0.0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on. The org responds without waiting, so that no other work is counted."""
        before = time.process_time()
        try:
            return await self._transport.handle_async_request(request)
        finally:
            self.cpu += time.process_time() - before


@contextmanager
def measured() -> Iterator[Figures]:
    """Measure the CPU seconds, and the increase of the peak memory of the process in MiB."""
    gc.collect()
    figures: Figures = {}
    held, before = peak(), time.process_time()
    yield figures
    figures["cpu"] = time.process_time() - before
    figures["peak"] = peak() - held


def peak() -> float:
    """Return the peak memory of this process in MiB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if platform.system() == "Darwin" else most / 2**10


WORK: dict[str, Callable[[int, Path], Figures]] = {
    "collect": collect,
    "load": load,
    "build_graph, permissions='edges'": build("edges"),
    "build_graph, permissions='targets'": build("targets"),
    "compact_graph": compact,
    "findings and who_can_reach": analyse,
}
THINGS = {name: "nodes and edges" if "graph" in name else "rows" for name in WORK}


if __name__ == "__main__":
    main()
