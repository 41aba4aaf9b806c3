"""Send signed requests to one BloodHound server, and retry transient errors."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import anyio.to_thread
import attrs
import httpx

from oktahound.bloodhound._error_responses import error_of_response
from oktahound.bloodhound._files import Content
from oktahound.bloodhound._signature import auth_headers
from oktahound.bloodhound.auth import BearerToken, ServerAuth
from oktahound.client._body import BodyTooLargeError, DamagedBodyError, read_body
from oktahound.client._error_responses import error_of_failure
from oktahound.client._headers import retry_after
from oktahound.client._retry import RetryPolicy
from oktahound.client._steps import Outcome, Request, Response, TransportFailure
from oktahound.client._transport import headers_of, is_permanent, reason_of
from oktahound.clock import Clock

__all__ = ["Call", "Server", "retry_pause"]

_log = logging.getLogger("oktahound.bloodhound")
# Responses contain a job, a list of one job, or nothing.
_MAX_BODY = 1024 * 1024
# Budget while no request to this address was ever answered: a wrong name or a stopped server is more likely
# than a transient error.
_UNREACHED_BUDGET = 20.0


@attrs.frozen
class Call:
    """One request to send.

    Attributes:
        method: GET or POST.
        path: the path template, for errors and the log.
        target: the filled path with its query.
        content: the file to send, if any.
        headers: the headers of the content.
    """

    method: Literal["GET", "POST"]
    path: str
    target: str
    content: Content | None = None
    headers: dict[str, str] = attrs.field(factory=dict)


def retry_pause(outcome: Outcome, tries: int, retry_policy: RetryPolicy) -> float | None:
    """Seconds before the next attempt; None if the outcome is final, whether success or failure."""
    if isinstance(outcome, TransportFailure):
        return retry_policy.pause(tries) if outcome.kind == "transport" else None
    if outcome.status != 429 and (outcome.status < 500 or outcome.status == 501):
        return None
    return max(retry_after(outcome.headers) or 0.0, retry_policy.pause(tries))


class Server:
    """A BloodHound server to send requests to.

    Args:
        url: its URL.
        auth: the credential.
        http: the httpx client.
        clock: tells the time and sleeps.
        retry_policy: limits the retries of one request.
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
        self._retry_policy = retry_policy
        self._any_response = False

    async def request(self, call: Call, *, once: bool = False) -> Response:
        """Send a request, with retries, and return its 2xx response.

        Args:
            call: the request.
            once: do not retry it.

        Raises:
            RequestError: it was refused, or a transient error lasted longer than the budget.
            UploadError: the file changed while it was read.
        """
        tries, started = 0, 0.0
        while True:
            outcome = await self._attempt(call)
            tries += 1
            started = self.clock.monotonic() if tries == 1 else started
            pause = retry_pause(outcome, tries, self._retry_policy)
            self._any_response = self._any_response or isinstance(outcome, Response)
            budget = min(
                self._retry_policy.retry_budget, math.inf if self._any_response else _UNREACHED_BUDGET
            )
            if pause is None or once or self.clock.monotonic() - started + pause >= budget:
                return self._checked_response(call, outcome)
            await self.clock.sleep(pause)

    def _checked_response(self, call: Call, outcome: Outcome) -> Response:
        if isinstance(outcome, TransportFailure):
            raise error_of_failure(Request(call.method, self._url, call.path), outcome)
        if not 200 <= outcome.status < 300:
            raise error_of_response(call.method, call.path, self._url, outcome)
        return outcome

    async def _attempt(self, call: Call) -> Outcome:
        url = self._url.join(call.target)
        headers, content = await self._auth_headers(call, url), call.content
        request = self._http.build_request(
            call.method,
            url,
            headers={**call.headers, **headers, **({"Content-Length": str(content.size)} if content else {})},
            content=content.stream() if content else None,
        )
        # Without the scheme: an error may contain the word "Bearer".
        secrets = (headers["Authorization"].partition(" ")[2], headers.get("Signature"))
        outcome = await self._exchange(request, tuple(filter(None, secrets)))
        shown: object = outcome.status if isinstance(outcome, Response) else outcome.reason
        _log.debug("%s %s: %s", call.method, call.path, shown)
        return outcome

    async def _auth_headers(self, call: Call, url: httpx.URL) -> dict[str, str]:
        def headers_for(body: Iterable[bytes]) -> dict[str, str]:
            return auth_headers(self._auth, call.method, url.raw_path.decode(), self.clock.time(), body)

        if call.content is None or isinstance(self._auth, BearerToken):
            return headers_for(())
        # Signing gigabytes takes long and would block the event loop.
        return await anyio.to_thread.run_sync(headers_for, _interruptible(call.content.pieces()))

    async def _exchange(self, request: httpx.Request, secrets: tuple[str, ...]) -> Outcome:
        """Send a request and read the response.

        httpx's exceptions are caught here: they hold the request, which holds the credential.
        """
        try:
            return await self._round_trip(request, secrets)
        except BodyTooLargeError:
            return self._failure("oversize", f"the response is larger than {_MAX_BODY} bytes")
        except DamagedBodyError:
            return self._failure("damaged", "the response does not decompress")
        except httpx.TransportError as error:
            reason, kind = reason_of(error), "permanent" if is_permanent(error) else "transport"
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
    """Yield the chunks in a worker thread, and stop if the waiting task is cancelled."""
    # Imported here to keep `import oktahound.bloodhound` fast: threads may never be needed.
    from anyio.from_thread import check_cancelled  # noqa: PLC0415

    for piece in pieces:
        check_cancelled()
        yield piece
