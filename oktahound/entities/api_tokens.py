"""API tokens: keys to the org's API with the powers of the user who made them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.schema import Derived, Entity, Wire
from oktahound.entities.sources import Endpoint
from oktahound.entities.token_windows import token_window

__all__ = ["ApiToken"]


@attrs.frozen(kw_only=True, repr=False)
class ApiToken(Entity):
    """What Okta says about an API token. The token itself is shown once, to its maker, and never again.

    `token_window` is how long it may lie unused before it expires, as ``[d.]hh:mm:ss``; `network_include`
    holds the ids of the network zones it may be used from, when `network_connection` is ``ZONE``.
    """

    KIND = "Okta_ApiToken"
    PLURAL = "api_tokens"
    # Okta gives all tokens at once, and ignores a `limit`.
    SOURCES = (Endpoint("/api/v1/api-tokens", scope="okta.apiTokens.read"),)
    DERIVED = (Derived("displayName", "The name.", lambda token, context: token.name),)

    name: str | None = None
    user_id: str | None = None
    client_name: str | None = None
    created: datetime | None = None
    last_updated: datetime | None = None
    expires_at: datetime | None = None
    network_connection: Annotated[str | None, Wire("network.connection")] = None
    network_include: Annotated[tuple[str, ...] | None, Wire("network.include")] = None
    token_window: Annotated[str | None, Wire(read=token_window)] = None
