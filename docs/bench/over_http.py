"""CPU time and memory of collections and of single requests over real HTTP: ``nox -s bench -- over_http``.

A separate process serves the simulated org over loopback HTTP; only the client's CPU time counts. Each
measurement runs in a new process. ``--against PYTHON`` takes the interpreter of an environment with another
version of oktahound. Then both versions are measured in turns, and the ratio of the least times is printed.
The median and the greatest time follow each least time; the difference between them shows the noise of the
machine. The memory is the peak of the whole client process.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

import oktahound
from oktahound.sim import SimulatedOrg

IN_FLIGHT = 32
REQUESTS = 4_000
PATH = "/api/v1/users/{id}/factors"

Figures = dict[str, float]


def main() -> None:
    """Print the figures of each kind of work."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--users", type=int, default=10_000, help="users of the simulated org")
    parser.add_argument("--repeats", type=int, default=3, help="repeats of each measurement")
    parser.add_argument("--against", metavar="PYTHON", help="interpreter with another version of oktahound")
    parser.add_argument("--only", default="", metavar="TEXT", help="only work with this text in its name")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--work", nargs=3, metavar=("NAME", "URL", "TOKEN"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(SimulatedOrg(seed=1, users=given.users)))
    elif given.work:
        name, url, token = given.work
        print(json.dumps(WORK[name](url, token)))
    else:
        compare([name for name in WORK if given.only in name], given.users, given.repeats, given.against)


def compare(names: list[str], users: int, repeats: int, against: str | None) -> None:
    """Measure each kind of work in turns with each interpreter, and print a line for each."""
    print(f"{users} users, {repeats} repeats: least (median, greatest)")
    pythons = {"this version": sys.executable} | ({"the other version": against} if against else {})
    # PYTHONPATH would make the other interpreter import this version too.
    environments = {
        "the other version": {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    }
    with served(users) as (url, token):
        for name in names:
            runs: dict[str, list[Figures]] = {version: [] for version in pythons}
            for _ in range(repeats):
                for version, python in pythons.items():
                    command = [python, "-P", __file__, "--work", name, url, token]
                    done = subprocess.run(
                        command, check=True, capture_output=True, text=True, env=environments.get(version)
                    )
                    runs[version].append(json.loads(done.stdout))
            show(name, runs)


def show(name: str, runs: dict[str, list[Figures]]) -> None:
    """Print the figures of one kind of work, and the ratio of the versions."""
    print(f"\n{name}")
    least: list[float] = []
    for version, figures in runs.items():
        cpu = [each["cpu"] for each in figures]
        per_request = [each["cpu"] / each["requests"] * 1000 for each in figures]
        least.append(min(cpu))
        print(
            f"  {version:17}  {summary(cpu)} s  {summary(per_request)} ms a request"
            f"  {figures[0]['requests']:.0f} requests  {min(each['peak'] for each in figures):.0f} MiB"
        )
    if len(least) == 2:
        print(f"  ratio {least[0] / least[1]:.2f}")


def summary(values: list[float]) -> str:
    """Return the least value, with the median and the greatest one in parentheses."""
    return f"{min(values):.2f} ({statistics.median(values):.2f}, {max(values):.2f})"


def collect(mfa: Any, *, build: bool = False) -> Any:
    """Return a function that collects with the blocking client, and with `build` also builds the graph."""

    def work(url: str, token: str) -> Figures:
        before = time.process_time()
        with oktahound.OktaClient(url, oktahound.ApiToken(token)) as client:
            snapshot = oktahound.collect(client, mfa=mfa)
        graph = oktahound.build_graph(snapshot) if build else None
        figures = {"cpu": time.process_time() - before, "peak": peak(), "requests": client.requests.total()}
        if snapshot.gaps:
            raise SystemExit(f"the collection has {len(snapshot.gaps)} gaps")
        del graph
        return figures

    return work


def requests_of_oktahound(url: str, token: str) -> Figures:
    """Send single requests with the asynchronous client."""

    async def run() -> float:
        auth = oktahound.ApiToken(token)
        async with oktahound.AsyncOktaClient(url, auth, concurrency=IN_FLIGHT) as client:
            rows = await client.list("/api/v1/users")
            ids = [row["id"] for row in rows]

            async def worker(number: int) -> None:
                for each in range(number, REQUESTS, IN_FLIGHT):
                    await client.get(PATH, ids={"id": ids[each % len(ids)]})

            return await cpu_seconds(worker)

    return {"cpu": asyncio.run(run()), "peak": peak(), "requests": REQUESTS}


def requests_of_httpx(url: str, token: str) -> Figures:
    """Send the same requests with plain httpx and its connection pool."""

    async def run() -> float:
        limits = httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT)
        headers = {"Authorization": f"SSWS {token}"}
        async with httpx.AsyncClient(limits=limits, headers=headers, base_url=url, timeout=30) as client:
            ids = [row["id"] for row in (await client.get("/api/v1/users")).json()]

            async def worker(number: int) -> None:
                for each in range(number, REQUESTS, IN_FLIGHT):
                    response = await client.get(PATH.format(id=ids[each % len(ids)]))
                    response.json()

            return await cpu_seconds(worker)

    return {"cpu": asyncio.run(run()), "peak": peak(), "requests": REQUESTS}


async def cpu_seconds(worker: Any) -> float:
    """Return the CPU time of `IN_FLIGHT` concurrent workers."""
    before = time.process_time()
    await asyncio.gather(*(worker(number) for number in range(IN_FLIGHT)))
    return time.process_time() - before


def peak() -> float:
    """Return the peak memory of this process in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


WORK: dict[str, Any] = {
    "collect, factors of admins": collect("roles"),
    "collect, factors of all users": collect("all"),
    "collect and build_graph": collect("roles", build=True),
    f"single requests, {IN_FLIGHT} in flight, oktahound": requests_of_oktahound,
    f"single requests, {IN_FLIGHT} in flight, plain httpx": requests_of_httpx,
}


@contextmanager
def served(users: int) -> Iterator[tuple[str, str]]:
    """Serve a simulated org from a separate process; the value is its URL and an API token."""
    command = [sys.executable, "-P", __file__, "--serve", "--users", str(users)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url, token = server.stdout.readline().split()
            yield url, token
        finally:
            server.terminate()


async def serve(org: SimulatedOrg) -> None:
    """Answer HTTP/1.1 requests on a free port until the process is terminated."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await read_head(reader):
                request_line, *lines = head.split("\r\n")
                method, target, _ = request_line.split(" ")
                headers = [line.partition(": ")[::2] for line in lines if line]
                length = int({name.lower(): value for name, value in headers}.get("content-length", 0))
                content = await reader.readexactly(length)
                sent = [pair for pair in headers if pair[0].lower() != "host"]
                request = httpx.Request(method, org.url + target, headers=sent, content=content)
                response = await org.transport.handle_async_request(request)
                writer.write(encoded(response, org.url, url))
        finally:
            writer.close()

    # The first request makes the indexes of the org: with a million users, longer than a client waits.
    first = httpx.Request(
        "GET", f"{org.url}/api/v1/users?limit=1", headers={"Authorization": f"SSWS {org.api_token}"}
    )
    await org.transport.handle_async_request(first)
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    print(url, org.api_token, flush=True)
    await server.serve_forever()


async def read_head(reader: asyncio.StreamReader) -> str:
    """Read the request line and the headers; empty if the client has closed the connection."""
    try:
        return (await reader.readuntil(b"\r\n\r\n")).decode()
    except (asyncio.IncompleteReadError, ConnectionError):
        return ""


def encoded(response: httpx.Response, org_url: str, url: str) -> bytes:
    """Return the response as bytes, with next links that point to this server."""
    lines = [f"HTTP/1.1 {response.status_code} {response.reason_phrase}"]
    for name, value in response.headers.multi_items():
        if name.lower() != "content-length":
            lines.append(f"{name}: {value.replace(org_url, url)}")
    lines.append(f"Content-Length: {len(response.content)}")
    return "\r\n".join([*lines, "", ""]).encode() + response.content


if __name__ == "__main__":
    main()
