"""The asynchronous client: five verbs over one org."""

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

from oktahound.client._checks import check_counts, check_numbers
from oktahound.client._credentials import OAuthCredential, TokenCredential
from oktahound.client._driver import Driver
from oktahound.client._flow import document
from oktahound.client._listing import MOST_PAGES, listing
from oktahound.client._queue import RequestQueue
from oktahound.client._rate_limit import RateLimiter
from oktahound.client._retry import RetryPolicy
from oktahound.client._route import route_to
from oktahound.client._steps import Page, Request
from oktahound.client._transport import network_transport, open_http
from oktahound.client._url import fill, parse_org_url
from oktahound.client.auth import ApiToken, Auth, PrivateKeyJwt
from oktahound.clock import Clock, SystemClock
from oktahound.errors import ConfigurationError
from oktahound.no_pickle import Unpicklable

__all__ = ["AsyncOktaClient", "ClientOptions", "Params"]

Params = Mapping[str, str | int | bool]


class ClientOptions(TypedDict, total=False):
    """The keywords that both clients take; `AsyncOktaClient` says what they mean."""

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
    """Reads one Okta org, asynchronously, on asyncio or trio.

    It sends nothing but GET, and POST to the token endpoint. Any number of tasks may use one client at
    once: requests stand in line, per rate-limit bucket and under one gate for the org. Passing
    trouble (429, 500, 502, 503, 504, a broken connection) is waited out. A client belongs to the
    event loop of its first request.

    Args:
        org_url: the org, as in ``https://contoso.okta.com``; not the ``-admin`` one.
        auth: who asks.
        transport: an httpx transport to use in place of the network; a blocking one runs in worker
            threads. It is closed with the client. Proxies and certificates are then its own business.
        proxy: the URL of a proxy (``http://``, ``https://`` or ``socks5://``), with or without a user name
            and password, to use in place of those that ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY`` name.
            A loopback address is never reached through a proxy.
        concurrency: requests in flight at most. Okta allows 35 on a free org and 75 on a paid one at
            once, for all its users together.
        timeout: seconds for one request, from the first byte sent to the last byte read.
        retry_budget: seconds that one request may spend on errors (500, 502, 503, 504, broken connections),
            from the first attempt that fails to the end of the last. Also shared by all the requests to one
            endpoint while it answers none of them. 0 means one attempt. Once a request has failed for a
            minute while the org answered others, later ones that fail get six attempts: half a minute.
        rate_limit_budget: seconds that one request may spend waiting for rate limits (429). 0 means that the
            first 429 is an error.
        max_retries: attempts after the first for one request, in addition to both budgets; None for no
            limit.
        max_body: bytes an answer may have after decompression.
        max_pages: pages a listing may have.
        user_agent: sent in place of our own.
        clock: tells the time and waits.
        random: a number in [0, 1) for jitter.

    Attributes:
        url: ``https://contoso.okta.com``, without a trailing slash.
        domain: ``contoso.okta.com``: the host of the URL, without a port.
        requests: how many requests were sent, retries included, by method and path template.
        clock: what tells it the time.
        concurrency: requests in flight at most.

    Raises:
        ConfigurationError: the URL, the credential or a number cannot work.
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
            raise ConfigurationError("max_retries must be a whole number, or None")
        self.url = org.url
        self.domain = org.domain
        self._org = org
        self.clock = clock = clock or SystemClock()
        self.concurrency = concurrency
        self._patience = RetryPolicy(retry_budget, random, rate_limit_budget, max_retries)
        self._max_pages = max_pages
        if transport is not None and proxy is not None:
            raise ConfigurationError("give transport= or proxy=, not both: a transport has its own route")
        self._http = open_http(
            network_transport(route_to(org.at("/"), proxy=proxy)) if transport is None else transport,
            timeout=timeout,
            max_body=max_body,
            user_agent=user_agent or _user_agent(),
        )
        line = RequestQueue(RateLimiter(concurrency), clock)
        self._driver = Driver(
            org, self._http, line, clock, self._patience, timeout=timeout, max_body=max_body
        )
        self._oauth: OAuthCredential | None = None
        if isinstance(auth, ApiToken):
            self._driver.credential = TokenCredential(auth)
        else:
            # cryptography comes with this import; an API token does not need it.
            from oktahound.client._oauth import OAuthSession  # noqa: PLC0415

            self._oauth = OAuthCredential(OAuthSession(auth, org), self._driver.finish, clock, self._patience)
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
        """A client as Okta's own SDKs are configured: files, then environment, then arguments; later wins.

        Reads ``~/.okta/okta.yaml``, then ``./okta.yaml``, then ``OKTA_CLIENT_ORGURL``, ``_TOKEN``,
        ``_CLIENTID``, ``_SCOPES``, ``_PRIVATEKEY``, ``_KID``, ``_AUTHORIZATIONMODE``,
        ``_DPOPENABLED``, ``_CONNECTIONTIMEOUT``, ``_REQUESTTIMEOUT``, ``_PROXY_HOST``, ``_PROXY_PORT``,
        ``_PROXY_USERNAME``, ``_PROXY_PASSWORD`` and ``_RATELIMIT_MAXRETRIES`` (without ``CLIENT_`` too). A
        default file counts as absent where there is no home folder, or it cannot be read. Keys for retries
        that have no counterpart here (``rateLimit.maxBackoff``) are refused; other unknown keys are ignored.

        Args:
            path: a file to read in place of the two default ones.
            environ: variables to read in place of the process environment.
            overrides: ``url``, ``token``, ``client_id``, ``key``, ``scopes``, ``kid``, ``dpop``, or any
                keyword of the constructor.

        Raises:
            ConfigurationError: something is missing, contradictory or of the wrong type; names the
                place and the key.
        """
        # Imported here: most programs configure in code, and `import oktahound` shall stay quick.
        from oktahound.client._settings import read_settings  # noqa: PLC0415

        settings = read_settings(path, os.environ if environ is None else environ, overrides)
        return cls(settings.url, settings.auth, **settings.options)

    async def get(
        self, path: str, params: Params | None = None, *, ids: Mapping[str, str] | None = None
    ) -> Any:
        """The parsed JSON of one GET.

        Args:
            path: a path template, like ``/api/v1/users/{id}``.
            params: query parameters.
            ids: what stands for the braces; quoted, so that each stays one path segment.

        Raises:
            RequestError: it failed, for good.
            ConfigurationError: the template or its ids are wrong.
        """
        return await self._driver.finish(document(self._ask(path, params, ids), self._patience))

    def pages(
        self,
        path: str,
        params: Params | None = None,
        *,
        ids: Mapping[str, str] | None = None,
        rows_key: str | None = None,
    ) -> AsyncGenerator[Page]:
        """One paged listing, page by page. If it breaks, the pages before have been handed out already.

        Args:
            path: a path template.
            params: query parameters of the first page; the next ones are Okta's.
            ids: what stands for the braces.
            rows_key: where the rows are, for the listings that are objects (``roles`` in
                ``/api/v1/iam/roles``).

        Raises:
            RequestError: a page failed, for good.
            ConfigurationError: the template or its ids are wrong.
        """
        flow = listing(self._ask(path, params, ids), self._patience, rows_key, self._max_pages)
        return self._driver.pages(flow)

    async def list(
        self,
        path: str,
        params: Params | None = None,
        *,
        ids: Mapping[str, str] | None = None,
        rows_key: str | None = None,
    ) -> builtins.list[Any]:
        """All rows of one paged listing; as `pages`, but all or nothing."""
        rows: builtins.list[Any] = []
        async for page in self.pages(path, params, ids=ids, rows_key=rows_key):
            rows += page.rows
        return rows

    async def authorize(self, scopes: Iterable[str]) -> frozenset[str] | None:
        """Make sure of an access token, and say what it may do.

        With a `PrivateKeyJwt` that names no scopes: get a token for as many of `scopes` as the org
        grants, and return those. Called again with others, the token then covers both. With one
        that names its scopes: get that token, and return what was granted. With an `ApiToken`: None,
        since it has no scopes; nothing is sent.

        Raises:
            ScopeNotGrantedError: none of `scopes` is granted, or not all of those named in advance.
            RequestError: no token could be had.
        """
        self._driver.owner.claim()
        return None if self._oauth is None else await self._oauth.authorize(scopes)

    async def aclose(self) -> None:
        """Close the connections. In a forked child or another event loop it closes nothing, and returns."""
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

    def _ask(self, path: str, params: Params | None, ids: Mapping[str, str] | None) -> Request:
        return Request("GET", self._org.at(fill(path, ids), params), path)


def _check_auth(auth: object) -> None:
    if not isinstance(auth, ApiToken | PrivateKeyJwt):
        raise ConfigurationError(f"auth must be an ApiToken or a PrivateKeyJwt, not {type(auth).__name__}")


def _user_agent() -> str:
    # Imported here: reading the version takes longer than importing the rest of this package.
    from importlib import metadata  # noqa: PLC0415

    try:
        version = metadata.version("oktahound")
    except metadata.PackageNotFoundError:
        version = "0"
    return f"oktahound/{version} httpx/{httpx.__version__} python/{platform.python_version()}"
