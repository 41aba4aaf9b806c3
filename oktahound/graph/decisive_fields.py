"""Fields that rules must not treat as absent if they failed to parse, such as status, exclusions and type.

A record with a field of a wrong type is kept without the field. Rules treat a missing field as one that Okta
did not send: no status means not inactive, no exclusions exclude nothing. So a parse error could add an edge.
To prevent that, a row is hidden from rules if such a field may be unread. Its node stays, and edges to it are
inactive.
"""

from __future__ import annotations

from oktahound.entities import (
    AccountMatching,
    AcsEndpoint,
    Agent,
    AgentKey,
    AgentPool,
    AiAgent,
    ApiToken,
    Application,
    AppUser,
    AttributeStatement,
    AuthorizationServer,
    ClientSecret,
    ConsentGrant,
    Device,
    Entity,
    EventHook,
    Group,
    GroupPushMapping,
    GroupRule,
    IdentityProvider,
    InlineHook,
    JsonWebKey,
    McpServer,
    Policy,
    PolicyRule,
    Resource,
    ResourceConnection,
    RoleAppTarget,
    RoleAssignment,
    RolePermission,
    SamlSettings,
    TokenPolicy,
    TokenPolicyRule,
    User,
    fields_of,
    per_class,
)
from oktahound.snapshot import Gap, GapReason

__all__ = ["DECISIVE_FIELDS", "unread"]

DECISIVE_FIELDS: dict[type[Entity], frozenset[str]] = {
    User: frozenset({"status", "login", "email", "employee_number"}),
    Group: frozenset({"type", "object_class", "object_sid", "has_admin_privilege"}),
    Application: frozenset(
        {
            "status",
            "app_type",
            "client_type",
            "features",
            "grant_types",
            "naming_context",
            "microsoft_tenant_id",
        }
    ),
    AppUser: frozenset({"status", "scope", "initial_status", "object_sid"}),
    ConsentGrant: frozenset({"status"}),
    GroupPushMapping: frozenset({"status"}),
    ClientSecret: frozenset({"status"}),
    JsonWebKey: frozenset({"status", "use", "kty", "kid"}),
    ApiToken: frozenset({"expires_at"}),
    Device: frozenset({"status"}),
    IdentityProvider: frozenset({"status", "group_action", "issuer"}),
    SamlSettings: frozenset(
        {
            "sso_acs_url",
            "sso_acs_url_override",
            "recipient",
            "recipient_override",
            "destination",
            "destination_override",
            "audience",
            "audience_override",
            "sp_issuer",
            "slo_issuer",
            "idp_issuer",
            "subject_name_id_template",
            "subject_name_id_format",
        }
    ),
    AcsEndpoint: frozenset({"url", "index"}),
    AttributeStatement: frozenset({"name", "type", "values", "filter_value"}),
    AccountMatching: frozenset(
        {
            "link_action",
            "has_link_filter",
            "match_type",
            "match_attribute",
            "subject_filter",
            "user_name_template",
        }
    ),
    Policy: frozenset({"status"}),
    PolicyRule: frozenset({"status"}),
    AuthorizationServer: frozenset({"status"}),
    AgentPool: frozenset({"operational_status"}),
    Agent: frozenset({"operational_status"}),
    RoleAssignment: frozenset({"type", "status", "assignment_type"}),
    RoleAppTarget: frozenset({"instance_id", "status"}),
    RolePermission: frozenset({"conditions"}),
    Resource: frozenset({"link", "excluded"}),
    InlineHook: frozenset({"status"}),
    EventHook: frozenset({"status"}),
    TokenPolicy: frozenset({"status"}),
    TokenPolicyRule: frozenset({"status"}),
    AiAgent: frozenset({"status"}),
    AgentKey: frozenset({"status"}),
    McpServer: frozenset({"status", "oauth_client_status"}),
    ResourceConnection: frozenset({"status"}),
    GroupRule: frozenset({"status", "excluded_user_ids", "excluded_group_ids"}),
}
"""The decisive fields by entity. A test checks that the list covers all fields."""


def unread(cls: type[Entity], gap: Gap) -> bool:
    """Whether a gap concerns a decisive field of a record."""
    if gap.reason is not GapReason.FIELD or gap.entity != cls.__name__:
        return False
    # The part after the last index is the path within the record.
    path = (gap.where or "").rpartition("].")[2]
    # The value itself, or an object on its path.
    return any(whole == path or whole.startswith(f"{path}.") for whole in _decisive_paths(cls))


@per_class
def _decisive_paths(cls: type[Entity]) -> tuple[str, ...]:
    """Return the paths of the decisive fields of an entity, within its record."""
    decisive = DECISIVE_FIELDS.get(cls, frozenset())
    return tuple(".".join(each) for field in fields_of(cls) if field.name in decisive for each in field.paths)
