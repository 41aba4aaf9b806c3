"""The blocking client: the same methods, in any thread, inside a running event loop, and with Ctrl-C."""

from __future__ import annotations

import asyncio
import gc
import signal
import subprocess
import sys
import textwrap
import threading

import anyio
import httpx
import pytest

from oktahound.client import ApiToken, AsyncOktaClient, OktaClient
from oktahound.errors import NotFoundError

ORG = "https://contoso.okta.com"
USERS = "/api/v1/users"


def answer(request):
    number = int(request.url.params.get("after", "0"))
    if request.url.path != USERS:
        return httpx.Response(404, json={"errorCode": "E0000007"})
    link = {"link": f'<{ORG}{USERS}?after={number + 1}>; rel="next"'} if number < 2 else {}
    return httpx.Response(200, json=[number], headers=link)


def make(handler=answer, **options):
    return OktaClient(ORG, ApiToken("00secret"), transport=httpx.MockTransport(handler), **options)


def read(client, rows):
    for page in client.pages(USERS):
        rows += page.rows


def test_it_has_the_methods_of_the_asynchronous_client():
    with make() as client:
        assert client.get(USERS) == [0]
        assert client.list(USERS) == [0, 1, 2]
        assert [(page.number, page.rows) for page in client.pages(USERS)] == [(0, [0]), (1, [1]), (2, [2])]
        assert client.authorize(["okta.users.read"]) is None
        with pytest.raises(NotFoundError):
            client.get("/api/v1/groups/{id}", ids={"id": "x"})
        assert client.requests == {("GET", USERS): 7, ("GET", "/api/v1/groups/{id}"): 1}
        assert (client.url, client.domain, repr(client)) == (
            ORG,
            "contoso.okta.com",
            "<OktaClient contoso.okta.com>",
        )


def test_run_passes_the_asynchronous_client_and_its_concurrency():
    async def both(client: AsyncOktaClient) -> list[object]:
        rows: list[object] = []

        async def one(path: str) -> None:
            rows.extend(await client.list(path))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(one, USERS)
            tasks.start_soon(one, USERS)
        return rows

    with make() as client:
        assert sorted(client.run(both)) == [0, 0, 1, 1, 2, 2]


def test_an_exception_of_the_function_is_raised_unchanged():
    async def fail(client: AsyncOktaClient) -> None:
        raise LookupError("mine")

    with make() as client, pytest.raises(LookupError, match="mine"):
        client.run(fail)


def test_a_listing_that_fails_returns_its_earlier_pages_first():
    def breaking(request):
        return answer(request) if request.url.params.get("after") != "2" else httpx.Response(404)

    rows: list[object] = []
    with make(breaking) as client, pytest.raises(NotFoundError):
        read(client, rows)
    assert rows == [0, 1]


def test_a_listing_can_be_stopped_early():
    with make() as client:
        for page in client.pages(USERS):
            assert page.rows == [0]
            break
        gc.collect()
        assert client.list(USERS) == [0, 1, 2]


def test_a_listing_after_its_client_was_closed_ends_without_an_error():
    client = make()
    pages = client.pages(USERS)
    next(pages)
    client.close()
    pages.close()


def test_it_works_inside_a_running_loop():
    async def notebook_cell() -> list[object]:
        with make() as client:
            return client.list(USERS)

    assert asyncio.run(notebook_cell()) == [0, 1, 2]


def test_it_can_be_used_from_several_threads():
    found: list[object] = []
    with make() as client:
        threads = [threading.Thread(target=lambda: found.extend(client.list(USERS))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(found) == sorted([0, 1, 2] * 4)


def test_the_thread_starts_with_the_first_call_and_ends_with_close():
    before = len(threading.enumerate())
    client = make()
    assert len(threading.enumerate()) == before
    client.get(USERS)
    assert len(threading.enumerate()) == before + 1
    client.close()
    client.close()
    assert len(threading.enumerate()) == before
    with pytest.raises(RuntimeError, match="closed"):
        client.get(USERS)


def test_an_unclosed_client_is_closed_with_its_last_reference():
    before = len(threading.enumerate())
    client = make()
    client.get(USERS)
    del client
    gc.collect()
    assert len(threading.enumerate()) == before


def test_a_client_that_is_deleted_on_its_own_loop_does_not_deadlock():
    done = threading.Event()

    class Watched(httpx.MockTransport):
        async def aclose(self) -> None:
            done.set()

    client = [OktaClient(ORG, ApiToken("00secret"), transport=Watched(answer))]

    async def drop(_: AsyncOktaClient) -> None:
        client[0]._finalizer()

    client[0].run(drop)
    assert done.wait(10)


def interrupting(handler_done):
    async def handler(request):
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        try:
            await anyio.sleep_forever()
        finally:
            handler_done.append(True)

    return handler


def test_ctrl_c_cancels_the_call_and_waits_for_its_end():
    ended: list[bool] = []
    with make(interrupting(ended)) as client:
        with pytest.raises(KeyboardInterrupt):
            client.get(USERS)
        assert ended == [True]
        assert client._client._driver._queue._limiter.in_flight == 0


def test_ctrl_c_before_the_start_stops_the_call():
    from oktahound.client.blocking import _Call

    begun: list[bool] = []

    async def forever(_: AsyncOktaClient) -> None:
        begun.append(True)
        await anyio.sleep_forever()

    async def main() -> None:
        call = _Call()
        await call.stop()  # nothing to stop: returns at once
        with pytest.raises(RuntimeError, match="cancelled"):
            await call.run(forever, None)  # type: ignore[arg-type]
        await call.stop()  # it has ended: returns at once

    anyio.run(main)
    assert begun == [True]


def test_ctrl_c_in_a_listing_ends_the_listing():
    ended: list[bool] = []
    second = interrupting(ended)

    async def handler(request):
        return answer(request) if not request.url.params.get("after") else await second(request)

    rows: list[object] = []
    with make(handler) as client, pytest.raises(KeyboardInterrupt):
        read(client, rows)
    assert (rows, ended) == ([0], [True])


def test_the_end_of_the_interpreter_closes_open_clients():
    # On a busy machine, asyncio logs warnings on slow calls. It logs tasks that were not ended as errors.
    program = f"""
        import logging
        import httpx
        from oktahound.client import ApiToken, OktaClient
        logging.getLogger("asyncio").setLevel(logging.ERROR)
        transport = httpx.MockTransport(lambda request: httpx.Response(200, json=[1]))
        client = OktaClient({ORG!r}, ApiToken("00secret"), transport=transport)
        print(client.list({USERS!r}))
        pages = client.pages({USERS!r})
        print(next(pages).rows)
    """
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "[1]\n[1]\n", "")


def test_without_a_transport_the_client_creates_one(httpx_mock):
    httpx_mock.add_response(url=f"{ORG}{USERS}?limit=2", json=[{"id": "00u1"}])
    with OktaClient(ORG, ApiToken("00secret")) as client:
        assert client.list(USERS, {"limit": 2}) == [{"id": "00u1"}]


def test_a_blocking_transport_is_accepted():
    class Blocking(httpx.BaseTransport):
        def handle_request(self, request):
            return answer(request)

    with OktaClient(ORG, ApiToken("00secret"), transport=Blocking()) as client:
        assert client.list(USERS) == [0, 1, 2]
