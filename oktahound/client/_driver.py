"""Drive the sans-IO flows: send requests, sleep, and feed the responses back.

The flows decide (`_listing`, `_retry`, `_oauth`). This is the only module that performs I/O.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from typing import Any, Protocol, TypeVar

import anyio
import httpx

from oktahound.client._body import BodyTooLargeError, DamagedBodyError, read_body
from oktahound.client._headers import is_concurrency_limit, limits_of, pause_of
from oktahound.client._owner import Owner
from oktahound.client._queue import RequestQueue
from oktahound.client._rate_limit import Ticket
from oktahound.client._retry import CircuitBreaker, RetryPolicy
from oktahound.client._steps import (
    Flow,
    Outcome,
    Page,
    Pause,
    Request,
    Response,
    SignedHeaders,
    Step,
    TransportFailure,
)
from oktahound.client._transport import RedactedLogs, TransportClient, is_permanent, reason_of
from oktahound.client._url import Org, origin_of
from oktahound.clock import Clock
from oktahound.errors import ForeignOriginError

__all__ = ["Credential", "Driver"]

T = TypeVar("T")
_log = logging.getLogger("oktahound.client")


class Credential(Protocol):
    """Interface between the driver and a credential."""

    async def ready(self) -> None:
        """Wait until there is a credential to send."""
        ...

    def current(self) -> bool:
        """Whether the credential is still valid, after the request has waited in the queue."""
        ...

    async def renew(self, generation: int, /) -> bool:
        """Replace the credential of this generation; False if it cannot be replaced."""
        ...

    def sign(self, method: str, url: httpx.URL, wall: float, /) -> SignedHeaders:
        """Return the headers that authenticate this request."""
        ...

    def observe(self, headers: httpx.Headers, wall: float, /) -> None:
        """Read the nonce and the server's time from a response."""
        ...


class Driver:
    """Runs flows against one org.

    Args:
        org: the org. Requests to any other origin are refused.
        http: sends the requests.
        queue: decides when a request may be sent.
        clock: the clock for times and waits.
        retry_policy: source of the jitter.
        timeout: maximum seconds of one request, from the first byte sent to the last byte read.
        max_body: maximum size of a decompressed body in bytes.
    """

    def __init__(
        self,
        org: Org,
        http: TransportClient,
        queue: RequestQueue,
        clock: Clock,
        retry_policy: RetryPolicy,
        *,
        timeout: float,
        max_body: int,
    ) -> None:
        self._org = org
        self._http = http
        self._queue = queue
        self._clock = clock
        self._retry_policy = retry_policy
        self._timeout = timeout
        self._max_body = max_body
        self._last_position = 0
        self._any_response = False
        self._breaker = CircuitBreaker()
        self.owner = Owner()
        self.requests: Counter[tuple[str, str]] = Counter()
        self.credential: Credential

    async def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end and return its result."""
        answer: Any = None
        while True:
            try:
                step = flow.send(answer)
            except StopIteration as stop:
                result: T = stop.value
                return result
            answer = await self._perform(step)

    async def pages(self, flow: Generator[Step | Page, Any, None]) -> AsyncGenerator[Page]:
        """Run a listing and yield each page as it arrives."""
        answer: Any = None
        while True:
            try:
                step = flow.send(answer)
            except StopIteration:
                return
            if isinstance(step, Page):
                answer = None
                yield step
            else:
                answer = await self._perform(step)

    async def _perform(self, step: Step) -> Any:
        if isinstance(step, Request):
            return await self._run_request(step)
        if isinstance(step, Pause):
            _log_retry(self._org.domain, step)
            return await self._clock.sleep(step.seconds)
        return await self.credential.renew(step.generation)

    async def _run_request(self, request: Request) -> Outcome:
        self.owner.claim()
        is_token_request = request.sign is not None
        # Token requests keep position 0, the front of the queue: all other requests wait for them.
        if request.position == 0 and not is_token_request:
            self._last_position += 1
            request.position = self._last_position
        while True:
            if not is_token_request:
                await self.credential.ready()
            ticket = await self._queue.enter(request.method, request.path, request.position)
            if is_token_request or self.credential.current():
                break
            self._queue.leave(ticket, None, answered=False)  # the token expired while the request waited
        outcome: Outcome | None = None
        try:
            outcome = await self._send(request)
            return outcome
        finally:
            self._release(ticket, outcome)

    def _release(self, ticket: Ticket, outcome: Outcome | None) -> None:
        if not isinstance(outcome, Response):
            self._queue.leave(ticket, None, answered=False)
            return
        seen, status = limits_of(outcome.headers), outcome.status
        if status != 429:
            # A gateway's error page says nothing about the limits of the endpoint.
            self._queue.leave(ticket, seen, answered=status < 500)
        elif seen is not None:
            self._queue.leave(ticket, seen.spent(), answered=False, lead=self._retry_policy.random())
        elif is_concurrency_limit(outcome.headers):
            self._queue.leave(ticket, None, answered=False)  # no bucket is spent: this request backs off
        else:
            self._queue.refuse(ticket, pause=pause_of(outcome.headers))

    async def _send(self, request: Request) -> Outcome:
        if origin_of(request.url) != self._org.origin:
            raise ForeignOriginError(
                f"the URL is not on the origin of {self._org.url}: nothing was sent",
                method=request.method,
                path=request.path,
            )
        wall, method, url = self._clock.time(), request.method, request.url
        signed = request.sign(wall) if request.sign else self.credential.sign(method, url, wall)
        http_request = self._http.build_request(method, url, headers=signed.headers, content=signed.content)
        self.requests[request.method, request.path] += 1
        sent_at = self._clock.monotonic()
        outcome = await self._exchange(http_request, signed)
        if isinstance(outcome, Response):
            self._any_response = True
            self.credential.observe(outcome.headers, self._clock.time())
            _log.debug("%s %s: %d", request.method, request.path, outcome.status)
        else:
            _log.debug("%s %s: %s", request.method, request.path, outcome.reason)
        return self._breaker.note(request, sent_at, outcome)

    async def _exchange(self, request: httpx.Request, signed: SignedHeaders) -> Outcome:
        """Send a request and read the response.

        httpx's exceptions are caught here: they hold the request, which holds the credential.
        """
        reason = f"no complete response within {self._timeout:g} s"
        try:
            with anyio.move_on_after(self._timeout):
                return await self._round_trip(request, signed)
        except BodyTooLargeError:
            return self._failure("oversize", f"the response is larger than {self._max_body} bytes")
        except (DamagedBodyError, httpx.DecodingError):
            return self._failure("damaged", "the response does not decompress")
        except (httpx.TransportError, httpx.InvalidURL, OSError) as error:
            reason = reason_of(error)
            if is_permanent(error):
                return self._failure("permanent", reason)
        return self._failure("transport", reason)

    def _failure(self, kind: Any, reason: str) -> TransportFailure:
        return TransportFailure(kind, reason, self._clock.monotonic(), never_reached=not self._any_response)

    async def _round_trip(self, request: httpx.Request, signed: SignedHeaders) -> Response:
        with RedactedLogs():
            response = await self._http.send(request)
            try:
                body = await read_body(response, self._max_body)
            finally:
                await response.aclose()
        return Response(
            response.status_code,
            response.headers,
            body,
            self._clock.monotonic(),
            signed.generation,
            signed.secrets,
        )


def _log_retry(domain: str, pause: Pause) -> None:
    """Log that a request failed and is repeated after a pause.

    ``extra`` has ``okta_domain``, ``okta_request`` (method and path template), ``okta_seconds`` (the pause),
    ``okta_attempt`` (the attempts so far), ``okta_status`` (None without a response) and ``okta_reason``.
    """
    fields = {
        "okta_domain": domain,
        "okta_request": pause.request,
        "okta_seconds": pause.seconds,
        "okta_attempt": pause.attempt,
        "okta_status": pause.status,
        "okta_reason": pause.reason,
    }
    _log.info(
        "%s: %s: attempt %d failed (%s), the next in %.1f s",
        domain, pause.request, pause.attempt, pause.reason, pause.seconds, extra=fields,
    )  # fmt: skip
