"""Sockets for httpcore on asyncio: one `asyncio.Protocol` for each connection.

httpcore's own backend for asyncio reads and writes through anyio. Each read and write then takes two cancel
scopes and at least one turn of the event loop, even if the data is there. That is a third of the CPU time of
a request. Other event loops (trio, uvloop) keep httpcore's backends.
"""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any

import anyio
import httpcore
import sniffio

from oktahound.client._url import address_of

__all__ = ["NetworkBackend"]

# Bytes that are kept while nobody reads them. Beyond this size the socket is not read any more.
_MOST_UNREAD = 256 * 1024

# Seconds for which one address of a host is tried before the next one is tried as well (RFC 8305).
_HEAD_START = 0.25


class NetworkBackend(httpcore.AsyncNetworkBackend):
    """Opens TCP connections: through asyncio itself on its event loops, and elsewhere as httpcore does."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the address of the host that answers first.

        Raises:
            httpcore.ConnectTimeout: no address answered in time.
            httpcore.ConnectError: the name is unknown, or no address accepts the connection.
        """
        library = sniffio.current_async_library()
        loop = None if library == "trio" else asyncio.get_running_loop()
        if not isinstance(loop, asyncio.BaseEventLoop):
            # Any: httpcore replaces a class by a placeholder if its package is missing.
            other: Any = httpcore.TrioBackend() if library == "trio" else httpcore.AnyIOBackend()
            found: httpcore.AsyncNetworkStream = await other.connect_tcp(
                host, port, timeout, local_address, socket_options
            )
            return found
        with _connect_errors(), anyio.fail_after(timeout):
            stream = await _connect(loop, await _addresses(host), port, local_address)
        stream.set_options(socket_options or ())
        return stream

    async def sleep(self, seconds: float) -> None:
        """Wait. httpcore calls it between its own retries, which we do not use."""
        await anyio.sleep(seconds)


async def _addresses(host: str) -> list[str]:
    """Return the addresses of a host, by turns of IPv6 and IPv4, as RFC 8305 recommends."""
    if address_of(host) is not None:
        return [host]
    found = await anyio.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    by_family: dict[int, list[str]] = {}
    for family, _, _, _, address in found:
        by_family.setdefault(family, []).append(str(address[0]))
    return [address for turn in zip_longest(*by_family.values()) for address in turn if address]


async def _connect(
    loop: asyncio.AbstractEventLoop, addresses: list[str], port: int, local_address: str | None
) -> _Stream:
    """Connect to the first address that accepts. Each one has a head start over the next (RFC 8305).

    asyncio can do the same (``happy_eyeballs_delay``), but loses the socket if it is cancelled then.
    """
    local = None if local_address is None else (local_address, 0)
    streams: list[_Stream] = []
    errors: list[OSError] = []

    async def attempt(address: str, ended: anyio.Event) -> None:
        try:
            streams.append((await loop.create_connection(_Stream, address, port, local_addr=local))[1])
            tasks.cancel_scope.cancel()
        except OSError as error:
            errors.append(error)
        finally:
            ended.set()

    try:
        async with anyio.create_task_group() as tasks:
            for address in addresses:
                ended = anyio.Event()
                tasks.start_soon(attempt, address, ended)
                with anyio.move_on_after(_HEAD_START):
                    await ended.wait()
    except BaseException:
        await _close(streams)
        raise
    if not streams:
        raise OSError("; ".join(str(error) for error in errors))
    await _close(streams[1:])
    return streams[0]


async def _close(streams: list[_Stream]) -> None:
    with anyio.CancelScope(shield=True):
        for stream in streams:
            await stream.aclose()


@contextmanager
def _connect_errors() -> Iterator[None]:
    """Turn what asyncio raises into the errors of httpcore."""
    try:
        yield
    except TimeoutError as error:  # an OSError too: before it
        raise httpcore.ConnectTimeout(error) from error
    except (OSError, UnicodeError) as error:  # the latter for a host name that DNS cannot hold
        raise httpcore.ConnectError(error) from error


class _Stream(httpcore.AsyncNetworkStream, asyncio.Protocol):
    """One connection. Only one task reads from it, and only one writes to it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._unread = bytearray()
        self._at_end = False  # the other side sends nothing more
        self._is_lost = False
        self._is_encrypted = False
        self._error: Exception | None = None
        self._reading_paused = False
        self._writing_paused = False
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None

    def set_options(self, options: Iterable[httpcore.SOCKET_OPTION]) -> None:
        """Set options of the socket. asyncio itself sets ``TCP_NODELAY``."""
        for option in options:
            self._transport.get_extra_info("socket").setsockopt(*option)

    # What httpcore calls.

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the bytes that have arrived, or wait for some. Empty at the end of the stream.

        Raises:
            httpcore.ReadTimeout: nothing arrived in time.
            httpcore.ReadError: the connection broke.
        """
        if not self._unread and not self._at_end:
            self._reader = self._loop.create_future()
            try:
                await self._wait(self._reader, timeout, httpcore.ReadTimeout)
            finally:
                self._reader = None
        if not self._unread:
            if self._error is not None:
                raise httpcore.ReadError(self._error) from self._error
            return b""
        data = bytes(self._unread[:max_bytes])
        del self._unread[:max_bytes]
        if self._reading_paused and len(self._unread) < _MOST_UNREAD:
            self._reading_paused = False
            self._transport.resume_reading()
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send bytes, and wait while the other side reads too slowly.

        Raises:
            httpcore.WriteTimeout: the other side did not read in time.
            httpcore.WriteError: the connection broke or was closed.
        """
        if not buffer:
            return
        if not self._is_lost:
            self._transport.write(buffer)
        if self._writing_paused and not self._is_lost:
            self._writer = self._loop.create_future()
            try:
                await self._wait(self._writer, timeout, httpcore.WriteTimeout)
            finally:
                self._writer = None
        if self._is_lost:
            raise httpcore.WriteError(self._error or "the server closed the connection") from self._error

    async def aclose(self) -> None:
        """Close the socket. Bytes that were not sent or read yet are dropped, and later reads fail."""
        self._at_end = self._is_lost = True
        self._error = self._error or ConnectionAbortedError("the connection was closed by this client")
        self._unread.clear()
        _wake(self._reader)
        _wake(self._writer)
        self._transport.abort()
        await asyncio.sleep(0)  # asyncio closes the socket in the next turn of its loop

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Encrypt the connection. Inside a connection that is encrypted already, this adds a second layer.

        Raises:
            httpcore.ConnectTimeout: the handshake took too long.
            httpcore.ConnectError: the handshake failed, for example because the certificate is invalid.
        """
        try:
            with _connect_errors(), anyio.fail_after(timeout):
                self._transport = await self._encrypted(ssl_context, server_hostname, timeout)
        except BaseException:
            self._transport.abort()
            raise
        self._is_encrypted = True
        return self

    def get_extra_info(self, info: str) -> Any:
        """Return a fact about the connection, or None. httpcore lists their names."""
        if info == "is_readable":
            return bool(self._unread) or self._at_end or _is_readable(self._transport)
        name = {"client_addr": "sockname", "server_addr": "peername"}.get(info, info)
        return self._transport.get_extra_info(name)

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # create_connection makes no other kind

    def data_received(self, data: bytes) -> None:
        self._unread += data
        if len(self._unread) >= _MOST_UNREAD and not self._reading_paused:
            self._reading_paused = True
            self._transport.pause_reading()
        _wake(self._reader)

    def eof_received(self) -> bool:
        self._at_end = True
        _wake(self._reader)
        return not self._is_encrypted  # True keeps the connection open for sending, which TLS does not allow

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_lost = self._at_end = True
        self._error = self._error or exc
        _wake(self._reader)
        _wake(self._writer)

    def pause_writing(self) -> None:
        self._writing_paused = True

    def resume_writing(self) -> None:
        self._writing_paused = False
        _wake(self._writer)

    async def _encrypted(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None, timeout: float | None
    ) -> asyncio.Transport:
        transport = None
        if not self._unread and not self._at_end:
            # asyncio has a timeout of its own, of a minute, which raises another error.
            longest = None if timeout is None else timeout + 60.0
            transport = await self._loop.start_tls(
                self._transport,
                self,
                ssl_context,
                server_hostname=server_hostname,
                ssl_handshake_timeout=longest,
            )
        if transport is None:
            raise ConnectionResetError("the server closed the connection before the TLS handshake")
        return transport

    async def _wait(self, event: asyncio.Future[None], timeout: float | None, error: type[Exception]) -> None:
        """Wait for an event of the event loop. A timer costs a tenth of a cancel scope."""
        if timeout is None:
            await event
            return
        timer = self._loop.call_later(timeout, _fail, event, error)
        try:
            await event
        finally:
            timer.cancel()


def _wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)


def _fail(waiter: asyncio.Future[None], error: type[Exception]) -> None:
    if not waiter.done():
        waiter.set_exception(error())


def _is_readable(transport: asyncio.Transport) -> bool:
    """Whether bytes or the end of the stream have arrived that the event loop has not read yet."""
    open_socket = transport.get_extra_info("socket")
    number: int = -1 if open_socket is None else open_socket.fileno()
    if number < 0:  # closed
        return True
    if sys.platform == "win32":
        return bool(select.select([number], [], [], 0)[0])
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return bool(poll.poll(0))
