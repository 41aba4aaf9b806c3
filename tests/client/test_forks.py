"""Clients and ``os.fork``: nothing hangs in the child, and the parent keeps its connection.

Each case is a program that runs in a process of its own: a hang must end with the time limit.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE
from typing import TypeAlias

import pytest
from loopback.servers import web_server

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

Run: TypeAlias = Callable[[str], None]

PROLOGUE = '''
import asyncio, gc, multiprocessing, os, sys, threading
from oktahound import ApiToken, AsyncOktaClient, OktaClient
from oktahound.errors import ClientStateError

def in_child(function, *args):
    """The exit status of a child that runs `function` and then ends in the usual way."""
    child = os.fork()
    if child == 0:
        function(*args)
        sys.exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def refused(call):
    try:
        call()
    except ClientStateError as error:
        assert "another process" in str(error), error
        return
    raise AssertionError("the call was not refused")

url = sys.argv[1]
client = OktaClient(url, ApiToken("00secret"))
'''


LAUNCHER = """
import asyncio, gc, json, multiprocessing, os, sys, threading
# Imported by the first request otherwise.
import anyio._backends._asyncio, anyio.from_thread, httpcore, joserfc.jwt
from oktahound import ApiToken, AsyncOktaClient, OktaClient

# The collector has less to look through at the end of each child.
gc.freeze()
for line in sys.stdin:
    task = json.loads(line)
    child = os.fork()
    if child == 0:
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        for number, name in enumerate(("stdout", "stderr"), start=1):
            os.dup2(os.open(task[name], os.O_WRONLY | os.O_CREAT, 0o600), number)
        sys.argv[1:] = [task["url"]]
        exec(task["script"], globals())
        sys.exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Runs each program in a fork of a process that has imported everything and started no thread."""

SECONDS = 120


@pytest.fixture(scope="module")
def launcher() -> Iterator[subprocess.Popen[str]]:
    # Python 3.12 warns of every fork in a process with threads.
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", LAUNCHER]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def run(launcher: subprocess.Popen[str], tmp_path: Path) -> Callable[[str], None]:
    """Return a function that runs a program against a server.

    It fails if the program does not print ``done`` and end well within two minutes.
    """

    def run(body: str) -> None:
        script = f"{PROLOGUE}{textwrap.dedent(body)}\nprint('done', flush=True)\n"
        outputs = {name: tmp_path / name for name in ("stdout", "stderr")}
        limit = threading.Timer(SECONDS, launcher.kill)
        with web_server() as server:
            task = {"script": script, "url": f"http://127.0.0.1:{server.port}"}
            assert launcher.stdin is not None
            assert launcher.stdout is not None
            print(json.dumps(task | {name: str(path) for name, path in outputs.items()}), file=launcher.stdin)
            launcher.stdin.flush()
            limit.start()
            status = launcher.stdout.readline()
            limit.cancel()
        stdout, stderr = (path.read_text() for path in outputs.values())
        assert (status, stdout) == ("0\n", "done\n"), stderr
        assert "Exception ignored" not in stderr
        assert "Traceback" not in stderr

    return run


def test_a_used_client_refuses_calls_in_the_child_and_still_works_in_the_parent(run: Run):
    run("""
        assert client.list("/api/v1/users") == []
        assert in_child(refused, lambda: client.get("/api/v1/users")) == 0
        assert in_child(refused, lambda: client.list("/api/v1/users")) == 0
        assert in_child(refused, lambda: next(client.pages("/api/v1/users"))) == 0
        assert in_child(refused, lambda: client.authorize(["okta.users.read"])) == 0
        assert client.list("/api/v1/users") == []
        client.close()
    """)


def test_close_returns_in_the_child(run: Run):
    run("""
        client.list("/api/v1/users")
        def child():
            client.close()
            client.close()
            refused(lambda: client.get("/api/v1/users"))
        assert in_child(child) == 0
        assert client.list("/api/v1/users") == []
        client.close()
    """)


def test_a_child_ends_without_closing_the_client(run: Run):
    run("""
        client.list("/api/v1/users")
        assert in_child(lambda: None) == 0
        def child():
            global client
            del client
            gc.collect()
        assert in_child(child) == 0
        assert client.list("/api/v1/users") == []
    """)


def test_leaving_a_with_block_in_the_child(run: Run):
    run("""
        def child():
            with client:
                refused(lambda: client.get("/api/v1/users"))
        client.list("/api/v1/users")
        assert in_child(child) == 0
        client.close()
    """)


def test_a_partly_read_listing_ends_without_an_error_in_the_child(run: Run):
    run("""
        pages = client.pages("/api/v1/users")
        next(pages)
        def child():
            global pages
            pages.close()
            del pages
            gc.collect()
        assert in_child(child) == 0
        assert list(pages) == []
        client.close()
    """)


def test_an_unused_client_works_in_parent_and_child(run: Run):
    run("""
        def child():
            assert client.list("/api/v1/users") == []
            client.close()
        assert in_child(child) == 0
        assert in_child(lambda: client.list("/api/v1/users")) == 0
        assert client.list("/api/v1/users") == []
        client.close()
    """)


def test_a_fork_in_another_thread(run: Run):
    run("""
        client.list("/api/v1/users")
        statuses = []
        def fork():
            child = os.fork()
            if child == 0:
                refused(lambda: client.get("/api/v1/users"))
                client.close()
                os._exit(0)
            statuses.append(os.waitpid(child, 0)[1])
        thread = threading.Thread(target=fork)
        thread.start()
        thread.join()
        assert statuses == [0]
        client.close()
    """)


def test_workers_of_multiprocessing(run: Run):
    run("""
        context = multiprocessing.get_context("fork")
        fresh = OktaClient(url, ApiToken("00secret"))
        client.list("/api/v1/users")
        def worker():
            refused(lambda: client.get("/api/v1/users"))
            assert fresh.list("/api/v1/users") == []
            with OktaClient(url, ApiToken("00secret")) as own:
                assert own.list("/api/v1/users") == []
        workers = [context.Process(target=worker) for _ in range(3)]
        for each in workers: each.start()
        for each in workers: each.join()
        assert [each.exitcode for each in workers] == [0, 0, 0]
        client.close()
    """)


def test_a_child_of_a_child(run: Run):
    run("""
        client.list("/api/v1/users")
        def child():
            assert in_child(refused, lambda: client.get("/api/v1/users")) == 0
            assert in_child(client.close) == 0
            refused(lambda: client.get("/api/v1/users"))
        assert in_child(child) == 0
        client.close()
    """)


def test_the_asynchronous_client_refuses_calls_in_the_child(run: Run):
    run("""
        other = AsyncOktaClient(url, ApiToken("00secret"))
        def child():
            refused(lambda: asyncio.run(other.list("/api/v1/users")))
            refused(lambda: asyncio.run(other.authorize(["okta.users.read"])))
            asyncio.run(other.aclose())
        async def main():
            assert await other.list("/api/v1/users") == []
            status = await asyncio.to_thread(in_child_of_thread)
            assert status == 0
            assert await other.list("/api/v1/users") == []
            await other.aclose()
        def in_child_of_thread():
            pid = os.fork()
            if pid == 0:
                child()
                os._exit(0)
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        asyncio.run(main())
    """)
