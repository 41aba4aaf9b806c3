"""Rate limiter: one bucket per endpoint group and an organization-wide concurrency limit. Pure, no clock.

Okta counts requests per *bucket*: a group of endpoints with one limit for about a minute
(https://developer.okta.com/docs/reference/rl2-limits/). The path determines the bucket of an endpoint.
The size of a bucket differs by org and is read from the headers of its responses.

To avoid 429s, a request may be sent while *remaining, as last seen* minus *in flight* is above 0. Some of
the requests in flight may already be counted in *remaining*, so this is too cautious by one round trip at
most.
"""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from collections.abc import Callable

import attrs

from oktahound.client._estimate import Estimate
from oktahound.client._headers import Limits

__all__ = ["PROBE", "Bucket", "RateLimiter", "Ticket", "endpoint_group_of"]

# Requests in flight while the limit of a window is unknown: limits as low as 10 a minute were recorded.
PROBE = 4

_GROUPS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), group)
    for pattern, group in (
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


def endpoint_group_of(path: str) -> str:
    """Return the group of endpoints that are documented to share a limit with this path template."""
    for pattern, group in _GROUPS:
        if pattern.match(path):
            return group
    return "/".join(path.split("/")[:3])


# Endpoints of one group can have different limits: in one org, agent pools had 10 a minute while the rest of
# the group had 1000. So a bucket is identified by group and limit.
BucketKey = tuple[str, int | None]
# The limit in the key of a bucket for those endpoints of a group whose responses have no rate limit headers.
_WITHOUT_HEADERS = -1


@attrs.frozen
class Bucket:
    """State of one rate limit, as read from the responses.

    Attributes:
        limit: requests that a window allows; None before the first response.
        remaining: the lowest remaining number seen in this window.
        reset: the end of the window by Okta's clock, which identifies the window.
        opens_at: the time at which the window has certainly ended, on the monotonic clock.
        lead: seconds (less than one) before `opens_at` at which to send. After a 429, another client of the
            org waits for the same moment and was faster the last time; `opens_at` has a second to spare.
        in_flight: requests sent and not yet answered.
        estimate: the limit as estimated from 429s without valid headers.
    """

    limit: int | None = None
    remaining: int = 0
    reset: int = 0
    opens_at: float = 0.0
    lead: float = 0.0
    in_flight: int = 0
    estimate: Estimate = attrs.field(factory=Estimate)

    def free_slots(self, now: float) -> int:
        """Return the number of further requests that may be sent at `now`."""
        if self.limit == _WITHOUT_HEADERS or self.estimate.refusals:
            return self.estimate.free_slots(now, self.in_flight)
        if self.limit is None:
            return PROBE - self.in_flight
        if now >= self.opens_at - self.lead:
            # In a new window, other clients may have sent requests already: probe with a few.
            return min(PROBE, self.limit) - self.in_flight
        return self.remaining - self.in_flight

    def wait(self, now: float) -> float | None:
        """Return the seconds until a request may be sent; None if that depends on a response."""
        if self.limit == _WITHOUT_HEADERS or self.estimate.refusals:
            return self.estimate.wait(now)
        left = self.opens_at - self.lead - now
        return left if self.limit is not None and left > 0 else None

    def with_more_in_flight(self, more: int) -> Bucket:
        """Return the bucket with `more` additional requests in flight."""
        return attrs.evolve(self, in_flight=self.in_flight + more)

    def updated(self, seen: Limits, now: float, lead: float = 0.0) -> Bucket:
        """Return the bucket with the limits of one response. Responses may arrive in any order.

        Within a window the lowest remaining number and the earliest end are the most accurate: the former
        only decreases, and the latter is late by the time the response took. A response of an earlier
        window is ignored. If this window is over and responses still have an earlier one, the server's clock
        was wrong for this window, and the new response replaces it.
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
    """A request in the queue of its endpoint.

    Attributes:
        endpoint: the queue in which it waits.
        position: its position; lower goes first.
        granted: whether it may be sent.
        sent_at: the time at which it was granted, on the monotonic clock.
        cancelled: whether its task stopped waiting.
    """

    endpoint: _Endpoint = attrs.field(repr=False)
    position: int
    granted: bool = False
    sent_at: float = 0.0
    cancelled: bool = False


@attrs.define(eq=False)
class _Endpoint:
    """The waiting requests of one method and path template, in order of position."""

    group: str
    bucket: BucketKey
    known: bool = False  # whether a response had its limit; before that, the limit of its group is assumed
    in_flight: int = 0
    queue: list[tuple[int, int, Ticket]] = attrs.field(factory=list)

    def head(self) -> Ticket | None:
        while self.queue and self.queue[0][2].cancelled:
            heapq.heappop(self.queue)
        return self.queue[0][2] if self.queue else None


class RateLimiter:
    """Decides which waiting requests to send next.

    Within a bucket the lowest position goes first. Among buckets, the one with the fewest requests in flight
    goes first, so that a fast endpoint with a long queue never holds up a slow one.

    Args:
        concurrency: requests in flight at most, over all buckets.
    """

    def __init__(self, concurrency: int) -> None:
        self.concurrency = concurrency
        self.in_flight = 0
        self._endpoints: dict[tuple[str, str], _Endpoint] = {}
        self._waiting: dict[tuple[str, str], _Endpoint] = {}
        self._buckets: defaultdict[BucketKey, Bucket] = defaultdict(Bucket)
        self._latest: dict[str, int] = {}
        self._joined = 0

    def join(self, method: str, path: str, position: int) -> Ticket:
        """Add a request to the queue of its endpoint. The lower `position` goes first."""
        key = (method, path)
        endpoint = self._endpoints.get(key)
        if endpoint is None:
            group = endpoint_group_of(path)
            endpoint = self._endpoints[key] = _Endpoint(group, (group, self._latest.get(group)))
        ticket = Ticket(endpoint, position)
        self._joined += 1
        heapq.heappush(endpoint.queue, (position, self._joined, ticket))
        self._waiting[key] = endpoint
        return ticket

    def grant(self, now: float) -> list[Ticket]:
        """Grant all requests that may be sent now. They count as in flight from now on."""
        granted: list[Ticket] = []
        while self._waiting and self.in_flight < self.concurrency and (ticket := self._choose(now)):
            endpoint = ticket.endpoint
            heapq.heappop(endpoint.queue)
            ticket.granted, ticket.sent_at = True, now
            self._count_in_flight(endpoint, 1)
            granted.append(ticket)
        return granted

    def heads(self) -> list[Ticket]:
        """Return the first request in each queue. Only these can be granted after a time."""
        return [head for endpoint in self._waiting.values() if (head := endpoint.head())]

    def wait(self, ticket: Ticket, now: float) -> float | None:
        """Return the seconds after which to call `grant` for it; None if that depends on a response."""
        key = ticket.endpoint.bucket
        if ticket.endpoint.head() is not ticket or self._buckets[key].free_slots(now) > 0:
            return None
        return self._buckets[key].wait(now)

    def leave(
        self, ticket: Ticket, seen: Limits | None, now: float, *, answered: bool, lead: float = 0.0
    ) -> None:
        """Release a request that has ended, and update its bucket from the response.

        Args:
            ticket: the request.
            seen: the limits in the headers of the response, if they are valid.
            now: the time at which the request ended.
            answered: whether the response shows that the request was within its limit.
            lead: seconds (less than one) to send before the next window, if the response was a 429.
        """
        endpoint = ticket.endpoint
        self._count_in_flight(endpoint, -1)
        if seen is not None:
            key = (endpoint.group, seen.limit)
            endpoint.known = True
            self._move_to_bucket(endpoint, key)
            self._buckets[key] = self._buckets[key].updated(seen, now, lead)
            self._latest[endpoint.group] = seen.limit
        elif answered and not endpoint.known:
            self._move_to_bucket_without_headers(endpoint)
        if answered:
            self._update_estimate(endpoint, lambda estimate: estimate.after_acceptance(ticket.sent_at, now))

    def refuse(self, ticket: Ticket, now: float, *, pause: float | None) -> None:
        """Release a request that got a 429 without valid limits, and pause its bucket.

        Args:
            ticket: the request.
            now: the time at which the response arrived.
            pause: the seconds to wait according to other headers of the response, if any.
        """
        endpoint = ticket.endpoint
        self._count_in_flight(endpoint, -1)
        if not endpoint.known:
            self._move_to_bucket_without_headers(endpoint)
        self._update_estimate(endpoint, lambda estimate: estimate.after_refusal(ticket.sent_at, now, pause))

    def _move_to_bucket_without_headers(self, endpoint: _Endpoint) -> None:
        key = (endpoint.group, _WITHOUT_HEADERS)
        self._move_to_bucket(endpoint, key)
        self._buckets[key] = attrs.evolve(self._buckets[key], limit=_WITHOUT_HEADERS)

    def _update_estimate(self, endpoint: _Endpoint, change: Callable[[Estimate], Estimate]) -> None:
        bucket = self._buckets[endpoint.bucket]
        self._buckets[endpoint.bucket] = attrs.evolve(bucket, estimate=change(bucket.estimate))

    def cancel(self, ticket: Ticket, now: float) -> None:
        """Remove a request whose task stopped waiting. It may have been granted."""
        if ticket.granted:
            self.leave(ticket, None, now, answered=False)
        ticket.cancelled = True

    def _count_in_flight(self, endpoint: _Endpoint, more: int) -> None:
        self.in_flight += more
        endpoint.in_flight += more
        self._buckets[endpoint.bucket] = self._buckets[endpoint.bucket].with_more_in_flight(more)

    def _move_to_bucket(self, endpoint: _Endpoint, key: BucketKey) -> None:
        """Move an endpoint with its requests in flight to another bucket."""
        if key != endpoint.bucket:
            for bucket, more in ((endpoint.bucket, -endpoint.in_flight), (key, endpoint.in_flight)):
                self._buckets[bucket] = self._buckets[bucket].with_more_in_flight(more)
        endpoint.bucket = key

    def _choose(self, now: float) -> Ticket | None:
        best: tuple[int, int] | None = None
        chosen: Ticket | None = None
        for key, endpoint in list(self._waiting.items()):
            head = endpoint.head()
            if head is None:
                del self._waiting[key]
                continue
            unknown = not endpoint.known and endpoint.bucket[1] != _WITHOUT_HEADERS
            if unknown:
                self._move_to_bucket(endpoint, (endpoint.group, self._latest.get(endpoint.group)))
            bucket = self._buckets[endpoint.bucket]
            if (unknown and endpoint.in_flight >= PROBE) or bucket.free_slots(now) <= 0:
                continue
            rank = (bucket.in_flight, head.position)
            if best is None or rank < best:
                best, chosen = rank, head
        return chosen
