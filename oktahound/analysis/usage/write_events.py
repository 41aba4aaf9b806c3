"""Map event types of the System Log to the resources that they change, with the names that scopes use.

Sources: Okta's catalogue of event types (``okta-event-types.csv`` of its developer documentation) and, for
the resources, the operations of each scope in Okta's API description. An event type belongs to the longest
matching prefix.
"""

from __future__ import annotations

import functools

from oktahound.scopes import OAuthScope

__all__ = ["WRITE_EVENTS", "described", "resources_written"]

WRITE_EVENTS: dict[str, tuple[str, ...]] = {
    "app.oauth2.admin.consent.": ("appGrants",),
    "app.oauth2.as.key.": ("authorizationServers",),
    "app.oauth2.as.resource_server.": ("authorizationServers",),
    "app.oauth2.client.lifecycle.": ("apps", "clients"),
    "app.oauth2.client.privilege.": ("roles",),
    "app.oauth2.credentials.lifecycle.": ("apps", "oauthIntegrations"),
    "app.oauth2.trusted_server.": ("authorizationServers",),
    "application.lifecycle.": ("apps",),
    "application.user_membership.": ("apps",),
    "directory.app_user_profile.": ("schemas",),
    "directory.linked_object.": ("linkedObjects",),
    "directory.mapping.": ("profileMappings",),
    "directory.non_default_user_profile.": ("schemas",),
    "directory.user_profile.": ("schemas",),
    "event_hook.": ("eventHooks",),
    "group.lifecycle.": ("groups",),
    "group.privilege.": ("roles",),
    "group.user_membership.": ("groups",),
    "iam.resourceset.": ("roles",),
    "iam.role.": ("roles",),
    "inline_hook.": ("inlineHooks",),
    "integration.api_service.lifecycle.": ("oauthIntegrations",),
    "network_zone.": ("networkZones",),
    "policy.lifecycle.": ("policies",),
    "policy.mapping.": ("policies",),
    "policy.rule.": ("policies",),
    "security.authenticator.": ("authenticators",),
    "security.behavior.settings.": ("behaviors",),
    "security.events.provider.": ("securityEventsProviders", "ssf"),
    "security.events.transmitter.": ("ssf",),
    "security.trusted_origin.": ("trustedOrigins",),
    "security.zone.": ("networkZones",),
    "system.agent_pools.": ("agentPools",),
    "system.api_token.": ("apiTokens",),
    "system.idp.": ("idps",),
    "system.log_stream.": ("logStreams",),
    "user.account.": ("users",),
    "user.account.privilege.": ("roles",),
    "user.lifecycle.": ("users",),
    "user.mfa.factor.": ("users",),
    "user.session.": ("sessions", "users"),
    "zone.": ("networkZones",),
}
"""The resources, with the names that scopes use (``users`` in ``okta.users.manage``), by prefix of event
types."""


@functools.cache
def resources_written(event_type: str) -> tuple[str, ...]:
    """Return the resources that an event of this type changes; none for a type that is not in the table.

    >>> resources_written("user.account.privilege.grant")
    ('roles',)
    """
    prefixes = [prefix for prefix in WRITE_EVENTS if event_type.startswith(prefix)]
    return WRITE_EVENTS[max(prefixes, key=len)] if prefixes else ()


def described(scope: OAuthScope) -> bool:
    """Return whether the table has event types for this scope's resource, so that the log shows writes."""
    return any(scope.resource in resources for resources in WRITE_EVENTS.values())
