"""Laws of a collection that is interrupted at any point and in any way, and then resumed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import attrs
import httpx
import pytest
from example_counts import examples
from hypothesis import given
from hypothesis import strategies as st

import oktahound
from oktahound import Snapshot
from oktahound.errors import AuthenticationError, SnapshotError
from oktahound.sim import SimulatedOrg
from oktahound.snapshot.journal import read_journal

JOURNAL = "unfinished.jsonl"
ORG = "/api/v1/org"

some = examples(2)


class Stopped(BaseException):
    """An exception that no part of the library handles, like Ctrl-C."""


@attrs.define(eq=False)
class InterruptingTransport(httpx.AsyncBaseTransport):
    """A transport that responds out of order, and at one request performs an action instead."""

    org: SimulatedOrg
    at: int | None = None
    act: Callable[[], httpx.Response | None] = lambda: None
    delays: Iterator[int] = attrs.field(factory=lambda: iter(()))
    asked: list[str] = attrs.field(factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.raw_path.decode())
        if len(self.asked) == self.at and (answer := self.act()) is not None:
            return answer
        for _ in range(next(self.delays, 0)):
            await anyio.lowlevel.checkpoint()
        return await self.org.transport.handle_async_request(request)


def dead() -> httpx.Response:
    body = {"errorCode": "E0000011", "errorSummary": "Invalid token provided", "errorId": "oae1"}
    return httpx.Response(401, json=body)


def stop() -> httpx.Response:
    raise Stopped


@attrs.define
class Runs:
    """Runs of one collection into one folder."""

    org: SimulatedOrg
    folder: Path
    concurrency: int = 4
    asked: list[list[str]] = attrs.field(factory=list)

    def run_once(self, at: int | None, how: str = "", delays: tuple[int, ...] = ()) -> Snapshot | None:
        """Collect; None when it was interrupted."""
        interrupting = InterruptingTransport(self.org, at, delays=iter(delays * 50))
        self.asked.append(interrupting.asked)
        try:
            return anyio.run(self._collect, interrupting, how)
        except (Stopped, AuthenticationError):
            return None

    async def _collect(self, interrupting: InterruptingTransport, how: str) -> Snapshot | None:
        snapshot = None
        with anyio.CancelScope() as scope:
            interrupting.act = {"cancel": scope.cancel, "dead": dead, "stop": stop}.get(how, lambda: None)
            token = oktahound.ApiToken(self.org.api_token)
            async with oktahound.AsyncOktaClient(
                self.org.url, token, transport=interrupting, retry_budget=0, concurrency=self.concurrency
            ) as client:
                snapshot = await oktahound.collect_async(client, into=self.folder)
        return snapshot


def made() -> SimulatedOrg:
    return SimulatedOrg(seed="resume", users=6)


def timeless(snapshot: Snapshot) -> Snapshot:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return attrs.evolve(snapshot, started_at=moment, collected_at=moment, interruptions=())


@pytest.fixture(scope="module")
def org() -> SimulatedOrg:
    return made()


@pytest.fixture(scope="module")
def is_whole(org: SimulatedOrg) -> Callable[[Snapshot | None], bool]:
    """Return a function that compares a snapshot with that of an uninterrupted run, except for the times."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Runs(org, Path(folder) / "org.okta").run_once(None)
    assert whole is not None
    assert not whole.interruptions
    return lambda snapshot: snapshot is not None and timeless(snapshot) == timeless(whole)


@pytest.fixture(scope="module")
def requests(org: SimulatedOrg) -> int:
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(org, Path(folder) / "org.okta")
        assert runs.run_once(None)
        return len(runs.asked[0])


WAYS = st.sampled_from(["stop", "cancel", "dead"])
DELAYS = st.lists(st.integers(0, 5), min_size=1, max_size=7).map(tuple)
# The position of the interruption, in thousandths of all requests or bytes of the org.
PLACES = st.integers(0, 999)
PARALLEL = st.integers(1, 8)


def part(place: int, whole: int) -> int:
    return place * whole // 1000


@some
@given(
    sessions=st.lists(st.tuples(PLACES, WAYS, DELAYS), min_size=1, max_size=3),
    delays=DELAYS,
    concurrency=PARALLEL,
)
def test_a_resumed_run_gives_the_same_result_as_an_uninterrupted_one(
    org: SimulatedOrg,
    is_whole: Callable[[Snapshot | None], bool],
    requests: int,
    sessions: list[tuple[int, str, tuple[int, ...]]],
    delays: tuple[int, ...],
    concurrency: int,
) -> None:
    with tempfile.TemporaryDirectory() as parent:
        runs = Runs(org, Path(parent) / "org.okta", concurrency)
        snapshot = None
        for place, how, order in sessions:
            left = requests - len(set().union(*runs.asked))
            snapshot = snapshot or runs.run_once(1 + part(place, left), how, order)
            if snapshot is None:
                with pytest.raises(SnapshotError):
                    Snapshot.load(runs.folder)
        snapshot = snapshot or runs.run_once(None, "", delays)
        assert snapshot is not None
        assert is_whole(snapshot)
        assert Snapshot.load(runs.folder) == snapshot
        assert not (runs.folder / JOURNAL).exists()


@some
@given(place=PLACES, how=WAYS, delays=DELAYS, concurrency=PARALLEL)
def test_finished_listings_are_not_requested_again(
    org: SimulatedOrg,
    requests: int,
    place: int,
    how: str,
    delays: tuple[int, ...],
    concurrency: int,
) -> None:
    # Each restored listing saves one request, and more if it has more pages.
    with tempfile.TemporaryDirectory() as parent:
        runs = Runs(org, Path(parent) / "org.okta", concurrency)
        assert runs.run_once(1 + part(place, requests), how, delays) is None
        contents = read_journal(runs.folder / JOURNAL)
        kept = len(contents.finished) if contents else 0
        assert runs.run_once(None)
        first, second = (set(asked) - {ORG} for asked in runs.asked)
        assert len(runs.asked[1]) <= requests - kept
        assert len(second) == len(runs.asked[1]) - 1
        assert len(first | second) == requests - 1
        # The other listings were requested, but their responses had not arrived yet.
        assert len(first & second) <= 4 * concurrency


@some
@given(place=PLACES, cut=PLACES)
def test_a_journal_cut_at_any_byte_loses_no_row(
    org: SimulatedOrg, is_whole: Callable[[Snapshot | None], bool], requests: int, place: int, cut: int
) -> None:
    with tempfile.TemporaryDirectory() as parent:
        runs = Runs(org, Path(parent) / "org.okta")
        assert runs.run_once(3 + part(place, requests - 3), "stop") is None
        journal = runs.folder / JOURNAL
        content = journal.read_bytes()
        journal.write_bytes(content[: part(cut, len(content))])
        snapshot = runs.run_once(None)
        assert is_whole(snapshot)


@some
@given(place=PLACES, at=PLACES, flip=st.integers(1, 255))
def test_a_journal_corrupted_at_any_byte_loses_no_row_or_is_refused(
    org: SimulatedOrg,
    is_whole: Callable[[Snapshot | None], bool],
    requests: int,
    place: int,
    at: int,
    flip: int,
) -> None:
    with tempfile.TemporaryDirectory() as parent:
        runs = Runs(org, Path(parent) / "org.okta")
        assert runs.run_once(3 + part(place, requests - 3), "stop") is None
        journal = runs.folder / JOURNAL
        content = bytearray(journal.read_bytes())
        first_line = content.index(b"\n")
        damaged_lines = part(at, len(content))
        content[damaged_lines] ^= flip
        journal.write_bytes(content)
        try:
            snapshot = runs.run_once(None)
        except SnapshotError:
            assert damaged_lines <= first_line
        else:
            assert is_whole(snapshot)


@some
@given(
    lost=st.sampled_from(["/api/v1/users", "/api/v1/groups/*", "/api/v1/apps/*", "/api/v1/iam/roles"]),
    status=st.sampled_from([403, 500, 503]),
    at=st.integers(2, 40),
    concurrency=PARALLEL,
)
def test_a_listing_that_failed_is_requested_again(
    is_whole: Callable[[Snapshot | None], bool], lost: str, status: int, at: int, concurrency: int
) -> None:
    org = made()
    with tempfile.TemporaryDirectory() as parent:
        runs = Runs(org, Path(parent) / "org.okta", concurrency)
        fault = org.fail(f"GET {lost}", status=status, times=None)
        assert runs.run_once(at, "stop") is None
        fault.lift()
        snapshot = runs.run_once(None)
        assert is_whole(snapshot)


def test_a_run_that_was_interrupted_before_publishing_can_be_resumed(
    org: SimulatedOrg,
    is_whole: Callable[[Snapshot | None], bool],
    requests: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs = Runs(org, tmp_path / "org.okta")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("oktahound.snapshot.disk.write", full)
        with pytest.raises(SnapshotError, match="No space left"):
            runs.run_once(None)
    snapshot = runs.run_once(None)
    assert is_whole(snapshot)
    assert runs.asked[1] == [ORG]
