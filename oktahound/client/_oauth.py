"""OAuth 2.0 for a service application: which token to ask for, what an answer means, when to renew.

Nothing in here sends: token requests are flows, and the rest is arithmetic.
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
# What Okta answers when it is a scope that it does not like; it never says which.
_SCOPE_ERRORS = frozenset({"invalid_scope", "consent_required", "access_denied"})
# What a wrong clock can look like: the assertion or the proof is from the future, or expired.
_CLOCK_ERRORS = frozenset({"invalid_client", "invalid_dpop_proof", "invalid_grant", "invalid_request"})
_MOST_PROBES = 64
_LEAST_SKEW = 5.0
_DEFAULT_LIFE = 3600.0
# A token that ends as soon as it comes would be renewed for ever and never used. Taken for a minute's, it
# is used, and Okta's 401 says if it meant that.
_LEAST_LIFE = 60.0
_MARGIN = 300.0
# It goes into a header of every request. Okta's have about a thousand characters.
_LONGEST_TOKEN = 16 * 1024


@attrs.frozen
class Grant:
    """An access token and what is known of it.

    Attributes:
        token: the access token.
        scheme: ``DPoP`` or ``Bearer``.
        scopes: what was granted.
        expires_at: when it ends, on the monotonic clock.
        renew_at: when to get the next one: five minutes, or a tenth of its life, before that.
        generation: counts tokens, from 1.
        ath: the hash of the token that a DPoP proof carries.
    """

    token: str = attrs.field(repr=False)
    scheme: str
    scopes: frozenset[str]
    expires_at: float
    renew_at: float
    generation: int
    ath: str = attrs.field(repr=False)


class OAuthSession:
    """The state of one client's access to one org.

    Args:
        auth: the application and its key.
        org: where.

    Attributes:
        grant: the token in use, or None.
        wanted: the scopes the next token is asked for.
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
        self.wanted: frozenset[str] = frozenset(auth.scopes or ())

    @property
    def explicit(self) -> bool:
        """Whether the caller named the scopes, so that all of them must be granted."""
        return self._auth.scopes is not None

    def usable(self, now: float) -> bool:
        """Whether there is a token that still works."""
        return self.grant is not None and now < self.grant.expires_at

    def due(self, now: float) -> bool:
        """Whether it is time for another token."""
        return self.grant is None or now >= min(self.grant.renew_at, self.grant.expires_at)

    def accept(self, grant: Grant) -> None:
        """Use this token from now on, and ask for its scopes again when it ends."""
        self.grant = grant
        if not self.explicit:
            self.wanted = grant.scopes

    def postpone(self, until: float) -> None:
        """A renewal ahead of time failed: keep the token, and try again at `until`."""
        if self.grant is not None:
            self.grant = attrs.evolve(self.grant, renew_at=until)

    def saw(self, headers: httpx.Headers, wall: float) -> None:
        """Learn from any answer: the nonce for the next proof, and how far the clocks are apart."""
        nonce = headers.get("dpop-nonce")
        if nonce and len(nonce) <= 1024:
            self._nonce = nonce
        date = date_of(headers)
        if date is not None:
            self._skew = date - wall

    def dress(self, method: str, url: httpx.URL, wall: float) -> SignedHeaders:
        """The credential for one API request, at the moment it is sent."""
        grant = self.grant
        if grant is None:
            raise RuntimeError("a request was dressed before there was a token")  # a fault of the driver
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
        """Get a token for as many of `scopes` as the org grants; `accept` puts it to use.

        Recorded (okta-sdk-golang issue 145): asked for scopes of which some are granted, Okta gives
        a token for those; asked for none that is granted, or for one it does not know, it refuses
        without naming any. Then each is asked for alone.

        Raises:
            ScopeNotGrantedError: none is granted, or with explicit scopes not all.
            RequestError: the token request failed for another reason.
        """
        asked = sorted(scopes)
        response = yield from self._request(asked, retry_policy)
        if response.status != 200 and error_details(response).code in _SCOPE_ERRORS:
            response, asked = yield from self._narrowed(asked, response, retry_policy)
        if response.status != 200:
            raise self._refused(response)
        grant = self._granted(response, asked)
        missing = (self.wanted if self.explicit else frozenset()) - grant.scopes
        if missing:
            raise self._not_granted(missing, response)
        return grant

    def _request(self, scopes: list[str], retry_policy: RetryPolicy) -> Flow[Response]:
        """One token request, with the nonce if one is wanted and the server's time if ours is off."""
        renonced = retimed = False
        while True:
            used = self._skew
            response = yield from attempts(self._ask(scopes), retry_policy)
            code = error_details(response).code if response.status in {400, 401} else None
            if code == "use_dpop_nonce" and self._dpop and not renonced:
                renonced = True
            elif code in _CLOCK_ERRORS and not retimed and abs(self._skew - used) > _LEAST_SKEW:
                retimed = True
            else:
                return response

    def _ask(self, scopes: list[str]) -> Request:
        return Request("POST", self._url, TOKEN_PATH, dress=lambda wall: self._dress_token(scopes, wall))

    def _dress_token(self, scopes: list[str], wall: float) -> SignedHeaders:
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

    def _narrowed(
        self, asked: list[str], response: Response, retry_policy: RetryPolicy
    ) -> Flow[tuple[Response, list[str]]]:
        """Find out which scopes are granted by asking for each alone, then ask for those together."""
        if len(asked) > _MOST_PROBES:
            raise self._not_granted(asked, response)
        granted: list[str] = []
        for scope in asked if len(asked) > 1 else []:
            alone = yield from self._request([scope], retry_policy)
            if alone.status == 200:
                granted.append(scope)
            elif error_details(alone).code not in _SCOPE_ERRORS:
                raise self._refused(alone)
        if not granted or (self.explicit and len(granted) < len(asked)):
            raise self._not_granted(set(asked) - set(granted), response)
        return (yield from self._request(granted, retry_policy)), granted

    def _granted(self, response: Response, asked: list[str]) -> Grant:
        doc = response.doc if isinstance(response.doc, dict) else {}
        token, scheme = doc.get("access_token"), str(doc.get("token_type")).lower()
        if not _can_be_sent(token):
            raise self._wrong("the answer of the token endpoint holds no access token", response)
        if scheme == "bearer" and self._dpop:
            # RFC 9449, section 5: a client that wants its tokens bound must discard one that is not. It works
            # without the key, so whoever strips the proof from the request could use it.
            raise self._wrong("the token is not bound to the DPoP key: refused (see dpop=False)", response)
        if scheme != ("dpop" if self._dpop else "bearer"):
            raise self._wrong(
                "the token endpoint answered with a token type that was not asked for", response
            )
        scope = doc.get("scope")
        # RFC 6749, section 5.1: no scope in the answer means all that was asked for.
        scopes = frozenset(scope.split() if isinstance(scope, str) and scope.strip() else asked)
        life = _life(doc.get("expires_in"))
        self._generation += 1
        return Grant(
            token=token,
            scheme="DPoP" if scheme == "dpop" else "Bearer",
            scopes=scopes,
            expires_at=response.at + life,
            renew_at=response.at + life - min(_MARGIN, life / 10),
            generation=self._generation,
            ath=token_hash(token),
        )

    def _refused(self, response: Response) -> RequestError:
        say = error_details(response)
        if say.code == "invalid_dpop_proof" and not self._dpop:
            return AuthenticationError(
                "this application requires DPoP: use dpop=True", **_about(response, say)
            )
        if response.status in {400, 401, 403}:
            return AuthenticationError("Okta refused the client or its key", **_about(response, say))
        return error_of_response(self._ask([]), response)

    def _not_granted(self, scopes: Iterable[str], response: Response) -> ScopeNotGrantedError:
        names = sorted(scopes)
        return ScopeNotGrantedError(
            f"the org does not grant this application {', '.join(names)}",
            scopes=names,
            **_about(response, error_details(response)),
        )

    def _wrong(self, message: str, response: Response) -> ProtocolError:
        return ProtocolError(message, method="POST", path=TOKEN_PATH, status=response.status)


def _can_be_sent(token: object) -> TypeGuard[str]:
    """Whether this can stand in a header."""
    if not isinstance(token, str) or not 0 < len(token) <= _LONGEST_TOKEN:
        return False
    return token.isascii() and token.isprintable() and " " not in token


def _about(response: Response, say: ErrorDetails) -> dict[str, Any]:
    return {
        "method": "POST",
        "path": TOKEN_PATH,
        "status": response.status,
        "error_code": say.code,
        "error_id": say.id,
        "summary": say.summary,
    }


def _life(expires_in: object) -> float:
    """Seconds a token lives; Okta says an hour, and an answer without sense is taken to mean that."""
    if isinstance(expires_in, bool) or not isinstance(expires_in, int | float):
        return _DEFAULT_LIFE
    if not 0 < expires_in <= 86400:  # so put, it is false of NaN too
        return _DEFAULT_LIFE
    return max(float(expires_in), _LEAST_LIFE)
