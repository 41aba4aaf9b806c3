"""The OAuth token endpoint: the client credentials grant with a signed assertion or a client secret."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, unquote_plus

import httpx
import orjson
from joserfc import jwt
from joserfc.errors import JoseError

from oktahound.clock import Clock
from oktahound.sim.credentials import TOKEN_LIFETIME, Client, Credentials, covers
from oktahound.sim.dpop import ALGORITHMS, BadProof, StaleNonce, check_proof
from oktahound.sim.errors import Refusal, oauth_error
from oktahound.sim.world import Json

__all__ = ["TOKEN_PATH", "Record", "issue_token"]

Record: TypeAlias = Callable[[str, tuple[str, ...], tuple[str, ...], str | None], object]
"""Writes a token request to the System Log."""

TOKEN_PATH = "/oauth2/v1/token"  # noqa: S105 - a path

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LONGEST_ASSERTION = 3600.0


def issue_token(
    request: httpx.Request, credentials: Credentials, clock: Clock, record: Record = lambda *_: None
) -> tuple[Json, dict[str, str]]:
    """Return the response to a token request: the body, and further headers.

    Args:
        request: the request.
        credentials: the credentials that the org accepts.
        clock: the clock of the org.
        record: a function that writes a request of a known client to the System Log. Its arguments: id of the
            client, the scopes that it requested, the scopes that it was granted, and the reason of a failure.

    Raises:
        Refusal: the request is refused, with OAuth's error format.
    """
    form = dict(parse_qsl(request.content.decode("utf-8", "replace"), keep_blank_values=True))
    # Okta's SDK for Python sends the parameters in the query of the POST, and Okta accepts them.
    form = {**dict(request.url.params), **form}
    if form.get("grant_type") != "client_credentials":
        raise oauth_error(400, "unsupported_grant_type", "The authorization grant type is not supported.")
    client = _client(request, form, credentials, clock)
    proof_key, headers = _proof_key(request, client, credentials, clock)
    asked = tuple(form.get("scope", "").split())
    scopes = _scopes(asked, client)
    record(client.id, asked, scopes, None if scopes else "no_matching_scope")
    if not scopes:
        raise oauth_error(
            400,
            "invalid_scope",
            "One or more scopes are not configured for the authorization server resource.",
        )
    return {
        "token_type": "Bearer" if proof_key is None else "DPoP",
        "expires_in": TOKEN_LIFETIME,
        "access_token": credentials.issue(client, scopes, proof_key),
        "scope": " ".join(scopes),
    }, headers


def _client(request: httpx.Request, form: dict[str, str], credentials: Credentials, clock: Clock) -> Client:
    if "client_assertion" in form:
        if form.get("client_assertion_type") != _ASSERTION_TYPE:
            raise oauth_error(400, "invalid_request", "The 'client_assertion_type' is not supported.")
        return _client_by_assertion(request, form["client_assertion"], credentials, clock)
    return _client_by_secret(request.headers.get("authorization", ""), credentials)


def _client_by_secret(header: str, credentials: Credentials) -> Client:
    scheme, _, encoded = header.partition(" ")
    try:
        text = base64.b64decode(encoded, validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    name, _, secret = text.partition(":")
    client = credentials.clients.get(unquote_plus(name))
    if client is None or unquote_plus(secret) not in client.secrets.values():
        raise _invalid_client(
            "Client authentication failed. Either the client or the client credentials are invalid."
        )
    return client


def _client_by_assertion(
    request: httpx.Request, assertion: str, credentials: Credentials, clock: Clock
) -> Client:
    used: list[Client] = []

    def registered_key(token: Any) -> Any:
        client = credentials.clients[_unverified_client_id(assertion)]
        wanted = token.headers().get("kid")
        matching = [key for key in client.keys if wanted in (None, key.kid)] or list(client.keys)
        used.append(client)
        return matching[0]

    try:
        token = jwt.decode(assertion, registered_key, algorithms=list(ALGORITHMS))
    except (JoseError, KeyError, IndexError, TypeError, ValueError) as error:
        raise _invalid_client("The client_assertion signature is invalid.") from error
    _check_claims(token.claims, used[0], str(request.url.copy_with(query=None)), clock)
    return used[0]


def _unverified_client_id(assertion: str) -> str:
    # The token contains the id of the client whose key verifies it, so it is parsed before it is verified.
    payload = assertion.split(".")[1]
    return str(orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["iss"])


def _check_claims(claims: dict[str, Any], client: Client, audience: str, clock: Clock) -> None:
    now = clock.time()
    audiences = claims.get("aud")
    expires, issued, identity = claims.get("exp"), claims.get("iat", now), claims.get("jti")
    if claims.get("sub") != client.id:
        raise _invalid_client(
            "The issuer and the subject of the client_assertion must both be the client id."
        )
    if audience not in (audiences if isinstance(audiences, list) else [audiences]):
        raise _invalid_client(
            "The audience claim for client_assertion must be the endpoint invoked for the request."
        )
    if not isinstance(expires, int | float) or expires <= now:
        raise _invalid_client("The client_assertion token is expired.")
    if expires > now + _LONGEST_ASSERTION:
        raise _invalid_client("The client_assertion token has an expiration too far into the future.")
    if not isinstance(issued, int | float) or issued > now + 300:
        raise _invalid_client("The client_assertion token was issued in the future.")
    if identity is not None:
        if identity in client.assertions:
            raise _invalid_client("The client_assertion token has already been used.")
        client.assertions.add(str(identity))


def _proof_key(
    request: httpx.Request, client: Client, credentials: Credentials, clock: Clock
) -> tuple[str | None, dict[str, str]]:
    if not client.dpop and "dpop" not in request.headers:
        return None, {}
    nonce = {"dpop-nonce": credentials.nonce}
    try:
        return check_proof(request, credentials, clock, nonce=credentials.nonce), nonce
    except StaleNonce as stale:
        raise oauth_error(400, "use_dpop_nonce", str(stale), dpop_nonce=credentials.nonce) from stale
    except BadProof as bad:
        raise oauth_error(400, "invalid_dpop_proof", str(bad)) from bad


def _scopes(asked: tuple[str, ...], client: Client) -> tuple[str, ...]:
    # Requested scopes that are not granted are omitted without an error (okta-sdk-golang issue 145).
    return tuple(scope for scope in dict.fromkeys(asked) if covers(client.scopes, scope))


def _invalid_client(description: str) -> Refusal:
    return oauth_error(401, "invalid_client", description)
