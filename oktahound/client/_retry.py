"""When to ask again: passing trouble is waited out inside a time budget. Time comes with the answers."""

from __future__ import annotations

import math
from collections.abc import Callable

import attrs

from oktahound.client._error_responses import error_of_failure, error_of_response
from oktahound.client._headers import LONGEST_WAIT, limits_of, retry_after
from oktahound.client._json import NOT_JSON
from oktahound.client._steps import Flow, Outcome, Pause, Request, Response, TransportFailure
from oktahound.errors import RequestError

__all__ = ["CircuitBreaker", "RetryPolicy", "TransientError", "attempts", "transient_error"]

_PASSING = frozenset({500, 502, 503, 504})
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
# An answer that does not parse may have been cut short on its way; more often it is no JSON at all.
_DAMAGED_TRIES = 3
# Nobody at that address ever answered: a wrong name or a missing network more likely than a bad moment.
_STRANGER_BUDGET = 20.0
# The line holds a request back for a second at least. One that came back sooner was not held.
_HELD = 1.0


@attrs.frozen
class RetryPolicy:
    """How long one request may be retried.

    Attributes:
        budget: seconds from the first trouble to the last attempt, of one request and of all the requests
            to an endpoint that answers nothing else.
        random: a number in [0, 1), for jitter.
    """

    budget: float
    random: Callable[[], float] = attrs.field(repr=False)

    def pause(self, tries: int) -> float:
        """Seconds before the next try, by exponential back-off with full jitter.

        `tries` counts those that failed, from 1. Full jitter spreads retries best:
        https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        """
        return self.random() * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(tries, 10))


@attrs.frozen
class TransientError:
    """One failed attempt that may be repeated.

    Attributes:
        at_least: seconds the server asked for; None when it named none.
        paced: seconds for which the line holds it back already; None when it does not.
        tries: how many attempts this trouble is worth; None for as many as the budget holds.
        budget: seconds at most, if less than the patience there is.
    """

    at_least: float | None = None
    paced: float | None = None
    tries: int | None = None
    budget: float | None = None


def transient_error(outcome: Outcome) -> TransientError | None:
    """What passing trouble an outcome is; None when it is final, for better or worse."""
    if isinstance(outcome, TransportFailure):
        return _failed(outcome)
    if outcome.status == 429:
        # A window that is spent is the bucket's matter; a concurrency limit or a 429 without usable
        # headers is this request's own: back off, and do not trust the reset.
        limits = limits_of(outcome.headers)
        return TransientError(
            at_least=retry_after(outcome.headers), paced=limits.opens_in if limits else None
        )
    if outcome.status in _PASSING:
        return TransientError(at_least=retry_after(outcome.headers))
    if outcome.status < 300 and outcome.doc is NOT_JSON and not _page_of_html(outcome):
        return TransientError(tries=_DAMAGED_TRIES)
    return None


class CircuitBreaker:
    """Since when each endpoint has given nothing but trouble.

    Ten thousand requests to an endpoint that is down would each wait for it until their own patience ends.
    So they share it: once nothing but trouble came for as long as one request may wait, the next to meet
    trouble gives up at once. One good answer, or five minutes of silence, make everything good again.
    """

    def __init__(self) -> None:
        self._ill: dict[str, tuple[float, float]] = {}  # since when, and when last

    def note(self, path: str, outcome: Outcome) -> float | None:
        """Since when this endpoint is ill, this outcome included; None when it is not."""
        if transient_error(outcome) is None:
            if isinstance(outcome, Response):
                self._ill.pop(path, None)
            return None
        since, last = self._ill.get(path, (outcome.at, outcome.at))
        if outcome.at - last > LONGEST_WAIT:
            since = outcome.at
        self._ill[path] = (since, outcome.at)
        return since


def _failed(failure: TransportFailure) -> TransientError | None:
    if failure.kind == "transport":
        return TransientError(budget=_STRANGER_BUDGET if failure.stranger else None)
    return TransientError(tries=_DAMAGED_TRIES) if failure.kind == "damaged" else None


def _page_of_html(response: Response) -> bool:
    return "html" in response.headers.get("content-type", "").lower()


def attempts(ask: Request, retry_policy: RetryPolicy) -> Flow[Response]:
    """Send `ask` until the answer is final, or the budget is spent.

    Returns:
        The answer: of any status that retrying does not change, or a 2xx that still is not JSON.

    Raises:
        RequestError: the trouble did not pass.
    """
    tries, damaged, since, refused = 0, 0, math.inf, -math.inf
    while True:
        outcome: Outcome = yield ask
        bad = transient_error(outcome)
        if bad is None:
            if isinstance(outcome, TransportFailure):
                raise error_of_failure(ask, outcome)
            return outcome
        tries += 1
        damaged += bad.tries is not None
        since = min(since, outcome.at, math.inf if outcome.ill_since is None else outcome.ill_since)
        held = bad.paced is not None and outcome.at - refused >= _HELD
        refused = outcome.at if bad.paced is not None else refused
        pause = 0.0 if held else max(bad.at_least or 0.0, retry_policy.pause(tries))
        budget = retry_policy.budget if bad.budget is None else min(bad.budget, retry_policy.budget)
        spent = outcome.at - since + max(pause, bad.paced or 0.0) > budget or budget <= 0
        if spent or (bad.tries is not None and damaged >= bad.tries):
            return _given_up(ask, outcome)
        if pause:
            yield Pause(pause)


def _given_up(ask: Request, outcome: Outcome) -> Response:
    if isinstance(outcome, Response) and outcome.status < 300:
        return outcome
    error: RequestError = (
        error_of_failure(ask, outcome)
        if isinstance(outcome, TransportFailure)
        else error_of_response(ask, outcome)
    )
    raise error
