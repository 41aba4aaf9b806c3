"""Create the transport to a server over the network, without or through a proxy."""

from __future__ import annotations

import re
import ssl

import httpcore
import httpx

from oktahound.client._connections import KEEP_ALIVE, ConnectionStack
from oktahound.client._error_responses import clean
from oktahound.client._route import Route
from oktahound.client._sockets import NetworkBackend

__all__ = ["ProxyRefusedError", "network_transport"]


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
    # Plain http needs no context, but httpx and httpcore would create one if there were none.
    tls = route.tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    transport = httpx.AsyncHTTPTransport(verify=tls, trust_env=False)
    # httpx has no argument for the pool or the network backend of httpcore. Requests pass through its own
    # transport class all the same, because libraries that mock httpx replace the method of that class.
    transport._pool = ConnectionStack(_pool(route.proxy, tls).create_connection)  # type: ignore[assignment]  # noqa: SLF001
    return transport if route.source is None else _ThroughProxy(transport, route.source)


def _pool(proxy: httpx.Proxy | None, tls: ssl.SSLContext) -> httpcore.AsyncConnectionPool:
    """Create the pool of httpcore that httpx would create. Only its method `create_connection` is used."""
    backend = NetworkBackend()
    if proxy is None:
        return httpcore.AsyncConnectionPool(
            ssl_context=tls, keepalive_expiry=KEEP_ALIVE, network_backend=backend
        )
    url = httpcore.URL(
        scheme=proxy.url.raw_scheme, host=proxy.url.raw_host, port=proxy.url.port, target=proxy.url.raw_path
    )
    if proxy.url.scheme == "socks5":
        return httpcore.AsyncSOCKSProxy(
            url,
            proxy_auth=proxy.raw_auth,
            ssl_context=tls,
            keepalive_expiry=KEEP_ALIVE,
            network_backend=backend,
        )
    return httpcore.AsyncHTTPProxy(
        url,
        proxy_auth=proxy.raw_auth,
        proxy_headers=proxy.headers.raw,
        proxy_ssl_context=proxy.ssl_context,
        ssl_context=tls,
        keepalive_expiry=KEEP_ALIVE,
        network_backend=backend,
    )
