"""A complete collection of an org with rate limits, in virtual time: at the limit, but not above."""

from __future__ import annotations

import random
from collections import defaultdict

import anyio
import httpx
import pytest

import oktahound
from oktahound.sim import RateLimits, SimulatedOrg, VirtualClock

GATE = 32
SATURATED = ["apps", "user"]


def limited_org(scale, users=300, **options):
    clock = VirtualClock()
    limits = RateLimits().scaled(scale)
    return SimulatedOrg(seed=3, users=users, clock=clock, rate_limits=limits, latency=0.15, **options)


async def collect(org, seed=1, **options):
    jitter = random.Random(seed)
    settings = {"concurrency": GATE, "random": jitter.random} | options
    auth = oktahound.ApiToken(org.api_token)
    async with oktahound.AsyncOktaClient(
        org.url, auth, transport=org.transport, clock=org.clock, **settings
    ) as client:
        return await oktahound.collect_async(client, mfa="all")


def windows_of(org):
    found = defaultdict(list)
    for window in org.windows:
        found[window.bucket].append(window)
    return found


def utilization(windows):
    """Return served calls divided by allowed calls, up to the end of the last exhausted window."""
    full = [number for number, one in enumerate(windows[:-1]) if one.served == one.limit]
    until = windows[full[-1] + 1]
    allowed = windows[0].limit * (until.opened - windows[0].opened) / 60
    return sum(one.served for one in windows[: full[-1] + 1]) / allowed


def refused(org):
    return sum(window.refused for window in org.windows)


@pytest.mark.parametrize(
    ("scale", "users"),
    [
        (0.05, 300),
        pytest.param(0.1, 600, marks=pytest.mark.deep),
        pytest.param(0.2, 1000, marks=pytest.mark.deep),
    ],
)
def test_every_saturated_bucket_is_used_to_95_percent_and_no_call_is_refused(scale, users):
    org = limited_org(scale, users)
    snapshot = org.clock.run(collect, org)
    assert snapshot.gaps == ()
    assert refused(org) == 0
    assert {received.status for received in org.requests} <= {200, 404, 400, 401}
    windows = windows_of(org)
    saturated = [
        bucket for bucket, known in windows.items() if sum(w.served for w in known) >= 2 * known[0].limit
    ]
    assert set(saturated) >= set(SATURATED)
    assert {bucket: utilization(windows[bucket]) >= 0.95 for bucket in saturated} == dict.fromkeys(
        saturated, True
    )
    assert org.most_in_flight <= GATE


@pytest.mark.parametrize("gate", [1, 5, 20])
def test_calls_in_flight_never_exceed_the_concurrency(gate):
    org = limited_org(1.0, users=60)
    org.clock.run(lambda: collect(org, concurrency=gate))
    assert org.most_in_flight == gate
    assert refused(org) == 0


def test_the_concurrency_limit_of_an_org_causes_no_gap():
    clock = VirtualClock()
    limits = RateLimits(concurrent=10)
    org = SimulatedOrg(seed=3, users=60, clock=clock, rate_limits=limits, latency=0.15)
    assert clock.run(collect, org).gaps == ()
    assert 429 in {received.status for received in org.requests}


def test_with_a_client_that_uses_half_of_each_window_every_request_succeeds():
    alone, org = limited_org(0.1), limited_org(0.1)
    whole = alone.clock.run(collect, alone)
    eaten: dict[str, int] = defaultdict(int)

    async def eat(path, bucket):
        headers = {"Authorization": f"SSWS {org.api_token}"}
        async with httpx.AsyncClient(base_url=org.url, transport=org.transport, headers=headers) as http:
            window, count = "", 0
            while True:
                answer = await http.get(path, params={"limit": 1})
                eaten[bucket] += answer.status_code == 200
                reset = answer.headers["x-rate-limit-reset"]
                window, count = reset, 1 if reset != window else count + 1
                if answer.status_code == 429 or count >= int(answer.headers["x-rate-limit-limit"]) // 2:
                    await org.clock.sleep(int(reset) - org.clock.time())

    async def both():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(eat, "/api/v1/apps", "apps")
            tasks.start_soon(eat, f"/api/v1/users/{org.world['users'].keys()[0]}", "user")
            snapshot = await collect(org)
            tasks.cancel_scope.cancel()
        return snapshot

    snapshot = org.clock.run(both)
    assert snapshot.gaps == ()
    assert [snapshot.rows(cls) for cls in oktahound.entities.ENTITIES] == [
        whole.rows(cls) for cls in oktahound.entities.ENTITIES
    ]
    windows = windows_of(org)
    for bucket in SATURATED:
        full = [one for one in windows[bucket] if one.served == one.limit]
        assert utilization(windows[bucket]) >= 0.95
        # Each client uses what the other leaves, and neither uses much more than half.
        assert eaten[bucket] >= 0.45 * sum(one.limit for one in full)
    # It took about twice as long, within a window.
    assert org.clock.monotonic() <= 2 * alone.clock.monotonic() + 62
    assert refused(org) <= 0.05 * len(org.requests)


def test_two_collections_at_once_share_the_limits_and_both_are_complete():
    org = limited_org(0.1)
    snapshots = []

    async def one(seed):
        snapshots.append((await collect(org, seed), org.clock.monotonic()))

    async def both():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(one, 1)
            tasks.start_soon(one, 2)

    org.clock.run(both)
    (first, earlier), (second, later) = snapshots
    assert first.gaps == second.gaps == ()
    assert earlier >= 0.6 * later  # the faster client changes from window to window
    assert org.most_in_flight <= 2 * GATE
    for bucket in SATURATED:
        assert utilization(windows_of(org)[bucket]) >= 0.95


def test_runs_in_virtual_time_are_deterministic():
    runs = []
    for _ in range(2):
        org = limited_org(0.1, users=80)
        org.clock.run(collect, org)
        runs.append((org.clock.monotonic(), [(one.path, one.status) for one in org.requests]))
    assert runs[0] == runs[1]
