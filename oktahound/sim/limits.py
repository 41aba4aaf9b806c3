"""Rate limits of a simulated organization: one bucket per endpoint group, and a concurrency limit."""

from __future__ import annotations

import math

import attrs

from oktahound.clock import Clock

__all__ = ["LimitHeaders", "Meter", "RateLimits", "Window"]

_WINDOW = 60.0
_UNLIMITED = 1_000_000


@attrs.frozen(kw_only=True)
class RateLimits:
    """Requests per minute for each bucket of an org, and the limit on concurrent requests.

    The defaults are Okta's published limits of a Workforce Identity org. Real orgs differ widely, so a
    client must rely on the headers.

    Attributes:
        apps: the listing of applications **and every list below one application**.
        app: one application.
        users: the listing of users.
        user: one user, and everything below.
        groups: the listing of groups, and their members and roles.
        group: one group.
        iam: custom roles, resource sets, bindings, assignees.
        devices: devices.
        clients: OAuth clients and their roles.
        integrations: API service integrations and their secrets.
        logs: the System Log.
        token: the token endpoint.
        other: the rest of ``/api/v1``.
        concurrent: maximum number of concurrent calls; further calls are refused with a limit of 0.
    """

    apps: int = 100
    app: int = 500
    users: int = 600
    user: int = 2000
    groups: int = 500
    group: int = 1000
    iam: int = 1600
    devices: int = 100
    clients: int = 100
    integrations: int = 100
    logs: int = 120
    token: int = 150
    other: int = 1200
    concurrent: int = 75

    def scaled(self, factor: float) -> RateLimits:
        """Return these limits multiplied by `factor`, at least 1; `concurrent` is unchanged."""
        per_minute = {
            field.name: max(1, round(getattr(self, field.name) * factor))
            for field in attrs.fields(RateLimits)
            if field.name != "concurrent"
        }
        return attrs.evolve(self, **per_minute)


@attrs.frozen
class Window:
    """The usage of one window of one bucket.

    Attributes:
        bucket: the name of the bucket in `RateLimits`.
        opened: the time of its first call, in seconds since the epoch.
        limit: the number of calls that it allowed.
        served: the number of accepted calls.
        refused: the number of calls that were refused with 429.
    """

    bucket: str
    opened: float
    limit: int
    served: int
    refused: int


@attrs.define
class _Counter:
    """An open window."""

    opened: float
    reset: int
    limit: int
    calls: int = 0


@attrs.frozen
class LimitHeaders:
    """The rate-limit headers of one response."""

    limit: int
    remaining: int
    reset: int
    exceeded: bool

    def headers(self) -> list[tuple[str, str]]:
        """Return the three headers that Okta sends."""
        return [
            ("X-Rate-Limit-Limit", str(self.limit)),
            ("X-Rate-Limit-Remaining", str(self.remaining)),
            ("X-Rate-Limit-Reset", str(self.reset)),
        ]


class Meter:
    """Counts calls per bucket, in windows of a minute that begin with a bucket's first call."""

    def __init__(self, limits: RateLimits | None, clock: Clock) -> None:
        self.limits = limits
        self._clock = clock
        self._windows: dict[str, list[_Counter]] = {}

    def windows(self) -> tuple[Window, ...]:
        """All windows so far, by bucket, oldest first."""
        return tuple(
            Window(
                bucket,
                window.opened,
                window.limit,
                min(window.calls, window.limit),
                max(0, window.calls - window.limit),
            )
            for bucket, known in sorted(self._windows.items())
            for window in known
        )

    def count(self, bucket: str) -> LimitHeaders:
        """Count one call against a bucket."""
        window = self._window(bucket)
        window.calls += 1
        remaining = max(0, window.limit - window.calls)
        return LimitHeaders(window.limit, remaining, window.reset, window.calls > window.limit)

    def concurrency_refusal(self, in_flight: int) -> LimitHeaders | None:
        """Return the headers of a concurrency refusal if there are too many concurrent calls."""
        if self.limits is None or in_flight <= self.limits.concurrent:
            return None
        # The reset time of such a response is not reliable: recorded ones differ by up to 111 seconds.
        return LimitHeaders(0, 0, math.ceil(self._clock.time() + _WINDOW), exceeded=True)

    def _window(self, bucket: str) -> _Counter:
        now = self._clock.time()
        known = self._windows.setdefault(bucket, [])
        # The header has whole seconds. The window ends at a whole second too, so that calls succeed from
        # `reset` on.
        if not known or now >= known[-1].reset:
            limit = _UNLIMITED if self.limits is None else getattr(self.limits, bucket)
            known.append(_Counter(now, math.ceil(now + _WINDOW), limit))
        return known[-1]
