"""A process that collects into a folder and is killed: the next one goes on from there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from oktahound import Snapshot
from oktahound.errors import SnapshotError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

# Collects from an org that answers so many requests and then none; says when it has come to that, and at the
# end what it asked for.
PROGRAM = """
import json, sys
import anyio, httpx
import oktahound
from oktahound.sim import SimulatedOrg

folder, limit = sys.argv[1], int(sys.argv[2])
org = SimulatedOrg(seed="killed", users=10)
asked = []


class Stalling(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request):
        asked.append(request.url.raw_path.decode())
        if len(asked) > limit:
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
    except oktahound.errors.SnapshotError as error:
        print(f"refused: {error}", flush=True)
        raise SystemExit(4)
print(json.dumps(asked), flush=True)
"""

ALL = 10**6


def start(folder: Path, limit: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, str(folder), str(limit)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def stalled(folder: Path, limit: int) -> subprocess.Popen[str]:
    process = start(folder, limit)
    assert process.stdout is not None
    assert process.stdout.readline() == "stalled\n"
    return process


def finished(folder: Path, limit: int = ALL) -> list[str]:
    output, _ = start(folder, limit).communicate()
    asked: list[str] = json.loads(output)
    return asked


def rows(folder: Path) -> dict[str, Any]:
    manifest = json.loads((folder / "manifest.json").read_text())["snapshot"]
    assert Snapshot.load(folder)
    return {key: manifest[key] for key in ("files", "gaps", "organization", "asked", "options")}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, Any]]:
    """The number of different requests of a run that nothing interrupts, and what it saved."""
    folder = tmp_path_factory.mktemp("whole") / "whole.okta"
    return len(set(finished(folder))), rows(folder)


@pytest.mark.parametrize("deaf", [signal.SIGKILL, signal.SIGTERM], ids=["kill -9", "kill"])
def test_after_a_kill_the_same_call_goes_on(
    tmp_path: Path, deaf: signal.Signals, whole: tuple[int, dict[str, Any]]
) -> None:
    requests, saved = whole
    process = stalled(tmp_path / "org.okta", 60)
    process.send_signal(deaf)
    assert process.wait() == -deaf
    process.communicate()
    with pytest.raises(SnapshotError, match="was not finished"):
        Snapshot.load(tmp_path / "org.okta")
    asked = finished(tmp_path / "org.okta")
    # Two requests at once, and an answer each that had not come to the run.
    assert len(asked) <= requests - 60 + 1 + 4
    assert rows(tmp_path / "org.okta") == saved


def test_after_ctrl_c_the_same_call_goes_on(tmp_path: Path, whole: tuple[int, dict[str, Any]]) -> None:
    requests, saved = whole
    process = stalled(tmp_path / "org.okta", 60)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate()
    assert output.endswith("interrupted\n")
    assert process.returncode == 3
    asked = finished(tmp_path / "org.okta")
    assert len(asked) <= requests - 60 + 1 + 4
    assert rows(tmp_path / "org.okta") == saved


def test_a_second_process_is_refused_while_the_first_one_lives_and_not_after(tmp_path: Path) -> None:
    first = stalled(tmp_path / "org.okta", 60)
    second = start(tmp_path / "org.okta", ALL)
    output, _ = second.communicate()
    assert second.returncode == 4
    assert f"process {first.pid} on" in output
    first.kill()
    first.communicate()
    assert finished(tmp_path / "org.okta")
