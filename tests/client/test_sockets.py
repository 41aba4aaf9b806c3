"""Streams of httpcore on asyncio, over real sockets: time limits, flow control, ends, TLS and addresses."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import anyio
import httpcore
import pytest
from faults.socket_server import FaultyServer, Play, ServerConnection, faulty_server, good
from loopback.certificates import Authority
from loopback.servers import web_server

from oktahound import ApiToken, AsyncOktaClient
from oktahound.client import _sockets
from oktahound.client._sockets import NetworkBackend
from oktahound.client._transport import is_permanent

pytestmark = pytest.mark.anyio
BIG = b"0123456789abcdef" * 262_144  # 4 MiB: more than the kernel and we keep unread


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def connected(server: FaultyServer) -> AsyncIterator[httpcore.AsyncNetworkStream]:
    stream = await NetworkBackend().connect_tcp("127.0.0.1", port_of(server), 5)
    try:
        yield stream
    finally:
        await stream.aclose()


def port_of(server: FaultyServer) -> int:
    return int(server.url.rpartition(":")[2])


async def read_to_the_end(stream: httpcore.AsyncNetworkStream) -> bytes:
    received = b""
    while piece := await stream.read(65536, 5):
        assert len(piece) <= 65536
        received += piece
    return received


def after_a_word(text: bytes) -> Play:
    """Wait for some bytes, say this, and go."""

    def play(peer: ServerConnection) -> None:
        peer._connection.recv(100)
        peer.say(text)

    return play


def silent(peer: ServerConnection) -> None:
    peer.wait()


async def test_a_server_that_sends_nothing_is_a_read_timeout_and_may_answer_later() -> None:
    with faulty_server(after_a_word(b"late")) as server:
        async with connected(server) as stream:
            with pytest.raises(httpcore.ReadTimeout):
                await stream.read(100, 0.01)
            await stream.write(b"hello")
            assert await stream.read(2, 5) == b"la"
            assert await stream.read(100, None) == b"te"
            assert await stream.read(100, 5) == b""


async def test_what_a_slow_reader_leaves_unread_stays_within_bounds() -> None:
    with faulty_server(after_a_word(BIG)) as server:
        async with connected(server) as stream:
            assert isinstance(stream, _sockets._Stream)
            await stream.write(b"go")
            await anyio.sleep(0.2)
            assert 0 < len(stream._unread) <= 2 * _sockets._MOST_UNREAD
            assert await read_to_the_end(stream) == BIG


async def test_a_server_that_does_not_read_is_a_write_timeout() -> None:
    async def send_for_ever(stream: httpcore.AsyncNetworkStream) -> None:
        while True:
            await stream.write(BIG, 0.05)

    with faulty_server(lambda peer: peer.closing.wait(10)) as server:
        async with connected(server) as stream:
            with pytest.raises(httpcore.WriteTimeout):
                await send_for_ever(stream)


async def test_a_server_that_reads_slowly_gets_all() -> None:
    received = bytearray()

    def slow(peer: ServerConnection) -> None:
        while len(received) < len(BIG):
            received.extend(peer._connection.recv(200_000))
        peer.say(b"thanks")

    with faulty_server(slow) as server:
        async with connected(server) as stream:
            await stream.write(b"")
            for start in range(0, len(BIG), 1 << 20):
                await stream.write(BIG[start : start + (1 << 20)], 5)
            assert await stream.read(100, 5) == b"thanks"
    assert received == BIG


async def test_a_half_closed_connection_can_still_be_written_to() -> None:
    own_secrets: list[bytes] = []

    def half_closed(peer: ServerConnection) -> None:
        peer._connection.shutdown(socket.SHUT_WR)
        own_secrets.append(peer._connection.recv(100))

    with faulty_server(half_closed) as server:
        async with connected(server) as stream:
            assert await stream.read(100, 5) == b""
            assert stream.get_extra_info("is_readable")
            await stream.write(b"still here")
            await anyio.sleep(0.05)
    assert own_secrets == [b"still here"]


async def test_a_reset_is_an_error_of_the_read_and_of_later_writes() -> None:
    def reset(peer: ServerConnection) -> None:
        peer._connection.recv(100)
        peer.reset()

    with faulty_server(reset) as server:
        async with connected(server) as stream:
            await stream.write(b"hello")
            with pytest.raises(httpcore.ReadError):
                await stream.read(100, 5)
            with pytest.raises(httpcore.WriteError):
                await stream.write(b"more")


async def test_a_stream_that_was_closed_here_does_not_look_like_one_that_ended() -> None:
    """A body without a length ends with its connection: a truncated one must not pass as complete."""
    with faulty_server(after_a_word(b"part")) as server:
        async with connected(server) as stream:
            await stream.write(b"hello")
            await anyio.sleep(0.05)
            await stream.aclose()
            for use in (stream.read(100, 5), stream.write(b"more")):
                with pytest.raises((httpcore.ReadError, httpcore.WriteError), match="closed by this client"):
                    await use
            assert stream.get_extra_info("is_readable")


async def test_closing_ends_a_read_that_waits() -> None:
    with faulty_server(silent) as server:
        async with connected(server) as stream, anyio.create_task_group() as tasks:
            tasks.start_soon(stream.aclose)
            with pytest.raises(httpcore.ReadError):
                await stream.read(100, 5)


async def test_bytes_that_arrived_make_a_stream_readable_before_the_event_loop_has_read_them() -> None:
    sent = threading.Event()

    def unasked(peer: ServerConnection) -> None:
        peer._connection.recv(100)
        peer.say(b"x")
        sent.set()
        peer.wait()

    with faulty_server(unasked) as server:
        async with connected(server) as stream:
            assert not stream.get_extra_info("is_readable")
            await stream.write(b"hello")
            assert sent.wait(5)  # blocks the event loop
            assert stream.get_extra_info("is_readable")
            assert stream.get_extra_info("server_addr") == ("127.0.0.1", port_of(server))
            assert stream.get_extra_info("client_addr")[0] == "127.0.0.1"


async def test_options_are_set_on_the_socket() -> None:
    with faulty_server(silent) as server:
        option = (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        stream = await NetworkBackend().connect_tcp(
            "127.0.0.1", port_of(server), 5, local_address="127.0.0.1", socket_options=[option]
        )
        assert stream.get_extra_info("socket").getsockopt(*option[:2])
        await stream.aclose()


# Addresses.


@contextmanager
def unanswered(address: str, port: int = 0) -> Iterator[int]:
    """A port whose queue of new connections is full, so that a further one gets no answer."""
    with socket.create_server((address, port), backlog=0) as listener:
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex((address, port))
        try:
            yield port
        finally:
            for one in waiting:
                one.close()


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """The addresses that each host name resolves to, with their families."""
    addresses: list[tuple[int, str]] = []

    async def getaddrinfo(*_: object, **__: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [(family, 1, 6, "", (address, 0)) for family, address in addresses]

    monkeypatch.setattr(anyio, "getaddrinfo", getaddrinfo)
    return addresses


async def test_an_address_that_does_not_answer_is_a_connect_timeout() -> None:
    with unanswered("127.0.0.1") as port, pytest.raises(httpcore.ConnectTimeout):
        await NetworkBackend().connect_tcp("127.0.0.1", port, 0.05)


@pytest.mark.parametrize("host", ["127.0.0.1", "nowhere.invalid", "a..b.invalid", "x" * 70 + ".invalid"])
async def test_a_host_that_cannot_be_reached_is_a_connect_error(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(httpcore.ConnectError, match=r"\w"):
        await NetworkBackend().connect_tcp(host, port, 20)


async def test_the_next_address_is_tried_after_a_head_start_or_a_failure(
    resolve: list[tuple[int, str]],
) -> None:
    resolve += [(socket.AF_INET, "127.0.0.3"), (socket.AF_INET, "127.0.0.2"), (socket.AF_INET, "127.0.0.1")]
    with faulty_server(silent) as server, unanswered("127.0.0.2", port_of(server)):
        stream = await NetworkBackend().connect_tcp("contoso.okta.test", port_of(server), 5)
        assert stream.get_extra_info("server_addr")[0] == "127.0.0.1"
        await stream.aclose()


async def test_the_error_names_every_address_that_failed(resolve: list[tuple[int, str]]) -> None:
    resolve += [(socket.AF_INET, "127.0.0.2"), (socket.AF_INET, "127.0.0.3")]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(httpcore.ConnectError, match=r"127\.0\.0\.2.*127\.0\.0\.3"):
        await NetworkBackend().connect_tcp("contoso.okta.test", port, 5)


async def test_addresses_of_both_families_are_tried_by_turns(resolve: list[tuple[int, str]]) -> None:
    resolve += [(10, "::1"), (10, "::2"), (2, "10.0.0.1"), (10, "::3")]
    assert await _sockets._addresses("contoso.okta.test") == ["::1", "10.0.0.1", "::2", "::3"]
    assert await _sockets._addresses("::1") == ["::1"]


async def test_connecting_cancelled_at_any_moment_leaves_no_socket_open() -> None:
    """An open socket would be a ResourceWarning, and warnings are errors."""
    with faulty_server(silent) as server:
        for step in range(30):
            with anyio.move_on_after(step * 0.0001):
                stream = await NetworkBackend().connect_tcp("127.0.0.1", port_of(server), 5)
                await stream.aclose()


# TLS.


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def contexts(authority: Authority, tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The TLS contexts of a server named localhost, and of a client that trusts it."""
    return authority.server_context(tmp_path, "localhost"), ssl.create_default_context(
        cadata=authority.certificate
    )


def encrypted(context: ssl.SSLContext, play: Play) -> Play:
    def encrypted_play(peer: ServerConnection) -> None:
        peer._connection = context.wrap_socket(peer._connection, server_side=True)
        with peer._connection:
            play(peer)

    return encrypted_play


async def test_large_bodies_pass_through_tls_within_bounds(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    def echo(peer: ServerConnection) -> None:
        received = b""
        while len(received) < len(BIG):
            received += peer._connection.recv(65536)
        peer.say(received)

    with faulty_server(encrypted(contexts[0], echo)) as server:
        async with connected(server) as plain:
            stream = await plain.start_tls(contexts[1], "localhost", 5)
            assert stream.get_extra_info("ssl_object").version() == "TLSv1.3"
            await stream.write(BIG, 5)
            await anyio.sleep(0.3)
            assert isinstance(stream, _sockets._Stream)
            assert len(stream._unread) <= 2 * _sockets._MOST_UNREAD
            received = b""
            while len(received) < len(BIG):
                received += await stream.read(65536, 5)
            assert received == BIG
            assert await stream.read(65536, 5) == b""
            assert stream.get_extra_info("is_readable")


async def test_an_invalid_certificate_is_a_permanent_connect_error(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    with faulty_server(encrypted(contexts[0], silent)) as server:
        async with connected(server) as stream:
            with pytest.raises(httpcore.ConnectError, match="certificate verify failed") as caught:
                await stream.start_tls(ssl.create_default_context(), "localhost", 5)
    assert is_permanent(caught.value)


def leaves(peer: ServerConnection) -> None:
    peer._connection.recv(100)


def speaks_first(peer: ServerConnection) -> None:
    peer.say(b"220 welcome\r\n")
    peer.wait()


@pytest.mark.parametrize(
    ("play", "error"),
    [
        (silent, httpcore.ConnectTimeout),
        (leaves, httpcore.ConnectError),
        (after_a_word(b"HTTP/1.1 400 Bad Request\r\n\r\n"), httpcore.ConnectError),
        (speaks_first, httpcore.ConnectError),
    ],
    ids=["silent", "leaves", "plain", "speaks first"],
)
async def test_a_handshake_that_fails_is_a_connect_error_and_closes_the_connection(
    play: Play, error: type[Exception]
) -> None:
    with faulty_server(play) as server:
        async with connected(server) as stream:
            if play is speaks_first:
                await anyio.sleep(0.05)
            with pytest.raises(error):
                await stream.start_tls(ssl.create_default_context(), "localhost", 0.1)
            await asyncio.sleep(0)
            assert stream.get_extra_info("is_readable")


async def test_an_org_is_read_over_tls(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trusted = tmp_path / "authority.pem"
    trusted.write_text(authority.certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with web_server(contexts[0]) as org:
        async with AsyncOktaClient(f"https://localhost:{org.port}", ApiToken("00secret")) as client:
            for _ in range(3):
                assert await client.list("/api/v1/users") == []
    assert len(org.requests) == 3


# Other event loops.


async def test_another_event_loop_uses_the_streams_of_httpcore(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "BaseEventLoop", type("Another", (), {}))
    with faulty_server(good()) as server:
        stream = await NetworkBackend().connect_tcp("127.0.0.1", port_of(server), 5)
        assert not isinstance(stream, _sockets._Stream)
        await stream.write(b"GET / HTTP/1.1\r\n\r\n", 5)
        assert (await stream.read(100, 5)).startswith(b"HTTP/1.1 200 OK")
        await stream.aclose()
