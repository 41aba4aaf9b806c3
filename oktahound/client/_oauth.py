"""OAuth 2.0 for a service application: request access tokens, check the responses, and decide when to renew.

Sans-IO: token requests are flows, and timestamps are arguments.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeGuard
from urllib.parse import urlencode

import attrs
import httpx

from oktahound.client._error_responses import ErrorDetails, error_details, error_of_response
from oktahound.client._headers import date_of
from oktahound.client._jwt import client_assertion, dpop_proof, token_hash
from oktahound.client._keys import new_dpop_key
from oktahound.client._retry import RetryPolicy, attempts
from oktahound.client._steps import Flow, Request, Response, SignedHeaders
from oktahound.client._url import Org
from oktahound.client.auth import PrivateKeyJwt
from oktahound.errors import AuthenticationError, ProtocolError, RequestError, ScopeNotGrantedError

__all__ = ["TOKEN_PATH", "Grant", "OAuthSession"]

TOKEN_PATH = "/oauth2/v1/token"  # noqa: S105  # a path
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# Okta's error codes for a refused scope. The response never contains the scope.
_SCOPE_ERRORS = frozenset({"invalid_scope", "consent_required", "access_denied"})
# Error codes that a wrong clock can cause: the assertion or the proof is from the future, or expired.
_CLOCK_ERRORS = frozenset({"invalid_client", "invalid_dpop_proof", "invalid_grant", "invalid_request"})
_MOST_PROBES = 64
_LEAST_SKEW = 5.0
_DEFAULT_LIFETIME = 3600.0
# A token that expires on arrival would be renewed for ever and never used. It is used for a minute instead;
# Okta answers 401 if it has really expired.
_SHORTEST_LIFETIME = 60.0
_MARGIN = 300.0
# The token is part of a header of every request. Okta's tokens have about a thousand characters.
_LONGEST_TOKEN = 16 * 1024


@attrs.frozen
class Grant:
    """An access token with its metadata.

    Attributes:
        token: the access token.
        scheme: ``DPoP`` or ``Bearer``.
        scopes: the granted scopes.
        expires_at: the time at which it expires, on the monotonic clock.
        renew_at: the time at which to request the next one: five minutes, or a tenth of the lifetime, before
            it expires.
        generation: number of the token, from 1.
        ath: the hash of the token that a DPoP proof contains.
    """

    token: str = attrs.field(repr=False)
    scheme: str
    scopes: frozenset[str]
    expires_at: float
    renew_at: float
    generation: int
    ath: str = attrs.field(repr=False)


class OAuthSession:
    """OAuth state of one client: the current token, the DPoP key and nonce, and the clock skew.

    Args:
        auth: the application and its key.
        org: the org that issues the tokens.

    Attributes:
        grant: the current token, or None.
        requested_scopes: the scopes to request with the next token.
    """

    def __init__(self, auth: PrivateKeyJwt, org: Org) -> None:
        self._auth = auth
        self._url = org.at(TOKEN_PATH)
        self._dpop = new_dpop_key() if auth.dpop else None
        self._jwk = self._dpop.public() if self._dpop else {}
        self._nonce: str | None = None
        self._skew = 0.0
        self._generation = 0
        self.grant: Grant | None = None
        self.requested_scopes: frozenset[str] = frozenset(auth.scopes or ())

    @property
    def scopes_are_explicit(self) -> bool:
        """Whether the caller chose the scopes. All of them must be granted then."""
        return self._auth.scopes is not None

    def usable(self, now: float) -> bool:
        """Whether there is a token that has not expired."""
        return self.grant is not None and now < self.grant.expires_at

    def due(self, now: float) -> bool:
        """Whether it is time to request a token."""
        return self.grant is None or now >= min(self.grant.renew_at, self.grant.expires_at)

    def accept(self, grant: Grant) -> None:
        """Use this token from now on, and request its scopes again at the next renewal."""
        self.grant = grant
        if not self.scopes_are_explicit:
            self.requested_scopes = grant.scopes

    def postpone(self, until: float) -> None:
        """Keep the token after a failed early renewal, and try again at `until`."""
        if self.grant is not None:
            self.grant = attrs.evolve(self.grant, renew_at=until)

    def observe(self, headers: httpx.Headers, wall: float) -> None:
        """Read the nonce for the next proof and the clock skew from the headers of a response."""
        nonce = headers.get("dpop-nonce")
        if nonce and len(nonce) <= 1024:
            self._nonce = nonce
        date = date_of(headers)
        if date is not None:
            self._skew = date - wall

    def sign(self, method: str, url: httpx.URL, wall: float) -> SignedHeaders:
        """Return the headers that authenticate one API request sent at `wall`."""
        grant = self.grant
        if grant is None:
            raise RuntimeError("a request was signed before there was a token")  # a bug in the driver
        headers = {"Authorization": f"{grant.scheme} {grant.token}"}
        if grant.scheme == "DPoP":
            headers |= self._proof(method, url, wall, grant.ath)
        return SignedHeaders(headers, generation=grant.generation, secrets=(grant.token,))

    def _proof(self, method: str, url: httpx.URL, wall: float, ath: str | None = None) -> dict[str, str]:
        if self._dpop is None:
            return {}
        now = wall + self._skew
        proof = dpop_proof(self._dpop, self._jwk, method=method, url=url, now=now, nonce=self._nonce, ath=ath)
        return {"DPoP": proof}

    def acquire(self, scopes: Iterable[str], retry_policy: RetryPolicy) -> Flow[Grant]:
        """Request a token for as many of `scopes` as the org grants. `accept` activates it.

        If some of the scopes are granted, Okta issues a token for those. If none is granted, or one is
        unknown, it refuses the request without naming the scope (recorded in okta-sdk-golang issue 145). Each
        scope is then requested alone.

        Raises:
            ScopeNotGrantedError: no scope is granted, or, with explicit scopes, not all of them are.
            RequestError: the token request failed for another reason.
        """
        requested = sorted(scopes)
        response = yield from self._send_token_request(requested, retry_policy)
        if response.status != 200 and error_details(response).code in _SCOPE_ERRORS:
            response, requested = yield from self._probe_scopes(requested, response, retry_policy)
        if response.status != 200:
            raise self._refusal_error(response)
        grant = self._parse_grant(response, requested)
        missing = (self.requested_scopes if self.scopes_are_explicit else frozenset()) - grant.scopes
        if missing:
            raise self._not_granted_error(missing, response)
        return grant

    def _send_token_request(self, scopes: list[str], retry_policy: RetryPolicy) -> Flow[Response]:
        """Send a token request. Repeats it once for a nonce, and once to correct a wrong clock."""
        sent_new_nonce = corrected_clock = False
        while True:
            skew_before = self._skew
            response = yield from attempts(self._token_request(scopes), retry_policy)
            code = error_details(response).code if response.status in {400, 401} else None
            if code == "use_dpop_nonce" and self._dpop and not sent_new_nonce:
                sent_new_nonce = True
            elif (
                code in _CLOCK_ERRORS and not corrected_clock and abs(self._skew - skew_before) > _LEAST_SKEW
            ):
                corrected_clock = True
            else:
                return response

    def _token_request(self, scopes: list[str]) -> Request:
        return Request(
            "POST", self._url, TOKEN_PATH, sign=lambda wall: self._sign_token_request(scopes, wall)
        )

    def _sign_token_request(self, scopes: list[str], wall: float) -> SignedHeaders:
        assertion = client_assertion(
            self._auth.key,
            client_id=self._auth.client_id,
            token_url=str(self._url),
            kid=self._auth.kid or self._auth.key.kid,
            now=wall + self._skew,
        )
        form = {
            "grant_type": "client_credentials",
            "scope": " ".join(scopes),
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        headers |= self._proof("POST", self._url, wall)
        return SignedHeaders(headers, urlencode(form).encode("ascii"), secrets=(assertion,))

    def _probe_scopes(
        self, requested: list[str], response: Response, retry_policy: RetryPolicy
    ) -> Flow[tuple[Response, list[str]]]:
        """Request each scope alone to find out which are granted, then request those together."""
        if len(requested) > _MOST_PROBES:
            raise self._not_granted_error(requested, response)
        granted: list[str] = []
        for scope in requested if len(requested) > 1 else []:
            alone = yield from self._send_token_request([scope], retry_policy)
            if alone.status == 200:
                granted.append(scope)
            elif error_details(alone).code not in _SCOPE_ERRORS:
                raise self._refusal_error(alone)
        if not granted or (self.scopes_are_explicit and len(granted) < len(requested)):
            raise self._not_granted_error(set(requested) - set(granted), response)
        return (yield from self._send_token_request(granted, retry_policy)), granted

    def _parse_grant(self, response: Response, requested: list[str]) -> Grant:
        doc = response.doc if isinstance(response.doc, dict) else {}
        token, scheme = doc.get("access_token"), str(doc.get("token_type")).lower()
        if not _can_be_sent(token):
            raise self._protocol_error("the response of the token endpoint has no access token", response)
        if scheme == "bearer" and self._dpop:
            # RFC 9449, section 5: a client that requires bound tokens must discard an unbound one. An
            # attacker who strips the proof from the request could use it without the key.
            raise self._protocol_error(
                "the access token is not bound to the DPoP key and was refused (see dpop=False)", response
            )
        if scheme != ("dpop" if self._dpop else "bearer"):
            raise self._protocol_error(
                "the token endpoint returned a token type that was not requested", response
            )
        scope = doc.get("scope")
        # RFC 6749, section 5.1: a response without scope means that all requested scopes are granted.
        scopes = frozenset(scope.split() if isinstance(scope, str) and scope.strip() else requested)
        lifetime = _lifetime(doc.get("expires_in"))
        self._generation += 1
        return Grant(
            token=token,
            scheme="DPoP" if scheme == "dpop" else "Bearer",
            scopes=scopes,
            expires_at=response.at + lifetime,
            renew_at=response.at + lifetime - min(_MARGIN, lifetime / 10),
            generation=self._generation,
            ath=token_hash(token),
        )

    def _refusal_error(self, response: Response) -> RequestError:
        details = error_details(response)
        if details.code == "invalid_dpop_proof" and not self._dpop:
            return AuthenticationError(
                "this application requires DPoP: use dpop=True", **_error_context(response, details)
            )
        if response.status in {400, 401, 403}:
            return AuthenticationError(
                "Okta refused the client id or its key", **_error_context(response, details)
            )
        return error_of_response(self._token_request([]), response)

    def _not_granted_error(self, scopes: Iterable[str], response: Response) -> ScopeNotGrantedError:
        names = sorted(scopes)
        return ScopeNotGrantedError(
            f"the org has not granted the application these scopes: {', '.join(names)}",
            scopes=names,
            **_error_context(response, error_details(response)),
        )

    def _protocol_error(self, message: str, response: Response) -> ProtocolError:
        return ProtocolError(message, method="POST", path=TOKEN_PATH, status=response.status)


def _can_be_sent(token: object) -> TypeGuard[str]:
    """Whether a token can be sent in a header."""
    if not isinstance(token, str) or not 0 < len(token) <= _LONGEST_TOKEN:
        return False
    return token.isascii() and token.isprintable() and " " not in token


def _error_context(response: Response, details: ErrorDetails) -> dict[str, Any]:
    return {
        "method": "POST",
        "path": TOKEN_PATH,
        "status": response.status,
        "error_code": details.code,
        "error_id": details.id,
        "summary": details.summary,
    }


def _lifetime(expires_in: object) -> float:
    """Parse a token's lifetime in seconds. An invalid value counts as an hour, Okta's default."""
    if isinstance(expires_in, bool) or not isinstance(expires_in, int | float):
        return _DEFAULT_LIFETIME
    if not 0 < expires_in <= 86400:  # also refuses NaN
        return _DEFAULT_LIFETIME
    return max(float(expires_in), _SHORTEST_LIFETIME)
