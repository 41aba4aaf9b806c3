"""Rate limiter: one bucket per endpoint group, and an organization-wide concurrency limit. No clock in here.

Okta counts requests per *bucket*: a group of endpoints with one limit for about a minute
(https://developer.okta.com/docs/reference/rl2-limits/). Which endpoints share a bucket is known by path;
how much a bucket holds differs by org and is learned from the headers of its answers alone.

How a window is spent without meeting a 429: a request may go out while *remaining, as last seen*,
minus *in flight* is above 0. Some of what is in flight may already be counted in what was seen, so
this errs on the safe side by a round trip and no more.
"""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from collections.abc import Callable

import attrs

from oktahound.client._estimate import Estimate
from oktahound.client._headers import Limits

__all__ = ["PROBE", "Bucket", "RateLimiter", "Ticket", "family_of"]

# Requests in flight while nothing is known of a window: limits as low as 10 a minute were recorded.
PROBE = 4

_FAMILIES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), family)
    for pattern, family in (
        (r"/api/v1/apps/[^/]+$", "one app"),
        (r"/api/v1/apps(/|$)", "apps"),
        (r"/api/v1/users/", "one user"),
        (r"/api/v1/users$", "users"),
        (r"/api/v1/groups/[^/]+$", "one group"),
        (r"/api/v1/groups(/|$)", "groups"),
        (r"/api/v1/iam(/|$)", "iam"),
        (r"/api/v1/devices(/|$)", "devices"),
        (r"/api/v1/logs$", "logs"),
        (r"/api/v1/", "the rest of the API"),
        (r"/oauth2/v1/token$", "tokens"),
        (r"/oauth2/v1/clients(/|$)", "clients"),
        (r"/integrations/api/v1/", "integrations"),
    )
)


def family_of(path: str) -> str:
    """Which endpoints a path template is documented to share its limit with."""
    for pattern, family in _FAMILIES:
        if pattern.match(path):
            return family
    return "/".join(path.split("/")[:3])


# Endpoints of one family can differ in their limit: the agent pools of an org were seen at 10 a minute
# among neighbours at 1000. So a bucket is a family and a limit.
BucketKey = tuple[str, int | None]
# In place of a limit: the endpoints of a family whose answers carry none.
_WITHOUT_HEADERS = -1


@attrs.frozen
class Bucket:
    """One rate limit, as far as its answers told.

    Attributes:
        limit: requests a window allows; None before the first answer.
        remaining: the least that was seen to remain in this window.
        reset: the end of the window by Okta's clock, which names the window.
        opens_at: when the window has surely ended, on the monotonic clock.
        lead: seconds before that at which to go, less than one. After a 429 somebody else waits for the
            same moment, who was quicker the last time; `opens_at` has a second to spare.
        in_flight: requests sent and not answered.
        estimate: what 429s without readable headers tell.
    """

    limit: int | None = None
    remaining: int = 0
    reset: int = 0
    opens_at: float = 0.0
    lead: float = 0.0
    in_flight: int = 0
    estimate: Estimate = attrs.field(factory=Estimate)

    def room(self, now: float) -> int:
        """How many more requests may be sent at `now`."""
        if self.limit == _WITHOUT_HEADERS or self.estimate.refusals:
            return self.estimate.room(now, self.in_flight)
        if self.limit is None:
            return PROBE - self.in_flight
        if now >= self.opens_at - self.lead:
            # A new window, and others may have drawn on it already: ask with few, then know.
            return min(PROBE, self.limit) - self.in_flight
        return self.remaining - self.in_flight

    def wait(self, now: float) -> float | None:
        """Seconds until time alone makes room, or None when only an answer can."""
        if self.limit == _WITHOUT_HEADERS or self.estimate.refusals:
            return self.estimate.wait(now)
        left = self.opens_at - self.lead - now
        return left if self.limit is not None and left > 0 else None

    def carrying(self, more: int) -> Bucket:
        """With so many more requests in flight."""
        return attrs.evolve(self, in_flight=self.in_flight + more)

    def observed(self, seen: Limits, now: float, lead: float = 0.0) -> Bucket:
        """With what one answer told; answers may come in any order.

        Within a window the least remaining and the earliest end are the truest: the former only
        falls, and the latter is late by the time the answer took. An answer of an earlier window says
        nothing about this one; but once this one is over, only an answer from a clock that was wrong
        can have named it, and what comes now is the truth.
        """
        opens_at = now + seen.opens_in
        if seen.reset < self.reset and now < self.opens_at:
            return self
        if seen.reset != self.reset or self.limit != seen.limit:
            return Bucket(
                seen.limit, seen.remaining, seen.reset, opens_at, lead, self.in_flight, self.estimate
            )
        return attrs.evolve(
            self,
            remaining=min(self.remaining, seen.remaining),
            opens_at=min(self.opens_at, opens_at),
            lead=self.lead or lead,
        )


@attrs.define(eq=False)
class Ticket:
    """One request's place in line."""

    lane: _Lane = attrs.field(repr=False)
    turn: int
    granted: bool = False
    sent_at: float = 0.0
    gone: bool = False


@attrs.define(eq=False)
class _Lane:
    """The requests of one method and path template, first come, first served."""

    family: str
    bucket: BucketKey
    known: bool = False  # whether an answer told its limit; before that it is taken to be its family's
    in_flight: int = 0
    line: list[tuple[int, int, Ticket]] = attrs.field(factory=list)

    def head(self) -> Ticket | None:
        while self.line and self.line[0][2].gone:
            heapq.heappop(self.line)
        return self.line[0][2] if self.line else None


class RateLimiter:
    """Decides which of the waiting requests go next: first come, first served within a bucket, and
    among buckets the one with the least in flight, so that a slow one is never kept waiting by a
    fast one with a longer line.

    Args:
        gate: requests in flight at most, over all buckets.
    """

    def __init__(self, gate: int) -> None:
        self.gate = gate
        self.in_flight = 0
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._waiting: dict[tuple[str, str], _Lane] = {}
        self._buckets: defaultdict[BucketKey, Bucket] = defaultdict(Bucket)
        self._latest: dict[str, int] = {}
        self._joined = 0

    def join(self, method: str, path: str, turn: int) -> Ticket:
        """Stand in line; the lower `turn` goes first."""
        key = (method, path)
        lane = self._lanes.get(key)
        if lane is None:
            family = family_of(path)
            lane = self._lanes[key] = _Lane(family, (family, self._latest.get(family)))
        ticket = Ticket(lane, turn)
        self._joined += 1
        heapq.heappush(lane.line, (turn, self._joined, ticket))
        self._waiting[key] = lane
        return ticket

    def grant(self, now: float) -> list[Ticket]:
        """Let go everybody who may: they count as in flight from here on."""
        granted: list[Ticket] = []
        while self._waiting and self.in_flight < self.gate and (ticket := self._choose(now)):
            lane = ticket.lane
            heapq.heappop(lane.line)
            ticket.granted, ticket.sent_at = True, now
            self._carry(lane, 1)
            granted.append(ticket)
        return granted

    def heads(self) -> list[Ticket]:
        """The first in each line: those whom time can free."""
        return [head for lane in self._waiting.values() if (head := lane.head())]

    def wait(self, ticket: Ticket, now: float) -> float | None:
        """Seconds after which to call `grant` for this one; None: only an answer can free it."""
        key = ticket.lane.bucket
        if ticket.lane.head() is not ticket or self._buckets[key].room(now) > 0:
            return None
        return self._buckets[key].wait(now)

    def leave(
        self, ticket: Ticket, seen: Limits | None, now: float, *, answered: bool, lead: float = 0.0
    ) -> None:
        """Release a request that was answered, or never will be, and learn from its answer.

        Args:
            ticket: the request.
            seen: the limits in the headers of the answer, if they could be read.
            now: when it came.
            answered: whether the answer tells that the request was within its limit.
            lead: a part of a second, if the answer was a 429.
        """
        lane = ticket.lane
        self._carry(lane, -1)
        if seen is not None:
            key = (lane.family, seen.limit)
            lane.known = True
            self._move(lane, key)
            self._buckets[key] = self._buckets[key].observed(seen, now, lead)
            self._latest[lane.family] = seen.limit
        elif answered and not lane.known:
            self._move_out_of_headers(lane)
        if answered:
            self._learn(lane, lambda estimate: estimate.answer(ticket.sent_at, now))

    def refuse(self, ticket: Ticket, now: float, *, pause: float | None) -> None:
        """Release a request that was answered 429 without limits that could be read: its bucket pauses.

        Args:
            ticket: the request.
            now: when the answer came.
            pause: seconds to wait that the answer named in another way, if any.
        """
        lane = ticket.lane
        self._carry(lane, -1)
        if not lane.known:
            self._move_out_of_headers(lane)
        self._learn(lane, lambda estimate: estimate.refuse(ticket.sent_at, now, pause))

    def _move_out_of_headers(self, lane: _Lane) -> None:
        key = (lane.family, _WITHOUT_HEADERS)
        self._move(lane, key)
        self._buckets[key] = attrs.evolve(self._buckets[key], limit=_WITHOUT_HEADERS)

    def _learn(self, lane: _Lane, change: Callable[[Estimate], Estimate]) -> None:
        bucket = self._buckets[lane.bucket]
        self._buckets[lane.bucket] = attrs.evolve(bucket, estimate=change(bucket.estimate))

    def drop(self, ticket: Ticket, now: float) -> None:
        """Somebody gave up waiting, granted already or not."""
        if ticket.granted:
            self.leave(ticket, None, now, answered=False)
        ticket.gone = True

    def _carry(self, lane: _Lane, more: int) -> None:
        self.in_flight += more
        lane.in_flight += more
        self._buckets[lane.bucket] = self._buckets[lane.bucket].carrying(more)

    def _move(self, lane: _Lane, key: BucketKey) -> None:
        """Count what this lane has in flight in another bucket from now on."""
        if key != lane.bucket:
            for bucket, more in ((lane.bucket, -lane.in_flight), (key, lane.in_flight)):
                self._buckets[bucket] = self._buckets[bucket].carrying(more)
        lane.bucket = key

    def _choose(self, now: float) -> Ticket | None:
        best: tuple[int, int] | None = None
        chosen: Ticket | None = None
        for key, lane in list(self._waiting.items()):
            head = lane.head()
            if head is None:
                del self._waiting[key]
                continue
            unknown = not lane.known and lane.bucket[1] != _WITHOUT_HEADERS
            if unknown:
                self._move(lane, (lane.family, self._latest.get(lane.family)))
            bucket = self._buckets[lane.bucket]
            if (unknown and lane.in_flight >= PROBE) or bucket.room(now) <= 0:
                continue
            rank = (bucket.in_flight, head.turn)
            if best is None or rank < best:
                best, chosen = rank, head
        return chosen
