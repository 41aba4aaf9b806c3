"""Targets of OAuth scopes: the objects of each kind, with the assumptions about some of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from oktahound.entities import (
    AdminAssignee,
    AgentPool,
    ApiServiceIntegration,
    Application,
    AuthorizationServer,
    ClientSecret,
    Device,
    Entity,
    Group,
    GroupMembership,
    IdentityProvider,
    Policy,
    RoleAssignment,
    User,
)
from oktahound.entities.role_assignments import privileged_groups, privileged_users, role_holders
from oktahound.graph.barrier import APPLICATIONS_KNOWN, GROUPS_KNOWN, USERS_KNOWN
from oktahound.graph.grants import Targets
from oktahound.graph.model import Premise
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.targets import external_membership, secrets_of
from oktahound.scopes import NO_ROLE, Power

__all__ = [
    "AGENTS",
    "APPS",
    "DEVICES",
    "GROUPS",
    "POLICIES",
    "PROVIDERS",
    "SECRETS",
    "SERVERS",
    "USERS",
    "agent_pools",
    "application_secrets",
    "applications",
    "authorization_servers",
    "devices",
    "directory_groups",
    "groups",
    "identity_providers",
    "integrations",
    "oauth_clients",
    "organization",
    "policies",
    "users",
]

USERS = (User, AdminAssignee, RoleAssignment, Group, GroupMembership)
GROUPS = (Group, RoleAssignment)
APPS = (Application, RoleAssignment)
DEVICES = (Device,)
AGENTS = (AgentPool,)
SECRETS = (ClientSecret, Application)
PROVIDERS = (IdentityProvider,)
POLICIES = (Policy,)
SERVERS = (AuthorizationServer,)

Properties = dict[str, Any]


def _assumed(
    power: Power, org: OrgIndex, known: Premise, protected: Callable[[Any], frozenset[str]]
) -> Callable[[str], Properties]:
    """Return a function from an object's id to the properties of its edge: the assumption of the power.

    The assumption about administrators applies to protected objects only, or to all objects if the protected
    ones are unknown.
    """
    if power.assumption != NO_ROLE:
        return lambda _: {"assumption": power.assumption} if power.assumption else {}
    all_protected = bool(known.missing(org))
    admins = org.once(protected)
    return lambda id_: {"assumption": NO_ROLE} if all_protected or id_ in admins else {}


def _targets(ids: Iterable[str], properties_of: Callable[[str], Properties]) -> Targets:
    return Targets.of(ids, properties_of)


def _all_of_kind(cls: type[Entity], org: OrgIndex, power: Power) -> Targets:
    """Return all objects of a kind without a documented admin barrier."""
    properties = {"assumption": power.assumption} if power.assumption else {}
    return _targets((row.id for row in org.rows(cls)), lambda _: properties)


devices, agent_pools, policies = (
    partial(_all_of_kind, Device),
    partial(_all_of_kind, AgentPool),
    partial(_all_of_kind, Policy),
)
integrations = partial(_all_of_kind, ApiServiceIntegration)
identity_providers = partial(_all_of_kind, IdentityProvider)
authorization_servers = partial(_all_of_kind, AuthorizationServer)


def users(org: OrgIndex, power: Power) -> Targets:
    """Return all users."""
    return _targets((user.id for user in org.rows(User)), _assumed(power, org, USERS_KNOWN, privileged_users))


def groups(org: OrgIndex, power: Power) -> Targets:
    """Return all groups. Edges to groups whose members are managed in another system are inactive."""
    assumed = _assumed(power, org, GROUPS_KNOWN, privileged_groups)
    external = org.once(external_membership)
    return _targets(
        (group.id for group in org.rows(Group)), lambda id_: {**external.get(id_, {}), **assumed(id_)}
    )


def directory_groups(org: OrgIndex, power: Power) -> Targets:
    """Return the groups that were imported from a directory."""
    return _targets(
        (group.id for group in org.rows(Group) if group.is_from_directory),
        _assumed(power, org, GROUPS_KNOWN, privileged_groups),
    )


def applications(org: OrgIndex, power: Power) -> Targets:
    """Return all applications."""
    return _targets(
        (app.id for app in org.rows(Application)), _assumed(power, org, APPLICATIONS_KNOWN, role_holders)
    )


def oauth_clients(org: OrgIndex, power: Power) -> Targets:
    """Return the applications that are OAuth clients."""
    return _targets(
        (app.id for app in org.rows(Application) if app.is_oauth_client),
        _assumed(power, org, APPLICATIONS_KNOWN, role_holders),
    )


def application_secrets(org: OrgIndex, power: Power) -> Targets:
    """Return the secrets of applications. Those of API service integrations can never be read again."""
    return _targets(secrets_of(org, None).ids, lambda _: {"assumption": power.assumption})


def organization(org: OrgIndex, power: Power) -> Targets:
    """Return the organization itself."""
    return _targets((org.organization_id,), lambda _: {"assumption": power.assumption})
