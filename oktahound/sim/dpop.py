"""Verify DPoP proofs (RFC 9449) as Okta does."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import attrs
import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key

from oktahound.clock import Clock
from oktahound.sim.credentials import Credentials, import_jwk

__all__ = ["ALGORITHMS", "BadProof", "StaleNonce", "check_proof", "token_hash"]

ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
"""The signature algorithms that Okta accepts in assertions and proofs."""

_SKEW = 300.0
"""Maximum difference between a proof's ``iat`` and the server's time, in seconds."""


class BadProof(Exception):  # noqa: N818 - part of a response, not an error of this package
    """The proof is not valid for this request. The message becomes ``error_description``."""


class StaleNonce(BadProof):
    """The proof is valid except for its nonce."""


@attrs.frozen
class _Proof:
    header: dict[str, Any]
    claims: dict[str, Any]
    key: Key


def check_proof(
    request: httpx.Request,
    credentials: Credentials,
    clock: Clock,
    *,
    access_token: str | None = None,
    nonce: str | None = None,
) -> str:
    """Check the proof of a request and return the thumbprint of the key that signed it.

    Args:
        request: the request, with the proof in its ``DPoP`` header.
        credentials: the credentials of the org, with the ids of all used proofs.
        clock: the clock of the server.
        access_token: the token to which the claim ``ath`` must bind the proof.
        nonce: the nonce that the proof must contain.

    Raises:
        StaleNonce: the proof is valid except for its nonce.
        BadProof: the proof is missing, or is not valid for this request.
    """
    proof = _read(request.headers.get("dpop"))
    claims = proof.claims
    _require(claims.get("htm") == request.method, "The DPoP proof JWT has an invalid 'htm' claim.")
    _require(claims.get("htu") == _address(request), "The DPoP proof JWT has an invalid 'htu' claim.")
    _require(_recent(claims.get("iat"), clock), "The DPoP proof JWT has an invalid 'iat' claim.")
    if access_token is not None:
        _require(
            claims.get("ath") == token_hash(access_token), "The DPoP proof JWT has an invalid 'ath' claim."
        )
    if nonce is not None and claims.get("nonce") != nonce:
        raise StaleNonce("Authorization server requires nonce in DPoP proof.")
    identity = claims.get("jti")
    fresh = isinstance(identity, str) and bool(identity) and credentials.first_use(identity)
    _require(fresh, "The DPoP proof JWT has already been used or has no 'jti' claim.")
    return str(proof.key.thumbprint())


def token_hash(access_token: str) -> str:
    """Return the ``ath`` claim for an access token: SHA-256 as base64url without padding (RFC 9449, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()).rstrip(b"=").decode()


def _read(text: str | None) -> _Proof:
    if not text:
        raise BadProof("The DPoP proof JWT header is missing.")
    found: list[Key] = []

    def key_in_header(token: Any) -> Any:
        found.append(import_jwk(token.headers()["jwk"]))
        return found[0]

    try:
        token = jwt.decode(text, key_in_header, algorithms=list(ALGORITHMS))
    except (JoseError, KeyError, TypeError, ValueError, UnicodeDecodeError) as error:
        raise BadProof("The DPoP proof JWT is not valid.") from error
    _require(token.header.get("typ") == "dpop+jwt", "The DPoP proof JWT has an invalid 'typ' header.")
    _require(not found[0].is_private, "The DPoP proof JWT must not hold a private key.")
    return _Proof(token.header, token.claims, found[0])


def _address(request: httpx.Request) -> str:
    return str(request.url.copy_with(query=None, fragment=None))


def _recent(issued: object, clock: Clock) -> bool:
    return isinstance(issued, int | float) and abs(issued - clock.time()) <= _SKEW


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise BadProof(otherwise)
