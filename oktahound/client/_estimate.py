"""Estimate a rate limit whose headers are missing or cannot be read.

A gateway may strip the ``X-Rate-Limit-*`` headers while Okta still enforces the limit. The limit is then
estimated from the 429 responses:

- A 429 closes the bucket. After a pause, one request probes it, while the others wait.
- The number of requests accepted between a successful probe and the next 429 is the limit of a window.
- Windows last a minute (https://developer.okta.com/docs/reference/rl-best-practices/), so a window ends
  within a minute of its first request.

Pure: timestamps come with each call, in seconds of the monotonic clock.
"""

from __future__ import annotations

import attrs

__all__ = ["Estimate"]

_WINDOW = 61.0
"""Seconds after which a window has ended: Okta's minute, plus one because its clock shows whole seconds."""

_FIRST_PAUSE, _GROWTH, _LONGEST_PAUSE = 2.0, 4.0, 30.0
# Slow start: one request in flight at first, and one more for every so many that were accepted.
_ACCEPTED_FOR_ONE_MORE = 6
_IN_FLIGHT_IN_NEW_WINDOW = 4
# Below this many accepted requests, too few are in flight to exceed a limit on concurrent requests.
_ENOUGH_FOR_CONCURRENCY = 20


@attrs.frozen
class Estimate:
    """State of one bucket without headers.

    Attributes:
        refusals: probes refused in a row, the first 429 included; 0 while the bucket is open.
        refused_at: the time at which the bucket closed or a probe was refused.
        closed_until: the time at which to send the next probe.
        opened_at: the time at which the first request of this window was sent; None before any.
        accepted: requests accepted in this window.
        allowed: requests that an earlier window accepted; None before the first 429.
        confirmed: the number of times in a row that the request after `allowed` was refused.
        unexplored: coming windows in which no request is sent beyond `allowed`.
    """

    refusals: int = 0
    refused_at: float = float("-inf")
    closed_until: float = 0.0
    opened_at: float | None = None
    accepted: int = 0
    allowed: int | None = None
    confirmed: int = 0
    unexplored: int = 0

    def free_slots(self, now: float, in_flight: int) -> int:
        """Return the number of further requests that may be sent at `now`."""
        if self.refusals:
            return 1 - in_flight if now >= self.closed_until else 0
        if self.allowed is None:
            return 1 + self.accepted // _ACCEPTED_FOR_ONE_MORE - in_flight
        if self._window_is_over(now):
            return min(_IN_FLIGHT_IN_NEW_WINDOW, self.allowed) - in_flight
        # One request at a time beyond `allowed` finds out whether the window has become larger.
        left = self.allowed - self.accepted
        return (left if self.unexplored else max(left, 1)) - in_flight

    def wait(self, now: float) -> float | None:
        """Return the seconds until a request may be sent; None if that depends on a response."""
        if self.refusals:
            return self.closed_until - now if self.closed_until > now else None
        if self.allowed is None or self.opened_at is None or self._window_is_over(now):
            return None
        return self.opened_at + _WINDOW - now if self.accepted >= self.allowed else None

    def after_acceptance(self, sent_at: float, now: float) -> Estimate:
        """Return the state after an accepted request.

        A request that was sent before the bucket closed does not open it.
        """
        if not self.refusals:
            if self.opened_at is None or self._window_is_over(now):
                return self._next_window(sent_at, self.allowed)
            return attrs.evolve(self, accepted=self.accepted + 1)
        if sent_at <= self.refused_at:
            return attrs.evolve(self, accepted=self.accepted + 1)
        return self._next_window(sent_at, max(self.accepted, 1))

    def after_refusal(self, sent_at: float, now: float, pause: float | None) -> Estimate:
        """Return the state after a 429, unless the request was sent before the bucket closed.

        Args:
            sent_at: the time at which the refused request was sent.
            now: the time at which the response arrived.
            pause: the seconds to wait according to the response, if any.
        """
        if self.refusals and sent_at <= self.refused_at:
            return self
        confirmed = self.confirmed + 1 if self.allowed == self.accepted else 0
        return attrs.evolve(
            self,
            refusals=self.refusals + 1,
            refused_at=now,
            closed_until=self._next_probe(now, pause),
            confirmed=self.confirmed if self.refusals else confirmed,
            unexplored=2**confirmed - 1 if not self.refusals else self.unexplored,
        )

    def _next_probe(self, now: float, pause: float | None) -> float:
        if pause is not None:
            return now + pause
        ends = now if self.opened_at is None else self.opened_at + _WINDOW
        # The first 429 of many requests may be about concurrent requests, and the next attempt may succeed.
        concurrent = not self.refusals and self.allowed is None and self.accepted >= _ENOUGH_FOR_CONCURRENCY
        if ends > now and not concurrent:
            return ends
        return now + min(_LONGEST_PAUSE, _FIRST_PAUSE * _GROWTH**self.refusals)

    def _next_window(self, opened_at: float, allowed: int | None) -> Estimate:
        return Estimate(
            opened_at=opened_at,
            accepted=1,
            allowed=allowed,
            confirmed=self.confirmed,
            unexplored=max(self.unexplored - 1, 0),
        )

    def _window_is_over(self, now: float) -> bool:
        return self.opened_at is not None and now >= self.opened_at + _WINDOW
