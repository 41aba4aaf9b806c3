"""The httpx side: one client without cookies, redirects or netrc."""

from __future__ import annotations

import ssl
from http.cookiejar import CookieJar
from typing import Any

import anyio
import anyio.to_thread
import httpx

from oktahound.client._body import ACCEPTED
from oktahound.client._error_responses import clean

__all__ = ["headers_of", "hopeless", "open_http", "reason_of"]

_LOCATION = "oktahound.location"


class _NoCookies(CookieJar):
    """A jar that nothing goes into: a session cookie would be a second credential, and one that sticks
    the client to one node. Nor are `Set-Cookie` headers parsed: who sends them decides how long that takes.
    """

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Leave them."""


class _InThread(httpx.AsyncBaseTransport):
    """A blocking transport, run in worker threads; its bodies are read there too."""

    def __init__(self, inner: httpx.BaseTransport, max_body: int) -> None:
        self._inner = inner
        self._max_body = max_body

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await anyio.to_thread.run_sync(self._handle, request, abandon_on_cancel=True)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        stream = response.stream
        if not isinstance(stream, httpx.SyncByteStream):
            raise TypeError("a blocking transport answered with a stream that is not")
        raw = bytearray()
        try:
            for chunk in stream:
                raw += chunk
                if len(raw) > self._max_body:
                    break
        finally:
            stream.close()
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=httpx.ByteStream(bytes(raw)),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        await anyio.to_thread.run_sync(self._inner.close)


def open_http(
    transport: httpx.AsyncBaseTransport | httpx.BaseTransport | None,
    *,
    concurrency: int,
    timeout: float,
    max_body: int,
    user_agent: str,
) -> httpx.AsyncClient:
    """An httpx client that keeps no cookies and follows nothing."""
    if transport is not None and not isinstance(transport, httpx.AsyncBaseTransport):
        transport = _InThread(transport, max_body)
    return httpx.AsyncClient(
        transport=transport,
        timeout=timeout,
        limits=httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency),
        cookies=_NoCookies(),
        follow_redirects=False,
        event_hooks={"response": [_set_location_aside]},
        headers={"Accept": "application/json", "Accept-Encoding": ACCEPTED, "User-Agent": user_agent},
    )


async def _set_location_aside(response: httpx.Response) -> None:
    """Hide where a redirect leads from httpx, which prepares the next request even when told not to follow,
    and takes a location that is no URL for a broken connection.
    """
    if "location" in response.headers:
        response.extensions[_LOCATION] = response.headers.pop("location")


def headers_of(response: httpx.Response) -> httpx.Headers:
    """The headers as they came."""
    if _LOCATION in response.extensions:
        response.headers["location"] = response.extensions[_LOCATION]
    return response.headers


def hopeless(error: BaseException) -> bool:
    """Whether trying again cannot help: a certificate that does not fit, a request that cannot be."""
    if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return True
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def reason_of(error: Exception) -> str:
    """What happened, in words. Only a connect error may speak: others quote bytes, headers included."""
    name = type(error).__name__
    words = clean(str(error)) if isinstance(error, httpx.ConnectError) else None
    return f"no answer: {name}" + (f", {words}" if words else "")
