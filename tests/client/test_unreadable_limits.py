"""Whole runs with missing, duplicate or garbled rate-limit headers, and with requests that always fail."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from oktahound import ApiToken, AsyncOktaClient, Snapshot, collect_async
from oktahound.client._estimate import Estimate
from oktahound.sim import RateLimits, SimulatedOrg, VirtualClock

NAMES = tuple(f"x-rate-limit-{name}" for name in ("limit", "remaining", "reset"))
Corruption = Callable[[httpx.Response], object]


def set_all(value: Callable[[str], str]) -> Corruption:
    def corrupt(response: httpx.Response) -> None:
        for name in NAMES:
            if name in response.headers:
                response.headers[name] = value(response.headers[name])

    return corrupt


def without(*names: str) -> Corruption:
    return lambda response: [response.headers.pop(name, None) for name in names]


def on_two_lines(response: httpx.Response) -> None:
    twice = [(name, value) for name, value in response.headers.multi_items() if name in NAMES]
    response.headers = httpx.Headers([*response.headers.multi_items(), *twice])


SPOILED: dict[str, Corruption] = {
    "joined": set_all(lambda value: f"{value}, {value}"),
    "two lines": on_two_lines,
    "joined with garbage": set_all(lambda value: f"{value},x"),
    "quoted": set_all(lambda value: f'"{value}"'),
    "missing": without(*NAMES),
    "garbage": set_all(lambda _: "NaN"),
    "empty": set_all(lambda _: ""),
    "negative": set_all(lambda value: f"-{value}"),
    "no limit": without(NAMES[0]),
    "no remaining": without(NAMES[1]),
    "no reset": without(NAMES[2]),
    "no date": without("date"),
    "missing from 429s": lambda response: response.status_code == 429 and without(*NAMES)(response),
}


class FaultyGateway(httpx.AsyncBaseTransport):
    """A gateway in front of an org, which corrupts headers or makes some URLs always fail."""

    def __init__(
        self, org: SimulatedOrg, corrupt: Corruption, fails: Callable[[bytes], bool] = lambda _: False
    ):
        self.org, self.corrupt, self.fails = org, corrupt, fails

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.fails(request.url.raw_path):
            await self.org.clock.sleep(0.15)
            return httpx.Response(500, json={"errorCode": "E0000009"})
        response = await self.org.transport.handle_async_request(request)
        self.corrupt(response)
        return response


def read(
    corrupt: Corruption, scale: float | None, fails: Callable[[bytes], bool] = lambda _: False, **options: Any
) -> tuple[Snapshot, int, float]:
    """Collect in virtual time, and return the snapshot, the number of requests, and the seconds."""
    clock = VirtualClock()
    limits = None if scale is None else RateLimits().scaled(scale)
    users = 60 if scale else 120
    org = SimulatedOrg(seed=3, users=users, clock=clock, rate_limits=limits, latency=0.15)
    settings = {"random": random.Random(1).random} | options

    async def run() -> tuple[Snapshot, int]:
        transport = FaultyGateway(org, corrupt, fails)
        token = ApiToken(org.api_token)
        async with AsyncOktaClient(org.url, token, transport=transport, clock=clock, **settings) as client:
            snapshot = await collect_async(client)
            return snapshot, sum(client.requests.values())

    started = clock.monotonic()
    snapshot, requests = clock.run(run)
    return snapshot, requests, clock.monotonic() - started


@pytest.mark.parametrize("scale", [0.05, pytest.param(0.1, marks=pytest.mark.deep)])
def test_unreadable_limits_cost_at_most_a_fifth_more_requests_and_no_row(scale: float):
    good, budget, _ = read(lambda _: None, scale)
    assert good.gaps == ()
    for name, corrupt in SPOILED.items():
        snapshot, requests, _ = read(corrupt, scale)
        assert snapshot.gaps == (), name
        assert snapshot.users == good.users, name
        assert requests <= 1.2 * budget, name


def test_without_a_limit_missing_headers_cost_nothing():
    _, requests, _ = read(lambda _: None, None)
    assert read(without(*NAMES), None)[1] == requests


@pytest.mark.parametrize("salt", range(3))
def test_one_failing_url_in_forty_costs_at_most_three_minutes(salt: int):
    def fails(path: bytes) -> bool:
        return path != b"/api/v1/org" and zlib.crc32(b"%d" % salt + path) % 40 == 0

    snapshot, _, seconds = read(lambda _: None, None, fails)
    assert seconds <= 180
    assert {gap.status for gap in snapshot.gaps if gap.loses_rows} <= {500, None}
    assert snapshot.gaps


def test_the_budget_of_errors_is_a_keyword():
    def fails(path: bytes) -> bool:
        return b"/roles" in path

    _, _, seconds = read(lambda _: None, None, fails, retry_budget=10.0)
    assert seconds <= 30


def test_a_429_pauses_the_bucket_until_one_request_succeeds():
    estimate = Estimate()
    for at in range(30):
        estimate = estimate.after_acceptance(at, at)
    assert estimate.free_slots(30.0, 2) == 4
    estimate = estimate.after_refusal(30.0, 30.0, None)
    assert (estimate.free_slots(31.0, 0), estimate.wait(31.0)) == (0, 1.0)
    assert (estimate.free_slots(32.0, 0), estimate.free_slots(32.0, 1)) == (1, 0)
    estimate = estimate.after_refusal(32.0, 32.1, None)
    assert estimate.wait(32.1) == pytest.approx(61.0 - 32.1)  # the end of the window of the first request
    late = estimate.after_refusal(29.0, 32.2, None).after_acceptance(29.5, 32.3)
    assert (late.refusals, late.accepted) == (2, 31)
    opened = late.after_acceptance(61.0, 61.1)
    assert (opened.refusals, opened.allowed, opened.free_slots(62.0, 0)) == (0, 31, 30)


def test_the_wait_of_a_429_is_respected():
    estimate = Estimate().after_refusal(0.0, 0.0, 17.0)
    assert estimate.wait(0.0) == 17.0
