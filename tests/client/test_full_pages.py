"""A full page without a next link: either the listing has ended, or its link was lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs
import httpx
import pytest
from example_counts import examples
from hypothesis import given
from hypothesis import strategies as st

from oktahound.client import Page
from oktahound.client._listing import listing
from oktahound.client._retry import RetryPolicy
from oktahound.client._steps import Request, Response
from oktahound.errors import ProtocolError

ORG = "https://contoso.okta.com"
PATH = "/api/v1/things"

Headers = list[tuple[str, str]]
Loss = Callable[[int, Headers], Headers]
"""From the number of a response, from 0, and its headers to those that get through."""


def nothing_lost(_: int, headers: Headers) -> Headers:
    return headers


def every_header(_: int, headers: Headers) -> Headers:
    return []


def all_but_the_first(_: int, headers: Headers) -> Headers:
    """Drop all but the first of several header lines, as a dictionary of headers does."""
    return headers[:1]


@attrs.define
class Server:
    """A listing with cursors, whose headers may get lost.

    Attributes:
        size: number of rows.
        cap: maximum number of rows on a page, regardless of the requested limit.
        loss: function from headers to those that arrive.
        obeys: whether it respects ``limit``.
        in_body: whether the next link is in the body.
        asked: the received queries.
    """

    size: int
    cap: int = 10
    loss: Loss = nothing_lost
    obeys: bool = True
    in_body: bool = False
    asked: list[dict[str, str]] = attrs.field(factory=list)

    def answer(self, request: Request) -> Response:
        query = dict(request.url.params)
        number = len(self.asked)
        self.asked.append(query)
        size = min(int(query["limit"]), self.cap) if self.obeys and "limit" in query else self.cap
        start = int(query.get("after", "c0")[1:])
        rows = [{"id": f"x{index}"} for index in range(start, min(start + size, self.size))]
        end = start + len(rows)
        after = f"after={query['after']}&" if "after" in query else ""
        headers = [("link", f'<{ORG}{PATH}?{after}limit={size}>; rel="self"')]
        following = f"{ORG}{PATH}?after=c{end}&limit={size}"
        body: Any = rows
        if self.in_body:
            body = {"things": rows, "_links": {"next": {"href": following}} if end < self.size else {}}
        elif end < self.size:
            headers.append(("link", f'<{following}>; rel="next"'))
        found = httpx.Response(200, json=body)
        return Response(200, httpx.Headers(self.loss(number, headers)), found.content, 0.0)


def walked(server: Server, limit: int | None = 10) -> Iterator[str]:
    """Return the ids of all rows, with a consumer that empties each page."""
    query = "" if limit is None else f"?limit={limit}"
    key = "things" if server.in_body else None
    flow = listing(Request("GET", httpx.URL(f"{ORG}{PATH}{query}"), PATH), RetryPolicy(1.0, lambda: 0.0), key)
    answer: Any = None
    while True:
        try:
            step = flow.send(answer)
        except StopIteration:
            return
        if isinstance(step, Page):
            yield from [row["id"] for row in step.rows]
            step.rows.clear()
            answer = None
        else:
            assert isinstance(step, Request)
            answer = server.answer(step)


def expected(size: int) -> list[str]:
    return [f"x{index}" for index in range(size)]


@pytest.mark.parametrize("in_body", [False, True])
@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 19, 20, 21, 30])
def test_a_full_last_page_needs_two_more_requests_and_loses_nothing(size: int, in_body: bool) -> None:
    server = Server(size, in_body=in_body)
    assert list(walked(server)) == expected(size)
    more = 2 if size and size % 10 == 0 else 0
    assert len(server.asked) == max(1, -(-size // 10)) + more


@pytest.mark.parametrize("loss", [every_header, all_but_the_first])
@pytest.mark.parametrize("size", [10, 11, 25, 30])
def test_a_lost_link_is_not_the_end(size: int, loss: Loss) -> None:
    server, found = Server(size, loss=loss), []
    with pytest.raises(ProtocolError, match="there may be more rows"):
        found.extend(walked(server))
    assert len(server.asked) == 2
    assert server.asked[1]["limit"] == "9"


def test_the_rows_before_a_lost_link_are_kept() -> None:
    rows = walked(Server(11, loss=every_header))
    assert [next(rows) for _ in range(10)] == expected(10)
    with pytest.raises(ProtocolError):
        next(rows)


@pytest.mark.parametrize(
    ("lost", "size"),
    [*((0, size) for size in (10, 11, 19, 20, 25, 28, 29, 30)), *((1, size) for size in (19, 20, 28, 30))],
)
def test_a_header_that_is_lost_once_causes_no_loss(lost: int, size: int) -> None:
    server = Server(size, loss=lambda number, headers: [] if number == lost else headers)
    assert list(walked(server)) == expected(size)


def test_a_header_that_is_lost_after_the_shorter_page_is_not_the_end() -> None:
    server = Server(3, loss=lambda number, headers: [] if number in {0, 2} else headers)
    with pytest.raises(ProtocolError, match="no Link header, unlike the pages before it"):
        list(walked(server, 2))


@examples(80)
@given(st.integers(0, 40), st.integers(2, 12), st.integers(2, 12), st.sets(st.integers(0, 12)))
def test_all_rows_come_in_order_or_there_is_an_error(size: int, limit: int, cap: int, lost: set[int]) -> None:
    server = Server(size, cap=cap, loss=lambda number, headers: [] if number in lost else headers)
    found: list[str] = []
    try:
        found.extend(walked(server, limit))
    except ProtocolError:
        return
    # A page shorter than the limit shows by its length that it is the last, if no page before it
    # had a header either.
    if cap >= limit:
        assert found == expected(size)


def test_the_self_link_shows_the_page_size_of_the_server() -> None:
    # Okta's lists of role targets have pages of 20 regardless of the requested limit.
    server = Server(25, cap=20, loss=all_but_the_first)
    with pytest.raises(ProtocolError, match="the page has 20 rows, as many as were requested"):
        list(walked(server, 200))


def test_a_last_page_without_the_header_of_the_others_is_checked() -> None:
    server = Server(15, cap=10, loss=lambda number, headers: [] if number == 1 else headers)
    assert list(walked(server, 200)) == expected(15)
    server = Server(15, cap=10, loss=lambda number, headers: [] if number else headers)
    with pytest.raises(ProtocolError, match="no Link header, unlike the pages before it"):
        list(walked(server, 200))


def test_a_server_that_ignores_limits_makes_the_end_unknown() -> None:
    with pytest.raises(ProtocolError, match="there may be more rows"):
        list(walked(Server(10, obeys=False)))
    # More rows than the limit show that the endpoint has no pages of that size.
    assert list(walked(Server(10, obeys=False), 7)) == expected(10)


def test_a_listing_that_became_shorter_is_complete() -> None:
    server = Server(10)
    rows = walked(server)
    found = [next(rows) for _ in range(10)]
    server.size = 5
    assert [*found, *rows] == expected(10)
    assert len(server.asked) == 2


def test_pages_of_one_row_are_accepted_as_the_end() -> None:
    server = Server(1)
    assert list(walked(server, 1)) == ["x0"]
    assert len(server.asked) == 1
