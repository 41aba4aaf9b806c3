"""One server: requests are signed, sent, and sent again while trouble passes."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import anyio.to_thread
import attrs
import httpx

from oktahound.bloodhound._error_responses import refusal
from oktahound.bloodhound._files import Content
from oktahound.bloodhound._signature import proof
from oktahound.bloodhound.auth import BearerToken, ServerAuth
from oktahound.client._body import BodyTooLargeError, DamagedBodyError, read_body
from oktahound.client._error_responses import error_of_failure
from oktahound.client._headers import retry_after
from oktahound.client._retry import RetryPolicy
from oktahound.client._steps import Outcome, Request, Response, TransportFailure
from oktahound.client._transport import headers_of, hopeless, reason_of
from oktahound.clock import Clock

__all__ = ["Call", "Server", "wait_of"]

_log = logging.getLogger("oktahound.bloodhound")
# A server's answer is a job or a list of one; an upload is answered with nothing.
_MAX_BODY = 1024 * 1024
# Nobody at that address ever answered: a wrong name or a server that is off, more likely than a bad moment.
_STRANGER_BUDGET = 20.0


@attrs.frozen
class Call:
    """One request to make.

    Attributes:
        method: GET or POST.
        path: the path template, for errors and the log.
        target: the path, filled, with its query.
        content: the file to send, if any.
        headers: of the content.
    """

    method: Literal["GET", "POST"]
    path: str
    target: str
    content: Content | None = None
    headers: dict[str, str] = attrs.field(factory=dict)


def wait_of(outcome: Outcome, tries: int, retry_policy: RetryPolicy) -> float | None:
    """Seconds before it is worth asking again; None when the outcome is final, for better or worse."""
    if isinstance(outcome, TransportFailure):
        return retry_policy.pause(tries) if outcome.kind == "transport" else None
    if outcome.status != 429 and (outcome.status < 500 or outcome.status == 501):
        return None
    return max(retry_after(outcome.headers) or 0.0, retry_policy.pause(tries))


class Server:
    """Sends to one server and to nobody else.

    Args:
        url: where it is.
        auth: who asks.
        http: what sends.
        clock: tells the time and sleeps.
        patience: how long one request is repeated.
    """

    def __init__(
        self,
        url: httpx.URL,
        auth: ServerAuth,
        http: httpx.AsyncClient,
        clock: Clock,
        retry_policy: RetryPolicy,
    ) -> None:
        self._url = url
        self._auth = auth
        self._http = http
        self.clock = clock
        self._patience = retry_policy
        self._answered = False

    async def ask(self, call: Call, *, once: bool = False) -> Response:
        """The 2xx answer to a request, whatever it took.

        Args:
            call: the request.
            once: do not repeat it.

        Raises:
            RequestError: it was refused, or the trouble did not pass.
            UploadError: the file changed as it was read.
        """
        tries, since = 0, 0.0
        while True:
            outcome = await self._attempt(call)
            tries += 1
            since = self.clock.monotonic() if tries == 1 else since
            pause = wait_of(outcome, tries, self._patience)
            self._answered = self._answered or isinstance(outcome, Response)
            budget = min(self._patience.retry_budget, math.inf if self._answered else _STRANGER_BUDGET)
            if pause is None or once or self.clock.monotonic() - since + pause >= budget:
                return self._judged(call, outcome)
            await self.clock.sleep(pause)

    def _judged(self, call: Call, outcome: Outcome) -> Response:
        if isinstance(outcome, TransportFailure):
            raise error_of_failure(Request(call.method, self._url, call.path), outcome)
        if not 200 <= outcome.status < 300:
            raise refusal(call.method, call.path, self._url, outcome)
        return outcome

    async def _attempt(self, call: Call) -> Outcome:
        url = self._url.join(call.target)
        headers, content = await self._proof(call, url), call.content
        request = self._http.build_request(
            call.method,
            url,
            headers={**call.headers, **headers, **({"Content-Length": str(content.size)} if content else {})},
            content=content.stream() if content else None,
        )
        # Not the scheme before the blank: an error may well say "Bearer".
        secrets = (headers["Authorization"].partition(" ")[2], headers.get("Signature"))
        outcome = await self._exchanged(request, tuple(filter(None, secrets)))
        error_details: object = outcome.status if isinstance(outcome, Response) else outcome.reason
        _log.debug("%s %s: %s", call.method, call.path, error_details)
        return outcome

    async def _proof(self, call: Call, url: httpx.URL) -> dict[str, str]:
        def prove(body: Iterable[bytes]) -> dict[str, str]:
            return proof(self._auth, call.method, url.raw_path.decode(), self.clock.time(), body)

        if call.content is None or isinstance(self._auth, BearerToken):
            return prove(())
        # Signing gigabytes takes its time, and the event loop has other things to do.
        return await anyio.to_thread.run_sync(prove, _interruptible(call.content.pieces()))

    async def _exchanged(self, request: httpx.Request, secrets: tuple[str, ...]) -> Outcome:
        """Send and read. Foreign exceptions end here: they carry the request, and that the credential."""
        try:
            return await self._round_trip(request, secrets)
        except BodyTooLargeError:
            return self._failure("oversize", f"the answer is larger than {_MAX_BODY} bytes")
        except DamagedBodyError:
            return self._failure("damaged", "the answer does not decompress")
        except httpx.TransportError as error:
            reason, kind = reason_of(error), "hopeless" if hopeless(error) else "transport"
        return self._failure(kind, reason)

    def _failure(self, kind: Any, reason: str) -> TransportFailure:
        return TransportFailure(kind, reason, self.clock.monotonic())

    async def _round_trip(self, request: httpx.Request, secrets: tuple[str, ...]) -> Response:
        response = await self._http.send(request, stream=True, auth=None, follow_redirects=False)
        try:
            body = await read_body(response, _MAX_BODY)
        finally:
            await response.aclose()
        at = self.clock.monotonic()
        return Response(response.status_code, headers_of(response), body, at, secrets=secrets)


def _interruptible(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """In a worker thread: end where the task that waits for it is cancelled."""
    # Imported here: importing the package shall not pay for threads it may never start.
    from anyio.from_thread import check_cancelled  # noqa: PLC0415

    for piece in pieces:
        check_cancelled()
        yield piece
