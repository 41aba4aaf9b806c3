"""Create the httpx client: without cookies, redirects, netrc or settings from the environment.

Also removes possible secrets from what httpx, httpcore and hpack log about our requests. At INFO httpx logs
the whole URL of every request. At DEBUG httpcore logs the headers of every response, and hpack logs every
header in both directions, including tokens, cookies and redirect targets. The application owns these loggers,
so that the filter only shortens records of our own requests, and changes no level or handler.
"""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.cookiejar import CookieJar
from typing import Any

import anyio
import anyio.to_thread
import httpx

from oktahound.client._body import ACCEPTED
from oktahound.client._connections import KEEP_ALIVE, ConnectionStack
from oktahound.client._error_responses import clean
from oktahound.client._route import Route

__all__ = ["headers_of", "is_permanent", "network_transport", "open_http", "reason_of", "redacted_logs"]


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


@contextmanager
def redacted_logs() -> Iterator[None]:
    """Redact what is logged inside the block, in this task and in threads that it waits for."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_redacting_filter)  # does nothing if it was added before
    before = _in_our_request.set(True)
    try:
        yield
    finally:
        _in_our_request.reset(before)


_LOCATION = "oktahound.location"


class _NoCookies(CookieJar):
    """A cookie jar that stays empty.

    A session cookie would be a second credential, and would bind the client to one node. `Set-Cookie`
    headers are not parsed at all, because a hostile server could make parsing slow.
    """

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Ignore the cookies of a response."""


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


class ProxyRefusedError(httpx.ProxyError):
    """The proxy refused to connect. The message names the variable or argument that configures the proxy.

    Attributes:
        final: whether another attempt would be refused as well.
    """

    def __init__(self, message: str, *, final: bool) -> None:
        super().__init__(message)
        self.final = final


class _ThroughProxy(httpx.AsyncBaseTransport):
    """A transport behind a proxy. Its errors name the variable or argument that configures the proxy."""

    def __init__(self, inner: httpx.AsyncBaseTransport, source: str) -> None:
        self._inner = inner
        self._source = source

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._inner.handle_async_request(request)
        except httpx.ProxyError as error:
            raise _refusal(str(error), self._source) from None

    async def aclose(self) -> None:
        await self._inner.aclose()


# Texts of httpcore's errors if a SOCKS proxy requires credentials or refuses them.
_SOCKS_REFUSALS = ("NO ACCEPTABLE METHODS", "Invalid username/password")


def _refusal(text: str, source: str) -> ProxyRefusedError:
    """Return the error for a proxy's refusal. `text` begins with the status of its response to CONNECT."""
    found = re.match(r"\d{3}\b", text)
    status = int(found[0]) if found else None
    if status == 407 or any(words in text for words in _SOCKS_REFUSALS):
        reason = "requires credentials or refused those given; write http://user:password@host:port"
        return ProxyRefusedError(f"the proxy of {source} {reason} (407)", final=True)
    shown = f"status {status}" if status else clean(text)
    final = status is not None and 400 <= status < 500 and status not in {408, 425, 429}
    return ProxyRefusedError(f"the proxy of {source} did not connect ({shown})", final=final)


def network_transport(route: Route) -> httpx.AsyncBaseTransport:
    """Create the transport to one server over the network.

    It opens one connection for each request in flight.

    Args:
        route: proxy and TLS settings. The environment is not read.
    """
    # Plain http needs no context, but httpx would create one for every connection if there were none.
    tls = route.tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    one = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEP_ALIVE)

    def connect() -> httpx.AsyncBaseTransport:
        return httpx.AsyncHTTPTransport(verify=tls, trust_env=False, proxy=route.proxy, limits=one)

    connections = ConnectionStack(connect)
    return connections if route.source is None else _ThroughProxy(connections, route.source)


def open_http(
    transport: httpx.AsyncBaseTransport | httpx.BaseTransport,
    *,
    timeout: float,
    max_body: int,
    user_agent: str,
) -> httpx.AsyncClient:
    """Create an httpx client that keeps no cookies, follows no redirects and ignores the environment."""
    if not isinstance(transport, httpx.AsyncBaseTransport):
        transport = _InThread(transport, max_body)
    return httpx.AsyncClient(
        transport=transport,
        timeout=timeout,
        trust_env=False,
        cookies=_NoCookies(),
        follow_redirects=False,
        event_hooks={"response": [_set_location_aside]},
        headers={"Accept": "application/json", "Accept-Encoding": ACCEPTED, "User-Agent": user_agent},
    )


async def _set_location_aside(response: httpx.Response) -> None:
    """Move the ``Location`` header where httpx does not find it.

    httpx builds the redirected request even if it does not follow it, and reports an invalid location as a
    broken connection.
    """
    if "location" in response.headers:
        response.extensions[_LOCATION] = response.headers.pop("location")


def headers_of(response: httpx.Response) -> httpx.Headers:
    """Return the headers of a response as the server sent them."""
    if _LOCATION in response.extensions:
        response.headers["location"] = response.extensions[_LOCATION]
    return response.headers


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
