"""Create events of the System Log in Okta's wire shape (LogEvent of its API description)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from oktahound.sim.world import Json

__all__ = ["ADMIN_OFFICE", "VENDOR_CLOUD", "Origin", "log_event", "principal"]


@attrs.frozen(kw_only=True)
class Origin:
    """A network from which requests come.

    Attributes:
        address: IP address.
        as_number: number of the autonomous system.
        as_name: the organization of the autonomous system.
        proxy: whether Okta regards the address as an anonymizing proxy.
        user_agent: the ``User-Agent`` of the client.
    """

    address: str
    as_number: int | None = None
    as_name: str | None = None
    proxy: bool = False
    user_agent: str = "python-httpx/0.28"


VENDOR_CLOUD = Origin(address="198.51.100.24", as_number=64500, as_name="vendor cloud")
"""The default network of integrations. Addresses and AS numbers are reserved ones."""

ADMIN_OFFICE = Origin(
    address="192.0.2.17", as_number=64496, as_name="contoso office", user_agent="Mozilla/5.0 (Macintosh)"
)
"""The network of administrators."""


def principal(id_: str, type_: str, name: str, alternate: str | None = None) -> Json:
    """Return an actor or a target."""
    return {
        "id": id_,
        "type": type_,
        "alternateId": alternate or "unknown",
        "displayName": name,
        "detailEntry": None,
    }


def log_event(
    *,
    uuid: str,
    published: str,
    event_type: str,
    actor: Json,
    origin: Origin,
    transaction: str,
    client_id: str | None = None,
    target: Sequence[Json] = (),
    result: str = "SUCCESS",
    reason: str | None = None,
    debug: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
    message: str = "",
    severity: str = "INFO",
) -> Json:
    """Return one event.

    Args:
        uuid: the uuid.
        published: the time of the event in Okta's format.
        event_type: the type.
        actor: the actor.
        origin: the network from which the request came.
        transaction: id of the request that caused it.
        client_id: the OAuth client that made the request.
        target: the targets.
        result: ``SUCCESS``, ``FAILURE``, ….
        reason: the reason of a failure.
        debug: ``debugContext.debugData``.
        detail: ``transaction.detail``: ``requestApiTokenId`` of a request with an API token.
        message: ``displayMessage``.
        severity: ``INFO``, ``WARN``, ….
    """
    place = {"city": None, "state": None, "country": None, "postalCode": None, "geolocation": None}
    return {
        "uuid": uuid,
        "published": published,
        "eventType": event_type,
        "version": "0",
        "severity": severity,
        "legacyEventType": None,
        "displayMessage": message,
        "actor": actor,
        "client": {
            "userAgent": {"rawUserAgent": origin.user_agent, "os": "Unknown", "browser": "UNKNOWN"},
            "zone": "null",
            "device": "Unknown",
            "id": client_id,
            "ipAddress": origin.address,
            "geographicalContext": place,
        },
        "authenticationContext": {
            "authenticationProvider": None,
            "credentialProvider": None,
            "credentialType": None,
            "issuer": None,
            "interface": None,
            "authenticationStep": 0,
            "externalSessionId": "unknown",
        },
        "securityContext": {
            "asNumber": origin.as_number,
            "asOrg": origin.as_name,
            "isp": origin.as_name,
            "domain": None,
            "isProxy": origin.proxy,
        },
        "outcome": {"result": result, "reason": reason},
        "target": list(target) or None,
        "transaction": {"type": "WEB", "id": transaction, "detail": dict(detail or {})},
        "debugContext": {"debugData": dict(debug or {})},
        "request": {
            "ipChain": [{"ip": origin.address, "geographicalContext": place, "version": "V4", "source": None}]
        },
    }
