"""Measure the functions that compute and block an event loop, for a simulated org of a given size."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import oktahound
from oktahound import analysis
from oktahound.sim import SimulatedOrg


def measure(name: str, work: Callable[[], Any]) -> Any:
    """Call `work`, print the seconds of processor time that it took, and return its result."""
    before = time.process_time()
    result = work()
    print(f"{time.process_time() - before:6.1f} s  {name}")
    return result


def main() -> None:
    """Collect, and measure each function once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=2_000, help="users of the simulated org")
    users = parser.parse_args().users
    org = SimulatedOrg(seed=1, users=users)
    with oktahound.OktaClient(org.url, oktahound.ApiToken(org.api_token), transport=org.transport) as client:
        snapshot = oktahound.collect(client)
        integration = snapshot.api_service_integrations.find(name="Northwind Lifecycle")
    graph = measure("build_graph", lambda: oktahound.build_graph(snapshot, scopes=True))
    print(f"          {users:,} users, {graph.number_of_nodes():,} nodes, {graph.number_of_edges():,} edges")
    measure("findings", lambda: analysis.findings(snapshot))
    measure("blast_radius", lambda: analysis.blast_radius(graph, integration))
    with tempfile.TemporaryDirectory() as folder:
        measure("report", lambda: oktahound.report(snapshot, Path(folder, "report.html")))


if __name__ == "__main__":
    main()
