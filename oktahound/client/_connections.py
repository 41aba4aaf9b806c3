"""Spread requests over connections, the most recently used connection first.

httpcore's own pool polls the socket of every idle connection at every request, to find those that the server
has closed, and takes a lock and a queue for limits that our rate limiter enforces already. With 32
connections that takes more than half of the CPU time of a request. Here idle connections are kept on a stack,
and only the one that is taken is polled.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable
from types import TracebackType
from typing import Any, Self, cast

import anyio
import attrs
import httpcore

__all__ = ["KEEP_ALIVE", "ConnectionStack"]

KEEP_ALIVE = 5.0
"""Seconds after which an idle connection is closed: the default of httpx."""


@attrs.define(eq=False)
class _Connection:
    """A connection to one origin.

    Attributes:
        wire: opens the socket at its first request.
        origin: scheme, host and port.
        idle_since: when its last response was read, by `time.monotonic`.
    """

    wire: httpcore.AsyncConnectionInterface
    origin: httpcore.Origin
    idle_since: float = 0.0


class ConnectionStack:
    """Sends each request on a connection of its own, and reuses connections.

    It takes the place of httpcore's pool below `httpx.AsyncHTTPTransport`. It opens as many connections as
    there are requests in flight, which the caller limits. A request that fails or is cancelled closes its
    connection. A response gives its connection back when it is closed.

    Args:
        connect: makes a connection to an origin: the ``create_connection`` of a pool of httpcore.
        keep_alive: seconds after which an idle connection is closed.
    """

    def __init__(
        self,
        connect: Callable[[httpcore.Origin], httpcore.AsyncConnectionInterface],
        *,
        keep_alive: float = KEEP_ALIVE,
    ) -> None:
        self._connect = connect
        self._keep_alive = keep_alive
        self._idle: deque[_Connection] = deque()  # the least recently used first
        self._busy: set[_Connection] = set()

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request on the connection that was used last, or on a new one."""
        connection = await self._take(request.url.origin)
        self._busy.add(connection)
        try:
            response = await connection.wire.handle_async_request(request)
        except BaseException:
            await self._discard(connection)
            raise
        body = cast("AsyncIterable[bytes]", response.stream)
        response.stream = _Body(body, connection, self)
        return response

    async def finish(self, connection: _Connection, body: AsyncIterable[bytes]) -> None:
        """Close the body of a response, and put its connection back if the server keeps it open."""
        try:
            await _close_body(body)
        except BaseException:
            await self._discard(connection)
            raise
        if connection not in self._busy:  # the stack was closed in the meantime
            return
        if not connection.wire.is_available():
            await self._discard(connection)
            return
        self._busy.remove(connection)
        connection.idle_since = time.monotonic()
        self._idle.append(connection)

    async def aclose(self) -> None:
        """Close all connections, including those of requests in flight."""
        connections = [*self._idle, *self._busy]
        self._idle.clear()
        self._busy.clear()
        await _close(connections)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _take(self, origin: httpcore.Origin) -> _Connection:
        """Take a connection from the stack, or make one. Closes those that expired or the server closed."""
        now = time.monotonic()
        closed: list[_Connection] = []
        while self._idle and now - self._idle[0].idle_since > self._keep_alive:
            closed.append(self._idle.popleft())
        taken: _Connection | None = None
        while self._idle and taken is None:
            last = self._idle.pop()
            if last.origin == origin and not last.wire.has_expired():
                taken = last
            else:
                closed.append(last)
        if closed:
            await _close(closed)
        return taken or _Connection(self._connect(origin), origin)

    async def _discard(self, connection: _Connection) -> None:
        self._busy.discard(connection)
        await _close([connection])


class _Body:
    """The body of a response. Closing it frees the connection for the next request."""

    def __init__(self, body: AsyncIterable[bytes], connection: _Connection, stack: ConnectionStack) -> None:
        self._body = body
        self._connection = connection
        self._stack = stack

    def __aiter__(self) -> AsyncIterator[bytes]:
        # Not a generator around the body: each chunk would pass through one more.
        return self._body.__aiter__()

    async def aclose(self) -> None:
        await self._stack.finish(self._connection, self._body)


async def _close_body(body: Any) -> None:
    if hasattr(body, "aclose"):  # a body of bytes, which only a mocked response has, needs no closing
        await body.aclose()


async def _close(connections: list[_Connection]) -> None:
    """Close connections, even while the request that used one is being cancelled."""
    with anyio.CancelScope(shield=True):
        for connection in connections:
            await connection.wire.aclose()
