"""Policies of authorization servers and their rules, which can call an inline hook for every token."""

from __future__ import annotations

from typing import Annotated

import attrs

from oktahound.entities.authorization_servers import AuthorizationServer
from oktahound.entities.schema import Entity, Parent, Wire
from oktahound.entities.sources import TRUST_BOUNDARIES, Endpoint

__all__ = ["TokenPolicy", "TokenPolicyRule"]


@attrs.frozen(kw_only=True, repr=False)
class TokenPolicy(Entity):
    """A policy of a custom authorization server. Its rules issue tokens for certain clients."""

    PLURAL = "token_policies"
    OWNER = ("server_id",)
    SOURCES = (
        Endpoint(
            "/api/v1/authorizationServers/{id}/policies",
            scope="okta.authorizationServers.read",
            under=AuthorizationServer,
            option=TRUST_BOUNDARIES,
        ),
    )

    server_id: Annotated[str, Parent()]
    """The id of the authorization server."""
    name: str | None = None
    """The policy's name."""
    status: str | None = None
    """`ACTIVE` or `INACTIVE`."""


@attrs.frozen(kw_only=True, repr=False)
class TokenPolicyRule(Entity):
    """A rule of a token policy: it issues tokens, which an inline hook may change."""

    PLURAL = "token_policy_rules"
    OWNER = ("server_id", "policy_id")
    SOURCES = (
        Endpoint(
            "/api/v1/authorizationServers/{server}/policies/{id}/rules",
            scope="okta.authorizationServers.read",
            under=TokenPolicy,
            ids=lambda policy: {"server": policy.server_id, "id": policy.id},
            option=TRUST_BOUNDARIES,
        ),
    )

    server_id: Annotated[str, Parent("server_id")]
    """The id of the authorization server."""
    policy_id: Annotated[str, Parent()]
    """The id of the policy."""
    name: str | None = None
    """The rule's name."""
    status: str | None = None
    """`ACTIVE` or `INACTIVE`."""
    inline_hook_id: Annotated[str | None, Wire("actions.token.inlineHook.id")] = None
    """The id of the inline hook that Okta calls before it issues a token."""
