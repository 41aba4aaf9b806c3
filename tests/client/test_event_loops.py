"""A client belongs to the event loop of its first request, and raises a clear error in any other."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest
import trio
from loopback.servers import web_server

from oktahound import ApiToken, AsyncOktaClient, OktaClient
from oktahound.errors import ClientStateError

TOKEN = ApiToken("00secret")
OTHER_LOOP = "another event loop"


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("first", [asyncio.run, lambda coroutine: trio.run(lambda: coroutine)])
def test_a_second_event_loop_is_a_clear_error(first: Callable[[Any], Any]):
    with web_server() as server:
        client = AsyncOktaClient(f"http://127.0.0.1:{server.port}", TOKEN)
        assert first(client.list("/api/v1/users")) == []
        for _ in range(2):
            with pytest.raises(ClientStateError, match=OTHER_LOOP) as caught:
                asyncio.run(client.list("/api/v1/users"))
        assert "inside asyncio.run()" in str(caught.value)
        with pytest.raises(ClientStateError, match=OTHER_LOOP):
            asyncio.run(client.authorize(["okta.users.read"]))
        asyncio.run(client.aclose())
        with pytest.raises(ClientStateError, match="closed"):
            asyncio.run(client.list("/api/v1/users"))
        del client, caught
        gc.collect()  # the connection of the first loop; it can no longer be closed


def test_a_client_can_be_made_and_closed_outside_of_its_loop():
    with web_server() as server:
        client = AsyncOktaClient(f"http://127.0.0.1:{server.port}", TOKEN)

        async def main() -> None:
            async with client:
                assert await client.list("/api/v1/users") == []

        asyncio.run(main())
        asyncio.run(client.aclose())
        asyncio.run(AsyncOktaClient(f"http://127.0.0.1:{server.port}", TOKEN).aclose())


def test_continuing_a_listing_in_another_loop_is_a_clear_error():
    def two_pages(request: httpx.Request) -> httpx.Response:
        link = f'<{request.url.copy_with(query=b"after=2")}>; rel="next"'
        return httpx.Response(200, json=[{}], headers={"link": link})

    client = AsyncOktaClient("https://contoso.okta.com", TOKEN, transport=httpx.MockTransport(two_pages))
    pages = client.pages("/api/v1/users")

    async def one() -> None:
        await anext(pages)

    with asyncio.Runner() as runner:
        runner.run(one())
        with pytest.raises(ClientStateError, match=OTHER_LOOP):
            trio.run(one)


def test_two_concurrent_loops_do_not_block_each_other():
    begun, going_on = threading.Event(), threading.Event()

    class Held(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            begun.set()
            await anyio.to_thread.run_sync(going_on.wait)
            return httpx.Response(200, json=[])

    client = AsyncOktaClient("https://contoso.okta.com", TOKEN, transport=Held(), concurrency=1)
    rows: list[Any] = []
    thread = threading.Thread(target=lambda: rows.append(asyncio.run(client.list("/api/v1/users"))))
    thread.start()
    begun.wait()
    try:
        for _ in range(3):  # the only slot is taken, so that this would wait without the check
            with pytest.raises(ClientStateError, match=OTHER_LOOP):
                asyncio.run(client.list("/api/v1/users"))
    finally:
        going_on.set()
        thread.join()
    assert rows == [[]]


def test_the_blocking_client_works_from_every_thread_and_loop():
    client = OktaClient(
        "https://contoso.okta.com",
        TOKEN,
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json=[])),
    )

    async def inside() -> Any:
        return client.list("/api/v1/users")

    rows: list[Any] = []
    threads = [threading.Thread(target=lambda: rows.append(asyncio.run(inside()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows == [[], [], [], []]
    client.close()
    with pytest.raises(ClientStateError, match="closed"):
        client.get("/api/v1/users")
