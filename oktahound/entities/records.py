"""Every entity there is, in reading order: one typed tuple for each.

This class is the list: an entity that has a line here is collected, saved, loaded and put into the graph.
"""

from __future__ import annotations

from typing import get_args, get_type_hints

import attrs

from oktahound.entities.agent_pools import Agent, AgentPool
from oktahound.entities.api_tokens import ApiToken
from oktahound.entities.application_links import (
    AppGroupAssignment,
    AppUser,
    ConsentGrant,
    GroupPushMapping,
    PushTargetGroup,
)
from oktahound.entities.applications import Application
from oktahound.entities.authorization_servers import AuthorizationServer
from oktahound.entities.client_secrets import ClientSecret
from oktahound.entities.devices import Device, DeviceUser
from oktahound.entities.factors import Factor
from oktahound.entities.groups import Group, GroupMembership
from oktahound.entities.identity_providers import IdentityProvider, IdentityProviderUser
from oktahound.entities.integrations import ApiServiceIntegration
from oktahound.entities.json_web_keys import JsonWebKey
from oktahound.entities.organization import Organization
from oktahound.entities.policies import Policy, PolicyMapping, PolicyRule
from oktahound.entities.realms import Realm
from oktahound.entities.resource_sets import Resource, ResourceSet, ResourceSetBinding, ResourceSetMember
from oktahound.entities.role_assignments import AdminAssignee, RoleAssignment
from oktahound.entities.role_targets import RoleAppTarget, RoleGroupTarget
from oktahound.entities.roles import CustomRole, RolePermission
from oktahound.entities.schema import Derived, Entity
from oktahound.entities.users import User

__all__ = ["ENTITIES", "Records", "derived_of"]


@attrs.frozen(kw_only=True, repr=False)
class Records:
    """What was read of an org. The attribute's name is the entity's `PLURAL`."""

    organizations: tuple[Organization, ...] = ()
    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()
    group_memberships: tuple[GroupMembership, ...] = ()
    realms: tuple[Realm, ...] = ()
    devices: tuple[Device, ...] = ()
    device_users: tuple[DeviceUser, ...] = ()
    applications: tuple[Application, ...] = ()
    app_users: tuple[AppUser, ...] = ()
    app_group_assignments: tuple[AppGroupAssignment, ...] = ()
    consent_grants: tuple[ConsentGrant, ...] = ()
    group_push_mappings: tuple[GroupPushMapping, ...] = ()
    push_target_groups: tuple[PushTargetGroup, ...] = ()
    api_service_integrations: tuple[ApiServiceIntegration, ...] = ()
    client_secrets: tuple[ClientSecret, ...] = ()
    json_web_keys: tuple[JsonWebKey, ...] = ()
    api_tokens: tuple[ApiToken, ...] = ()
    identity_providers: tuple[IdentityProvider, ...] = ()
    identity_provider_users: tuple[IdentityProviderUser, ...] = ()
    policies: tuple[Policy, ...] = ()
    policy_rules: tuple[PolicyRule, ...] = ()
    policy_mappings: tuple[PolicyMapping, ...] = ()
    authorization_servers: tuple[AuthorizationServer, ...] = ()
    agent_pools: tuple[AgentPool, ...] = ()
    agents: tuple[Agent, ...] = ()
    custom_roles: tuple[CustomRole, ...] = ()
    role_permissions: tuple[RolePermission, ...] = ()
    resource_sets: tuple[ResourceSet, ...] = ()
    resources: tuple[Resource, ...] = ()
    resource_set_bindings: tuple[ResourceSetBinding, ...] = ()
    resource_set_members: tuple[ResourceSetMember, ...] = ()
    admin_assignees: tuple[AdminAssignee, ...] = ()
    role_assignments: tuple[RoleAssignment, ...] = ()
    role_group_targets: tuple[RoleGroupTarget, ...] = ()
    role_app_targets: tuple[RoleAppTarget, ...] = ()
    factors: tuple[Factor, ...] = ()


ENTITIES: tuple[type[Entity], ...] = tuple(get_args(hint)[0] for hint in get_type_hints(Records).values())
"""The entity classes, in reading order."""


def derived_of(cls: type[Entity]) -> tuple[Derived, ...]:
    """The derived properties of an entity's nodes: its own, and those that other entities lend it."""
    lent = (each for lender in ENTITIES for each in lender.LENDS.get(cls, ()))
    return (*cls.DERIVED, *lent)
