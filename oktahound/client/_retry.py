"""Retry policy for transient errors (429, 5xx, transport errors), and the flow of one request.

Waiting for rate limits and retrying errors have separate budgets: a rate limit is part of normal operation
and ends, while an error may last forever. Backoff is exponential with full jitter. Pure: timestamps come
with each response. `exchange` adds the renewal of a refused token and of a DPoP nonce.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import attrs

from oktahound.client._body import NOT_JSON
from oktahound.client._error_responses import (
    error_of_failure,
    error_of_response,
    needs_dpop_nonce,
    rejects_token,
)
from oktahound.client._headers import LONGEST_WAIT, is_concurrency_limit, limits_of, retry_after
from oktahound.client._steps import Flow, Outcome, Pause, Renew, Request, Response, TransportFailure
from oktahound.errors import ProtocolError, RequestError

__all__ = [
    "CircuitBreaker",
    "RetryPolicy",
    "TransientError",
    "attempts",
    "exchange",
    "fetch_json",
    "parse_body",
    "transient_error",
    "wrong_response",
]


_TRANSIENT = frozenset({500, 502, 503, 504})
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
# A body that does not parse may have been truncated; more often it is not JSON at all.
_DAMAGED_TRIES = 3
# Attempts if errors affect single objects and are not an outage: half a minute of backoff at most.
_OBJECT_TRIES = 6
# Seconds after which the failure of a request counts as persistent.
_PERSISTENT = 60.0
# Budget while no request to this address was ever answered: a wrong name or a missing network is more likely
# than a transient error.
_UNREACHED_BUDGET = 20.0
# The rate limiter holds a refused request for at least a second. If it returned sooner, it was not held.
_HELD = 1.0
# Seconds after which a rate-limit window of a minute has certainly ended.
_WINDOW = 61.0

Kind = Literal["error", "rate limit"]


@attrs.frozen
class RetryPolicy:
    """Limits on the retries of one request.

    Attributes:
        retry_budget: seconds that one request may spend on errors (5xx, transport errors, damaged bodies),
            from the start of the first failed attempt to the end of the last. All requests to an endpoint
            share it while the endpoint answers none of them.
        random: returns a number in [0, 1), for jitter.
        rate_limit_budget: seconds that one request may spend on 429s; `retry_budget` by default.
        max_retries: maximum attempts after the first; None for no limit besides the budgets.
    """

    retry_budget: float
    random: Callable[[], float] = attrs.field(repr=False)
    rate_limit_budget: float = attrs.field(
        default=attrs.Factory(lambda self: self.retry_budget, takes_self=True)
    )
    max_retries: int | None = None

    def without_retries(self) -> RetryPolicy:
        """Return a policy that allows one attempt."""
        return attrs.evolve(self, max_retries=0)

    def pause(self, tries: int) -> float:
        """Return the seconds before the next attempt, by exponential backoff with full jitter.

        `tries` counts the attempts that failed, from 1. Full jitter spreads retries best:
        https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        """
        return self.random() * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(tries, 10))


@attrs.frozen
class TransientError:
    """One failed attempt that may be repeated.

    Attributes:
        kind: the budget that it spends.
        at_least: seconds to wait according to the server; None if it sent none.
        held: seconds for which the rate limiter holds the request; None if it does not.
        tries: maximum attempts after this error; None for as many as the budget allows.
        budget: maximum seconds, if less than the policy's.
    """

    kind: Kind = "error"
    at_least: float | None = None
    held: float | None = None
    tries: int | None = None
    budget: float = float("inf")


def transient_error(outcome: Outcome) -> TransientError | None:
    """Classify an outcome as a transient error; None if it is final, whether success or failure."""
    if isinstance(outcome, TransportFailure):
        return _transport_error(outcome)
    if outcome.status == 429:
        after = retry_after(outcome.headers)
        limits = limits_of(outcome.headers)
        if limits is None and is_concurrency_limit(outcome.headers):
            return TransientError("rate limit", at_least=after)  # no bucket is spent: only this request waits
        # If the end of the window is unknown, the bucket may stay closed for a whole window.
        return TransientError("rate limit", held=limits.opens_in if limits else after or _WINDOW)
    if outcome.status in _TRANSIENT:
        return TransientError(at_least=retry_after(outcome.headers))
    if outcome.status < 300 and outcome.doc is NOT_JSON and not _is_html(outcome):
        return TransientError(tries=_DAMAGED_TRIES)
    return None


def _transport_error(failure: TransportFailure) -> TransientError | None:
    if failure.kind == "transport":
        return TransientError(budget=_UNREACHED_BUDGET if failure.never_reached else float("inf"))
    return TransientError(tries=_DAMAGED_TRIES) if failure.kind == "damaged" else None


def _is_html(response: Response) -> bool:
    return "html" in response.headers.get("content-type", "").lower()


class CircuitBreaker:
    """Circuit breaker: records the time since which each endpoint has returned only transient errors.

    Without it, each of ten thousand requests to an endpoint that is down would wait until its own budget is
    spent. With it, all requests share one budget: once an endpoint has failed for as long as one request may
    be retried, the next failing request gives up at once. One good response, or five minutes without a
    response, closes the circuit again.

    It also detects errors that affect single objects: one request has failed for a minute, and the org has
    answered others since. Later failing requests then give up after six attempts.
    """

    def __init__(self) -> None:
        self._failing: dict[tuple[str, Kind], tuple[float, float]] = {}  # times of the first and last failure
        self._persistent: dict[Request, float] = {}
        self._worked_at = float("-inf")

    def note(self, request: Request, sent_at: float, outcome: Outcome) -> Outcome:
        """Record an outcome, and return it with the state of the endpoint and the org."""
        error = transient_error(outcome)
        if error is None:
            if isinstance(outcome, Response):
                self._note_success(request, outcome.at)
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

    def _note_success(self, request: Request, at: float) -> None:
        self._worked_at = at
        self._failing.pop((request.path, "error"), None)
        self._failing.pop((request.path, "rate limit"), None)
        self._persistent.pop(request, None)


@attrs.define
class _Spending:
    """The budgets that one request has spent: the time from each failed attempt to the next."""

    policy: RetryPolicy
    tries: int = 0
    damaged: int = 0
    refused_at: float = float("-inf")
    _seconds: dict[Kind, float] = attrs.field(factory=lambda: {"error": 0.0, "rate limit": 0.0})
    _last: tuple[Kind, float, float] | None = None

    def pause(self, outcome: Outcome, error: TransientError) -> float | None:
        """Return the seconds before the next attempt; None if there is none."""
        self.tries += 1
        self.damaged += error.tries is not None
        duration = 0.0 if outcome.sent_at is None else outcome.at - outcome.sent_at
        if self._last is None:
            self._seconds[error.kind] += duration
        else:
            kind, at, most = self._last
            self._seconds[kind] += min(outcome.at - at, most)
        # After a window, a refused request waits in the queue behind others. That time is not charged.
        most = max(error.held or 0.0, _WINDOW) if error.kind == "rate limit" else float("inf")
        self._last = (error.kind, outcome.at, most)
        held = error.held is not None and outcome.at - self.refused_at >= _HELD
        self.refused_at = outcome.at if error.held is not None else self.refused_at
        pause = 0.0 if held else max(error.at_least or 0.0, self.policy.pause(self.tries))
        if self._is_spent(outcome, error, duration + max(pause, error.held or 0.0)):
            return None
        return pause

    def _is_spent(self, outcome: Outcome, error: TransientError, next_attempt: float) -> bool:
        policy, limited = self.policy, error.kind == "rate limit"
        budget = min(error.budget, policy.rate_limit_budget if limited else policy.retry_budget)
        endpoint_seconds = 0.0 if outcome.failing_since is None else outcome.at - outcome.failing_since
        return (
            (not limited and outcome.is_no_outage and self.tries >= _OBJECT_TRIES)
            or budget <= 0
            or max(self._seconds[error.kind], endpoint_seconds) + next_attempt > budget
            # An attempt after an error may take longer than expected and end in a 429.
            or self._seconds["error"] > policy.retry_budget
            or (error.tries is not None and self.damaged >= error.tries)
            or (policy.max_retries is not None and self.tries > policy.max_retries)
        )


def attempts(request: Request, retry_policy: RetryPolicy) -> Flow[Response]:
    """Send a request until the outcome is final or a budget is spent.

    Returns:
        The response: one with a status that is not transient, or a 2xx that is still not JSON.

    Raises:
        RequestError: the transient error lasted longer than the budget.
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
            status = outcome.status if isinstance(outcome, Response) else None
            yield Pause(
                pause,
                request=f"{request.method} {request.path}",
                attempt=spending.tries,
                status=status,
                reason=f"status {status}" if isinstance(outcome, Response) else outcome.reason,
            )


def _give_up(request: Request, outcome: Outcome) -> Response:
    if isinstance(outcome, Response) and outcome.status < 300:
        return outcome
    error: RequestError = (
        error_of_failure(request, outcome)
        if isinstance(outcome, TransportFailure)
        else error_of_response(request, outcome)
    )
    raise error


def exchange(request: Request, retry_policy: RetryPolicy) -> Flow[Response]:
    """Send a request until the response is a 2xx. Renews the credential and the nonce at most once.

    Raises:
        RequestError: the response is final and not a 2xx, or the retry budget is spent.
    """
    renewed = repeated = False
    while True:
        response = yield from attempts(request, retry_policy)
        if 200 <= response.status < 300:
            return response
        if needs_dpop_nonce(response) and not repeated:
            repeated = True  # the driver has read the nonce, and the next proof contains it
            continue
        if rejects_token(response) and not renewed:
            renewed = True
            if (yield Renew(response.generation)):
                continue
        raise error_of_response(request, response)


def fetch_json(request: Request, retry_policy: RetryPolicy) -> Flow[Any]:
    """Return the parsed JSON of one GET request.

    Raises:
        RequestError: the request failed.
    """
    response = yield from exchange(request, retry_policy)
    return parse_body(request, response)


def wrong_response(request: Request, message: str, status: int | None = None) -> ProtocolError:
    """Return the error for a response that does not follow Okta's protocol."""
    return ProtocolError(message, method=request.method, path=request.path, status=status)


def parse_body(request: Request, response: Response) -> Any:
    """Return the parsed JSON of a response.

    Only status 200 means the whole resource: 206 is a part of it, and 203 was changed by a proxy.

    Raises:
        ProtocolError: the status is not 200, or the body is not JSON.
    """
    if response.status != 200 and response.doc is not NOT_JSON:
        raise wrong_response(request, "the response is only a part of the resource", response.status)
    if response.doc is not NOT_JSON:
        return response.doc
    if not response.body.strip():
        raise wrong_response(request, "the response body is empty", response.status)
    if "html" in response.headers.get("content-type", "").lower():
        raise wrong_response(request, "the response body is a web page instead of JSON", response.status)
    message = f"the response body of {len(response.body):,} bytes is not JSON, or was truncated"
    raise wrong_response(request, message, response.status)
