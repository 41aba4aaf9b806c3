"""Rate limits: headers on every answer, windows of a minute, and the two kinds of 429."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import anyio
import httpx
import pytest

from oktahound.sim import RateLimits, SimulatedOrg


@pytest.fixture
def tight(clock):
    return SimulatedOrg(seed=1, users=12, clock=clock, rate_limits=RateLimits(users=3, user=2, concurrent=2))


def budget(answer):
    return tuple(int(answer.headers[f"x-rate-limit-{part}"]) for part in ("limit", "remaining", "reset"))


def test_every_response_has_date_and_limits_of_the_orgs_clock(tight, client, clock):
    clock.now = 1_800_000_000.5
    answer = client(tight).get("/api/v1/users")
    assert parsedate_to_datetime(answer.headers["date"]).timestamp() == 1_800_000_000
    assert budget(answer) == (3, 2, 1_800_000_061)
    assert answer.headers["x-okta-request-id"]
    assert answer.headers["content-type"] == "application/json"


def test_an_exhausted_bucket_reopens_at_its_reset(tight, client, clock):
    http = client(tight)
    start = clock.now
    for left in (2, 1, 0):
        assert budget(http.get("/api/v1/users")) == (3, left, start + 60)
        clock.advance(10)
    refused = http.get("/api/v1/users")
    assert refused.status_code == 429
    assert refused.json()["errorCode"] == "E0000047"
    assert budget(refused) == (3, 0, start + 60)
    assert "retry-after" not in refused.headers
    clock.now = start + 59.9
    assert http.get("/api/v1/users").status_code == 429
    clock.now = start + 60
    assert budget(http.get("/api/v1/users")) == (3, 2, start + 120)


def test_buckets_do_not_share_a_budget(tight, client):
    http = client(tight)
    somebody = f"/api/v1/users/{tight.world['users'].keys()[0]}"
    for _ in range(2):
        assert http.get(somebody).status_code == 200
    assert http.get(somebody).status_code == 429
    assert http.get("/api/v1/users").status_code == 200


def test_callers_share_the_budget_of_the_org(tight, client):
    other = tight.add_api_token("other", user=tight.world["users"].keys()[0])
    client(tight).get("/api/v1/users")
    assert budget(client(tight, Authorization=f"SSWS {other}").get("/api/v1/users"))[1] == 1


def test_an_org_without_limits_sends_headers_with_large_numbers(org, client):
    http = client(org)
    first, second = (budget(http.get("/api/v1/users")) for _ in range(2))
    assert first[0] > 100_000
    assert first[1] - second[1] == 1


def test_limits_can_be_scaled_and_never_reach_zero():
    limits = RateLimits().scaled(0.5)
    assert (limits.apps, limits.users, limits.concurrent) == (50, 300, 75)
    assert RateLimits().scaled(1e-9).iam == 1


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param


@pytest.mark.anyio
async def test_too_many_calls_at_once_get_a_429_with_a_limit_of_zero(clock):
    class Held:
        """A clock whose `sleep` waits for an event."""

        def __init__(self):
            self.time, self.monotonic, self.go = clock.time, clock.monotonic, anyio.Event()

        async def sleep(self, seconds):
            await self.go.wait()

    held = Held()
    org = SimulatedOrg(seed=1, users=12, clock=held, rate_limits=RateLimits(concurrent=2), latency=0.2)
    answers: list[httpx.Response] = []

    async def call(http):
        answers.append(await http.get("/api/v1/users"))

    headers = {"Authorization": f"SSWS {org.api_token}"}
    async with httpx.AsyncClient(base_url=org.url, transport=org.transport, headers=headers) as http:
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(call, http)
            await anyio.wait_all_tasks_blocked()
            held.go.set()
        assert sorted(answer.status_code for answer in answers) == [200, 200, 429]
        (refused,) = (answer for answer in answers if answer.status_code == 429)
        assert budget(refused)[:2] == (0, 0)
        assert refused.json()["errorCode"] == "E0000047"
        assert (await http.get("/api/v1/users")).status_code == 200
