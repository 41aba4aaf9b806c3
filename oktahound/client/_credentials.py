"""Credentials for the driver: an API token that never changes, or OAuth access tokens that are renewed."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

import anyio
import attrs
import httpx

from oktahound.client._retry import RetryPolicy
from oktahound.client._steps import Flow, SignedHeaders
from oktahound.client.auth import ApiToken
from oktahound.clock import Clock
from oktahound.errors import AuthenticationError, ConfigurationError, RequestError

if TYPE_CHECKING:  # it brings cryptography, which an API token does not need
    from oktahound.client._oauth import Grant, OAuthSession

__all__ = ["OAuthCredential", "TokenCredential"]

# Seconds until the next attempt after an early renewal failed. The old token is valid for some minutes more.
_RETRY_RENEWAL = 30.0
# Seconds for which a refused key counts as refused without another token request.
_REFUSAL_HOLDS = 10.0


class TokenCredential:
    """An API token. It is always ready and never renewed."""

    def __init__(self, auth: ApiToken) -> None:
        self._signed = SignedHeaders({"Authorization": f"SSWS {auth.token}"}, secrets=(auth.token,))

    async def ready(self) -> None:
        """Return at once."""

    def current(self) -> bool:
        """Return True: the token does not expire."""
        return True

    async def renew(self, _generation: int, /) -> bool:
        """Return False: there is no other token."""
        return False

    def sign(self, _method: str, _url: httpx.URL, _wall: float, /) -> SignedHeaders:
        """Return the ``Authorization`` header, the same for every request."""
        return self._signed

    def observe(self, _headers: httpx.Headers, _wall: float, /) -> None:
        """Ignore the response."""


@attrs.define(eq=False)
class _TokenRequest:
    """A token request in progress, which several tasks may wait for.

    Attributes:
        ahead_of_time: whether the old token is still valid, so that a failure is not raised.
        done: set when the request has ended.
        error: the error of the request; None if it returned a token.
    """

    ahead_of_time: bool = False
    done: anyio.Event = attrs.field(factory=anyio.Event)
    error: RequestError | None = None


class OAuthCredential:
    """OAuth access tokens. Concurrent tasks share one token request.

    Args:
        session: holds the token and builds token requests.
        run_flow: runs a flow (`Driver.run`).
        clock: the source of the current time.
        retry_policy: applies to all token requests except renewals ahead of time, which get one attempt.
    """

    def __init__(
        self,
        session: OAuthSession,
        run_flow: Callable[[Flow[Grant]], Awaitable[Grant]],
        clock: Clock,
        retry_policy: RetryPolicy,
    ) -> None:
        self._session = session
        self._run_flow = run_flow
        self._clock = clock
        self._retry_policy = retry_policy
        self._pending: _TokenRequest | None = None
        self._requested: frozenset[str] = frozenset()
        self._refusal: AuthenticationError | None = None
        self._refused_until = 0.0
        self.sign = session.sign
        self.observe = session.observe

    def current(self) -> bool:
        """Whether the token is still valid."""
        return self._session.usable(self._clock.monotonic())

    async def ready(self) -> None:
        """Request the first token, or the next one shortly before the old one expires.

        Raises:
            ConfigurationError: no scopes were configured.
            RequestError: there is no valid token, and the token request failed.
        """
        while self._session.due(self._clock.monotonic()):
            if not self._session.requested_scopes:
                raise ConfigurationError(
                    "there are no scopes to request a token for: give PrivateKeyJwt(scopes=...), "
                    "or call authorize() before the first request"
                )
            usable = self.current()
            if self._pending is None:
                await (self._renew_early() if usable else self._replace())
            elif usable:
                return  # another task is renewing the token, and this one is still valid
            else:
                await self._wait_for(self._pending)

    async def renew(self, generation: int) -> bool:
        """Replace a token that Okta refused, unless another task has replaced it already."""
        while (grant := self._session.grant) and grant.generation == generation:
            if self._pending is None:
                await self._replace()
            else:
                await self._wait_for(self._pending)
        return True

    async def authorize(self, scopes: Iterable[str]) -> frozenset[str]:
        """Get a token for as many of `scopes` as the org grants; see `AsyncOktaClient.authorize`."""
        requested = frozenset(scopes)
        session = self._session
        while self._pending is not None:
            await self._pending.done.wait()
        if session.scopes_are_explicit:
            await self.ready()
        elif requested - self._requested:
            await self._request_token(session.requested_scopes | requested, self._retry_policy)
            self._requested |= requested
        granted = session.grant.scopes if session.grant else frozenset[str]()
        return granted if session.scopes_are_explicit else granted & requested

    async def _renew_early(self) -> None:
        try:
            await self._request_token(
                self._session.requested_scopes, self._retry_policy.without_retries(), ahead_of_time=True
            )
        except RequestError:
            self._session.postpone(self._clock.monotonic() + _RETRY_RENEWAL)

    async def _replace(self) -> None:
        """Request a new token, unless Okta has just refused to issue one.

        Without the exception, every waiting task would try a revoked key once.
        """
        if self._refusal is not None and self._clock.monotonic() < self._refused_until:
            raise copy.copy(self._refusal)
        try:
            await self._request_token(self._session.requested_scopes, self._retry_policy)
        except AuthenticationError as error:
            self._refusal = copy.copy(error)
            self._refused_until = self._clock.monotonic() + _REFUSAL_HOLDS
            raise

    async def _request_token(
        self, scopes: Iterable[str], retry_policy: RetryPolicy, *, ahead_of_time: bool = False
    ) -> None:
        pending = self._pending = _TokenRequest(ahead_of_time)
        try:
            grant = await self._run_flow(self._session.acquire(scopes, retry_policy))
        except RequestError as error:
            pending.error = copy.copy(error)
            raise
        else:
            self._session.accept(grant)
        finally:
            self._pending = None
            pending.done.set()

    async def _wait_for(self, pending: _TokenRequest) -> None:
        await pending.done.wait()
        if pending.error is not None and not pending.ahead_of_time:
            # Raise a copy: one exception raised in many tasks would collect all their tracebacks.
            raise copy.copy(pending.error)
