"""The progress of a running collection, and the progress bar."""

from __future__ import annotations

import asyncio
import concurrent.futures
import io
import itertools
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

import oktahound
from oktahound import ClientSecret, Progress, User
from oktahound.collecting.progress_bar import ProgressBar
from oktahound.entities import DeviceUser, GroupMembership
from oktahound.errors import AuthenticationError, ConfigurationError, NotFoundError, SnapshotError
from oktahound.snapshot.journal import JOURNAL


def steps_of(okta: Any, *only: type, **options: Any) -> list[tuple[str, int, int, bool]]:
    steps: list[Progress] = []
    okta.collect(*only, progress=steps.append, **options)
    return [(step.entity, step.rows, step.gaps, step.finished) for step in steps]


def test_the_callback_is_called_after_every_page_and_at_the_end(okta: Any, pages: Callable[..., Any]) -> None:
    okta.routes["/api/v1/users"] = pages([{"id": "00u1"}, {"id": "00u2"}], [{"id": "00u3"}, {}])
    assert steps_of(okta, User) == [
        ("Organization", 1, 0, True),
        ("User", 2, 0, False),
        ("User", 3, 1, False),
        ("User", 3, 1, True),
    ]


def test_a_refused_listing_is_finished_with_its_gap(
    okta: Any, refusal: Callable[..., httpx.Response]
) -> None:
    okta.routes["/api/v1/users"] = lambda request: refusal(403, "E0000006")
    assert steps_of(okta, User)[1:] == [("User", 0, 1, True)]


def test_an_entity_of_two_listings_is_finished_with_the_second(okta: Any) -> None:
    okta.routes["/api/v1/users"] = [{"id": "00u1"}]
    steps = steps_of(okta, User, deprovisioned=True)[1:]
    assert [finished for *_, finished in steps] == [False, False, False, True]


def test_embedded_rows_are_finished_with_their_rows(okta: Any) -> None:
    okta.routes["/api/v1/devices"] = [{"id": "guo1", "_embedded": {"users": [{"user": {"id": "00u1"}}]}}]
    assert steps_of(okta, DeviceUser)[1:] == [
        ("Device", 1, 0, False),
        ("DeviceUser", 1, 0, True),
        ("Device", 1, 0, True),
    ]


def test_a_listing_below_objects_reports_progress_for_each_object(okta: Any) -> None:
    okta.routes["/api/v1/groups"] = [{"id": "00g1"}, {"id": "00g2"}]
    for group in ("00g1", "00g2"):
        okta.routes[f"/api/v1/groups/{group}/users"] = [{"id": "00u1"}]
    steps = [step for step in steps_of(okta, GroupMembership) if step[0] == "GroupMembership"]
    assert steps[-1] == ("GroupMembership", 2, 0, True)
    assert {rows for _, rows, _, _ in steps} == {1, 2}


def test_every_entity_that_was_requested_is_finished_once(okta: Any) -> None:
    finished = [entity for entity, _, _, done in steps_of(okta) if done]
    assert len(finished) == len(set(finished))
    assert set(finished) == okta.collect().asked


@attrs.define
class Raiser:
    """A callback that raises at an entity, and counts its later calls."""

    error: BaseException
    entity: str
    calls: int = 0

    def __call__(self, progress: Progress) -> None:
        self.calls += bool(self.calls) or progress.entity == self.entity
        if self.calls:
            raise self.error


class Odd(BaseException):
    """An exception that is not a subclass of `Exception`."""


ABOUT: dict[str, Any] = {"method": "GET", "path": "/oauth2/v1/clients/{id}/roles"}
ERRORS = [
    asyncio.CancelledError(),
    concurrent.futures.CancelledError(),
    SystemExit(3),
    KeyboardInterrupt(),
    GeneratorExit(),
    StopAsyncIteration(),
    MemoryError(),
    Odd(),
    BaseExceptionGroup("two", [Odd(), ValueError()]),
    NotFoundError("gone", status=404, error_code="E0000007", summary="Not found", **ABOUT),
    AuthenticationError("no", **ABOUT),
    SnapshotError("no"),
]

PLACES = ("Organization", "User", "GroupMembership")
# Each class at one of the places, and four classes at each place: the place does not depend on the class.
RAISED = [
    pytest.param(error, entity, id=f"{type(error).__name__}-{entity}")
    for error, entity in zip(ERRORS, itertools.cycle(PLACES), strict=False)
]


class TestExceptionsOfTheCallback:
    """An exception of the callback ends the run and is raised unchanged."""

    @pytest.mark.parametrize("entity", ["Organization", "User", "ClientSecret"])
    @pytest.mark.parametrize("blocking", [True, False])
    def test_it_is_not_wrapped(self, okta: Any, entity: str, blocking: bool) -> None:
        okta.routes["/integrations/api/v1/api-services"] = [{"id": "0oa1"}]
        reason = ValueError("because")

        def refuse(progress: Progress) -> None:
            if progress.entity == entity:
                raise LookupError(entity) from reason

        def run() -> None:
            if not blocking:
                okta.collect(User, ClientSecret, progress=refuse)
                return
            with okta.blocking_client() as client:
                oktahound.collect(client, only=[User, ClientSecret], progress=refuse)

        with pytest.raises(LookupError, match=entity) as caught:
            run()
        assert caught.value.__cause__ is reason

    def test_an_exception_group_stays_a_group(self, okta: Any) -> None:
        def refuse(progress: Progress) -> None:
            if progress.entity == "User":
                raise ExceptionGroup("two", [ValueError(1), KeyError(2)])

        with pytest.raises(ExceptionGroup) as caught:
            okta.collect(User, progress=refuse)
        assert [type(each) for each in caught.value.exceptions] == [ValueError, KeyError]

    @pytest.mark.parametrize(("error", "entity"), RAISED)
    def test_any_class_ends_the_run_and_nothing_is_published(
        self, okta: Any, error: BaseException, entity: str, tmp_path: Path
    ) -> None:
        raiser = self.org_with_members(okta, error, entity)
        with pytest.raises(type(error)) as caught:
            okta.collect(User, GroupMembership, progress=raiser, into=tmp_path / "org")
        assert caught.value is error
        assert raiser.calls == 1
        self.check_unfinished(tmp_path / "org")
        snapshot = okta.collect(User, GroupMembership, into=tmp_path / "org")
        assert (len(snapshot.users), len(snapshot.group_memberships), snapshot.gaps) == (1, 3, ())

    @pytest.mark.parametrize(("error", "entity"), RAISED)
    def test_the_blocking_client_can_be_used_afterwards(
        self, okta: Any, error: BaseException, entity: str, tmp_path: Path
    ) -> None:
        raiser = self.org_with_members(okta, error, entity)
        only = [User, GroupMembership]
        with okta.blocking_client() as client:
            with pytest.raises(type(error)) as caught:
                oktahound.collect(client, only=only, progress=raiser, into=tmp_path / "org")
            assert caught.value is error
            self.check_unfinished(tmp_path / "org")
            snapshot = oktahound.collect(client, only=only, into=tmp_path / "org")
        assert (len(snapshot.users), len(snapshot.group_memberships), snapshot.gaps) == (1, 3, ())

    @pytest.mark.parametrize("blocking", [True, False])
    def test_a_cancelled_error_of_the_callback_does_not_end_a_listing(
        self, okta: Any, blocking: bool
    ) -> None:
        # A transport that gives up a task of its own raises it; so does a callback.
        async def give_up(request: httpx.Request) -> httpx.Response:
            raise asyncio.CancelledError

        okta.routes["/api/v1/users"] = give_up

        def run() -> None:
            if not blocking:
                okta.collect(User)
                return
            with okta.blocking_client() as client:
                oktahound.collect(client, only=[User])

        with pytest.raises(asyncio.CancelledError):
            run()

    def test_stop_iteration_becomes_a_runtime_error(self, okta: Any) -> None:
        def refuse(progress: Progress) -> None:
            raise StopIteration

        with pytest.raises(RuntimeError) as caught:
            okta.collect(User, progress=refuse)
        assert isinstance(caught.value.__cause__, StopIteration)

    def org_with_members(self, okta: Any, error: BaseException, entity: str) -> Raiser:
        groups = [{"id": f"00g{number}"} for number in range(3)]
        okta.routes = {"/api/v1/users": [{"id": "00u1"}], "/api/v1/groups": groups} | {
            f"/api/v1/groups/{group['id']}/users": [{"id": "00u1"}] for group in groups
        }
        return Raiser(error, entity)

    def check_unfinished(self, folder: Path) -> None:
        # Each run requests the organization, and the journal is created after that.
        assert not (folder / "manifest.json").exists()
        assert (folder / JOURNAL).exists()

    def test_no_further_request_is_sent(self, okta: Any, pages: Callable[..., Any]) -> None:
        okta.routes["/api/v1/users"] = pages(*([{"id": f"00u{number}"}] for number in range(50)))

        def enough(progress: Progress) -> None:
            if progress.rows == 3:
                raise TimeoutError

        with pytest.raises(TimeoutError):
            okta.collect(User, progress=enough)
        assert okta.count("/api/v1/users") == 3


class TestTheBar:
    def test_it_shows_rows_gaps_and_the_current_entity(self, okta: Any, pages: Callable[..., Any]) -> None:
        okta.routes["/api/v1/users"] = pages([{"id": "00u1"}], [{"id": "00u2"}, {}])
        shown = io.StringIO()
        with ProgressBar(file=shown, mininterval=0, miniters=0) as bar:
            okta.collect(User, progress=bar)
        assert "reading User" in shown.getvalue()
        last = shown.getvalue().replace("\r", "\n").strip().splitlines()[-1]
        assert "3 rows, 1 gaps; reading done" in last
        assert "contoso.okta.com" in last

    def test_it_counts_each_object_once_and_shows_the_total(self) -> None:
        shown = io.StringIO()
        with ProgressBar(file=shown, mininterval=0, miniters=0) as bar:
            bar(Progress(entity="User", rows=5, gaps=0, finished=False))
            for done in range(4):
                bar(
                    Progress(
                        entity="Factor", rows=done, gaps=0, finished=False, parents_done=done, parents=10
                    )
                )
            bar(Progress(entity="User", rows=9, gaps=3, finished=True))
        last = shown.getvalue().replace("\r", "\n").strip().splitlines()[-1]
        assert "12 rows, 3 gaps; reading Factor" in last
        assert "4/11" in last

    def test_it_shows_how_much_of_the_system_log_was_read(self) -> None:
        shown = io.StringIO()
        with ProgressBar(file=shown, mininterval=0, miniters=0) as bar:
            bar(Progress(entity="User", rows=5, gaps=0, finished=True))
            assert "System Log" not in shown.getvalue()
            bar(Progress(entity="ClientActivity", rows=5, gaps=0, finished=False,
                         covered=timedelta(days=45), to_cover=timedelta(days=180)))  # fmt: skip
        assert "System Log 25% read" in shown.getvalue()

    def test_it_redraws_ten_times_a_second_at_most(self) -> None:
        shown = io.StringIO()
        with ProgressBar(file=shown) as bar:
            for rows in range(5_000):
                bar(Progress(entity="User", rows=rows, gaps=0, finished=False))
        # The output depends on the clock and not on the number of pages.
        assert shown.getvalue().count("\r") < 500

    def test_true_creates_a_bar(self, okta: Any, capsys: pytest.CaptureFixture[str]) -> None:
        okta.routes["/api/v1/users"] = [{"id": "00u1"}]
        okta.collect(User, progress=True)
        # tqdm cuts the rest of a line that is longer than the terminal is wide.
        assert "2 rows, 0 gaps" in capsys.readouterr().err

    def test_without_tqdm_it_names_what_to_install(self, okta: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "tqdm.std", None)
        with pytest.raises(ConfigurationError, match=r"oktahound\[progress\]"):
            okta.collect(User, progress=True)


class TestTheLog:
    def test_start_gaps_and_end_are_logged(self, okta: Any, caplog: pytest.LogCaptureFixture) -> None:
        okta.routes["/api/v1/users"] = [{"id": "00u1"}, {}]
        with caplog.at_level("INFO", "oktahound.collecting"):
            okta.collect(User)
        levels = [(record.levelname, record.okta_domain) for record in caplog.records]
        assert levels == [
            ("INFO", "contoso.okta.com"),
            ("WARNING", "contoso.okta.com"),
            ("INFO", "contoso.okta.com"),
        ]
        start, gap, end = caplog.records
        assert start.okta_entities == ["Organization", "User"]
        assert (gap.okta_entity, gap.okta_reason, gap.okta_request) == ("User", "record", "GET /api/v1/users")
        assert (end.okta_rows, end.okta_gaps) == (2, 1)
        assert end.okta_seconds >= 0
