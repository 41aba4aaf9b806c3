"""Send signed requests to one BloodHound server, retry transient errors, and raise errors of oktahound."""

from __future__ import annotations

import hmac
import logging
import math
from base64 import b64encode
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Literal

import anyio.lowlevel
import anyio.to_thread
import attrs
import httpx

from oktahound.bloodhound._files import Content
from oktahound.bloodhound.auth import BearerToken, ServerAuth
from oktahound.client._body import BodyTooLargeError, DamagedBodyError, parse_json, read_body
from oktahound.client._error_responses import clean, error_of_failure
from oktahound.client._headers import retry_after
from oktahound.client._retry import RetryPolicy
from oktahound.client._steps import Outcome, Request, Response, TransportFailure
from oktahound.client._transport import TransportClient, is_permanent, reason_of
from oktahound.client._url import origin_of
from oktahound.clock import Clock
from oktahound.errors import (
    AuthenticationError,
    ForeignOriginError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    RequestError,
    RequestRejectedError,
    ServerError,
)

__all__ = ["Call", "Server", "auth_headers", "error_of_response", "retry_pause"]


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
    """Return the seconds before the next attempt; None if the outcome is final: a success or a failure."""
    if isinstance(outcome, TransportFailure):
        return retry_policy.pause(tries) if outcome.kind == "transport" else None
    if outcome.status != 429 and (outcome.status < 500 or outcome.status == 501):
        return None
    return max(retry_after(outcome.headers) or 0.0, retry_policy.pause(tries))


class Server:
    """A client for one BloodHound server.

    Args:
        url: the URL of the server.
        auth: the credential.
        http: the client that sends the requests.
        clock: the clock for waits and signatures.
        retry_policy: the limits for retries of one request.
    """

    def __init__(
        self,
        url: httpx.URL,
        auth: ServerAuth,
        http: TransportClient,
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
            once: whether the request is sent only once.

        Raises:
            RequestError: the request was refused, or a transient error lasted longer than the budget.
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
        pieces = _until_cancelled(call.content.pieces(), anyio.get_cancelled_exc_class())
        headers = await anyio.to_thread.run_sync(headers_for, pieces)
        await anyio.lowlevel.checkpoint_if_cancelled()  # raises if the pieces stopped early
        return headers

    async def _exchange(self, request: httpx.Request, secrets: tuple[str, ...]) -> Outcome:
        """Send a request and read the response.

        httpx's exceptions are caught here, because they contain the request, and so the credential.
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
        response = await self._http.send(request)
        try:
            body = await read_body(response, _MAX_BODY)
        finally:
            await response.aclose()
        at = self.clock.monotonic()
        return Response(response.status_code, response.headers, body, at, secrets=secrets)


def _until_cancelled(pieces: Iterable[bytes], cancelled: type[BaseException]) -> Iterator[bytes]:
    """Yield the chunks in a worker thread, and stop early if the waiting task is cancelled.

    The waiting task has to raise the cancellation. If it came from the thread, anyio before 4.14 would not
    recognize it, and it would also end the tasks around the cancelled one.
    """
    # Imported here to keep `import oktahound.bloodhound` fast: threads may never be needed.
    from anyio.from_thread import check_cancelled  # noqa: PLC0415

    for piece in pieces:
        try:
            check_cancelled()
        except cancelled:
            return
        yield piece


_TO_THE_HOUR = len("2026-01-15T12")


def auth_headers(
    auth: ServerAuth, method: str, target: str, wall: float, body: Iterable[bytes]
) -> dict[str, str]:
    """Create the headers for one request. A signature is valid for an hour.

    The signature is a chain of three HMAC-SHA256. The key of the first is the token's key, and that of each
    other is the digest before it. They cover the concatenated method and target, the date cut to the hour,
    and the body. This is the server's `NewRequestSignature`:
    https://github.com/SpecterOps/BloodHound/blob/main/cmd/api/src/api/signature.go

    Args:
        auth: the credential.
        method: the HTTP method.
        target: path and query, exactly as they are sent.
        wall: seconds since the epoch.
        body: the chunks of the body. They are read for a signature, but not for a JWT.
    """
    if isinstance(auth, BearerToken):
        return {"Authorization": f"Bearer {auth.token}"}
    date = datetime.fromtimestamp(wall, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    key = hmac.digest(auth.key.encode(), f"{method}{target}".encode(), "sha256")
    key = hmac.digest(key, date[:_TO_THE_HOUR].encode(), "sha256")
    digest = hmac.new(key, digestmod="sha256")
    for piece in body:
        digest.update(piece)
    return {
        "Authorization": f"bhesignature {auth.id}",
        "RequestDate": date,
        "Signature": b64encode(digest.digest()).decode(),
    }


_MEANINGS: dict[int, tuple[type[RequestError], str]] = {
    401: (AuthenticationError, "BloodHound refused the credential"),
    403: (PermissionDeniedError, "the user of this credential lacks the permission to upload to BloodHound"),
    404: (NotFoundError, "BloodHound has no such job or endpoint"),
    429: (RateLimitError, "the rate limit of BloodHound is exceeded"),
}


def error_of_response(method: str, path: str, url: httpx.URL, response: Response) -> RequestError:
    """Return the error for a response whose status is not 2xx."""
    doc = parse_json(response.body)
    doc = doc if isinstance(doc, dict) else {}
    context: dict[str, Any] = {
        "method": method,
        "path": path,
        "status": response.status,
        "error_id": clean(doc.get("request_id"), response.secrets),
        "summary": clean(_words(doc), response.secrets),
    }
    if response.status < 400:
        return _redirect_error(url, response, context)
    kind, message = _MEANINGS.get(
        response.status,
        (ServerError, "BloodHound failed to process the request")
        if response.status >= 500
        else (RequestRejectedError, "BloodHound refused the request"),
    )
    if kind is RateLimitError:
        return RateLimitError(message, retry_after=retry_after(response.headers), **context)
    return kind(message, **context)


def _words(doc: dict[str, Any]) -> str:
    """Join the messages of BloodHound's error format ``{"errors": [{"context": …, "message": …}]}``."""
    errors = doc.get("errors")
    causes = [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    return "; ".join(word for cause in causes if isinstance(word := cause.get("message"), str))


def _redirect_error(url: httpx.URL, response: Response, context: dict[str, Any]) -> ProtocolError:
    try:
        foreign = origin_of(url.join(response.headers.get("location", ""))) != origin_of(url)
    except (httpx.InvalidURL, ValueError):
        foreign = True
    if foreign:
        return ForeignOriginError("a redirect to another host was not followed", **context)
    return ProtocolError("a redirect was not followed", **context)
