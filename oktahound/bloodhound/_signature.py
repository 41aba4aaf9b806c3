"""Create the authentication headers for BloodHound: a JWT, or BloodHound's chain of signatures."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime

from oktahound.bloodhound.auth import BearerToken, ServerAuth

__all__ = ["auth_headers"]

_TO_THE_HOUR = len("2026-01-15T12")


def auth_headers(
    auth: ServerAuth, method: str, target: str, wall: float, body: Iterable[bytes]
) -> dict[str, str]:
    """Create the headers for one request. A signature is valid for an hour.

    The signature is a chain of three HMAC-SHA256. The key of the first is the token's key, and that of each
    other is the digest before it. They cover the concatenated method and target, the date cut to the hour,
    and the body. This is the server's `NewRequestSignature`:
    https://github.com/SpecterOps/BloodHound/blob/main/cmd/api/src/api/signature.go

    Args:
        auth: the credential.
        method: the HTTP method.
        target: path and query, exactly as they are sent.
        wall: seconds since the epoch.
        body: the chunks of the body. They are read for a signature, but not for a JWT.
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
