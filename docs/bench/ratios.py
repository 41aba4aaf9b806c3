"""Ratios of oktahound's CPU time to that of the libraries under it: ``nox -s bench -- ratios``.

Both sides of a ratio are measured in turns in one run, so that a busy machine slows both. The ratio is
that of the least CPU times over several repeats. The median and the greatest time follow in parentheses; the
difference between them shows the noise of the machine. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Sequence

import httpx
import networkx as nx
import orjson

import oktahound
from oktahound import analysis
from oktahound.sim import SimulatedOrg

Measured = Callable[[], object]
Times = list[float]
ReadUsers = Callable[[SimulatedOrg, httpx.AsyncBaseTransport], Coroutine[None, None, int]]


def main() -> None:
    """Print the ratio of each kind of work."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--users", type=int, default=10_000, help="users of the simulated org")
    parser.add_argument("--repeats", type=int, default=7, help="repeats of each measurement")
    given = parser.parse_args()
    org = SimulatedOrg(seed=1, users=given.users)
    print(f"{given.users} users, {given.repeats} repeats: least CPU seconds (median, greatest)\n")
    bench_collect(org, given.repeats)
    bench_build(org, given.repeats)
    bench_import(given.repeats)


def bench_collect(org: SimulatedOrg, repeats: int) -> None:
    """Compare collecting and structuring users with reading the same pages with httpx and orjson."""
    replay = Replay(org)
    for name, transport in (("the simulated org", org.transport), ("recorded pages", replay)):
        reads = [functools.partial(run, read, org, transport) for read in (read_bare, read_ours)]
        bare, ours = measure(reads, repeats)
        report(f"collect users, {name}", ours, "httpx and orjson", bare, 2.5)


def run(read: ReadUsers, org: SimulatedOrg, transport: httpx.AsyncBaseTransport) -> int:
    """Read the users once on a new event loop, and return their number."""
    return asyncio.run(read(org, transport))


async def read_bare(org: SimulatedOrg, transport: httpx.AsyncBaseTransport) -> int:
    """Read the users with a handwritten loop over httpx and orjson."""
    count, url = 0, f"{org.url}/api/v1/users?limit=200"
    headers = {"Authorization": f"SSWS {org.api_token}"}
    async with httpx.AsyncClient(transport=transport, headers=headers) as client:
        while url:
            response = await client.get(url)
            count += len(orjson.loads(response.content))
            url = response.links.get("next", {}).get("url", "")
    return count


async def read_ours(org: SimulatedOrg, transport: httpx.AsyncBaseTransport) -> int:
    """Read the users with oktahound, as typed entities."""
    token = oktahound.ApiToken(org.api_token)
    async with oktahound.AsyncOktaClient(org.url, token, transport=transport) as client:
        snapshot = await oktahound.collect_async(client, only=[oktahound.User])
    return len(snapshot.users)


class Replay(httpx.AsyncBaseTransport):
    """A transport that replays the org's responses, so that generating them is not measured."""

    def __init__(self, org: SimulatedOrg) -> None:
        self._org = org
        self._responses: dict[str, tuple[list[tuple[str, str]], bytes]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the recorded response; the first time, request it from the org."""
        url = str(request.url)
        if url not in self._responses:
            first = await self._org.transport.handle_async_request(request)
            self._responses[url] = (first.headers.multi_items(), await first.aread())
        headers, content = self._responses[url]
        return httpx.Response(200, headers=headers, content=content)


def bench_build(org: SimulatedOrg, repeats: int) -> None:
    """Compare building the graph with adding the same nodes and edges to an empty one, and measure passes."""
    client = oktahound.OktaClient(org.url, oktahound.ApiToken(org.api_token), transport=org.transport)
    with client:
        snapshot = oktahound.collect(client)
    made = oktahound.build_graph(snapshot)
    nodes, edges = list(made.nodes(data=True)), list(made.edges(keys=True, data=True))
    print(f"the graph has {len(nodes)} nodes and {len(edges)} edges")

    def one_by_one() -> nx.MultiDiGraph[str]:
        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        for node, attributes in nodes:
            graph.add_node(node, **attributes)
        for start, end, kind, attributes in edges:
            graph.add_edge(start, end, kind, **attributes)
        return graph

    def at_once() -> nx.MultiDiGraph[str]:
        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        graph.add_nodes_from(nodes)
        graph.add_edges_from(edges)
        return graph

    ours, one, many = measure([lambda: oktahound.build_graph(snapshot), one_by_one, at_once], repeats)
    report("build_graph", ours, "add_node and add_edge", one, 1.6)
    report("build_graph", ours, "add_nodes_from and add_edges_from", many, 1.6)
    bench_view(made, repeats)
    bench_questions(snapshot, repeats)


def bench_view(graph: nx.MultiDiGraph[str], repeats: int) -> None:
    """Compare passes over the attack view with the same passes over the whole graph."""
    view, root = oktahound.attack_view(graph), graph.graph["organization"]
    passes: dict[str, Callable[[nx.MultiDiGraph[str]], object]] = {
        "count the edges": lambda each: each.number_of_edges(),
        "list the edges": lambda each: list(each.edges(keys=True, data=True)),
        "search from the organization": lambda each: nx.descendants(each, root),
    }
    for name, walk in passes.items():
        ours, bare = measure([functools.partial(walk, view), functools.partial(walk, graph)], repeats)
        report(f"attack_view, {name}", ours, "the whole graph", bare)


def bench_questions(snapshot: oktahound.Snapshot, repeats: int) -> None:
    """Compare building a compact graph, and questions about it, with networkx's graph."""
    whole, compact = (
        functools.partial(make, snapshot, scopes=True, permissions="targets")
        for make in (oktahound.build_graph, oktahound.graph.compact_graph)
    )
    ours, bare = measure([compact, whole], repeats)
    report("compact_graph", ours, "build_graph", bare)
    questions: dict[str, Callable[[nx.MultiDiGraph[str]], object]] = {
        "count the edges of the attack view": lambda each: oktahound.attack_view(each).number_of_edges(),
        "who_can_reach": lambda each: analysis.who_can_reach(each, snapshot.organization),
        "tier_zero": analysis.tier_zero,
        "findings": analysis.findings,
    }
    graphs = compact(), whole()
    for name, question in questions.items():
        ours, bare = measure([functools.partial(question, each) for each in graphs], repeats)
        report(f"compact graph, {name}", ours, "networkx", bare)


def bench_import(repeats: int) -> None:
    """Compare importing oktahound with importing its dependencies, each in a new interpreter."""
    under = "import httpx, attrs, cattrs, networkx"
    ours, everything, theirs = measure_in_a_child(
        ["import oktahound", "from oktahound import *", under], 2 * repeats
    )
    report("import oktahound", ours, under, theirs, 1.3)
    report("from oktahound import *", everything, under, theirs)


def measure(measured: Sequence[Measured], repeats: int) -> list[Times]:
    """Return the CPU times of each function, measured in turns."""
    times: list[Times] = [[] for _ in measured]
    for _ in range(repeats):
        for each, found in zip(measured, times, strict=True):
            gc.collect()
            before = time.process_time()
            kept = each()
            found.append(time.process_time() - before)
            del kept
    return times


def measure_in_a_child(statements: Sequence[str], repeats: int) -> list[Times]:
    """Return the CPU times of each statement in a new interpreter, without the start of the interpreter."""
    program = "import time; before = time.process_time(); {}; print(time.process_time() - before)"
    times: list[Times] = [[] for _ in statements]
    for _ in range(repeats):
        for statement, found in zip(statements, times, strict=True):
            command = [sys.executable, "-P", "-c", program.format(statement)]
            found.append(float(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    return times


def report(what: str, ours: Times, under: str, theirs: Times, target: float | None = None) -> None:
    """Print one line with the ratio and both times."""
    aim = "" if target is None else f" (target {target})"
    print(f"{min(ours) / min(theirs):5.2f}{aim}  {what} {shown(ours)}  :  {under} {shown(theirs)}")


def shown(times: Times) -> str:
    """Return the least time, with the median and the greatest one in parentheses."""
    return f"{min(times):.3f} ({statistics.median(times):.3f}, {max(times):.3f})"


if __name__ == "__main__":
    main()
