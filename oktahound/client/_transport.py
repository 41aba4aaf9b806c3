"""Make the httpx client that sends: without cookies, redirects, netrc or settings from the environment."""

from __future__ import annotations

import re
import ssl
from http.cookiejar import CookieJar
from typing import Any

import anyio
import anyio.to_thread
import httpx

from oktahound.client._body import ACCEPTED
from oktahound.client._connections import KEEP_ALIVE, ConnectionStack
from oktahound.client._error_responses import clean
from oktahound.client._route import Route

__all__ = ["headers_of", "hopeless", "network_transport", "open_http", "reason_of"]

_LOCATION = "oktahound.location"


class _NoCookies(CookieJar):
    """A cookie jar that stays empty.

    A session cookie would be a second credential, and would bind the client to one node. `Set-Cookie`
    headers are not even parsed, because a hostile server could make that take long.
    """

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Ignore the cookies of a response."""


class _InThread(httpx.AsyncBaseTransport):
    """Runs a blocking transport in worker threads, and reads its bodies there."""

    def __init__(self, inner: httpx.BaseTransport, max_body: int) -> None:
        self._inner = inner
        self._max_body = max_body

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await anyio.to_thread.run_sync(self._handle, request, abandon_on_cancel=True)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        stream = response.stream
        if not isinstance(stream, httpx.SyncByteStream):
            raise TypeError("a blocking transport answered with an asynchronous stream")
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
    """The proxy of the route refused to connect; the message names where the proxy is configured.

    Attributes:
        final: whether another attempt would be refused in the same way.
    """

    def __init__(self, message: str, *, final: bool) -> None:
        super().__init__(message)
        self.final = final


class _ThroughProxy(httpx.AsyncBaseTransport):
    """A transport behind a proxy: its errors say which variable or argument chose the proxy."""

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


# httpcore's words for a SOCKS proxy that accepts no connection without, or with these, credentials.
_SOCKS_REFUSALS = ("NO ACCEPTABLE METHODS", "Invalid username/password")


def _refusal(text: str, source: str) -> ProxyRefusedError:
    """The error for a proxy's refusal. `text` begins with the status of its answer to CONNECT."""
    found = re.match(r"\d{3}\b", text)
    status = int(found[0]) if found else None
    if status == 407 or any(words in text for words in _SOCKS_REFUSALS):
        reason = "asks for credentials or refuses those it was given; write http://user:password@host:port"
        return ProxyRefusedError(f"the proxy of {source} {reason} (407)", final=True)
    shown = f"status {status}" if status else clean(text)
    final = status is not None and 400 <= status < 500 and status not in {408, 425, 429}
    return ProxyRefusedError(f"the proxy of {source} did not connect ({shown})", final=final)


def network_transport(route: Route) -> httpx.AsyncBaseTransport:
    """The transport that reaches one server over the network, by the route decided for it.

    It opens one connection for each request in flight.

    Args:
        route: proxy and TLS settings; nothing else of the environment is read.
    """
    # Plain http needs no context, but without one httpx would make one for every connection.
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
    """An httpx client that keeps no cookies, follows no redirects and ignores the environment."""
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
    """Move ``Location`` out of httpx's sight.

    httpx builds the redirected request even when it does not follow it, and reports a location that is not
    a URL as a broken connection.
    """
    if "location" in response.headers:
        response.extensions[_LOCATION] = response.headers.pop("location")


def headers_of(response: httpx.Response) -> httpx.Headers:
    """The headers of a response as the server sent them."""
    if _LOCATION in response.extensions:
        response.headers["location"] = response.extensions[_LOCATION]
    return response.headers


def hopeless(error: BaseException) -> bool:
    """Whether another attempt cannot help: an invalid certificate or request, a proxy that refuses."""
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
    """Describe a failure. Only the text of connect errors is repeated: others quote bytes of headers."""
    if isinstance(error, ProxyRefusedError):
        return f"no answer: {error}"
    name = type(error).__name__
    words = clean(str(error)) if isinstance(error, httpx.ConnectError) else None
    return f"no answer: {name}" + (f", {words}" if words else "")
