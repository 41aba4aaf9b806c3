"""Retry policy for transient errors (429, 5xx, transport errors), with exponential backoff and time budgets.

Waiting for a rate limit and retrying an error have separate budgets: a rate limit is part of ordinary
operation and ends, an error may last for ever. Pure: timestamps come with each response.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import attrs

from oktahound.client._error_responses import error_of_failure, error_of_response
from oktahound.client._headers import LONGEST_WAIT, is_concurrency_limit, limits_of, retry_after
from oktahound.client._json import NOT_JSON
from oktahound.client._steps import Flow, Outcome, Pause, Request, Response, TransportFailure
from oktahound.errors import RequestError

__all__ = ["CircuitBreaker", "RetryPolicy", "TransientError", "attempts", "transient_error"]

_TRANSIENT = frozenset({500, 502, 503, 504})
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
# A body that does not parse may have been cut short on its way; more often it is no JSON at all.
_DAMAGED_TRIES = 3
# Attempts when errors are about single objects and not an outage: half a minute of backoff at most.
_OBJECT_TRIES = 6
# Seconds after which a request that still fails is no victim of a moment.
_PERSISTENT = 60.0
# No request to this address was ever answered: a wrong name or a missing network is more likely than a
# moment's failure.
_UNREACHED_BUDGET = 20.0
# The rate limiter holds a refused request for a second at least. One that came back sooner was not held.
_HELD = 1.0
# Seconds after which a rate-limit window of a minute has surely ended.
_WINDOW = 61.0

Kind = Literal["error", "rate limit"]


@attrs.frozen
class RetryPolicy:
    """How long one request may be retried.

    Attributes:
        retry_budget: seconds that one request may spend on errors (5xx, transport errors, damaged bodies),
            from sending the first attempt that failed to the end of the last. It is also shared by all the
            requests to an endpoint while that answers none of them.
        random: a number in [0, 1), for jitter.
        rate_limit_budget: seconds that one request may spend on 429s; by default as many as `retry_budget`.
        max_retries: attempts after the first, if there is a limit besides the budgets.
    """

    retry_budget: float
    random: Callable[[], float] = attrs.field(repr=False)
    rate_limit_budget: float = attrs.field(
        default=attrs.Factory(lambda self: self.retry_budget, takes_self=True)
    )
    max_retries: int | None = None

    def without_retries(self) -> RetryPolicy:
        """The same for one attempt."""
        return attrs.evolve(self, max_retries=0)

    def pause(self, tries: int) -> float:
        """Seconds before the next attempt, by exponential backoff with full jitter.

        `tries` counts the attempts that failed, from 1. Full jitter spreads retries best:
        https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        """
        return self.random() * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(tries, 10))


@attrs.frozen
class TransientError:
    """One failed attempt that may be repeated.

    Attributes:
        kind: which budget it spends.
        at_least: seconds that the server asked to wait; None when it named none.
        held: seconds for which the rate limiter holds the request back already; None when it does not.
        tries: how many attempts this error is worth; None for as many as the budget holds.
        budget: seconds at most, if less than the policy's.
    """

    kind: Kind = "error"
    at_least: float | None = None
    held: float | None = None
    tries: int | None = None
    budget: float = float("inf")


def transient_error(outcome: Outcome) -> TransientError | None:
    """Which transient error an outcome is; None when it is final, be it good or bad."""
    if isinstance(outcome, TransportFailure):
        return _transport_error(outcome)
    after = retry_after(outcome.headers)
    if outcome.status == 429:
        limits = limits_of(outcome.headers)
        if limits is None and is_concurrency_limit(outcome.headers):
            return TransientError("rate limit", at_least=after)  # no bucket is spent: only this request waits
        # Without a window the bucket may stay closed for as long as one lasts.
        return TransientError("rate limit", held=limits.opens_in if limits else after or _WINDOW)
    if outcome.status in _TRANSIENT:
        return TransientError(at_least=after)
    if outcome.status < 300 and outcome.doc is NOT_JSON and not _is_html(outcome):
        return TransientError(tries=_DAMAGED_TRIES)
    return None


def _transport_error(failure: TransportFailure) -> TransientError | None:
    if failure.kind == "transport":
        return TransientError(budget=_UNREACHED_BUDGET if failure.stranger else float("inf"))
    return TransientError(tries=_DAMAGED_TRIES) if failure.kind == "damaged" else None


def _is_html(response: Response) -> bool:
    return "html" in response.headers.get("content-type", "").lower()


class CircuitBreaker:
    """Since when each endpoint has returned nothing but transient errors.

    Ten thousand requests to an endpoint that is down would each wait until their own budget is spent. So they
    share it: once an endpoint has failed for as long as one request may be retried, the next that fails gives
    up at once. One good response, or five minutes without any, closes the circuit again.

    It also notices that errors are about single objects: a request has failed for a minute, and the org has
    answered others since. Later requests that fail are then given up after six attempts.
    """

    def __init__(self) -> None:
        self._failing: dict[tuple[str, Kind], tuple[float, float]] = {}  # since when, and when last
        self._persistent: dict[Request, float] = {}
        self._worked_at = float("-inf")

    def note(self, request: Request, sent_at: float, outcome: Outcome) -> Outcome:
        """Record an outcome. Returns it with the state of the endpoint and the org."""
        error = transient_error(outcome)
        if error is None:
            if isinstance(outcome, Response):
                self._worked(request, outcome.at)
            return outcome
        since, last = self._failing.get((request.path, error.kind), (outcome.at, outcome.at))
        if outcome.at - last > LONGEST_WAIT:
            since = outcome.at
        self._failing[request.path, error.kind] = (since, outcome.at)
        if error.kind == "error":
            request.failed_at = outcome.at if request.failed_at is None else request.failed_at
            if outcome.at - request.failed_at >= _PERSISTENT:
                self._persistent.setdefault(request, outcome.at)
        first = next(iter(self._persistent.values()), float("inf"))
        return attrs.evolve(
            outcome, sent_at=sent_at, failing_since=since, is_no_outage=self._worked_at > first
        )

    def _worked(self, request: Request, at: float) -> None:
        self._worked_at = at
        self._failing.pop((request.path, "error"), None)
        self._failing.pop((request.path, "rate limit"), None)
        self._persistent.pop(request, None)


@attrs.define
class _Spending:
    """What one request has spent of its budgets: the time from each failed attempt to the next."""

    policy: RetryPolicy
    tries: int = 0
    damaged: int = 0
    refused_at: float = float("-inf")
    _seconds: dict[Kind, float] = attrs.field(factory=lambda: {"error": 0.0, "rate limit": 0.0})
    _last: tuple[Kind, float, float] | None = None

    def pause(self, outcome: Outcome, error: TransientError) -> float | None:
        """Seconds before the next attempt; None when there is none."""
        self.tries += 1
        self.damaged += error.tries is not None
        took = 0.0 if outcome.sent_at is None else outcome.at - outcome.sent_at
        if self._last is None:
            self._seconds[error.kind] += took
        else:
            kind, at, most = self._last
            self._seconds[kind] += min(outcome.at - at, most)
        # Beyond a window, a refused request waits in the queue behind others, which has no budget.
        most = max(error.held or 0.0, _WINDOW) if error.kind == "rate limit" else float("inf")
        self._last = (error.kind, outcome.at, most)
        held = error.held is not None and outcome.at - self.refused_at >= _HELD
        self.refused_at = outcome.at if error.held is not None else self.refused_at
        pause = 0.0 if held else max(error.at_least or 0.0, self.policy.pause(self.tries))
        if self._is_spent(outcome, error, took + max(pause, error.held or 0.0)):
            return None
        return pause

    def _is_spent(self, outcome: Outcome, error: TransientError, next_attempt: float) -> bool:
        policy, limited = self.policy, error.kind == "rate limit"
        budget = min(error.budget, policy.rate_limit_budget if limited else policy.retry_budget)
        together = 0.0 if outcome.failing_since is None else outcome.at - outcome.failing_since
        return (
            (not limited and outcome.is_no_outage and self.tries >= _OBJECT_TRIES)
            or budget <= 0
            or max(self._seconds[error.kind], together) + next_attempt > budget
            # An attempt after an error may take longer than expected and end in a 429.
            or self._seconds["error"] > policy.retry_budget
            or (error.tries is not None and self.damaged >= error.tries)
            or (policy.max_retries is not None and self.tries > policy.max_retries)
        )


def attempts(request: Request, retry_policy: RetryPolicy) -> Flow[Response]:
    """Send a request until the outcome is final, or a budget is spent.

    Returns:
        The response: one whose status retrying does not change, or a 2xx that still is not JSON.

    Raises:
        RequestError: the error did not pass.
    """
    spending = _Spending(retry_policy)
    while True:
        outcome: Outcome = yield request
        error = transient_error(outcome)
        if error is None:
            if isinstance(outcome, TransportFailure):
                raise error_of_failure(request, outcome)
            return outcome
        pause = spending.pause(outcome, error)
        if pause is None:
            return _give_up(request, outcome)
        if pause:
            yield Pause(pause)


def _give_up(request: Request, outcome: Outcome) -> Response:
    if isinstance(outcome, Response) and outcome.status < 300:
        return outcome
    error: RequestError = (
        error_of_failure(request, outcome)
        if isinstance(outcome, TransportFailure)
        else error_of_response(request, outcome)
    )
    raise error
