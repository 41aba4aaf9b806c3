"""The asynchronous client for one org."""

from __future__ import annotations

import builtins
import os
import platform
import random as _random
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Self, TypedDict

import httpx

from oktahound.client._credentials import OAuthCredential, TokenCredential
from oktahound.client._driver import Driver
from oktahound.client._listing import MOST_PAGES, listing
from oktahound.client._network import network_transport
from oktahound.client._queue import RequestQueue
from oktahound.client._rate_limit import RateLimiter
from oktahound.client._retry import RetryPolicy, fetch_json
from oktahound.client._route import route_to
from oktahound.client._steps import Page, Request
from oktahound.client._text import check_counts, check_numbers
from oktahound.client._transport import TransportClient
from oktahound.client._url import fill, parse_org_url
from oktahound.client.auth import ApiToken, Auth, PrivateKeyJwt
from oktahound.clock import Clock, SystemClock
from oktahound.errors import ConfigurationError
from oktahound.no_pickle import Unpicklable

__all__ = ["AsyncOktaClient", "ClientOptions", "Params"]

Params = Mapping[str, str | int | bool]


class ClientOptions(TypedDict, total=False):
    """Keyword arguments of both clients; `AsyncOktaClient` describes them."""

    transport: httpx.AsyncBaseTransport | httpx.BaseTransport | None
    proxy: str | None
    concurrency: int
    timeout: float
    retry_budget: float
    rate_limit_budget: float
    max_retries: int | None
    max_body: int
    max_pages: int
    user_agent: str | None
    clock: Clock | None
    random: Callable[[], float]


class AsyncOktaClient(Unpicklable):
    """Asynchronous client for one Okta org, on asyncio or trio.

    It sends only GET requests, and POST requests to the token endpoint. Any number of tasks may use one
    client at once: requests wait in a queue per rate-limit bucket, under one concurrency limit for the org.
    Transient errors (429, 500, 502, 503, 504, broken connections) are retried. A client belongs to the event
    loop of its first request.

    Args:
        org_url: the URL of the org, such as ``https://contoso.okta.com``, not that of the ``-admin`` console.
        auth: the credential: an `ApiToken` or a `PrivateKeyJwt`.
        transport: an httpx transport to use instead of the network. A blocking one runs in worker threads.
            The client closes it. The transport then configures proxies and certificates.
        proxy: the URL of a proxy (``http://``, ``https://`` or ``socks5://``), with or without a user name
            and password, to use instead of those that ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY`` name.
            A loopback address never uses a proxy.
        concurrency: maximum number of requests in flight. Okta allows 35 at once on a free org and 75 on a
            paid one, for all clients of the org together.
        timeout: maximum seconds of one request, from the first byte sent to the last byte read.
        retry_budget: seconds that one request may spend on errors (500, 502, 503, 504, broken connections),
            from the first failed attempt to the end of the last. All requests to an endpoint share it while
            the endpoint answers none of them. 0 means one attempt. Once a request has failed for a minute
            while the org answered others, later failing requests get six attempts (half a minute).
        rate_limit_budget: seconds that one request may wait for rate limits (429). 0 means that the first 429
            is an error.
        max_retries: maximum attempts after the first for one request, in addition to both budgets; None for
            no limit.
        max_body: maximum size of a decompressed response in bytes.
        max_pages: maximum number of pages of a listing.
        user_agent: replaces the default ``User-Agent`` header.
        clock: the source of time and sleep.
        random: returns a number in [0, 1) for jitter.

    Attributes:
        url: ``https://contoso.okta.com``, without a trailing slash.
        domain: ``contoso.okta.com``: the host of the URL, without a port.
        requests: the number of requests sent, including retries, by method and path template.
        clock: the source of time and sleep.
        concurrency: maximum number of requests in flight.

    Raises:
        ConfigurationError: the URL, the credential or a number is invalid.
    """

    def __init__(
        self,
        org_url: str,
        auth: Auth,
        *,
        transport: httpx.AsyncBaseTransport | httpx.BaseTransport | None = None,
        proxy: str | None = None,
        concurrency: int = 32,
        timeout: float = 30.0,
        retry_budget: float = 90.0,
        rate_limit_budget: float = 900.0,
        max_retries: int | None = None,
        max_body: int = 64 * 1024 * 1024,
        max_pages: int = MOST_PAGES,
        user_agent: str | None = None,
        clock: Clock | None = None,
        random: Callable[[], float] = _random.random,
    ) -> None:
        org = parse_org_url(org_url)
        _check_auth(auth)
        check_numbers(
            timeout=timeout, retry_budget=retry_budget, rate_limit_budget=rate_limit_budget, max_body=max_body
        )
        check_counts(concurrency=concurrency, max_pages=max_pages)
        if max_retries is not None and (isinstance(max_retries, bool) or not isinstance(max_retries, int)):
            raise ConfigurationError(f"max_retries must be a whole number or None, not {max_retries!r}")
        self.url = org.url
        self.domain = org.domain
        self._org = org
        self.clock = clock = clock or SystemClock()
        self.concurrency = concurrency
        self._retry_policy = RetryPolicy(retry_budget, random, rate_limit_budget, max_retries)
        self._max_pages = max_pages
        if transport is not None and proxy is not None:
            raise ConfigurationError(
                "both transport= and proxy= were given: give only one, because a transport has its own route"
            )
        self._http = TransportClient(
            network_transport(route_to(org.at("/"), proxy=proxy)) if transport is None else transport,
            timeout=timeout,
            max_body=max_body,
            user_agent=user_agent or _user_agent(),
        )
        queue = RequestQueue(RateLimiter(concurrency), clock, org.domain)
        self._driver = Driver(
            org, self._http, queue, clock, self._retry_policy, timeout=timeout, max_body=max_body
        )
        self._oauth: OAuthCredential | None = None
        if isinstance(auth, ApiToken):
            self._driver.credential = TokenCredential(auth)
        else:
            # This import loads cryptography, which an API token does not need.
            from oktahound.client._oauth import OAuthSession  # noqa: PLC0415

            self._oauth = OAuthCredential(
                OAuthSession(auth, org), self._driver.run, clock, self._retry_policy
            )
            self._driver.credential = self._oauth
        self.requests: Counter[tuple[str, str]] = self._driver.requests

    @classmethod
    def from_config(
        cls,
        *,
        path: str | os.PathLike[str] | None = None,
        environ: Mapping[str, str] | None = None,
        **overrides: Any,
    ) -> Self:
        """Create a client from the configuration of Okta's SDKs: files, then environment, then arguments.

        Later sources take precedence. Reads ``~/.okta/okta.yaml``, then ``./okta.yaml``, then
        ``OKTA_CLIENT_ORGURL``, ``_TOKEN``,
        ``_CLIENTID``, ``_SCOPES``, ``_PRIVATEKEY``, ``_KID``, ``_AUTHORIZATIONMODE``,
        ``_DPOPENABLED``, ``_CONNECTIONTIMEOUT``, ``_REQUESTTIMEOUT``, ``_PROXY_HOST``, ``_PROXY_PORT``,
        ``_PROXY_USERNAME``, ``_PROXY_PASSWORD`` and ``_RATELIMIT_MAXRETRIES`` (also without ``CLIENT_``). A
        default file counts as absent if there is no home folder or it cannot be read. Keys for retries
        without an equivalent here (``rateLimit.maxBackoff``) are refused. Other unknown keys are ignored.

        Args:
            path: a file to read instead of the two default ones.
            environ: variables to read instead of the process environment.
            overrides: ``url``, ``token``, ``client_id``, ``key``, ``scopes``, ``kid``, ``dpop``, or any
                keyword argument of the constructor.

        Raises:
            ConfigurationError: a value is missing, contradictory or of the wrong type. The message contains
                the source and the key.
        """
        # Imported here to keep `import oktahound` fast: most programs configure the client in code.
        from oktahound.client._settings import read_settings  # noqa: PLC0415

        settings = read_settings(path, os.environ if environ is None else environ, overrides)
        return cls(settings.url, settings.auth, **settings.options)

    async def get(
        self, path: str, params: Params | None = None, *, ids: Mapping[str, str] | None = None
    ) -> Any:
        """Send one GET request and return the parsed JSON.

        Args:
            path: a path template, such as ``/api/v1/users/{id}``.
            params: query parameters.
            ids: values of the placeholders. Each is percent-encoded to one path segment.

        Raises:
            RequestError: the request failed, after all retries.
            ConfigurationError: the template or its ids are invalid.
        """
        return await self._driver.run(fetch_json(self._request(path, params, ids), self._retry_policy))

    def pages(
        self,
        path: str,
        params: Params | None = None,
        *,
        ids: Mapping[str, str] | None = None,
        rows_key: str | None = None,
    ) -> AsyncGenerator[Page]:
        """Request a paged listing and yield its pages. If one fails, the earlier ones have been yielded.

        Args:
            path: a path template.
            params: query parameters of the first page. Those of the next pages come from Okta's links.
            ids: values of the placeholders.
            rows_key: the key of the rows, for listings that are objects (``roles`` in
                ``/api/v1/iam/roles``).

        Raises:
            RequestError: a request failed, after all retries.
            ConfigurationError: the template or its ids are invalid.
        """
        flow = listing(self._request(path, params, ids), self._retry_policy, rows_key, self._max_pages)
        return self._driver.pages(flow)

    async def list(
        self,
        path: str,
        params: Params | None = None,
        *,
        ids: Mapping[str, str] | None = None,
        rows_key: str | None = None,
    ) -> builtins.list[Any]:
        """Request a paged listing and return all its rows. Raises like `pages`, and then returns none."""
        rows: builtins.list[Any] = []
        async for page in self.pages(path, params, ids=ids, rows_key=rows_key):
            rows += page.rows
        return rows

    async def authorize(self, scopes: Iterable[str]) -> frozenset[str] | None:
        """Get an access token and return its scopes.

        - With a `PrivateKeyJwt` without scopes: requests a token for as many of `scopes` as the org grants,
          and returns those. If it is called again with other scopes, the new token covers both.
        - With a `PrivateKeyJwt` with scopes: requests a token for those, and returns the granted ones.
        - With an `ApiToken`, which has no scopes: sends nothing and returns None.

        Raises:
            ScopeNotGrantedError: none of `scopes` is granted, or not all scopes of the `PrivateKeyJwt` are.
            RequestError: the token request failed.
        """
        self._driver.owner.claim()
        return None if self._oauth is None else await self._oauth.authorize(scopes)

    async def aclose(self) -> None:
        """Close the connections. Does nothing in a forked child process or in another event loop."""
        if self._driver.owner.release():
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.domain}>"

    def _request(self, path: str, params: Params | None, ids: Mapping[str, str] | None) -> Request:
        return Request("GET", self._org.at(fill(path, ids), params), path)


def _check_auth(auth: object) -> None:
    if not isinstance(auth, ApiToken | PrivateKeyJwt):
        # The entity that describes a token of the org has the name of the credential.
        kind = "oktahound.entities.ApiToken" if type(auth).__name__ == "ApiToken" else type(auth).__name__
        raise ConfigurationError(
            f"auth must be a credential, oktahound.ApiToken or oktahound.PrivateKeyJwt, not {kind}"
        )


def _user_agent() -> str:
    # Imported here because reading the version takes longer than importing the rest of this package.
    from importlib import metadata  # noqa: PLC0415

    try:
        version = metadata.version("oktahound")
    except metadata.PackageNotFoundError:
        version = "0"
    return f"oktahound/{version} httpx/{httpx.__version__} python/{platform.python_version()}"
