"""Typed, frozen entity classes for Okta's JSON. This part depends on neither the network nor the graph."""

from __future__ import annotations

from oktahound.entities.agent_pools import Agent, AgentPool
from oktahound.entities.ai_agents import AgentKey, AiAgent, AiAgentOwners, ServiceAccount
from oktahound.entities.api_tokens import ApiToken, token_window
from oktahound.entities.application_links import (
    AppGroupAssignment,
    AppUser,
    ConsentGrant,
    GroupPushMapping,
    PushTargetGroup,
)
from oktahound.entities.applications import SYSTEM_APPLICATIONS, Application
from oktahound.entities.authorization_servers import AuthorizationServer
from oktahound.entities.builtin_roles import BUILT_IN_ROLES, BuiltInRole, RoleScope, built_in_role
from oktahound.entities.client_activity import (
    ClientActivity,
    EventCount,
    Network,
    ScopeUse,
    may_be_service,
)
from oktahound.entities.client_administration import ClientAdministration, ClientChange
from oktahound.entities.client_secrets import ClientSecret
from oktahound.entities.clients import (
    API_SERVICE_INTEGRATION,
    OAUTH_CLIENTS,
    SERVICE_APPLICATION,
    OAuthClientTraits,
)
from oktahound.entities.devices import Device, DeviceUser
from oktahound.entities.entity_table import EntityTable
from oktahound.entities.factors import MFA_OF_ALL, MFA_OF_NOBODY, MFA_OF_ROLE_HOLDERS, Factor
from oktahound.entities.group_rules import GroupRule
from oktahound.entities.groups import DIRECTORY_GROUP, Group, GroupMembership
from oktahound.entities.hooks import EventHook, InlineHook
from oktahound.entities.identity_providers import (
    ENTRA_HOSTS,
    IdentityProvider,
    IdentityProviderUser,
    entra_tenant_id,
)
from oktahound.entities.integrations import ApiServiceIntegration
from oktahound.entities.json_web_keys import JsonWebKey
from oktahound.entities.log_streams import LogStream
from oktahound.entities.log_windows import USAGE, LogWindow
from oktahound.entities.mcp_servers import DelegationLink, McpServer, ResourceConnection
from oktahound.entities.network_zones import NetworkZone
from oktahound.entities.organization import Organization
from oktahound.entities.parsers import guid_text
from oktahound.entities.policies import POLICY_TYPES, Policy, PolicyMapping, PolicyRule
from oktahound.entities.realms import Realm
from oktahound.entities.records import ENTITIES, Records, derived_of
from oktahound.entities.resource_sets import (
    BINDINGS,
    Resource,
    ResourceSet,
    ResourceSetBinding,
    ResourceSetMember,
)
from oktahound.entities.resource_targets import (
    All,
    Family,
    MembersOf,
    OfType,
    One,
    OneOrType,
    ResourceTarget,
    Unresolvable,
    orn_target,
    resource_target,
    url_target,
)
from oktahound.entities.role_assignments import AdminAssignee, RoleAssignment
from oktahound.entities.role_targets import EMBEDDED_PAGE, RoleAppTarget, RoleGroupTarget
from oktahound.entities.roles import CustomRole, RolePermission
from oktahound.entities.saml import AccountMatching, AcsEndpoint, AttributeStatement, SamlSettings
from oktahound.entities.schema import (
    Context,
    Derived,
    Entity,
    Field,
    Parent,
    Wire,
    camel,
    fields_of,
    per_class,
    titled,
)
from oktahound.entities.shared_values import SharedValues
from oktahound.entities.signing_keys import SIGNED_SIGN_ON_MODES, SIGNING_KEYS, SigningKey, TrustedKey
from oktahound.entities.sources import (
    NOT_FOUND,
    TRUST_BOUNDARIES,
    Embedded,
    EmptyAnswer,
    Endpoint,
    Fold,
    Key,
    Known,
    LogListing,
    Option,
    Statement,
)
from oktahound.entities.structuring import (
    Fault,
    embedded_rows,
    make_converter,
    saved_form,
    structure,
    structure_saved,
)
from oktahound.entities.token_policies import TokenPolicy, TokenPolicyRule
from oktahound.entities.users import DEPROVISIONED_USERS, DISABLED_USER_STATUSES, User
from oktahound.entities.values import configure_converter, time_text, time_texts, type_name
from oktahound.scopes import OAuthScope

__all__ = [
    "API_SERVICE_INTEGRATION",
    "BINDINGS",
    "BUILT_IN_ROLES",
    "DEPROVISIONED_USERS",
    "DIRECTORY_GROUP",
    "DISABLED_USER_STATUSES",
    "EMBEDDED_PAGE",
    "ENTITIES",
    "ENTRA_HOSTS",
    "MFA_OF_ALL",
    "MFA_OF_NOBODY",
    "MFA_OF_ROLE_HOLDERS",
    "NOT_FOUND",
    "OAUTH_CLIENTS",
    "POLICY_TYPES",
    "SERVICE_APPLICATION",
    "SIGNED_SIGN_ON_MODES",
    "SIGNING_KEYS",
    "SYSTEM_APPLICATIONS",
    "TRUST_BOUNDARIES",
    "USAGE",
    "AccountMatching",
    "AcsEndpoint",
    "AdminAssignee",
    "Agent",
    "AgentKey",
    "AgentPool",
    "AiAgent",
    "AiAgentOwners",
    "All",
    "ApiServiceIntegration",
    "ApiToken",
    "AppGroupAssignment",
    "AppUser",
    "Application",
    "AttributeStatement",
    "AuthorizationServer",
    "BuiltInRole",
    "ClientActivity",
    "ClientAdministration",
    "ClientChange",
    "ClientSecret",
    "ConsentGrant",
    "Context",
    "CustomRole",
    "DelegationLink",
    "Derived",
    "Device",
    "DeviceUser",
    "Embedded",
    "EmptyAnswer",
    "Endpoint",
    "Entity",
    "EntityTable",
    "EventCount",
    "EventHook",
    "Factor",
    "Family",
    "Fault",
    "Field",
    "Fold",
    "Group",
    "GroupMembership",
    "GroupPushMapping",
    "GroupRule",
    "IdentityProvider",
    "IdentityProviderUser",
    "InlineHook",
    "JsonWebKey",
    "Key",
    "Known",
    "LogListing",
    "LogStream",
    "LogWindow",
    "McpServer",
    "MembersOf",
    "Network",
    "NetworkZone",
    "OAuthClientTraits",
    "OAuthScope",
    "OfType",
    "One",
    "OneOrType",
    "Option",
    "Organization",
    "Parent",
    "Policy",
    "PolicyMapping",
    "PolicyRule",
    "PushTargetGroup",
    "Realm",
    "Records",
    "Resource",
    "ResourceConnection",
    "ResourceSet",
    "ResourceSetBinding",
    "ResourceSetMember",
    "ResourceTarget",
    "RoleAppTarget",
    "RoleAssignment",
    "RoleGroupTarget",
    "RolePermission",
    "RoleScope",
    "SamlSettings",
    "ScopeUse",
    "ServiceAccount",
    "SharedValues",
    "SigningKey",
    "Statement",
    "TokenPolicy",
    "TokenPolicyRule",
    "TrustedKey",
    "Unresolvable",
    "User",
    "Wire",
    "built_in_role",
    "camel",
    "configure_converter",
    "derived_of",
    "embedded_rows",
    "entra_tenant_id",
    "fields_of",
    "guid_text",
    "make_converter",
    "may_be_service",
    "orn_target",
    "per_class",
    "resource_target",
    "saved_form",
    "structure",
    "structure_saved",
    "time_text",
    "time_texts",
    "titled",
    "token_window",
    "type_name",
    "url_target",
]


def __dir__() -> list[str]:
    return sorted(__all__)
