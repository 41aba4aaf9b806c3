"""Create the two JWTs that Okta requires: the client assertion and the DPoP proof."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any

import httpx

from oktahound.client._keys import SigningKey

__all__ = ["client_assertion", "dpop_proof", "token_hash"]

# Okta accepts up to an hour. Five minutes tolerate a wrong clock.
_ASSERTION_LIFE = 300


def client_assertion(key: SigningKey, *, client_id: str, token_url: str, kid: str | None, now: float) -> str:
    """Create a ``private_key_jwt`` assertion (RFC 7523).

    Args:
        key: the application's key.
        client_id: the client id, which becomes issuer and subject.
        token_url: the whole URL of the token endpoint, which becomes the audience.
        kid: the key id, if the application has several keys.
        now: seconds since the epoch, by the server's clock as far as it is known.
    """
    header = {"typ": "JWT"} | ({"kid": kid} if kid else {})
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": token_url,
        "iat": int(now),
        "exp": int(now) + _ASSERTION_LIFE,
        "jti": secrets.token_urlsafe(24),
    }
    return key.sign(header, claims)


def dpop_proof(
    key: SigningKey,
    jwk: dict[str, Any],
    *,
    method: str,
    url: httpx.URL,
    now: float,
    nonce: str | None,
    ath: str | None,
) -> str:
    """Create a DPoP proof for one request (RFC 9449, section 4.2).

    Args:
        key: the DPoP key.
        jwk: its public key.
        method: the HTTP method.
        url: the URL. Query and fragment are removed, as the RFC requires.
        now: seconds since the epoch, by the server's clock as far as it is known.
        nonce: the last nonce of the server.
        ath: the hash of the access token, if one is used.
    """
    claims: dict[str, Any] = {
        "htm": method,
        "htu": str(url.copy_with(query=None, fragment=None)),
        "iat": int(now),
        "jti": secrets.token_urlsafe(16),
    }
    if nonce:
        claims["nonce"] = nonce
    if ath:
        claims["ath"] = ath
    return key.sign({"typ": "dpop+jwt", "jwk": jwk}, claims)


def token_hash(token: str) -> str:
    """Compute the ``ath`` of a proof: base64url of the SHA-256 of the access token, without padding."""
    digest = hashlib.sha256(token.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
