"""Realms: partitions of the users, in orgs that are licensed for identity governance."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.schema import Derived, Entity, Wire
from oktahound.entities.sources import Endpoint

__all__ = ["Realm"]


@attrs.frozen(kw_only=True, repr=False)
class Realm(Entity):
    """A partition of the users. Who is in it stands in `User.realm_id`."""

    KIND = "Okta_Realm"
    PLURAL = "realms"
    SOURCES = (Endpoint("/api/v1/realms", scope="okta.realms.read", params={"limit": 200}),)
    DERIVED = (Derived("displayName", "The profile's name.", lambda realm, context: realm.name),)

    name: Annotated[str | None, Wire("profile.name")] = None
    type: Annotated[str | None, Wire("profile.realmType")] = None
    domains: Annotated[tuple[str, ...] | None, Wire("profile.domains")] = None
    is_default: bool | None = None
    created: datetime | None = None
    last_updated: datetime | None = None
