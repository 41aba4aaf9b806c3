"""Send requests through httpx's transports: without cookies, redirects or settings from the environment.

Also removes possible secrets from what httpx, httpcore and hpack log about our requests. At DEBUG httpcore
logs the headers of every response, and hpack logs every header in both directions, including tokens, cookies
and redirect targets. A transport of the caller may contain an httpx client, which logs the whole
URL of every request at INFO. The application owns these loggers, so that the filter only shortens records of
our own requests, and changes no level or handler.
"""

from __future__ import annotations

import functools
import logging
import ssl
from collections.abc import AsyncIterable, Mapping
from contextvars import ContextVar, Token

import anyio
import anyio.to_thread
import attrs
import httpx

from oktahound.client._body import ACCEPTED
from oktahound.client._error_responses import clean
from oktahound.client._network import ProxyRefusedError

__all__ = ["RedactedLogs", "TransportClient", "is_permanent", "reason_of"]


_LOGGERS = (
    "httpx",
    *(f"httpcore.{name}" for name in ("connection", "http11", "http2", "proxy", "socks")),
    *(f"hpack.{name}" for name in ("hpack", "table", "huffman", "huffman_table")),
)
# Events of httpcore about addresses and certificates, not about requests or responses.
_HARMLESS = ("connect_", "start_tls.")

_in_our_request: ContextVar[bool] = ContextVar("oktahound_request", default=False)


class _RedactingFilter(logging.Filter):
    """Shortens records of our own requests. It drops no record."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not _in_our_request.get():
            return True
        if record.name == "httpx":
            args = record.args if isinstance(record.args, tuple) else ()
            record.args = tuple(
                [_without_secrets(arg) if isinstance(arg, httpx.URL) else arg for arg in args]
            )
        elif not str(record.msg).startswith(_HARMLESS):
            record.msg, record.args = str(record.msg).partition(" ")[0] + " …", ()
        return True


def _without_secrets(url: httpx.URL) -> httpx.URL:
    return url.copy_with(query=None, fragment=None, userinfo=b"")


_redacting_filter = _RedactingFilter()


@functools.cache
def _loggers() -> tuple[logging.Logger, ...]:
    return tuple(logging.getLogger(name) for name in _LOGGERS)


class RedactedLogs:
    """Context manager that redacts what is logged inside the block, also in threads that the task waits for.

    It is a class because a generator with `contextlib.contextmanager` takes three times as long, and every
    request uses it.
    """

    __slots__ = ("_before",)
    _before: Token[bool]

    def __enter__(self) -> None:
        for logger in _loggers():
            if _redacting_filter not in logger.filters:  # the application may have removed it
                logger.addFilter(_redacting_filter)
        self._before = _in_our_request.set(True)

    def __exit__(self, *_: object) -> None:
        _in_our_request.reset(self._before)


class _InThread(httpx.AsyncBaseTransport):
    """Runs a blocking transport in worker threads, and reads response bodies there."""

    def __init__(self, inner: httpx.BaseTransport, max_body: int) -> None:
        self._inner = inner
        self._max_body = max_body

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await anyio.to_thread.run_sync(self._handle, request, abandon_on_cancel=True)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        stream = response.stream
        if not isinstance(stream, httpx.SyncByteStream):
            raise TypeError("the blocking transport returned a response with an asynchronous stream")
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


@attrs.frozen
class _PreparedHeaders:
    """The headers of the last GET request. With an API token, those of the next one are equal.

    Attributes:
        given: the further headers that they were made from.
        netloc: the host and port that they were made for.
        prepared: all headers of the request.
    """

    given: Mapping[str, str] | None = attrs.field(default=None, repr=False)
    netloc: bytes = b""
    prepared: httpx.Headers | None = attrs.field(default=None, repr=False)


class TransportClient:
    """Sends requests through an httpx transport, each with the same timeout and default headers.

    It keeps no cookies, follows no redirects and ignores the environment. `httpx.AsyncClient` can be
    configured to do the same, but a request through it takes a fifth more CPU time,
    and it parses the cookies and redirect targets that a hostile server sends.

    Args:
        transport: sends the requests. A blocking one runs in worker threads. `aclose` closes it.
        timeout: maximum seconds to connect, and between two bytes.
        max_body: maximum size in bytes of a body that a blocking transport reads.
        user_agent: the ``User-Agent`` header.
    """

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport | httpx.BaseTransport,
        *,
        timeout: float,
        max_body: int,
        user_agent: str,
    ) -> None:
        if not isinstance(transport, httpx.AsyncBaseTransport):
            transport = _InThread(transport, max_body)
        self._transport = transport
        self._timeout = httpx.Timeout(timeout).as_dict()
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": ACCEPTED,
            "Connection": "keep-alive",
            "User-Agent": user_agent,
        }
        self._last = _PreparedHeaders()

    def build_request(
        self,
        method: str,
        url: httpx.URL | str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | AsyncIterable[bytes] | None = None,
    ) -> httpx.Request:
        """Build a request with the default headers and the timeout.

        Args:
            method: ``GET``, for example.
            url: the absolute URL.
            headers: further headers. They replace default headers that are spelled the same.
            content: the body.
        """
        url, extensions = httpx.URL(url), {"timeout": self._timeout}
        if headers is None or method != "GET" or content is not None:
            merged = {**self._headers, **(headers or {})}
            return httpx.Request(method, url, headers=merged, content=content, extensions=extensions)
        if self._last.given is not headers or self._last.netloc != url.netloc:
            first = httpx.Request(method, url, headers={**self._headers, **headers})
            self._last = _PreparedHeaders(headers, url.netloc, first.headers)
        request = httpx.Request(
            method, url, headers=self._last.prepared, stream=httpx.ByteStream(b""), extensions=extensions
        )
        request.read()  # so that transports which mock a server can read its content
        return request

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Send a request. The caller reads and closes the body of the response.

        Raises:
            httpx.TransportError: there is no response.
        """
        response = await self._transport.handle_async_request(request)
        response.request = request
        return response

    async def aclose(self) -> None:
        """Close the transport."""
        await self._transport.aclose()


def is_permanent(error: BaseException) -> bool:
    """Whether a retry cannot succeed: an invalid certificate or request, or a proxy that refuses."""
    if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return True
    if isinstance(error, ProxyRefusedError):
        return error.final
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def reason_of(error: Exception) -> str:
    """Describe a failure. Only the text of connect errors is repeated: others may quote bytes of headers."""
    if isinstance(error, ProxyRefusedError):
        return f"no response: {error}"
    name = type(error).__name__
    words = clean(str(error)) if isinstance(error, httpx.ConnectError) else None
    return f"no response: {name}" + (f", {words}" if words else "")
