"""The one loop that acts: it sends, it sleeps, and it asks the flows what comes next."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from typing import Any, Protocol, TypeVar

import anyio
import httpx

from oktahound.client._body import BodyTooLargeError, DamagedBodyError, read_body
from oktahound.client._headers import is_concurrency_limit, limits_of, pause_of
from oktahound.client._log_filter import filtered
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
from oktahound.client._transport import headers_of, hopeless, reason_of
from oktahound.client._url import Org, origin_of
from oktahound.clock import Clock
from oktahound.errors import ForeignOriginError

__all__ = ["Credential", "Driver"]

T = TypeVar("T")
_log = logging.getLogger("oktahound.client")


class Credential(Protocol):
    """What the driver needs of a credential."""

    async def ready(self) -> None:
        """Return once there is a credential to send."""
        ...

    def current(self) -> bool:
        """Whether what `ready` brought still holds, after a wait."""
        ...

    async def renew(self, generation: int, /) -> bool:
        """Replace the credential of this generation; False when there is no other."""
        ...

    def dress(self, method: str, url: httpx.URL, wall: float, /) -> SignedHeaders:
        """The headers that prove who asks."""
        ...

    def saw(self, headers: httpx.Headers, wall: float, /) -> None:
        """Learn from an answer."""
        ...


class Driver:
    """Runs flows against one org.

    Args:
        org: the only place requests go to.
        http: what sends.
        line: who decides when.
        clock: what sleeps.
        patience: for the jitter.
        timeout: seconds one request may take from the first byte sent to the last byte read.
        max_body: bytes a body may have, decompressed.
    """

    def __init__(
        self,
        org: Org,
        http: httpx.AsyncClient,
        line: RequestQueue,
        clock: Clock,
        retry_policy: RetryPolicy,
        *,
        timeout: float,
        max_body: int,
    ) -> None:
        self._org = org
        self._http = http
        self._line = line
        self._clock = clock
        self._patience = retry_policy
        self._timeout = timeout
        self._max_body = max_body
        self._turns = 0
        self._answered = False
        self._breaker = CircuitBreaker()
        self.owner = Owner()
        self.requests: Counter[tuple[str, str]] = Counter()
        self.credential: Credential

    async def finish(self, flow: Flow[T]) -> T:
        """Run a flow to its end."""
        answer: Any = None
        while True:
            try:
                step = flow.send(answer)
            except StopIteration as stop:
                result: T = stop.value
                return result
            answer = await self._act(step)

    async def pages(self, flow: Generator[Step | Page, Any, None]) -> AsyncGenerator[Page]:
        """Run a listing, handing over each page as it comes."""
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
                answer = await self._act(step)

    async def _act(self, step: Step) -> Any:
        if isinstance(step, Request):
            return await self._ask(step)
        if isinstance(step, Pause):
            _log.debug("pause of %.1f s", step.seconds)
            return await self._clock.sleep(step.seconds)
        return await self.credential.renew(step.generation)

    async def _ask(self, ask: Request) -> Outcome:
        self.owner.claim()
        own = ask.dress is not None
        if ask.turn == 0 and not own:  # token requests keep turn 0: everybody waits for them
            self._turns += 1
            ask.turn = self._turns
        while True:
            if not own:
                await self.credential.ready()
            ticket = await self._line.enter(ask.method, ask.path, ask.turn)
            if own or self.credential.current():
                break
            self._line.leave(ticket, None, answered=False)  # the token ran out in line
        outcome: Outcome | None = None
        try:
            outcome = await self._send(ask)
            return outcome
        finally:
            self._leave(ticket, outcome)

    def _leave(self, ticket: Ticket, outcome: Outcome | None) -> None:
        if not isinstance(outcome, Response):
            self._line.leave(ticket, None, answered=False)
            return
        seen, status = limits_of(outcome.headers), outcome.status
        if status != 429:
            # A gateway's error page tells nothing of the limits of the endpoint.
            self._line.leave(ticket, seen, answered=status < 500)
        elif seen is not None:
            self._line.leave(ticket, seen.spent(), answered=False, lead=self._patience.random())
        elif is_concurrency_limit(outcome.headers):
            self._line.leave(ticket, None, answered=False)  # no bucket is spent: this request backs off
        else:
            self._line.refuse(ticket, pause=pause_of(outcome.headers))

    async def _send(self, ask: Request) -> Outcome:
        if origin_of(ask.url) != self._org.origin:
            raise ForeignOriginError("not this org's URL", method=ask.method, path=ask.path)
        wall = self._clock.time()
        dressed = ask.dress(wall) if ask.dress else self.credential.dress(ask.method, ask.url, wall)
        request = self._http.build_request(
            ask.method, ask.url, headers=dict(dressed.headers), content=dressed.content
        )
        self.requests[ask.method, ask.path] += 1
        sent_at = self._clock.monotonic()
        outcome = await self._exchanged(request, dressed)
        if isinstance(outcome, Response):
            self._answered = True
            self.credential.saw(outcome.headers, self._clock.time())
            _log.debug("%s %s: %d", ask.method, ask.path, outcome.status)
        else:
            _log.debug("%s %s: %s", ask.method, ask.path, outcome.reason)
        return self._breaker.note(ask, sent_at, outcome)

    async def _exchanged(self, request: httpx.Request, dressed: SignedHeaders) -> Outcome:
        """Send and read. Foreign exceptions end here: they carry the request, and that the credential."""
        reason = f"no answer: nothing whole within {self._timeout:g} s"
        try:
            with anyio.move_on_after(self._timeout):
                return await self._round_trip(request, dressed)
        except BodyTooLargeError:
            return self._failure("oversize", f"the answer is larger than {self._max_body} bytes")
        except (DamagedBodyError, httpx.DecodingError):
            return self._failure("damaged", "the answer does not decompress")
        except (httpx.TransportError, httpx.InvalidURL, OSError) as error:
            reason = reason_of(error)
            if hopeless(error):
                return self._failure("hopeless", reason)
        return self._failure("transport", reason)

    def _failure(self, kind: Any, reason: str) -> TransportFailure:
        return TransportFailure(kind, reason, self._clock.monotonic(), stranger=not self._answered)

    async def _round_trip(self, request: httpx.Request, dressed: SignedHeaders) -> Response:
        with filtered():
            response = await self._http.send(request, stream=True, auth=None, follow_redirects=False)
            try:
                body = await read_body(response, self._max_body)
            finally:
                await response.aclose()
        return Response(
            response.status_code,
            headers_of(response),
            body,
            self._clock.monotonic(),
            dressed.generation,
            dressed.secrets,
        )
