"""Network zones: sets of addresses and places that policies, tokens and clients refer to."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.schema import Derived, Entity, Wire
from oktahound.entities.sources import TRUST_BOUNDARIES, Endpoint
from oktahound.entities.values import type_name

__all__ = ["NetworkZone"]


def _addresses(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"expected a list, got {type_name(value)}")
    found = [each.get("value") if isinstance(each, dict) else None for each in value]
    if not all(isinstance(each, str) for each in found):
        raise TypeError("expected a list of objects with a value")
    return tuple(each for each in found if isinstance(each, str))


@attrs.frozen(kw_only=True, repr=False)
class NetworkZone(Entity):
    """A set of IP addresses or places. A stolen credential that is limited to zones is harder to use."""

    KIND = "OktaHound_NetworkZone"
    PART = "trust_boundaries"
    PLURAL = "network_zones"
    SOURCES = (
        Endpoint(
            "/api/v1/zones", scope="okta.networkZones.read", params={"limit": 200}, option=TRUST_BOUNDARIES
        ),
    )
    DERIVED = (Derived("displayName", "The name.", lambda zone, context: zone.name),)

    name: str | None = None
    """The zone's name."""
    type: str | None = None
    """`IP`, `DYNAMIC` or `DYNAMIC_V2`."""
    status: str | None = None
    """`ACTIVE` or `INACTIVE`."""
    usage: str | None = None
    """`POLICY`, or `BLOCKLIST` for a zone whose requests are refused."""
    system: bool | None = None
    """Whether Okta created the zone."""
    gateways: Annotated[tuple[str, ...] | None, Wire(read=_addresses)] = None
    """The addresses in an IP zone, as ranges or in CIDR notation."""
    proxies: Annotated[tuple[str, ...] | None, Wire(read=_addresses)] = None
    """The addresses of proxies whose statement of the client's address Okta trusts."""
    created: datetime | None = None
    """The time at which the zone was created."""
    last_updated: datetime | None = None
    """The time at which the zone was last changed."""
