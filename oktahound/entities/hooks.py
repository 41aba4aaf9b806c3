"""Inline hooks and event hooks: servers outside the organization that Okta calls."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.parsers import host_of
from oktahound.entities.schema import Derived, Entity, Wire
from oktahound.entities.sources import TRUST_BOUNDARIES, Endpoint

__all__ = ["EventHook", "InlineHook"]


@attrs.frozen(kw_only=True, repr=False)
class InlineHook(Entity):
    """A server that Okta calls in the middle of a flow, and whose response changes the flow.

    Only the host of the address and the scheme of the credentials are kept: paths, queries, headers and keys
    can contain secrets.
    """

    KIND = "OktaHound_InlineHook"
    PART = "trust_boundaries"
    PLURAL = "inline_hooks"
    # Okta allows 50 hooks, and documents neither a limit nor a cursor.
    SOURCES = (Endpoint("/api/v1/inlineHooks", scope="okta.inlineHooks.read", option=TRUST_BOUNDARIES),)
    DERIVED = (Derived("displayName", "The name.", lambda hook, context: hook.name),)

    name: str | None = None
    """The hook's name."""
    type: str | None = None
    """The flow that calls it, such as `com.okta.saml.tokens.transform`."""
    version: str | None = None
    """The version of the type."""
    status: str | None = None
    """`ACTIVE` or `INACTIVE`."""
    channel_type: Annotated[str | None, Wire("channel.type")] = None
    """`HTTP` with a header that authenticates Okta, or `OAUTH`."""
    host: Annotated[str | None, Wire("channel.config.uri", prop="host", read=host_of)] = None
    """The host that Okta calls, with its port if one is given."""
    auth_scheme: Annotated[
        str | None, Wire(("channel.config.authScheme.type", "channel.config.authType"), prop="authScheme")
    ] = None
    """Okta's authentication method at the host, such as `HEADER` or `client_secret_post`."""
    created: datetime | None = None
    """The time at which the hook was created."""
    last_updated: datetime | None = None
    """The time at which the hook was last changed."""


@attrs.frozen(kw_only=True, repr=False)
class EventHook(Entity):
    """A server to which Okta sends events as they happen. Okta ignores its response.

    Only the host of the address and the scheme of the credentials are kept.
    """

    KIND = "OktaHound_EventHook"
    PART = "trust_boundaries"
    PLURAL = "event_hooks"
    SOURCES = (Endpoint("/api/v1/eventHooks", scope="okta.eventHooks.read", option=TRUST_BOUNDARIES),)
    DERIVED = (Derived("displayName", "The name.", lambda hook, context: hook.name),)

    name: str | None = None
    """The hook's name."""
    status: str | None = None
    """`ACTIVE` or `INACTIVE`."""
    verification_status: str | None = None
    """Whether Okta verified the ownership of the server: `VERIFIED` or `UNVERIFIED`."""
    events: Annotated[tuple[str, ...] | None, Wire("events.items")] = None
    """The types of the events that it receives."""
    host: Annotated[str | None, Wire("channel.config.uri", prop="host", read=host_of)] = None
    """The host that Okta calls, with its port if one is given."""
    auth_scheme: Annotated[str | None, Wire("channel.config.authScheme.type", prop="authScheme")] = None
    """Okta's authentication method at the host: `HEADER`."""
    created: datetime | None = None
    """The time at which the hook was created."""
    last_updated: datetime | None = None
    """The time at which the hook was last changed."""
