"""A process that collects into a folder and is killed: the next run continues after it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from oktahound import ApiToken, OktaClient, Snapshot, collect
from oktahound.errors import SnapshotError
from oktahound.sim import SimulatedOrg

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

# Collects from an org that responds to a number of requests and then to none, and prints a line then.
PROGRAM = """
import sys
import anyio, httpx
import oktahound
from oktahound.sim import SimulatedOrg

folder, limit = sys.argv[1], int(sys.argv[2])
org = SimulatedOrg(seed="killed", users=10)
requests = 0


class Stalling(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request):
        global requests
        requests += 1
        if requests > limit:
            print("stalled", flush=True)
            await anyio.sleep_forever()
        return await org.transport.handle_async_request(request)


token = oktahound.ApiToken(org.api_token)
with oktahound.OktaClient(org.url, token, transport=Stalling(), timeout=1e6, concurrency=2) as client:
    try:
        oktahound.collect(client, into=folder)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        raise SystemExit(3)
"""

ANSWERED = 60
"""The number of requests that are answered before the run is stopped."""


def stalled(folder: Path) -> subprocess.Popen[str]:
    """Start the program in a new process and wait until it gets no more responses."""
    command = [sys.executable, "-c", PROGRAM, str(folder), str(ANSWERED)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "stalled\n"
    return process


def finished(folder: Path) -> int:
    """Collect the same organization in this process, and return the number of requests."""
    org = SimulatedOrg(seed="killed", users=10)
    with OktaClient(org.url, ApiToken(org.api_token), transport=org.transport, concurrency=2) as client:
        collect(client, into=folder)
    return len(org.requests)


def rows(folder: Path) -> dict[str, Any]:
    manifest = json.loads((folder / "manifest.json").read_text())["snapshot"]
    assert Snapshot.load(folder)
    return {key: manifest[key] for key in ("files", "gaps", "organization", "asked", "options")}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, Any]]:
    """Return the number of requests of an uninterrupted run, and its saved rows."""
    folder = tmp_path_factory.mktemp("whole") / "whole.okta"
    return finished(folder), rows(folder)


def check_the_next_run_continues(folder: Path, whole: tuple[int, dict[str, Any]]) -> None:
    """Check that the next run sends only the requests that are missing, and saves the same as a whole run."""
    requests, saved = whole
    # Two requests at once, and the response to each may not have arrived.
    assert finished(folder) <= requests - ANSWERED + 1 + 4
    assert rows(folder) == saved


def test_a_second_process_is_refused_until_the_first_is_killed(
    tmp_path: Path, whole: tuple[int, dict[str, Any]]
) -> None:
    process = stalled(tmp_path / "org.okta")
    with pytest.raises(SnapshotError, match=f"process {process.pid} on"):
        finished(tmp_path / "org.okta")
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.communicate()
    with pytest.raises(SnapshotError, match="unfinished"):
        Snapshot.load(tmp_path / "org.okta")
    check_the_next_run_continues(tmp_path / "org.okta", whole)


def test_after_sigterm_the_same_call_continues(tmp_path: Path, whole: tuple[int, dict[str, Any]]) -> None:
    process = stalled(tmp_path / "org.okta")
    process.send_signal(signal.SIGTERM)
    assert process.wait() == -signal.SIGTERM
    process.communicate()
    check_the_next_run_continues(tmp_path / "org.okta", whole)


def test_after_ctrl_c_the_same_call_continues(tmp_path: Path, whole: tuple[int, dict[str, Any]]) -> None:
    process = stalled(tmp_path / "org.okta")
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate()
    assert output.endswith("interrupted\n")
    assert process.returncode == 3
    check_the_next_run_continues(tmp_path / "org.okta", whole)
