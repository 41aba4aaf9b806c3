"""An httpx transport for a simulated organization, both blocking and async."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial

import anyio
import httpx

from oktahound.clock import Clock
from oktahound.sim.faults import Fault
from oktahound.sim.server import Response, Server

__all__ = ["SimulatedTransport"]

_CHUNK = 4096


class SimulatedTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Sends requests to a simulated org in this process. Any number of clients can share it.

    Latency and delays are by the org's clock, and the client's read timeout applies. The
    blocking transport handles one call at a time; use it outside of an event loop.
    """

    def __init__(self, server: Server, *, latency: float) -> None:
        self._server = server
        self._latency = latency

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Handle one request of a blocking client."""
        request.read()
        with self._in_flight():
            fault = self._server.fault_for(request)
            self._break(request, fault)
            if pause := self._pause(fault):
                anyio.run(self._wait, request, pause)
            return self._respond(request, fault)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Handle one request of an async client."""
        await request.aread()
        with self._in_flight():
            fault = self._server.fault_for(request)
            self._break(request, fault)
            if pause := self._pause(fault):
                await self._wait(request, pause)
            return self._respond(request, fault)

    @contextmanager
    def _in_flight(self) -> Iterator[None]:
        server = self._server
        server.in_flight += 1
        server.most_in_flight = max(server.most_in_flight, server.in_flight)
        try:
            yield
        finally:
            server.in_flight -= 1

    def _break(self, request: httpx.Request, fault: Fault | None) -> None:
        if fault is not None and fault.error is not None and not fault.in_body:
            self._server.record_broken(request)
            raise fault.error("The simulated org broke the connection.", request=request)

    def _pause(self, fault: Fault | None) -> float:
        return self._latency + (fault.delay if fault else 0.0)

    async def _wait(self, request: httpx.Request, seconds: float) -> None:
        try:
            await _wait_within_timeout(self._server.clock, request, seconds)
        except httpx.ReadTimeout:
            self._server.record_broken(request)
            raise

    def _respond(self, request: httpx.Request, fault: Fault | None) -> httpx.Response:
        response = self._server.answer(request, fault)
        if fault is None or not (fault.drip or fault.in_body):
            return httpx.Response(
                response.status, headers=response.headers, content=response.content, request=request
            )
        headers = [*response.headers, ("Content-Length", str(len(response.content)))]
        stream = _FaultyBody(response, request, fault, self._server.clock)
        return httpx.Response(response.status, headers=headers, stream=stream, request=request)


class _FaultyBody(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that is sent slowly or incompletely."""

    def __init__(self, response: Response, request: httpx.Request, fault: Fault, clock: Clock) -> None:
        self._response = response
        self._request = request
        self._fault = fault
        self._clock = clock

    def _chunks(self) -> Iterator[bytes]:
        content = self._response.content
        if self._fault.in_body:
            yield content[: len(content) // 2]
            broken = self._fault.error or httpx.ReadError
            raise broken(
                "The simulated org closed the connection in the middle of the body.", request=self._request
            )
        for start in range(0, len(content), _CHUNK):
            yield content[start : start + _CHUNK]

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks():
            if self._fault.drip:
                anyio.run(partial(_wait_within_timeout, self._clock, self._request, self._fault.drip))
            yield chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks():
            if self._fault.drip:
                await _wait_within_timeout(self._clock, self._request, self._fault.drip)
            yield chunk


async def _wait_within_timeout(clock: Clock, request: httpx.Request, seconds: float) -> None:
    read_timeout = (request.extensions.get("timeout") or {}).get("read")
    if read_timeout is None or seconds <= read_timeout:
        await clock.sleep(seconds)
        return
    await clock.sleep(read_timeout)
    raise httpx.ReadTimeout("The simulated org did not respond in time.", request=request)
