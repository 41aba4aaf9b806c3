"""The list of all entities in reading order, with one typed table for each.

An entity with a line in `Records` is collected, saved, loaded and added to the graph.
"""

from __future__ import annotations

from functools import partial
from typing import Any, get_args, get_origin, get_type_hints

import attrs

from oktahound.entities.agent_pools import Agent, AgentPool
from oktahound.entities.ai_agents import AgentKey, AiAgent, AiAgentOwners, ServiceAccount
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
from oktahound.entities.client_activity import ClientActivity
from oktahound.entities.client_administration import ClientAdministration
from oktahound.entities.client_secrets import ClientSecret
from oktahound.entities.devices import Device, DeviceUser
from oktahound.entities.entity_table import EntityTable
from oktahound.entities.factors import Factor
from oktahound.entities.group_rules import GroupRule
from oktahound.entities.groups import Group, GroupMembership
from oktahound.entities.hooks import EventHook, InlineHook
from oktahound.entities.identity_providers import IdentityProvider, IdentityProviderUser
from oktahound.entities.integrations import ApiServiceIntegration
from oktahound.entities.json_web_keys import JsonWebKey
from oktahound.entities.log_streams import LogStream
from oktahound.entities.log_windows import LogWindow
from oktahound.entities.mcp_servers import DelegationLink, McpServer, ResourceConnection
from oktahound.entities.network_zones import NetworkZone
from oktahound.entities.organization import Organization
from oktahound.entities.policies import Policy, PolicyMapping, PolicyRule
from oktahound.entities.realms import Realm
from oktahound.entities.resource_sets import Resource, ResourceSet, ResourceSetBinding, ResourceSetMember
from oktahound.entities.role_assignments import AdminAssignee, RoleAssignment
from oktahound.entities.role_targets import RoleAppTarget, RoleGroupTarget
from oktahound.entities.roles import CustomRole, RolePermission
from oktahound.entities.saml import AccountMatching, AcsEndpoint, AttributeStatement, SamlSettings
from oktahound.entities.schema import Derived, Entity
from oktahound.entities.signing_keys import SigningKey, TrustedKey
from oktahound.entities.token_policies import TokenPolicy, TokenPolicyRule
from oktahound.entities.users import User

__all__ = ["ENTITIES", "Records", "derived_of"]


def _tables(cls: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """Give every field of `Records` a converter from any iterable of rows to an `EntityTable`."""
    hints = get_type_hints(cls)
    return [
        field.evolve(converter=partial(EntityTable, get_args(hint)[0]))
        if get_origin(hint := hints[field.name]) is EntityTable
        else field
        for field in fields
    ]


@attrs.frozen(kw_only=True, repr=False, field_transformer=_tables)
class Records:
    """The rows that were read from an org: one table for each entity, named by the entity's `PLURAL`."""

    organizations: EntityTable[Organization] = EntityTable(Organization)
    users: EntityTable[User] = EntityTable(User)
    groups: EntityTable[Group] = EntityTable(Group)
    group_memberships: EntityTable[GroupMembership] = EntityTable(GroupMembership)
    realms: EntityTable[Realm] = EntityTable(Realm)
    devices: EntityTable[Device] = EntityTable(Device)
    device_users: EntityTable[DeviceUser] = EntityTable(DeviceUser)
    applications: EntityTable[Application] = EntityTable(Application)
    app_users: EntityTable[AppUser] = EntityTable(AppUser)
    app_group_assignments: EntityTable[AppGroupAssignment] = EntityTable(AppGroupAssignment)
    consent_grants: EntityTable[ConsentGrant] = EntityTable(ConsentGrant)
    group_push_mappings: EntityTable[GroupPushMapping] = EntityTable(GroupPushMapping)
    push_target_groups: EntityTable[PushTargetGroup] = EntityTable(PushTargetGroup)
    api_service_integrations: EntityTable[ApiServiceIntegration] = EntityTable(ApiServiceIntegration)
    client_secrets: EntityTable[ClientSecret] = EntityTable(ClientSecret)
    json_web_keys: EntityTable[JsonWebKey] = EntityTable(JsonWebKey)
    saml_settings: EntityTable[SamlSettings] = EntityTable(SamlSettings)
    acs_endpoints: EntityTable[AcsEndpoint] = EntityTable(AcsEndpoint)
    attribute_statements: EntityTable[AttributeStatement] = EntityTable(AttributeStatement)
    signing_keys: EntityTable[SigningKey] = EntityTable(SigningKey)
    api_tokens: EntityTable[ApiToken] = EntityTable(ApiToken)
    identity_providers: EntityTable[IdentityProvider] = EntityTable(IdentityProvider)
    identity_provider_users: EntityTable[IdentityProviderUser] = EntityTable(IdentityProviderUser)
    trusted_keys: EntityTable[TrustedKey] = EntityTable(TrustedKey)
    account_matchings: EntityTable[AccountMatching] = EntityTable(AccountMatching)
    policies: EntityTable[Policy] = EntityTable(Policy)
    policy_rules: EntityTable[PolicyRule] = EntityTable(PolicyRule)
    policy_mappings: EntityTable[PolicyMapping] = EntityTable(PolicyMapping)
    authorization_servers: EntityTable[AuthorizationServer] = EntityTable(AuthorizationServer)
    agent_pools: EntityTable[AgentPool] = EntityTable(AgentPool)
    agents: EntityTable[Agent] = EntityTable(Agent)
    custom_roles: EntityTable[CustomRole] = EntityTable(CustomRole)
    role_permissions: EntityTable[RolePermission] = EntityTable(RolePermission)
    resource_sets: EntityTable[ResourceSet] = EntityTable(ResourceSet)
    resources: EntityTable[Resource] = EntityTable(Resource)
    resource_set_bindings: EntityTable[ResourceSetBinding] = EntityTable(ResourceSetBinding)
    resource_set_members: EntityTable[ResourceSetMember] = EntityTable(ResourceSetMember)
    admin_assignees: EntityTable[AdminAssignee] = EntityTable(AdminAssignee)
    role_assignments: EntityTable[RoleAssignment] = EntityTable(RoleAssignment)
    role_group_targets: EntityTable[RoleGroupTarget] = EntityTable(RoleGroupTarget)
    role_app_targets: EntityTable[RoleAppTarget] = EntityTable(RoleAppTarget)
    factors: EntityTable[Factor] = EntityTable(Factor)
    inline_hooks: EntityTable[InlineHook] = EntityTable(InlineHook)
    event_hooks: EntityTable[EventHook] = EntityTable(EventHook)
    token_policies: EntityTable[TokenPolicy] = EntityTable(TokenPolicy)
    token_policy_rules: EntityTable[TokenPolicyRule] = EntityTable(TokenPolicyRule)
    ai_agents: EntityTable[AiAgent] = EntityTable(AiAgent)
    ai_agent_owners: EntityTable[AiAgentOwners] = EntityTable(AiAgentOwners)
    agent_keys: EntityTable[AgentKey] = EntityTable(AgentKey)
    mcp_servers: EntityTable[McpServer] = EntityTable(McpServer)
    resource_connections: EntityTable[ResourceConnection] = EntityTable(ResourceConnection)
    delegation_links: EntityTable[DelegationLink] = EntityTable(DelegationLink)
    service_accounts: EntityTable[ServiceAccount] = EntityTable(ServiceAccount)
    log_streams: EntityTable[LogStream] = EntityTable(LogStream)
    network_zones: EntityTable[NetworkZone] = EntityTable(NetworkZone)
    group_rules: EntityTable[GroupRule] = EntityTable(GroupRule)
    log_windows: EntityTable[LogWindow] = EntityTable(LogWindow)
    client_activities: EntityTable[ClientActivity] = EntityTable(ClientActivity)
    client_administrations: EntityTable[ClientAdministration] = EntityTable(ClientAdministration)


ENTITIES: tuple[type[Entity], ...] = tuple(get_args(hint)[0] for hint in get_type_hints(Records).values())
"""The entity classes, in reading order."""


def derived_of(cls: type[Entity]) -> tuple[Derived, ...]:
    """Return the derived properties of an entity's nodes, including those that other entities declare."""
    lent = (each for lender in ENTITIES for each in lender.LENDS.get(cls, ()))
    return (*cls.DERIVED, *lent)
