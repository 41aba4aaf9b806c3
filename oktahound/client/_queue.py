"""A queue that holds each request until the `RateLimiter` grants it."""

from __future__ import annotations

import logging

import attrs
from anyio import CancelScope, Event

from oktahound.client._headers import Limits
from oktahound.client._rate_limit import RateLimiter, Ticket
from oktahound.clock import Clock

__all__ = ["RequestQueue"]

_log = logging.getLogger("oktahound.client")

# The shortest sleep. Adding less to a large clock value may not change it.
_TICK = 0.001
# Shorter waits, in seconds, are not logged.
_WORTH_LOGGING = 1.0


@attrs.define(eq=False)
class _Waiter:
    """A waiting request. It sleeps in a cancel scope until a time, or on an event until a response."""

    event: Event
    request: str
    logged: bool = False
    scope: CancelScope | None = None

    def wake(self) -> None:
        self.event.set()
        if self.scope is not None:
            self.scope.cancel()


class RequestQueue:
    """Holds requests until the rate limiter grants them. A waiting request does not count as in flight.

    Args:
        limiter: grants requests.
        clock: the source of time and sleep.
        domain: host of the organization's URL, for log records.
    """

    def __init__(self, limiter: RateLimiter, clock: Clock, domain: str = "") -> None:
        self._limiter = limiter
        self._clock = clock
        self._domain = domain
        self._waiters: dict[Ticket, _Waiter] = {}

    async def enter(self, method: str, path: str, position: int) -> Ticket:
        """Wait until this request may be sent. Every ticket must be passed to `leave` or `refuse`."""
        ticket = self._limiter.join(method, path, position)
        self._pump()
        if not ticket.granted:
            await self._queue(ticket, f"{method} {path}")
        return ticket

    def leave(self, ticket: Ticket, seen: Limits | None, *, answered: bool, lead: float = 0.0) -> None:
        """Release a finished request; `seen` are the limits in the headers of its response."""
        self._limiter.leave(ticket, seen, self._clock.monotonic(), answered=answered, lead=lead)
        self._pump()

    def refuse(self, ticket: Ticket, *, pause: float | None) -> None:
        """Release a request that got a 429 without valid limits; `pause` is the wait in the response."""
        self._limiter.refuse(ticket, self._clock.monotonic(), pause=pause)
        self._pump()

    async def _queue(self, ticket: Ticket, request: str) -> None:
        waiter = self._waiters[ticket] = _Waiter(Event(), request)
        try:
            while not ticket.granted:
                await self._wait(ticket, waiter)
        except BaseException:
            self._limiter.cancel(ticket, self._clock.monotonic())
            raise
        finally:
            del self._waiters[ticket]
            if ticket.cancelled:
                self._pump()

    async def _wait(self, ticket: Ticket, waiter: _Waiter) -> None:
        seconds = self._limiter.wait(ticket, self._clock.monotonic())
        if seconds is None:
            await waiter.event.wait()
            waiter.event = Event()
            return
        if seconds >= _WORTH_LOGGING and not waiter.logged:
            waiter.logged = True
            _log_rate_limit(self._domain, waiter.request, seconds)
        with CancelScope() as waiter.scope:
            await self._clock.sleep(max(seconds, _TICK))
        waiter.scope = None
        self._pump()

    def _pump(self) -> None:
        now = self._clock.monotonic()
        for ticket in self._limiter.grant(now):
            if waiter := self._waiters.get(ticket):
                waiter.wake()
        if not self._waiters:
            return
        for head in self._limiter.heads():
            waiter = self._waiters.get(head)
            if waiter and waiter.scope is None and self._limiter.wait(head, now) is not None:
                waiter.event.set()  # it is now first and can be granted after a time: compute the wait again


def _log_rate_limit(domain: str, request: str, seconds: float) -> None:
    """Log that requests to an endpoint wait for the next window of its rate limit.

    ``extra`` has ``okta_domain``, ``okta_request`` (method and path template), ``okta_seconds`` and
    ``okta_reason``.
    """
    fields = {
        "okta_domain": domain,
        "okta_request": request,
        "okta_seconds": seconds,
        "okta_reason": "rate limit",
    }
    _log.info("%s: %s: waiting %.1f s for the rate limit", domain, request, seconds, extra=fields)
