"""The headers that prove who asks: a JWT as it is, or BloodHound's own chain of signatures."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime

from oktahound.bloodhound.auth import BearerToken, ServerAuth

__all__ = ["proof"]

_TO_THE_HOUR = len("2026-01-15T12")


def proof(auth: ServerAuth, method: str, target: str, wall: float, body: Iterable[bytes]) -> dict[str, str]:
    """The headers for one request, good for an hour if they are a signature.

    The signature is a chain of three HMAC-SHA256, each keyed with the digest before it and the first
    with the token's key: over the method and the target without anything between them, over the
    date cut to the hour, and over the body. So does the server's own `NewRequestSignature`:
    https://github.com/SpecterOps/BloodHound/blob/main/cmd/api/src/api/signature.go

    Args:
        auth: who asks.
        method: the HTTP method.
        target: path and query, exactly as they are sent.
        wall: seconds since the epoch.
        body: what is sent, in pieces; read to its end for a signature, and not at all for a JWT.
    """
    if isinstance(auth, BearerToken):
        return {"Authorization": f"Bearer {auth.token}"}
    date = datetime.fromtimestamp(wall, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    key = hmac.digest(auth.key.encode(), f"{method}{target}".encode(), "sha256")
    key = hmac.digest(key, date[:_TO_THE_HOUR].encode(), "sha256")
    digest = hmac.new(key, digestmod="sha256")
    for piece in body:
        digest.update(piece)
    return {
        "Authorization": f"bhesignature {auth.id}",
        "RequestDate": date,
        "Signature": b64encode(digest.digest()).decode(),
    }
