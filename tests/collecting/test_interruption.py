"""An interrupted collection ends at once, and leaves no task and no thread."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import httpx
import pytest

import oktahound
from oktahound import Progress, User
from oktahound.entities import GroupMembership


@pytest.fixture
def no_thread_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


@pytest.fixture
def busy(okta: Any) -> Any:
    """An org that never responds to listings of members, and records cancelled requests."""
    okta.routes["/api/v1/groups"] = [{"id": f"00g{number}"} for number in range(100)]
    okta.waiting, okta.cancelled = [], []

    def endless(path: str) -> Callable[[httpx.Request], Any]:
        async def answer(request: httpx.Request) -> None:
            okta.waiting.append(path)
            try:
                await anyio.sleep_forever()
            except anyio.get_cancelled_exc_class():
                okta.cancelled.append(path)
                raise

        return answer

    for number in range(100):
        path = f"/api/v1/groups/00g{number}/users"
        okta.routes[path] = endless(path)
    return okta


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(10_000):
        if condition():
            return
        await anyio.lowlevel.checkpoint()
    pytest.fail("it never came to that")


@pytest.mark.anyio
async def test_a_cancelled_scope_cancels_every_request(busy: Any) -> None:
    async with busy.client(timeout=1e6) as client:
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(lambda: oktahound.collect_async(client, only=[GroupMembership]))
                await until(lambda: len(busy.waiting) > 2)
                scope.cancel()
    assert scope.cancelled_caught
    assert sorted(busy.cancelled) == sorted(busy.waiting)
    assert busy.in_flight == 0


@pytest.mark.anyio
async def test_a_deadline_of_the_caller_is_respected(busy: Any) -> None:
    async with busy.client(timeout=1e6) as client:
        with anyio.move_on_after(0) as scope:
            await oktahound.collect_async(client, only=[GroupMembership])
    assert scope.cancelled_caught
    assert busy.in_flight == 0


def test_a_cancelled_task_of_asyncio_leaves_no_other(busy: Any) -> None:
    async def run() -> set[asyncio.Task[Any]]:
        async with busy.client(timeout=1e6) as client:
            task = asyncio.create_task(oktahound.collect_async(client, only=[GroupMembership]))
            await until(lambda: len(busy.waiting) > 2)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(run()) == set()
    assert busy.in_flight == 0


@pytest.mark.anyio
async def test_the_client_can_be_used_again_after_a_cancelled_run(busy: Any) -> None:
    busy.routes["/api/v1/users"] = [{"id": "00u1"}]
    async with busy.client(timeout=1e6) as client:
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(lambda: oktahound.collect_async(client, only=[GroupMembership]))
                await until(lambda: len(busy.waiting) > 2)
                scope.cancel()
        assert (await oktahound.collect_async(client, only=[User])).users


@pytest.mark.anyio
async def test_an_error_cancels_the_other_requests(busy: Any) -> None:
    def raise_error(progress: Progress) -> None:
        if progress.entity == "GroupMembership":
            raise InterruptedError

    busy.routes["/api/v1/groups/00g0/users"] = [{"id": "00u1"}]
    async with busy.client(timeout=1e6) as client:
        with pytest.raises(InterruptedError):
            await oktahound.collect_async(client, only=[GroupMembership], progress=raise_error)
    assert sorted(busy.cancelled) == sorted(busy.waiting)
    assert busy.in_flight == 0


@pytest.mark.skipif(not hasattr(signal, "raise_signal"), reason="signals")
def test_ctrl_c_ends_a_blocking_collection(busy: Any, no_thread_left: None) -> None:
    main = threading.main_thread().ident
    assert main is not None

    def press(progress: Progress) -> None:
        if progress.entity == "GroupMembership":
            signal.pthread_kill(main, signal.SIGINT)

    busy.routes["/api/v1/groups/00g0/users"] = [{"id": "00u1"}]
    with busy.blocking_client(timeout=1e6) as client, pytest.raises(KeyboardInterrupt):
        oktahound.collect(client, only=[GroupMembership], progress=press)
    assert busy.waiting
    assert sorted(busy.cancelled) == sorted(busy.waiting)
    assert busy.in_flight == 0


def test_a_blocking_collection_ends_its_thread_with_its_client(okta: Any, no_thread_left: None) -> None:
    with okta.blocking_client() as client:
        oktahound.collect(client, only=[User])
        oktahound.collect(client, only=[User])
