"""Sets of target objects of rights. Each set is created once and shared by all its holders."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from oktahound.entities import ApiServiceIntegration, Application, ClientSecret, Group, User
from oktahound.entities.role_assignments import role_holders
from oktahound.graph.barrier import INTEGRATIONS_KNOWN, unprotected_groups, unprotected_users
from oktahound.graph.grants import Targets
from oktahound.graph.org_index import OrgIndex

__all__ = [
    "UNPROTECTED_INTEGRATION",
    "apps_as_targets",
    "external_membership",
    "groups_as_targets",
    "integration_edge_properties",
    "integrations_as_targets",
    "passwords_as_targets",
    "secrets_of",
    "users_as_targets",
]

Ids = frozenset[str]

UNPROTECTED_INTEGRATION = (
    "Okta's protection of administrators does not cover an API service integration that holds an admin role"
)
"""The assumption of an edge to an integration that holds a role, or whose roles were not read."""


def users_as_targets(org: OrgIndex, ids: Ids | None) -> Targets:
    """Return the users among `ids`, or all users, who hold no role."""
    return _shared(org, ("users", ids), lambda: Targets.of(_intersection(org.once(unprotected_users), ids)))


def passwords_as_targets(org: OrgIndex, ids: Ids | None) -> Targets:
    """Return the users among `ids`, or all users, who hold no role, as targets of password resets.

    If a directory or identity provider manages the password, Okta may not be able to reset it. The edge then
    has the type of that provider.
    """
    edge_properties = org.once(_external_password).get
    among = org.once(unprotected_users)
    return _shared(org, ("passwords", ids), lambda: Targets.of(_intersection(among, ids), edge_properties))


def groups_as_targets(org: OrgIndex, ids: Ids | None) -> Targets:
    """Return the groups among `ids`, or all groups, that hold no role.

    If a directory or Okta itself manages the members, they cannot be edited in Okta, and the edge is
    inactive.
    """
    edge_properties = org.once(external_membership).get
    among = org.once(unprotected_groups)
    return _shared(org, ("groups", ids), lambda: Targets.of(_intersection(among, ids), edge_properties))


def apps_as_targets(org: OrgIndex, among: Callable[[OrgIndex], Iterable[str]], ids: Ids | None) -> Targets:
    """Return the applications or integrations of `among` that are in `ids`, or all of them."""
    return _shared(org, (among, ids), lambda: Targets.of(_intersection(frozenset(among(org)), ids)))


def integrations_as_targets(org: OrgIndex, ids: Ids | None) -> Targets:
    """Return the API service integrations among `ids`, or all.

    Okta does not document its protection of administrators for integrations. So the edge to an integration
    that holds or may hold a role has an assumption.
    """
    edge_properties = org.once(integration_edge_properties).get
    known = frozenset(integration.id for integration in org.rows(ApiServiceIntegration))
    return _shared(org, ("integrations", ids), lambda: Targets.of(_intersection(known, ids), edge_properties))


def integration_edge_properties(org: OrgIndex) -> dict[str, Mapping[str, Any]]:
    """Return the properties of edges to integrations that hold or may hold a role, by id."""
    unread = bool(INTEGRATIONS_KNOWN.missing(org))
    holders = org.once(role_holders)
    return {
        integration.id: {"assumption": UNPROTECTED_INTEGRATION}
        for integration in org.rows(ApiServiceIntegration)
        if unread or integration.id in holders
    }


def secrets_of(org: OrgIndex, apps: Ids | None) -> Targets:
    """Return the secrets of these applications, or of all."""

    def compute() -> Targets:
        known = frozenset(app.id for app in org.rows(Application))
        owners = _intersection(known, apps)
        return Targets.of(secret.id for secret in org.rows(ClientSecret) if secret.owner_id in owners)

    return _shared(org, ("secrets", apps), compute)


def _intersection(all_ids: Ids, ids: Ids | None) -> Ids:
    return all_ids if ids is None else all_ids & ids


def external_membership(org: OrgIndex) -> dict[str, Mapping[str, Any]]:
    """Return the properties of edges to groups whose members are not managed in Okta, by id of the group."""
    return {
        group.id: {"inactive": f"the members of a group of type {group.type} cannot be edited in Okta"}
        for group in org.rows(Group)
        if group.type not in (None, "OKTA_GROUP")
    }


def _external_password(org: OrgIndex) -> dict[str, Mapping[str, Any]]:
    return {
        user.id: {"credentialProviderType": user.credential_provider_type}
        for user in org.rows(User)
        if user.credential_provider_type not in (None, "OKTA")
    }


def _shared(org: OrgIndex, key: Hashable, compute: Callable[[], Targets]) -> Targets:
    cache = org.once(_cache)
    if key not in cache:
        cache[key] = compute()
    return cache[key]


def _cache(_: OrgIndex) -> dict[Hashable, Targets]:
    return {}
