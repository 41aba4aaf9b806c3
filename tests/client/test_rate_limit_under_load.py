"""The rate limiter with many tasks, an org that counts requests, and virtual time."""

from __future__ import annotations

from email.utils import formatdate

import anyio
import httpx
import pytest

from oktahound.client import ApiToken, AsyncOktaClient

ORG = "https://contoso.okta.com"
pytestmark = pytest.mark.anyio


async def ask_often(client, path, times, done=None):
    async with anyio.create_task_group() as tasks:
        for number in range(times):

            async def ask(number=number):
                await client.get(path)
                if done is not None:
                    done.append(number)

            tasks.start_soon(ask)


def client_of(server, clock, **options):
    return AsyncOktaClient(
        ORG, ApiToken("00secret"), transport=server, clock=clock, random=lambda: 0.5, **options
    )


@pytest.mark.parametrize(("limit", "times"), [(10, 45), (50, 330), (100, 640)])
async def test_a_saturated_bucket_is_used_up_to_its_limit_without_a_429(
    clock, rate_limited_okta, limit, times
):
    server = rate_limited_okta(clock, {"/api/v1/apps": limit})
    started = clock.now
    async with client_of(server, clock) as client:
        await ask_often(client, "/api/v1/apps", times)
    whole_windows = times // limit
    assert server.refused == {"/api/v1/apps": 0}
    assert server.served == {"/api/v1/apps": times}
    assert clock.now - started <= whole_windows * 60 / 0.95 + 2


async def test_requests_in_flight_never_exceed_the_concurrency(clock, rate_limited_okta):
    server = rate_limited_okta(clock, {"/api/v1/users": 600, "/api/v1/groups": 500, "/api/v1/apps": 100})
    async with client_of(server, clock, concurrency=7) as client, anyio.create_task_group() as tasks:
        for path in ("/api/v1/users", "/api/v1/groups", "/api/v1/apps"):
            tasks.start_soon(ask_often, client, path, 90)
    assert server.most_in_flight == 7
    assert sum(server.refused.values()) == 0


async def test_a_slow_bucket_is_saturated_while_a_fast_one_has_a_long_queue(clock, rate_limited_okta):
    server = rate_limited_okta(clock, {"/api/v1/users/": 2000, "/api/v1/apps": 20})
    finished = {}
    async with client_of(server, clock, concurrency=4) as client, anyio.create_task_group() as tasks:

        async def run(name, path, times):
            await ask_often(client, path, times)
            finished[name] = clock.now

        tasks.start_soon(run, "users", "/api/v1/users/1/factors", 1500)
        tasks.start_soon(run, "apps", "/api/v1/apps", 20)
    assert finished["apps"] < finished["users"]
    assert sum(server.refused.values()) == 0


async def test_requests_that_wait_for_a_window_take_no_slots(clock, rate_limited_okta):
    server = rate_limited_okta(clock, {"/api/v1/apps": 10, "/api/v1/groups": 500})
    finished = {}
    async with client_of(server, clock, concurrency=2) as client, anyio.create_task_group() as tasks:

        async def run(name, path, times):
            await ask_often(client, path, times)
            finished[name] = clock.now

        tasks.start_soon(run, "apps", "/api/v1/apps", 30)
        tasks.start_soon(run, "groups", "/api/v1/groups", 30)
    assert finished["groups"] < finished["apps"] - 60


async def test_requests_of_a_bucket_are_sent_in_order(clock, rate_limited_okta):
    server = rate_limited_okta(clock, {"/api/v1/apps": 10})
    done = []
    async with client_of(server, clock, concurrency=1) as client:
        await ask_often(client, "/api/v1/apps", 35, done)
    assert done == list(range(35))


async def test_a_second_client_that_uses_half_of_the_limit_delays_no_request_forever(
    clock, rate_limited_okta
):
    server = rate_limited_okta(clock, {"/api/v1/apps": 60})
    done: list[int] = []
    eating = True

    async def other_consumer():
        while eating:
            server.spend("/api/v1/apps")
            await clock.sleep(2)

    async with client_of(server, clock) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(other_consumer)
        await ask_often(client, "/api/v1/apps", 200, done)
        eating = False
    assert sorted(done) == list(range(200))
    assert server.refused["/api/v1/apps"] <= 10


async def test_endpoints_of_one_group_with_different_limits_are_paced_separately(clock, rate_limited_okta):
    server = rate_limited_okta(clock, {"/api/v1/agentPools": 10, "/api/v1/org": 1000})
    async with client_of(server, clock) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(ask_often, client, "/api/v1/org", 300)
        tasks.start_soon(ask_often, client, "/api/v1/agentPools", 25)
    assert sum(server.refused.values()) == 0
    assert server.served == {"/api/v1/agentPools": 25, "/api/v1/org": 300}


async def test_endpoints_that_share_a_limit_are_paced_together(clock, rate_limited_okta):
    server = rate_limited_okta(clock, {"/api/v1/apps": 40})
    async with client_of(server, clock) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(ask_often, client, "/api/v1/apps", 70)
        tasks.start_soon(ask_often, client, "/api/v1/apps/1/users", 70)
        tasks.start_soon(ask_often, client, "/api/v1/apps/1/groups", 70)
    assert sum(server.refused.values()) == 0
    assert server.served == {"/api/v1/apps": 210}


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_headers_of_the_next_window_wake_waiting_requests(clock, okta):
    def error_details(remaining, reset_in):
        now = clock.time()
        limits = {"limit": "10", "remaining": str(remaining), "reset": str(int(now) + reset_in)}
        headers = {f"x-rate-limit-{name}": value for name, value in limits.items()}
        return httpx.Response(200, json=[], headers={"date": formatdate(now, usegmt=True), **headers})

    async def late(_):
        await clock.sleep(30)
        return error_details(9, 60)

    okta.routes["/api/v1/apps"] = [late, lambda _: error_details(0, 60), lambda _: error_details(8, 60)]
    async with client_of(okta, clock, concurrency=2) as client:
        await ask_often(client, "/api/v1/apps", 3)
    assert clock.now == 130


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_a_cancelled_waiting_request_does_not_block_the_queue(clock, rate_limited_okta):
    server = rate_limited_okta(clock, {"/api/v1/apps": 10})
    done: list[int] = []
    async with (
        client_of(server, clock, concurrency=3) as client,
        anyio.create_task_group() as tasks,
        anyio.create_task_group() as impatient,
    ):
        impatient.start_soon(ask_often, client, "/api/v1/apps", 40)
        await clock.sleep(30)  # ten are served, and the others wait for the window
        tasks.start_soon(ask_often, client, "/api/v1/apps", 12, done)
        await clock.sleep(1)
        impatient.cancel_scope.cancel()
    assert sorted(done) == list(range(12))
    assert client._driver._queue._waiters == {}
    assert client._driver._queue._limiter.in_flight == 0
    assert server.refused == {"/api/v1/apps": 0}
