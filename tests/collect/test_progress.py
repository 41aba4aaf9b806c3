"""What a collection tells while it runs, and the bar that shows it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import httpx
import pytest

import oktahound
from oktahound import ClientSecret, Progress, User
from oktahound.collecting.progress_bar import ProgressBar
from oktahound.entities import DeviceUser, GroupMembership


def told(okta: Any, *only: type, **options: Any) -> list[tuple[str, int, int, bool]]:
    steps: list[Progress] = []
    okta.collect(*only, progress=steps.append, **options)
    return [(step.entity, step.rows, step.gaps, step.finished) for step in steps]


def test_it_is_told_after_every_page_and_at_the_end(okta: Any, pages: Callable[..., Any]) -> None:
    okta.routes["/api/v1/users"] = pages([{"id": "00u1"}, {"id": "00u2"}], [{"id": "00u3"}, {}])
    assert told(okta, User) == [
        ("Organization", 1, 0, True),
        ("User", 2, 0, False),
        ("User", 3, 1, False),
        ("User", 3, 1, True),
    ]


def test_a_refused_listing_is_finished_with_its_gap(
    okta: Any, refusal: Callable[..., httpx.Response]
) -> None:
    okta.routes["/api/v1/users"] = lambda request: refusal(403, "E0000006")
    assert told(okta, User)[1:] == [("User", 0, 1, True)]


def test_an_entity_of_two_listings_is_finished_with_the_second(okta: Any) -> None:
    okta.routes["/api/v1/users"] = [{"id": "00u1"}]
    steps = told(okta, User, deprovisioned=True)[1:]
    assert [finished for *_, finished in steps] == [False, False, False, True]


def test_rows_inside_rows_are_finished_with_them(okta: Any) -> None:
    okta.routes["/api/v1/devices"] = [{"id": "guo1", "_embedded": {"users": [{"user": {"id": "00u1"}}]}}]
    assert told(okta, DeviceUser)[1:] == [
        ("Device", 1, 0, False),
        ("DeviceUser", 1, 0, True),
        ("Device", 1, 0, True),
    ]


def test_a_listing_below_objects_is_told_of_object_by_object(okta: Any) -> None:
    okta.routes["/api/v1/groups"] = [{"id": "00g1"}, {"id": "00g2"}]
    for group in ("00g1", "00g2"):
        okta.routes[f"/api/v1/groups/{group}/users"] = [{"id": "00u1"}]
    steps = [step for step in told(okta, GroupMembership) if step[0] == "GroupMembership"]
    assert steps[-1] == ("GroupMembership", 2, 0, True)
    assert {rows for _, rows, _, _ in steps} == {1, 2}


def test_every_entity_that_was_asked_for_is_finished_once(okta: Any) -> None:
    finished = [entity for entity, _, _, done in told(okta) if done]
    assert len(finished) == len(set(finished))
    assert set(finished) == okta.collect().asked


class TestWhatTheCallbackRaises:
    """It ends the run and comes out as it is."""

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

    def test_a_group_of_exceptions_stays_one(self, okta: Any) -> None:
        def refuse(progress: Progress) -> None:
            if progress.entity == "User":
                raise ExceptionGroup("two", [ValueError(1), KeyError(2)])

        with pytest.raises(ExceptionGroup) as caught:
            okta.collect(User, progress=refuse)
        assert [type(each) for each in caught.value.exceptions] == [ValueError, KeyError]

    @pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
    def test_an_end_of_the_program_is_one(self, okta: Any, kind: type[BaseException]) -> None:
        def stop(progress: Progress) -> None:
            if progress.entity == "User":
                raise kind

        with pytest.raises(kind):
            okta.collect(User, progress=stop)

    def test_it_stops_the_asking(self, okta: Any, pages: Callable[..., Any]) -> None:
        okta.routes["/api/v1/users"] = pages(*([{"id": f"00u{number}"}] for number in range(50)))

        def enough(progress: Progress) -> None:
            if progress.rows == 3:
                raise TimeoutError

        with pytest.raises(TimeoutError):
            okta.collect(User, progress=enough)
        assert okta.count("/api/v1/users") == 3


class TestTheBar:
    def test_it_shows_rows_gaps_and_what_is_being_read(self, okta: Any, pages: Callable[..., Any]) -> None:
        okta.routes["/api/v1/users"] = pages([{"id": "00u1"}], [{"id": "00u2"}, {}])
        shown = io.StringIO()
        with ProgressBar(file=shown, mininterval=0) as bar:
            okta.collect(User, progress=bar)
        assert "reading User" in shown.getvalue()
        last = shown.getvalue().replace("\r", "\n").strip().splitlines()[-1]
        assert "3 rows" in last
        assert "1 gaps; reading done" in last

    def test_it_counts_each_row_once_over_many_entities(self) -> None:
        shown = io.StringIO()
        with ProgressBar(file=shown, mininterval=0) as bar:
            for entity, rows in [("User", 5), ("Group", 2), ("User", 9), ("Group", 2)]:
                bar(Progress(entity=entity, rows=rows, gaps=0, finished=False))
            bar(Progress(entity="User", rows=9, gaps=3, finished=True))
        last = shown.getvalue().replace("\r", "\n").strip().splitlines()[-1]
        assert "11 rows" in last
        assert "3 gaps; reading Group" in last
