"""One connection for each request in flight, the most recently used first; on real sockets."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import anyio
import httpcore
import httpx
import pytest
from faults.socket_server import FaultyServer, ServerConnection, answer, faulty_server, good, rows

from oktahound import ApiToken, AsyncOktaClient
from oktahound.client._connections import ConnectionStack
from oktahound.client._network import network_transport
from oktahound.client._route import Route
from oktahound.errors import ProtocolError

pytestmark = pytest.mark.anyio
PATH = "/api/v1/users"


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def stack_of(transport: httpx.AsyncBaseTransport) -> ConnectionStack:
    """The stack inside a transport over the network."""
    assert isinstance(transport, httpx.AsyncHTTPTransport)
    stack: object = transport._pool
    assert isinstance(stack, ConnectionStack)
    return stack


class Gate:
    """A server that responds only after a number of requests have arrived on all connections."""

    def __init__(self, requests: int) -> None:
        self._barrier = threading.Barrier(requests)

    def __call__(self, peer: ServerConnection) -> None:
        while peer.read_request():
            self._barrier.wait(10)
            peer.say(rows({"id": "00u1"}))


@asynccontextmanager
async def client_of(server: FaultyServer, **options: object) -> AsyncIterator[AsyncOktaClient]:
    async with AsyncOktaClient(server.url, ApiToken("00secret"), **options) as client:
        yield client


async def get_at_once(client: AsyncOktaClient, requests: int) -> None:
    async with anyio.create_task_group() as tasks:
        for _ in range(requests):
            tasks.start_soon(client.get, PATH)


async def test_sequential_requests_share_one_connection():
    with faulty_server(good()) as server:
        async with client_of(server) as client:
            for _ in range(5):
                await client.get(PATH)
        assert [len(peer.requests) for peer in server.served] == [5]


async def test_each_request_in_flight_has_a_connection_and_the_last_used_is_reused_first():
    gate = Gate(4)
    with faulty_server(gate) as server:
        async with client_of(server, concurrency=4) as client:
            await get_at_once(client, 4)
            assert len(server.served) == 4
            gate._barrier = threading.Barrier(1)
            for _ in range(6):
                await client.get(PATH)
        assert sorted(len(peer.requests) for peer in server.served) == [1, 1, 1, 7]


async def test_the_number_of_connections_is_limited_by_the_concurrency():
    with faulty_server(good()) as server:
        async with client_of(server, concurrency=3) as client:
            await get_at_once(client, 30)
        assert len(server.served) <= 3
        assert sum(len(peer.requests) for peer in server.served) == 30


OLD = answer().replace(b"HTTP/1.1", b"HTTP/1.0")
UNTIL_THE_END = b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n[]"


@pytest.mark.parametrize(
    "text", [OLD, UNTIL_THE_END, answer(b"[]", "200 OK", "Connection: close")], ids=["1.0", "end", "close"]
)
async def test_a_server_that_closes_after_each_response_gets_a_connection_for_each_request(text: bytes):
    def play(peer: ServerConnection) -> None:
        peer.read_request()
        peer.say(text)

    with faulty_server(play) as server:
        async with client_of(server, retry_budget=0) as client:
            for _ in range(3):
                assert await client.get(PATH) == []
        assert [len(peer.requests) for peer in server.served] == [1, 1, 1]


async def test_an_idle_connection_that_the_server_closed_causes_no_failed_request():
    closed = threading.Event()

    def once_then_close(peer: ServerConnection) -> None:
        peer.read_request()
        peer.say(rows())
        peer._connection.close()
        closed.set()

    with faulty_server(once_then_close, good()) as server:
        async with client_of(server, retry_budget=0) as client:
            await client.get(PATH)
            assert closed.wait(5)
            await anyio.sleep(0.05)
            await client.get(PATH)
        assert client.requests.total() == 2
        assert [len(peer.requests) for peer in server.served] == [1, 1]


async def test_a_request_on_a_connection_that_breaks_is_sent_again_on_a_new_one():
    def second_request_breaks(peer: ServerConnection) -> None:
        peer.read_request()
        peer.say(rows())
        peer.read_request()
        peer.reset()

    with faulty_server(second_request_breaks, good({"id": "00u1"})) as server:
        async with client_of(server, random=lambda: 0.0) as client:
            await client.get(PATH)
            assert await client.get(PATH) == [{"id": "00u1"}]
        assert [len(peer.requests) for peer in server.served] == [2, 1]


async def test_a_cancelled_request_closes_its_connection_and_releases_its_slot():
    gone = threading.Event()

    def silent(peer: ServerConnection) -> None:
        peer.read_request()
        peer.read_request()  # returns when the client closes the connection
        gone.set()

    with faulty_server(silent, good()) as server:
        async with client_of(server, concurrency=1) as client:
            with anyio.move_on_after(0.1):
                await client.get(PATH)
            assert gone.wait(5)
            with anyio.fail_after(5):
                await client.get(PATH)
        assert [len(peer.requests) for peer in server.served] == [1, 1]


async def test_requests_cancelled_at_any_moment_leave_no_connection_busy():
    with faulty_server(good({"id": "00u1"})) as server:
        transport = network_transport(Route())
        stack = stack_of(transport)
        async with httpx.AsyncClient(transport=transport, base_url=server.url) as http:
            for step in range(40):
                with anyio.move_on_after(step * 0.0003):
                    await http.get(PATH)
                assert not stack._busy
            assert (await http.get(PATH)).status_code == 200
            assert len(stack._idle) == 1


async def test_a_body_that_is_left_unread_closes_its_connection():
    def long_answer(peer: ServerConnection) -> None:
        peer.read_request()
        peer.say(answer(b"[" + b" " * 5000, length=1_000_000))
        peer.wait()

    with faulty_server(long_answer, good()) as server:
        async with client_of(server, max_body=100, retry_budget=0) as client:
            with pytest.raises(ProtocolError, match="larger"), anyio.fail_after(5):
                await client.get(PATH)
            assert await client.get(PATH) == []
        assert len(server.served) == 2


async def test_connections_that_stay_idle_are_closed_with_a_later_request():
    gate = Gate(3)
    with faulty_server(gate) as server:
        transport = network_transport(Route())
        stack = stack_of(transport)
        stack._keep_alive = 0.05
        async with httpx.AsyncClient(transport=transport, base_url=server.url) as http:
            async with anyio.create_task_group() as tasks:
                for _ in range(3):
                    tasks.start_soon(http.get, PATH)
            assert len(stack._idle) == 3
            gate._barrier = threading.Barrier(1)
            await anyio.sleep(0.1)
            await http.get(PATH)
            assert len(stack._idle) == 1
        assert sorted(len(peer.requests) for peer in server.served) == [1, 1, 1, 1]


class Wire(httpcore.AsyncConnectionInterface):
    """A connection without a socket, which answers with a body or raises."""

    open = 0

    def __init__(self, body: object = b"[]", error: Exception | None = None) -> None:
        self.body, self.error, self.is_open = body, error, True
        Wire.open += 1

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        if self.error is not None:
            raise self.error
        return httpcore.Response(200, content=self.body)  # type: ignore[arg-type]

    async def aclose(self) -> None:
        Wire.open -= self.is_open
        self.is_open = False

    def is_available(self) -> bool:
        return self.is_open

    def has_expired(self) -> bool:
        return False


@pytest.fixture(autouse=True)
def no_wire_is_open() -> Iterator[None]:
    Wire.open = 0
    yield
    Wire.open = 0


def request_of(url: str = "https://contoso.okta.com/") -> httpcore.Request:
    return httpcore.Request("GET", url)


async def test_closing_closes_idle_connections_and_those_in_use():
    stack = ConnectionStack(lambda origin: Wire())
    first, second = [await stack.handle_async_request(request_of()) for _ in range(2)]
    await first.aclose()
    await first.aclose()
    assert Wire.open == 2
    await stack.aclose()
    assert Wire.open == 0
    await second.aclose()  # was in use, and does not come back
    assert not stack._idle


@pytest.mark.parametrize("error", [httpcore.ReadError("reset"), ValueError("a bug")])
async def test_a_request_that_fails_closes_its_connection(error: Exception):
    stack = ConnectionStack(lambda origin: Wire(error=error))
    with pytest.raises(type(error)):
        await stack.handle_async_request(request_of())
    assert Wire.open == 0
    assert not stack._idle
    assert not stack._busy


async def test_if_closing_a_body_fails_its_connection_is_closed():
    class Stuck:
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"[]"

        async def aclose(self) -> None:
            raise httpcore.ReadError("reset")

    stack = ConnectionStack(lambda origin: Wire(Stuck()))
    response = await stack.handle_async_request(request_of())
    with pytest.raises(httpcore.ReadError):
        await response.aclose()
    assert Wire.open == 0
    assert not stack._idle
    assert not stack._busy


async def test_a_connection_is_used_for_its_own_origin_only():
    made: list[str] = []

    def connect(origin: httpcore.Origin) -> Wire:
        made.append(str(origin))
        return Wire()

    stack = ConnectionStack(connect)
    for url in ("https://contoso.okta.com/a", "https://fabrikam.okta.com/b", "https://fabrikam.okta.com/c"):
        response = await stack.handle_async_request(request_of(url))
        await response.aclose()
    assert made == ["https://contoso.okta.com:443", "https://fabrikam.okta.com:443"]
    assert Wire.open == 1
    await stack.aclose()


async def test_httpx_sends_through_our_stack_and_remains_mockable(monkeypatch: pytest.MonkeyPatch):
    """Fails if a release of httpx keeps its pool of httpcore in another attribute.

    Without it the transport works, but with httpx's own pool: see `network_transport`.
    """
    transport = network_transport(Route())
    assert isinstance(transport, httpx.AsyncHTTPTransport)
    with faulty_server(good()) as server:
        async with httpx.AsyncClient(transport=transport, base_url=server.url) as http:
            await http.get(PATH)
            assert len(stack_of(transport)._idle) == 1

    async def mocked(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=["mocked"])

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", mocked)
    async with AsyncOktaClient("https://contoso.okta.com", ApiToken("00secret")) as client:
        assert await client.get(PATH) == ["mocked"]
