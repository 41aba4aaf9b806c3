"""A BloodHound server on a socket for tests, and a clock whose waits take no time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio.lowlevel
import pytest
from handwritten.bloodhound import TOKEN_ID, TOKEN_KEY, FakeServer, listening

from oktahound.bloodhound import SignedToken


class JumpingClock:
    """A clock whose `sleep` returns at once and advances the time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def time(self) -> float:
        return 1_768_479_942 + self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await anyio.lowlevel.checkpoint()


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def fake_server(clock: JumpingClock) -> FakeServer:
    return FakeServer(now=clock.time)


@pytest.fixture
def address(fake_server: FakeServer) -> Iterator[str]:
    with listening(fake_server) as url:
        yield url


@pytest.fixture
def token() -> SignedToken:
    return SignedToken(TOKEN_ID, TOKEN_KEY)


@pytest.fixture
def options(clock: JumpingClock) -> dict[str, Any]:
    """Return options with a constant jitter of one half and a clock that does not wait."""
    return {"clock": clock, "random": lambda: 0.5, "timeout": 30.0}


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    """Return a folder with the files of `write_opengraph`."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "okta-graph-hybrid.json").write_text('{"graph": "hybrid"}')
    (folder / "okta-graph.json").write_text('{"graph": "okta"}')
    (folder / "notes.json").write_text("not a graph")
    return folder
