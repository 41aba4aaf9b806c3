"""The retry policy as a pure flow with given outcomes and times, and in the client."""

from __future__ import annotations

import itertools

import attrs
import httpx
import pytest
from example_counts import examples
from hypothesis import given
from hypothesis import strategies as st

from oktahound.client._retry import CircuitBreaker, RetryPolicy, attempts
from oktahound.client._steps import Pause, Request, Response, TransportFailure
from oktahound.errors import (
    ProtocolError,
    RateLimitError,
    RequestError,
    ServerError,
    TransportError,
)

ASK = Request("GET", httpx.URL("https://contoso.okta.com/api/v1/users"), "/api/v1/users")
DATE = "Thu, 11 Sep 2025 16:21:50 GMT"
WINDOW = {
    "date": DATE,
    "x-rate-limit-limit": "10",
    "x-rate-limit-remaining": "0",
    "x-rate-limit-reset": "1757607758",
}
CONCURRENCY = WINDOW | {"x-rate-limit-limit": "0"}


def response(status, headers=None, body=b"[]", at=0.0):
    return Response(status, httpx.Headers(headers or {}), body, at)


def failure(kind="transport", at=0.0, never_reached=False):
    return TransportFailure(kind, "no response: ConnectError", at, never_reached)


def drive(outcomes, budget=900.0, roll=0.5):
    """Send outcomes to the flow, and return its pauses and its result."""
    flow = attempts(ASK, RetryPolicy(budget, lambda: roll))
    pauses, step = [], next(flow)
    try:
        for outcome in outcomes:
            assert step is ASK
            step = flow.send(outcome)
            if isinstance(step, Pause):
                pauses.append(step.seconds)
                step = next(flow)
    except StopIteration as stop:
        return pauses, stop.value
    except RequestError as error:
        return pauses, error
    return pauses, None


@pytest.mark.parametrize("status", [200, 201, 301, 400, 401, 403, 404, 405, 501])
def test_a_final_answer_is_not_requested_again(status):
    pauses, result = drive([response(status)])
    assert pauses == []
    assert result == response(status)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_transient_errors_are_retried_with_growing_pauses(status):
    pauses, result = drive([response(status)] * 3 + [response(200)])
    assert pauses == [0.5, 1.0, 2.0]
    assert result.status == 200


def test_pauses_have_a_maximum():
    pauses, _ = drive([failure(at=0.0)] * 20)
    assert max(pauses) == 15.0


def test_a_429_with_a_window_is_left_to_the_rate_limiter():
    pauses, result = drive([response(429, WINDOW, at=at) for at in (0.0, 8.0, 70.0)] + [response(200)])
    assert pauses == []
    assert result.status == 200


def test_a_429_that_repeats_at_once_causes_a_backoff():
    pauses, result = drive([response(429, WINDOW)] * 3 + [response(200)])
    assert pauses == [1.0, 2.0]
    assert result.status == 200


@pytest.mark.parametrize(
    "headers", [CONCURRENCY, {"x-rate-limit-limit": "0"}, {"x-rate-limit-limit": "0, 600"}]
)
def test_a_429_about_concurrency_causes_a_short_backoff(headers):
    pauses, result = drive([response(429, headers)] * 3 + [response(200)])
    assert pauses == [0.5, 1.0, 2.0]
    assert result.status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        WINDOW | {"x-rate-limit-reset": "0"},
        WINDOW | {"x-rate-limit-reset": "99999999999"},
        WINDOW | {"x-rate-limit-limit": "NaN"},
        {name: value for name, value in WINDOW.items() if name != "date"},
    ],
)
def test_a_429_without_a_window_is_left_to_the_rate_limiter(headers):
    held = [response(429, headers, at=at) for at in (0.0, 2.0, 60.0)]
    assert drive([*held, response(200)]) == ([], response(200))
    at_once = [response(429, headers)] * 3
    assert drive([*at_once, response(200)]) == ([1.0, 2.0], response(200))


def test_the_two_budgets_are_separate():
    flow = attempts(ASK, RetryPolicy(10.0, lambda: 0.5, 1000.0))
    next(flow)
    for at in (0.0, 100.0, 200.0, 300.0):  # minutes of waiting for a limit
        flow.send(response(429, WINDOW, at=at))
    flow.send(response(500, at=400.0))
    assert flow.send(None) is ASK
    with pytest.raises(ServerError):
        flow.send(response(500, at=409.5))

    flow = attempts(ASK, RetryPolicy(1000.0, lambda: 0.5, 0.0))
    next(flow)
    with pytest.raises(RateLimitError):
        flow.send(response(429, WINDOW))


def test_waiting_behind_other_requests_is_not_waiting_for_a_rate_limit():
    hours = [response(429, WINDOW, at=3600.0 * hour) for hour in range(10)]
    assert drive([*hours, response(200)]) == ([], response(200))


def test_the_number_of_retries_can_be_limited_too():
    flow = attempts(ASK, RetryPolicy(900.0, lambda: 0.0, max_retries=2))
    next(flow)
    assert flow.send(response(500)) is ASK
    assert flow.send(response(429, WINDOW)) is ASK
    with pytest.raises(ServerError):
        flow.send(response(500))


def test_after_an_error_about_one_object_later_objects_get_fewer_attempts():
    breaker = CircuitBreaker()
    first, second, good = (Request("GET", ASK.url, path) for path in ("/a", "/b", "/c"))
    for at in (0.0, 30.0, 61.0):
        assert not breaker.note(first, at, response(500, at=at)).is_no_outage
    assert not breaker.note(second, 62.0, response(500, at=62.0)).is_no_outage
    breaker.note(good, 63.0, response(200, at=63.0))
    assert breaker.note(second, 64.0, response(500, at=64.0)).is_no_outage
    breaker.note(first, 65.0, response(200, at=65.0))  # it was an outage, which has ended
    assert not breaker.note(second, 66.0, response(500, at=66.0)).is_no_outage

    known = attrs.evolve(response(500), is_no_outage=True)
    pauses, result = drive([known] * 10)
    assert len(pauses) == 5
    assert isinstance(result, ServerError)


def test_retry_after_can_lengthen_a_pause_but_not_shorten_it():
    assert drive([response(503, {"retry-after": "9"}), response(200)])[0] == [9.0]
    slowed = CONCURRENCY | {"retry-after": "1"}
    assert drive([response(429, slowed)] * 4 + [response(200)])[0] == [1.0, 1.0, 2.0, 4.0]
    assert drive([response(503, {"retry-after": "999999"}), response(200)])[0] == [0.5]


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (lambda at: response(503, at=at), ServerError),
        (lambda at: response(429, WINDOW, at=at), RateLimitError),
        (lambda at: response(429, CONCURRENCY, at=at), RateLimitError),
        (lambda at: failure(at=at), TransportError),
    ],
)
def test_an_error_that_outlasts_the_budget_is_raised(outcome, kind):
    _, result = drive([outcome(at) for at in range(0, 2000, 100)])
    assert type(result) is kind
    assert result.path == "/api/v1/users"


def test_an_address_without_any_response_is_retried_briefly():
    pauses, result = drive([failure(at=float(at), never_reached=True) for at in range(0, 60, 5)])
    assert isinstance(result, TransportError)
    assert len(pauses) <= 4


def test_without_a_budget_there_is_one_attempt():
    pauses, result = drive([response(503)], budget=0)
    assert pauses == []
    assert isinstance(result, ServerError)


@pytest.mark.parametrize("kind", ["oversize", "permanent"])
def test_permanent_errors_are_not_retried(kind):
    pauses, result = drive([failure(kind)])
    assert pauses == []
    assert isinstance(result, ProtocolError if kind == "oversize" else TransportError)


def test_a_body_that_does_not_decompress_is_tried_three_times():
    pauses, result = drive([failure("damaged")] * 3)
    assert len(pauses) == 2
    assert isinstance(result, ProtocolError)


@pytest.mark.parametrize("body", [b'[{"id": "00u', b"", b"oops"])
def test_a_truncated_response_is_requested_three_times_and_then_returned(body):
    assert drive([response(200, body=body), response(200)])[1] == response(200)
    pauses, result = drive([response(200, body=body)] * 3)
    assert len(pauses) == 2
    assert result.body == body


def test_a_web_page_is_not_requested_again():
    page = response(200, {"content-type": "text/html;charset=utf-8"}, b"<html>")
    assert drive([page]) == ([], page)


BAD = st.one_of(
    st.sampled_from([500, 502, 503, 504]).map(response),
    st.sampled_from([WINDOW, CONCURRENCY, {}, {"retry-after": "200"}]).map(lambda h: response(429, h)),
    st.just(failure()),
)


@examples(12)
@given(
    st.lists(st.tuples(BAD, st.floats(1, 70)), min_size=1, max_size=8), st.floats(1, 900), st.floats(0, 0.99)
)
def test_no_request_spends_more_than_its_budget(troubles, budget, roll):
    flow = attempts(ASK, RetryPolicy(budget, lambda: roll))
    step, now, last = next(flow), 0.0, None
    spent = {"error": 0.0, "rate limit": 0.0}
    for outcome, took in itertools.cycle(troubles):
        now += took
        if last is not None:
            spent[last[0]] += now - last[1]
        last = ("rate limit" if getattr(outcome, "status", 0) == 429 else "error", now)
        try:
            step = flow.send(attrs.evolve(outcome, at=now))
        except RequestError:
            break
        assert spent["error"] <= budget
        if isinstance(step, Pause):
            now += step.seconds
            step = next(flow)


def test_a_429_after_errors_that_spent_their_budget_is_not_retried():
    flow = attempts(ASK, RetryPolicy(90.0, lambda: 0.0, rate_limit_budget=900.0))
    next(flow)
    assert flow.send(attrs.evolve(failure(), at=0.0)) is ASK
    with pytest.raises(RateLimitError):
        flow.send(attrs.evolve(response(429), at=91.0))


async def not_gzip():
    yield b"\x00\x01"


@pytest.mark.anyio
async def test_every_kind_of_transient_error_gives_the_same_rows(make_client, okta, clock):
    okta.routes["/api/v1/users"] = [
        httpx.ConnectError("refused"),
        httpx.ReadError("reset"),
        httpx.WriteError("reset"),
        httpx.ConnectTimeout("slow"),
        httpx.ReadTimeout("slow"),
        httpx.PoolTimeout("slow"),
        httpx.RemoteProtocolError("peer closed connection without sending complete message body"),
        ConnectionResetError("reset"),
        httpx.Response(200, content=not_gzip(), headers={"content-encoding": "gzip"}),
        httpx.Response(502, html="<html>bad gateway</html>"),
        httpx.Response(500, json={"errorCode": "E0000009"}),
        httpx.Response(503),
        httpx.Response(504),
        httpx.Response(200, content=b'[{"id": '),
        httpx.Response(429, json={}, headers=CONCURRENCY),
        httpx.Response(429),
        httpx.Response(200, json=[{"id": "00u1"}]),
    ]
    async with make_client(random=lambda: 0.01) as client:
        assert await client.list("/api/v1/users") == [{"id": "00u1"}]
    assert okta.routes["/api/v1/users"] == []
    assert client.requests == {("GET", "/api/v1/users"): 17}


@pytest.mark.anyio
async def test_a_429_makes_all_requests_of_the_bucket_wait_until_the_reset(
    make_client, okta, clock, rate_limited_okta
):
    server = rate_limited_okta(clock, {"/api/v1/apps": 10})
    server.windows["/api/v1/apps"] = [server.now() + 40, 10]  # another client has exhausted this window
    async with make_client(transport=server) as client:
        await client.get("/api/v1/apps")
        assert server.refused["/api/v1/apps"] == 1
        assert 40 <= clock.now - 100 <= 43


@pytest.mark.anyio
async def test_endless_rate_limits_are_an_error(make_client, okta, clock):
    from email.utils import formatdate

    def refuse(request):
        now = clock.time()
        spent = {"date": formatdate(now, usegmt=True), "x-rate-limit-reset": str(int(now) + 30)}
        return httpx.Response(429, headers=WINDOW | spent, json={"errorCode": "E0000047"})

    okta.routes["/api/v1/apps"] = refuse
    async with make_client() as client:
        with pytest.raises(RateLimitError) as caught:
            await client.get("/api/v1/apps")
    assert caught.value.retry_after == 31
    assert 28 <= client.requests["GET", "/api/v1/apps"] <= 32
    assert 850 <= clock.now - 100 <= 950
