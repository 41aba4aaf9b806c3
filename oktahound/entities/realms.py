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
    """A partition of the users. `User.realm_id` is the id of a user's realm."""

    KIND = "Okta_Realm"
    PLURAL = "realms"
    SOURCES = (Endpoint("/api/v1/realms", scope="okta.realms.read", params={"limit": 200}),)
    DERIVED = (Derived("displayName", "The profile's name.", lambda realm, context: realm.name),)

    name: Annotated[str | None, Wire("profile.name")] = None
    """The realm's name."""
    type: Annotated[str | None, Wire("profile.realmType")] = None
    """`PARTNER` or `DEFAULT`."""
    domains: Annotated[tuple[str, ...] | None, Wire("profile.domains")] = None
    """The e-mail domains of the users in a partner realm."""
    is_default: bool | None = None
    """Whether it is the realm of all users who are in no other realm."""
    created: datetime | None = None
    """The time at which the realm was created."""
    last_updated: datetime | None = None
    """The time at which the realm was last changed."""
