"""Virtual time: hours pass without waiting, in the right order, and the use of limits can be read."""

from __future__ import annotations

import asyncio

import anyio
import httpx
import pytest

from oktahound.sim import RateLimits, SimulatedOrg, VirtualClock, Window


def test_sleeping_tasks_wake_in_order_at_exact_times():
    clock, woken = VirtualClock(), []

    async def sleep(seconds):
        await clock.sleep(seconds)
        woken.append((seconds, clock.monotonic()))

    async def main():
        async with anyio.create_task_group() as tasks:
            for seconds in (7200.0, 1.5, 60.0):
                tasks.start_soon(sleep, seconds)
        return "done"

    assert clock.run(main) == "done"
    assert woken == [(1.5, 1.5), (60.0, 60.0), (7200.0, 7200.0)]


def test_timeouts_are_in_virtual_time_too():
    clock = VirtualClock()

    async def main(seconds):
        with anyio.move_on_after(seconds) as scope:
            await anyio.sleep_forever()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.sleep(99), 9)
        return scope.cancelled_caught

    assert clock.run(main, 3600)
    assert clock.monotonic() == pytest.approx(3609)
    assert clock.time() == pytest.approx(VirtualClock().time() + 3609)


def test_waiting_forever_is_an_error():
    async def wait():
        await anyio.Event().wait()

    for main in (wait, anyio.sleep_forever):
        with pytest.raises(RuntimeError, match="no timer is pending"):
            VirtualClock().run(main)


def test_outside_of_a_run_sleeping_passes_the_time_and_goes_on():
    clock = VirtualClock(epoch=100.0)
    anyio.run(clock.sleep, 5.0, backend="trio")
    clock.advance(-3)
    assert (clock.time(), clock.monotonic()) == (105.0, 5.0)


def test_a_clock_can_run_again_and_keeps_its_time():
    clock = VirtualClock()
    clock.run(clock.sleep, 10.0)
    clock.run(clock.sleep, 10.0)
    assert clock.monotonic() == 20.0


def test_the_windows_of_a_bucket_count_served_and_refused_requests():
    clock = VirtualClock(epoch=1000.0)
    org = SimulatedOrg(seed=1, users=3, clock=clock, rate_limits=RateLimits(users=2))
    headers = {"Authorization": f"SSWS {org.api_token}"}
    with httpx.Client(base_url=org.url, transport=org.transport, headers=headers) as http:
        assert [http.get("/api/v1/users").status_code for _ in range(3)] == [200, 200, 429]
        clock.advance(60)
        assert http.get("/api/v1/users").status_code == 200
    assert org.windows == (Window("users", 1000.0, 2, 2, 1), Window("users", 1060.0, 2, 1, 0))


def test_the_most_calls_in_flight_are_counted_over_all_clients():
    org = SimulatedOrg(seed=1, users=3, clock=VirtualClock(), latency=1.0)

    async def ask():
        headers = {"Authorization": f"SSWS {org.api_token}"}
        async with httpx.AsyncClient(base_url=org.url, transport=org.transport, headers=headers) as http:
            await http.get("/api/v1/org")

    async def main():
        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(ask)
        await ask()

    org.clock.run(main)
    assert org.most_in_flight == 5
