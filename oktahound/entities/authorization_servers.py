"""Custom authorization servers, which issue tokens for an org's own APIs."""

from __future__ import annotations

from datetime import datetime

import attrs

from oktahound.entities.schema import Derived, Entity
from oktahound.entities.sources import Endpoint

__all__ = ["AuthorizationServer"]


@attrs.frozen(kw_only=True, repr=False)
class AuthorizationServer(Entity):
    """A custom OAuth 2.0 authorization server. Needs the license for API Access Management."""

    KIND = "Okta_AuthorizationServer"
    PLURAL = "authorization_servers"
    SOURCES = (
        Endpoint(
            "/api/v1/authorizationServers", scope="okta.authorizationServers.read", params={"limit": 200}
        ),
    )
    DERIVED = (Derived("displayName", "The name.", lambda server, context: server.name),)

    name: str | None = None
    """The name that admins see."""
    description: str | None = None
    """The description."""
    status: str | None = None
    """`ACTIVE` or `INACTIVE`."""
    issuer: str | None = None
    """The issuer URL in its tokens."""
    issuer_mode: str | None = None
    """The host of the issuer: `ORG_URL`, `CUSTOM_URL` or `DYNAMIC`."""
    audiences: tuple[str, ...] | None = None
    """The APIs that its tokens are for."""
    created: datetime | None = None
    """The time at which the server was created."""
    last_updated: datetime | None = None
    """The time at which the server was last changed."""
