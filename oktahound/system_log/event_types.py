"""Groups of event types in the System Log. Source: Okta's catalogue of event types
(``okta-event-types.csv`` of its developer documentation, 1,178 types).
"""

from __future__ import annotations

__all__ = ["REFUSALS", "TOKEN_GRANT", "is_write"]

TOKEN_GRANT = "app.oauth2.token.grant"  # noqa: S105 - an event type
"""Token requests at the org's own authorization server, which issues the ``okta.*`` scopes. Also the prefix
of the types of the resulting grants (``….access_token``, ``….refresh_token``). Custom authorization servers
write ``app.oauth2.as.…`` instead, and never issue an ``okta.*`` scope."""

REFUSALS = frozenset(
    {
        "app.oauth2.invalid_client_credentials",
        "system.oauth2.token.request_outside_allowed_range",
        "system.api_token.request_outside_allowed_range",
    }
)
"""Refused requests that got no token. They count as failures, under their type if they have no reason."""

_NO_WRITES = (
    "app.oauth2.as.",
    "app.oauth2.authorize",
    "app.oauth2.client_id_rate_limit_warning",
    "app.oauth2.client.read_client_secret",
    "app.oauth2.interact.",
    "app.oauth2.signon",
    "app.oauth2.token.",
    "core.concurrency.",
    "policy.evaluate_sign_on",
    "security.request.",
    "system.operation.rate_limit.",
    "system.org.rate_limit.",
    "user.authentication.",
)
"""Prefixes of types for sign-ins, tokens, limits and views, which change nothing."""


def is_write(event_type: str) -> bool:
    """Return whether an event of this type records a change. An unknown type counts as a change."""
    return not event_type.startswith(_NO_WRITES)
