"""Faults over a real socket: late, invalid and missing bytes."""

from __future__ import annotations

import functools
import gzip
import socket
import zlib
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from faults.socket_server import (
    FaultyServer,
    Play,
    ServerConnection,
    answer,
    faulty_server,
    for_ever,
    good,
    once,
    rows,
)
from oktahound import ApiToken, AsyncOktaClient, OktaClient
from oktahound.errors import ForeignOriginError, ProtocolError, RequestError, ServerError, TransportError

USERS = "/api/v1/users"
ROW = {"id": "00u1"}
TIMEOUT = 0.3


class InstantClock:
    """A clock whose pauses return at once and advance the time."""

    def __init__(self) -> None:
        self.now = 1_768_479_942.0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await anyio.lowlevel.checkpoint()


def options(**more: Any) -> dict[str, Any]:
    return {"clock": InstantClock(), "timeout": TIMEOUT, "retry_budget": 60.0, "random": lambda: 0.9} | more


def read_async(backend: str) -> Callable[..., list[Any]]:
    def read(server: FaultyServer, **more: Any) -> list[Any]:
        async def run() -> list[Any]:
            async with AsyncOktaClient(server.url, ApiToken("00secret"), **options(**more)) as client:
                return await client.list(USERS)

        return anyio.run(run, backend=backend)

    return read


def read_blocking(server: FaultyServer, **more: Any) -> list[Any]:
    with OktaClient(server.url, ApiToken("00secret"), **options(**more)) as client:
        return client.list(USERS)


@pytest.fixture(
    params=[read_async("asyncio"), read_async("trio"), read_blocking], ids=["asyncio", "trio", "blocking"]
)
def read(request: pytest.FixtureRequest) -> Callable[..., list[Any]]:
    found: Callable[..., list[Any]] = request.param
    return found


def reset_at_once(peer: ServerConnection) -> None:
    peer.reset()


def reset_before_the_answer(peer: ServerConnection) -> None:
    peer.read_request()
    peer.reset()


def reset_in_mid_headers(peer: ServerConnection) -> None:
    peer.read_request()
    peer.say(b"HTTP/1.1 200 OK\r\nContent-Ty")
    peer.reset()


def reset_in_mid_body(peer: ServerConnection) -> None:
    peer.read_request()
    peer.say(answer(b'[{"id":', length=100))
    peer.reset()


def ends_in_mid_body(peer: ServerConnection) -> None:
    peer.read_request()
    peer.say(answer(b'[{"id": "00u1"}]', length=100))


def silent(peer: ServerConnection) -> None:
    peer.read_request()
    peer.wait()


def stops_in_mid_body(peer: ServerConnection) -> None:
    peer.read_request()
    peer.say(answer(b'[{"id":', length=100))
    peer.wait()


def ends_in_mid_chunk(peer: ServerConnection) -> None:
    peer.read_request()
    peer.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n[{")


CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"

PASSING: dict[str, Play] = {
    "reset at once": reset_at_once,
    "reset before the answer": reset_before_the_answer,
    "reset in mid-headers": reset_in_mid_headers,
    "reset in mid-body": reset_in_mid_body,
    "a body that ends early": ends_in_mid_body,
    "a chunk that ends early": ends_in_mid_chunk,
    "silence": silent,
    "silence in mid-body": stops_in_mid_body,
    "no HTTP": once(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "a status line without sense": once(b"HTTP/1.1 two-hundred OK\r\n\r\n"),
    "a chunk size without sense": once(CHUNKED + b"zz\r\n[]\r\n0\r\n\r\n"),
    "two lengths": once(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n[]"),
    "a negative length": once(b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n[]"),
    "a header of a megabyte": once(b"HTTP/1.1 200 OK\r\nX-Huge: " + b"x" * 1_000_000 + b"\r\n\r\n[]"),
    "headers without end": for_ever(b"HTTP/1.1 200 OK\r\n", b"X-More: and more\r\n" * 100),
    "1xx without end": for_ever(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n" * 50),
    "NUL bytes": once(b"\x00" * 5000),
    "a page of a proxy": once(answer(b"<html>", "502 Bad Gateway")),
    "truncated JSON": once(answer(b'[{"id": "00')),
    "gzip that is cut": once(
        answer(gzip.compress(b'[{"id": "00u1"}]' * 99)[:40], "200 OK", "Content-Encoding: gzip")
    ),
    "gzip that is none": once(answer(b"no gzip", "200 OK", "Content-Encoding: gzip")),
}


@pytest.mark.parametrize("scene", PASSING.values(), ids=PASSING.keys())
def test_a_response_that_fails_once_is_requested_again(read: Any, scene: Play) -> None:
    with faulty_server(scene, good(ROW)) as server:
        assert read(server) == [ROW]
    assert len(server.served) == 2


@pytest.mark.parametrize("scene", PASSING.values(), ids=PASSING.keys())
def test_a_response_that_always_fails_is_an_error(scene: Play) -> None:
    with (
        faulty_server(scene) as server,
        pytest.raises((TransportError, ProtocolError, ServerError)) as caught,
    ):
        read_async("asyncio")(server, retry_budget=8.0)
    assert len(server.served) > 1
    assert "00secret" not in str(caught.value)


def test_a_slow_body_within_the_timeout_is_read_completely(read: Any) -> None:
    text = rows(*[{"id": f"00u{number}"} for number in range(40)])

    def play(peer: ServerConnection) -> None:
        peer.read_request()
        for start in range(0, len(text), 7):
            peer.say(text[start : start + 7])

    with faulty_server(play) as server:
        assert len(read(server, timeout=30.0)) == 40


def test_a_port_without_a_listener(read: Any) -> None:
    with faulty_server(good(ROW)) as server:
        pass
    with pytest.raises(TransportError):
        read(server)


def test_a_listener_that_accepts_no_connection_is_a_timeout(read: Any) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as listener:
        server = FaultyServer.__new__(FaultyServer)
        server.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(TransportError):
            read(server, retry_budget=0, timeout=0.1)


ENDLESS = {
    "with a length": for_ever(answer(b"[", length=10**15), b" " * 65536),
    "in chunks": for_ever(CHUNKED, b"10000\r\n" + b" " * 65536 + b"\r\n"),
    "until the connection ends": for_ever(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[", b" " * 65536),
}


@pytest.mark.parametrize("scene", ENDLESS.values(), ids=ENDLESS.keys())
def test_an_endless_body_is_read_up_to_the_limit(read: Any, scene: Play) -> None:
    with faulty_server(scene) as server, pytest.raises(ProtocolError, match="larger than 1000000 bytes"):
        read(server, max_body=1_000_000, timeout=30.0)
    assert len(server.served) == 1


@functools.cache
def bomb(size: int, wrap: Callable[[bytes], bytes] = gzip.compress) -> bytes:
    return wrap(b"[" + b" " * size + b"]")


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "wrap"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", raw_deflate)]
)
def test_a_compressed_body_is_unpacked_up_to_the_limit(read: Any, encoding: str, wrap: Any) -> None:
    text = answer(bomb(5_000_000, wrap), "200 OK", f"Content-Encoding: {encoding}")
    with faulty_server(once(text)) as server, pytest.raises(ProtocolError, match="larger than"):
        read(server, max_body=1_000_000)


def test_a_decompression_bomb_is_never_unpacked_beyond_the_limit() -> None:
    import tracemalloc

    text = answer(bomb(60_000_000), "200 OK", "Content-Encoding: gzip")
    with faulty_server(once(text)) as server:
        tracemalloc.start()
        try:
            with pytest.raises(ProtocolError):
                read_async("asyncio")(server, max_body=1_000_000, timeout=30.0)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 20_000_000


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip,gzip,gzip", "br", "zstd", "compress", "x" * 5000])
def test_a_body_in_an_encoding_that_was_not_requested_is_not_unpacked(read: Any, encoding: str) -> None:
    body = gzip.compress(gzip.compress(b'[{"id": "00u1"}]'))
    text = answer(body, "200 OK", f"Content-Encoding: {encoding}")
    with faulty_server(once(text)) as server, pytest.raises(ProtocolError, match="does not decompress"):
        read(server)


@pytest.mark.parametrize(
    ("encoding", "wrap"),
    [
        ("gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("identity", bytes),
        ("", bytes),
    ],
)
def test_a_body_in_an_encoding_that_was_requested_is_unpacked(read: Any, encoding: str, wrap: Any) -> None:
    text = answer(wrap(b'[{"id": "00u1"}]'), "200 OK", f"Content-Encoding: {encoding}")

    def byte_by_byte(peer: ServerConnection) -> None:
        peer.read_request()
        for number in range(len(text)):
            peer.say(text[number : number + 1])

    for scene in (once(text), byte_by_byte):
        with faulty_server(scene) as server:
            assert read(server, timeout=30.0) == [ROW]


def test_data_after_the_end_of_a_compressed_body_is_dropped() -> None:
    begun = CHUNKED.replace(b"Content-Type: application/json", b"Content-Encoding: gzip")
    packed = gzip.compress(b"[]")
    scene = for_ever(begun + b"%x\r\n%s\r\n" % (len(packed), packed), b"10000\r\n" + b"x" * 65536 + b"\r\n")
    with faulty_server(scene) as server, pytest.raises(ProtocolError, match="does not decompress"):
        read_async("asyncio")(server, timeout=30.0)


@pytest.mark.parametrize(
    "location", ["https://evil.example/", "//evil.example", "/elsewhere", "https://[", "\\"]
)
def test_a_redirect_is_not_followed(read: Any, location: str) -> None:
    scene = once(answer(b"", "302 Found", f"Location: {location}"))
    with faulty_server(scene) as server, pytest.raises(ProtocolError) as caught:
        read(server)
    assert len(server.served) == 1
    assert isinstance(caught.value, ForeignOriginError) == (location != "/elsewhere" and location != "\\")


def test_cookies_are_not_kept(read: Any) -> None:
    first = answer(b"", "503 Wait", "Set-Cookie: sid=stolen; Path=/", "Connection: close")
    with faulty_server(once(first), good(ROW)) as server:
        assert read(server) == [ROW]
    assert not [request for peer in server.served for request in peer.requests if b"ookie" in request]


def test_excess_bytes_of_a_response_are_not_read_as_the_next_response(read: Any) -> None:
    smuggled = rows(ROW) + rows({"id": "evil"})

    def play(peer: ServerConnection) -> None:
        while peer.read_request() and peer.say(smuggled):
            pass

    with faulty_server(play) as server:
        try:
            assert read(server) == [ROW]
        except RequestError:
            pytest.fail("the first answer was whole")


def test_calls_beyond_the_number_of_connections_wait() -> None:
    async def run(url: str) -> list[Any]:
        found: list[Any] = []
        settings = options(concurrency=3, timeout=30.0)
        async with AsyncOktaClient(url, ApiToken("00secret"), **settings) as client:

            async def one() -> None:
                found.extend(await client.list(USERS))

            async with anyio.create_task_group() as tasks:
                for _ in range(40):
                    tasks.start_soon(one)
        return found

    with faulty_server(good(ROW)) as server:
        assert anyio.run(run, server.url) == [ROW] * 40
    assert len(server.served) <= 3
