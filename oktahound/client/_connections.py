"""Spread requests over connections, the most recently used connection first.

httpx's own pool polls the socket of every idle connection at every request, to find those that the server
has closed. With 32 connections that takes more than half of the CPU time of a request. Here each connection
has its own transport, which polls only its own socket. Idle connections are kept on a stack.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncIterator, Callable

import anyio
import attrs
import httpx

__all__ = ["KEEP_ALIVE", "ConnectionStack"]

KEEP_ALIVE = 5.0
"""Seconds after which an idle connection is closed: the default of httpx."""


@attrs.define(eq=False)
class _Connection:
    """A transport with one connection.

    Attributes:
        transport: opens the connection at its first request, and again after the server has closed it.
        idle_since: when its last response was read, by `time.monotonic`.
    """

    transport: httpx.AsyncBaseTransport
    idle_since: float = 0.0


class ConnectionStack(httpx.AsyncBaseTransport):
    """A transport that sends each request on a connection of its own, and reuses connections.

    It opens as many connections as there are requests in flight, which the caller limits. A request that
    fails or is cancelled closes its connection. A response gives its connection back when it is closed.

    Args:
        connect: makes a transport of at most one connection. It is called for each connection.
        keep_alive: seconds after which an idle connection is closed.
    """

    def __init__(
        self, connect: Callable[[], httpx.AsyncBaseTransport], *, keep_alive: float = KEEP_ALIVE
    ) -> None:
        self._connect = connect
        self._keep_alive = keep_alive
        self._idle: deque[_Connection] = deque()  # the least recently used first
        self._busy: set[_Connection] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request on the connection that was used last, or on a new one."""
        if self._idle and self._has_expired(self._idle[0]):
            await self._close_expired()
        connection = self._idle.pop() if self._idle else _Connection(self._connect())
        self._busy.add(connection)
        try:
            response = await connection.transport.handle_async_request(request)
        except BaseException:
            await self._discard(connection)
            raise
        if response.is_closed:  # a mocked response that was read before it was returned
            self._put_back(connection)
        elif isinstance(response.stream, httpx.AsyncByteStream):
            response.stream = _Body(response.stream, connection, self)
        return response

    async def finish(self, connection: _Connection, body: httpx.AsyncByteStream) -> None:
        """Close the body of a response, and put its connection back."""
        try:
            await body.aclose()
        except BaseException:
            await self._discard(connection)
            raise
        self._put_back(connection)

    async def aclose(self) -> None:
        """Close all connections, including those of requests in flight."""
        connections = [*self._idle, *self._busy]
        self._idle.clear()
        self._busy.clear()
        await _close(connections)

    def _put_back(self, connection: _Connection) -> None:
        if connection in self._busy:  # otherwise it was closed in the meantime
            self._busy.remove(connection)
            connection.idle_since = time.monotonic()
            self._idle.append(connection)

    async def _discard(self, connection: _Connection) -> None:
        self._busy.discard(connection)
        await _close([connection])

    def _has_expired(self, connection: _Connection) -> bool:
        return time.monotonic() - connection.idle_since > self._keep_alive

    async def _close_expired(self) -> None:
        expired: list[_Connection] = []
        while self._idle and self._has_expired(self._idle[0]):
            expired.append(self._idle.popleft())
        await _close(expired)


class _Body(httpx.AsyncByteStream):
    """The body of a response. Closing it frees the connection for the next request."""

    def __init__(self, body: httpx.AsyncByteStream, connection: _Connection, stack: ConnectionStack) -> None:
        self._body = body
        self._connection = connection
        self._stack = stack

    def __aiter__(self) -> AsyncIterator[bytes]:
        # Not a generator around the body: each chunk would pass through one more.
        return self._body.__aiter__()

    async def aclose(self) -> None:
        await self._stack.finish(self._connection, self._body)


async def _close(connections: list[_Connection]) -> None:
    """Close connections, even while the request that used one is being cancelled."""
    with anyio.CancelScope(shield=True):
        for connection in connections:
            await connection.transport.aclose()
