"""The httpx side: one client without cookies, redirects or netrc; bodies read under a limit."""

from __future__ import annotations

import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy

import anyio
import anyio.to_thread
import httpx

from oktahound.client._answers import clean

__all__ = ["BodyTooLargeError", "hopeless", "open_http", "read_body", "reason_of"]


class BodyTooLargeError(Exception):
    """A body went over the limit; reading stopped there."""


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
        # A session cookie would be a second credential, and one that sticks the client to one node.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        headers={"Accept": "application/json", "User-Agent": user_agent},
    )


async def read_body(response: httpx.Response, max_body: int) -> bytes:
    """The decompressed body.

    Raises:
        BodyTooLargeError: it is longer than `max_body` bytes; the rest was not read.
    """
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > max_body:
            raise BodyTooLargeError
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


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
