"""The two credentials as the driver sees them: one that never changes, and one that is renewed."""

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

# After a renewal ahead of time failed; the old token works for minutes more.
_RETRY_RENEWAL = 30.0
# Seconds for which a refused key counts as refused without asking again.
_REFUSAL_HOLDS = 10.0


class TokenCredential:
    """An API token: always ready, never renewed."""

    def __init__(self, auth: ApiToken) -> None:
        self._dressed = SignedHeaders({"Authorization": f"SSWS {auth.token}"}, secrets=(auth.token,))

    async def ready(self) -> None:
        """Nothing to do."""

    def current(self) -> bool:
        """It always is."""
        return True

    async def renew(self, _generation: int, /) -> bool:
        """There is no other token."""
        return False

    def dress(self, _method: str, _url: httpx.URL, _wall: float, /) -> SignedHeaders:
        """The same header every time."""
        return self._dressed

    def saw(self, _headers: httpx.Headers, _wall: float, /) -> None:
        """Nothing to learn."""


@attrs.define(eq=False)
class _Flight:
    """One token request that many tasks wait for.

    Attributes:
        early: the old token still works, so a failure is nobody's failure.
        landed: set when it is over.
        error: what came of it, if not a token.
    """

    early: bool = False
    landed: anyio.Event = attrs.field(factory=anyio.Event)
    error: RequestError | None = None


class OAuthCredential:
    """Access tokens, one request at a time however many tasks want one.

    Args:
        session: decides.
        finish: runs a flow.
        clock: tells the time.
        patience: for token requests that somebody waits for.
    """

    def __init__(
        self,
        session: OAuthSession,
        finish: Callable[[Flow[Grant]], Awaitable[Grant]],
        clock: Clock,
        retry_policy: RetryPolicy,
    ) -> None:
        self._session = session
        self._finish = finish
        self._clock = clock
        self._patience = retry_policy
        self._flight: _Flight | None = None
        self._asked: frozenset[str] = frozenset()
        self._refusal: AuthenticationError | None = None
        self._refused_until = 0.0
        self.dress = session.dress
        self.saw = session.saw

    def current(self) -> bool:
        """Whether the token still works."""
        return self._session.usable(self._clock.monotonic())

    async def ready(self) -> None:
        """Get the first token, or the next one when the old nears its end.

        Raises:
            ConfigurationError: nobody said which scopes to ask for.
            RequestError: there is no token and none can be had.
        """
        while self._session.due(self._clock.monotonic()):
            if not self._session.wanted:
                raise ConfigurationError(
                    "which scopes? Give PrivateKeyJwt(scopes=...), "
                    "or call authorize() before the first request"
                )
            usable = self.current()
            if self._flight is None:
                await (self._renew_early() if usable else self._replace())
            elif usable:
                return  # somebody is getting the next token, and this one still works
            else:
                await self._join(self._flight)

    async def renew(self, generation: int) -> bool:
        """Okta refused the token of this generation: get another, unless somebody did already."""
        while (grant := self._session.grant) and grant.generation == generation:
            if self._flight is None:
                await self._replace()
            else:
                await self._join(self._flight)
        return True

    async def authorize(self, scopes: Iterable[str]) -> frozenset[str]:
        """Have a token for as many of `scopes` as the org grants; see `AsyncOktaClient.authorize`."""
        asked = frozenset(scopes)
        session = self._session
        while self._flight is not None:
            await self._flight.landed.wait()
        if session.explicit:
            await self.ready()
        elif asked - self._asked:
            await self._fly(session.wanted | asked, self._patience)
            self._asked |= asked
        granted = session.grant.scopes if session.grant else frozenset[str]()
        return granted if session.explicit else granted & asked

    async def _renew_early(self) -> None:
        try:
            await self._fly(self._session.wanted, self._patience.without_retries(), early=True)
        except RequestError:
            self._session.postpone(self._clock.monotonic() + _RETRY_RENEWAL)

    async def _replace(self) -> None:
        """A new token, unless Okta refused one a moment ago: a revoked key is not tried once per task."""
        if self._refusal is not None and self._clock.monotonic() < self._refused_until:
            raise copy.copy(self._refusal)
        try:
            await self._fly(self._session.wanted, self._patience)
        except AuthenticationError as error:
            self._refusal = copy.copy(error)
            self._refused_until = self._clock.monotonic() + _REFUSAL_HOLDS
            raise

    async def _fly(self, scopes: Iterable[str], retry_policy: RetryPolicy, *, early: bool = False) -> None:
        flight = self._flight = _Flight(early)
        try:
            grant = await self._finish(self._session.acquire(scopes, retry_policy))
        except RequestError as error:
            flight.error = copy.copy(error)
            raise
        else:
            self._session.accept(grant)
        finally:
            self._flight = None
            flight.landed.set()

    async def _join(self, flight: _Flight) -> None:
        await flight.landed.wait()
        if flight.error is not None and not flight.early:
            # A copy: one exception object raised in many tasks would collect all their tracebacks.
            raise copy.copy(flight.error)
