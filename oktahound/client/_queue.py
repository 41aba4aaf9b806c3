"""The line in front of the org: holds each request until the `RateLimiter` lets it go."""

from __future__ import annotations

import attrs
from anyio import CancelScope, Event

from oktahound.client._headers import Limits
from oktahound.client._rate_limit import RateLimiter, Ticket
from oktahound.clock import Clock

__all__ = ["RequestQueue"]

# The shortest sleep: below it, adding to a large clock reading may change nothing.
_TICK = 0.001


@attrs.define(eq=False)
class _Waiter:
    """How to wake one that waits: it sleeps in a scope until a time, or on an event until an answer."""

    event: Event
    scope: CancelScope | None = None

    def wake(self) -> None:
        self.event.set()
        if self.scope is not None:
            self.scope.cancel()


class RequestQueue:
    """Waits on behalf of the pacer. Whoever waits holds no place at the gate.

    Args:
        pacer: who decides.
        clock: what sleeps.
    """

    def __init__(self, limiter: RateLimiter, clock: Clock) -> None:
        self._limiter = limiter
        self._clock = clock
        self._waiters: dict[Ticket, _Waiter] = {}

    async def enter(self, method: str, path: str, turn: int) -> Ticket:
        """Return once this request may be sent. Every ticket must be given to `leave`."""
        ticket = self._limiter.join(method, path, turn)
        self._pump()
        if not ticket.granted:
            await self._queue(ticket)
        return ticket

    def leave(self, ticket: Ticket, seen: Limits | None, *, answered: bool, lead: float = 0.0) -> None:
        """The request is over; `seen` is what its answer told of the limits."""
        self._limiter.leave(ticket, seen, self._clock.monotonic(), answered=answered, lead=lead)
        self._pump()

    def refuse(self, ticket: Ticket, *, pause: float | None) -> None:
        """The request was answered 429 without readable limits; `pause` is a wait it named otherwise."""
        self._limiter.refuse(ticket, self._clock.monotonic(), pause=pause)
        self._pump()

    async def _queue(self, ticket: Ticket) -> None:
        waiter = self._waiters[ticket] = _Waiter(Event())
        try:
            while not ticket.granted:
                await self._wait(ticket, waiter)
        except BaseException:
            self._limiter.drop(ticket, self._clock.monotonic())
            raise
        finally:
            del self._waiters[ticket]
            if ticket.gone:
                self._pump()

    async def _wait(self, ticket: Ticket, waiter: _Waiter) -> None:
        seconds = self._limiter.wait(ticket, self._clock.monotonic())
        if seconds is None:
            await waiter.event.wait()
            waiter.event = Event()
            return
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
                waiter.event.set()  # it became the one that time can free: let it look again
