"""Endless listings and expensive responses: each stops at a documented limit."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from typing import Any

import httpx
import orjson
import pytest

from faults.runs import small_org, whole
from oktahound import ApiToken, AsyncOktaClient, OktaClient, OktaHoundError, collect_async
from oktahound.client import Page
from oktahound.client._error_responses import clean
from oktahound.client._headers import challenge, date_of, limits_of, retry_after
from oktahound.client._links import page_links
from oktahound.client._listing import MOST_ROWS
from oktahound.errors import ConfigurationError, ProtocolError, RateLimitError, TransportError
from oktahound.sim import VirtualClock

ORG = "https://contoso.okta.com"
USERS = "/api/v1/users"
Answer = Callable[[httpx.Request], httpx.Response]


def client_of(answer: Answer, clock: VirtualClock, **options: Any) -> AsyncOktaClient:
    transport = httpx.MockTransport(answer)
    settings = {"transport": transport, "clock": clock, "random": lambda: 0.5} | options
    return AsyncOktaClient(ORG, ApiToken("00secret"), **settings)


def walked(answer: Answer, clock: VirtualClock | None = None, **options: Any) -> tuple[list[Page], Any]:
    """Return the pages of a listing, and the error that ended it."""
    clock = clock or VirtualClock()

    async def run() -> tuple[list[Page], Any]:
        pages: list[Page] = []
        async with client_of(answer, clock, **options) as client:
            try:
                async for page in client.pages(USERS):
                    pages += [page]
            except OktaHoundError as error:
                return pages, error
        return pages, None

    return clock.run(run)


def endless(rows: Callable[[int], list[Any]]) -> Answer:
    """Return an endless listing with another cursor on every page."""
    numbers = itertools.count(1)

    def answer(request: httpx.Request) -> httpx.Response:
        number = next(numbers)
        link = f'<{ORG}{USERS}?after={number}>; rel="next"'
        return httpx.Response(200, json=rows(number), headers={"link": link})

    return answer


def test_endless_pages_stop_at_a_limit_and_their_rows_are_kept() -> None:
    pages, error = walked(endless(lambda number: [{"id": f"00u{number}"}]), max_pages=50)
    assert len(pages) == 50
    assert isinstance(error, ProtocolError)
    assert "more than 50 pages" in str(error)


def test_a_listing_of_exactly_as_many_pages_is_complete() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("after", "0")) + 1
        link = {"link": f'<{ORG}{USERS}?after={number}>; rel="next"'} if number < 50 else {}
        return httpx.Response(200, json=[number], headers=link)

    pages, error = walked(answer, max_pages=50)
    assert (len(pages), error) == (50, None)


@pytest.mark.parametrize("rows", [[], [{"id": "00u1"}]])
def test_repeated_pages_stop_at_a_lower_limit(rows: list[Any]) -> None:
    pages, error = walked(endless(lambda _: rows))
    assert len(pages) <= 101
    assert isinstance(error, ProtocolError)
    assert "without a new row" in str(error)


def test_pages_at_the_nesting_limit_can_be_compared() -> None:
    deep = b"[" * 1000 + b"]" * 1000
    link = {"link": f'<{ORG}{USERS}?after=1>; rel="next"'}
    answers = iter([httpx.Response(200, content=deep, headers=link), httpx.Response(200, content=deep)])
    pages, error = walked(lambda _: next(answers))
    assert (len(pages), error) == (2, None)


def test_the_number_of_rows_on_a_page_is_limited() -> None:
    body = b"[" + b"0," * MOST_ROWS + b"0]"
    pages, error = walked(lambda _: httpx.Response(200, content=body))
    assert pages == []
    assert "100001 rows on one page" in str(error)


@pytest.mark.parametrize("max_pages", [0, -1, 2.5, True, "many", float("nan")])
def test_max_pages_must_be_a_whole_number(max_pages: Any) -> None:
    with pytest.raises(ConfigurationError, match="max_pages"):
        AsyncOktaClient(ORG, ApiToken("00secret"), max_pages=max_pages)


def test_the_blocking_client_has_the_same_limits() -> None:
    transport = httpx.MockTransport(endless(lambda number: [number]))
    client = OktaClient(ORG, ApiToken("00secret"), transport=transport, max_pages=3)
    with client, pytest.raises(ProtocolError, match="more than 3 pages"):
        client.list(USERS)


RESETS = [
    "0",
    "1",
    "99999999999",
    "999999999999",
    "9" * 400,
    "-1",
    "1e99",
    "inf",
    "NaN",
    "",
    " ",
    "١٢",
    "0x10",
]


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("status", [200, 429])
def test_no_header_makes_a_request_wait_beyond_its_budget(reset: str, status: int) -> None:
    clock = VirtualClock()
    headers = [
        (b"X-Rate-Limit-Limit", b"10"),
        (b"X-Rate-Limit-Remaining", b"0"),
        (b"X-Rate-Limit-Reset", reset.encode()),
        (b"Retry-After", reset.encode()),
        (b"Date", b"Thu, 15 Jan 2026 12:25:42 GMT"),
    ]
    _, error = walked(
        lambda _: httpx.Response(status, json=[], headers=headers), clock, rate_limit_budget=600.0
    )
    assert clock.monotonic() <= 600
    assert (error is None) == (status == 200)
    assert status == 200 or isinstance(error, RateLimitError)


def test_waiting_for_a_window_that_never_opens_ends_with_the_budget() -> None:
    clock = VirtualClock()

    def answer(_: httpx.Request) -> httpx.Response:
        now = clock.time()
        spent = {
            "x-rate-limit-limit": "9",
            "x-rate-limit-remaining": "0",
            "date": formatdate(now, usegmt=True),
        }
        return httpx.Response(429, headers=spent | {"x-rate-limit-reset": str(int(now) + 250)})

    _, error = walked(answer, clock, rate_limit_budget=600.0)
    assert isinstance(error, RateLimitError)
    assert clock.monotonic() <= 600


def test_a_server_with_inconsistent_clocks_gets_few_requests() -> None:
    clock = VirtualClock()
    asked: list[float] = []

    def answer(_: httpx.Request) -> httpx.Response:
        asked.append(clock.monotonic())
        # The clock of the first response is years ahead. The others are refusals with the right time.
        ahead = 10**8 if len(asked) == 1 else 0
        now = clock.time() + ahead
        status = 200 if len(asked) in {1, 60} else 429
        link = {"link": f'<{ORG}{USERS}?after={len(asked)}>; rel="next"'} if len(asked) == 1 else {}
        headers = {
            "x-rate-limit-limit": "9",
            "x-rate-limit-remaining": "5",
            "date": formatdate(now, usegmt=True),
        }
        return httpx.Response(
            status, json=[1], headers=headers | link | {"x-rate-limit-reset": str(int(now) + 30)}
        )

    walked(answer, clock)
    assert len(asked) < 60, "too many requests"


HOSTILE_HEADERS = [
    "a" * 100_000,
    "a=" * 50_000,
    'a="' * 33_000,
    "<" * 100_000,
    "<>;" * 33_000,
    "<x>" + ";" * 100_000,
    "<x>; rel=" + " " * 100_000 + ",",
    '<x>"' * 25_000,
    "," * 100_000,
    "(" * 100_000,
    " " * 99_999 + "x",
    "1" * 100_000,
    "Mon, " * 20_000,
    "eyJ" * 33_000,
    "eyJaaaaaaaa." * 8_000,
    "\\" * 100_000,
]


@pytest.mark.parametrize("text", HOSTILE_HEADERS, ids=lambda text: f"{text[:8]!r} and so on")
def test_parsing_the_longest_header_is_linear(text: str) -> None:
    names = ["date", "link", "www-authenticate", "retry-after", "x-rate-limit-reset", "x-rate-limit-limit"]
    headers = httpx.Headers([(name, text) for name in names])
    before = time.process_time()
    limits_of(headers), retry_after(headers), date_of(headers), challenge(headers)
    clean(text)
    with suppress(ValueError):
        page_links(headers)
    # This is no measurement: a quadratic parser took half a minute here, and a linear one takes milliseconds.
    assert time.process_time() - before < 5


def test_an_error_body_of_megabytes_is_truncated() -> None:
    words = orjson.dumps({"errorCode": "E0000001", "errorSummary": "x" * 2_000_000})
    _, error = walked(lambda _: httpx.Response(400, content=words))
    assert error.status == 400
    assert error.error_code is None
    assert len(str(error)) < 500


@pytest.mark.parametrize(
    "doc", [[], "no", 7, None, {"errorCode": []}, {"errorCauses": [[], 7]}, {"errorSummary": {"a": 1}}]
)
def test_an_error_body_of_another_shape_is_an_error_without_a_summary(doc: Any) -> None:
    _, error = walked(lambda _: httpx.Response(400, content=orjson.dumps(doc)))
    assert (error.status, error.error_code, error.summary) == (400, None, None)


@pytest.mark.parametrize(
    "error", [httpx.DecodingError("x"), httpx.InvalidURL("x"), OSError("x"), TimeoutError("x")]
)
def test_every_exception_of_a_transport_becomes_an_okta_hound_error(error: Exception) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise error

    assert isinstance(walked(answer, retry_budget=30.0)[1], TransportError | ProtocolError)


@pytest.mark.parametrize(
    "row",
    [
        {"id": "00u1", "profile": {"login": "x" * 1_000_000}},
        {"id": "00u1", "profile": 1.7976931348623157e308},
        {"id": "00u1", "status": 2**64 - 1},
        {"id": "x" * 100_000},
        {"id": "../../etc/passwd"},
        {"id": "\u202e\x00\x1b[2J"},
        {"id": ["00u1"]},
        {"id": {"id": "00u1"}},
        {"id": ""},
        {},
    ],
)
def test_a_hostile_row_affects_at_most_itself(row: Any) -> None:
    org = small_org()
    org.fail(USERS, mangle=lambda body: orjson.dumps([*orjson.loads(body), row]))

    async def run() -> Any:
        auth = ApiToken(org.api_token)
        async with AsyncOktaClient(org.url, auth, transport=org.transport, clock=org.clock) as client:
            return await collect_async(client)

    assert isinstance(org.clock, VirtualClock)
    snapshot = org.clock.run(run)
    assert {user.id for user in whole().users} <= {user.id for user in snapshot.users}


def test_a_row_at_the_nesting_limit_affects_at_most_itself() -> None:
    org = small_org()
    deep = b'{"a":' * 1000 + b"1" + b"}" * 1000
    org.fail(USERS, mangle=lambda body: body[:-1] + b',{"id":"00uDeep","profile":%s}]' % deep)

    async def run() -> Any:
        auth = ApiToken(org.api_token)
        async with AsyncOktaClient(org.url, auth, transport=org.transport, clock=org.clock) as client:
            return await collect_async(client)

    assert isinstance(org.clock, VirtualClock)
    snapshot = org.clock.run(run)
    assert {user.id for user in whole().users} <= {user.id for user in snapshot.users}
