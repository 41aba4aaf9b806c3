"""Each entity, structured from the smallest response that has all its fields."""

from __future__ import annotations

from datetime import UTC, datetime

from each_case import for_each

from oktahound.entities import (
    ENTITIES,
    AccountMatching,
    AcsEndpoint,
    AdminAssignee,
    Agent,
    AgentKey,
    AgentPool,
    AiAgent,
    AiAgentOwners,
    ApiServiceIntegration,
    ApiToken,
    AppGroupAssignment,
    Application,
    AppUser,
    AttributeStatement,
    AuthorizationServer,
    ClientActivity,
    ClientAdministration,
    ClientChange,
    ClientSecret,
    ConsentGrant,
    CustomRole,
    DelegationLink,
    Device,
    DeviceUser,
    EventCount,
    EventHook,
    Factor,
    Group,
    GroupMembership,
    GroupPushMapping,
    GroupRule,
    IdentityProvider,
    IdentityProviderUser,
    InlineHook,
    JsonWebKey,
    LogStream,
    LogWindow,
    McpServer,
    Network,
    NetworkZone,
    OAuthScope,
    Organization,
    Policy,
    PolicyMapping,
    PolicyRule,
    PushTargetGroup,
    Realm,
    Resource,
    ResourceConnection,
    ResourceSet,
    ResourceSetBinding,
    ResourceSetMember,
    RoleAppTarget,
    RoleAssignment,
    RoleGroupTarget,
    RolePermission,
    SamlSettings,
    ScopeUse,
    ServiceAccount,
    SigningKey,
    TokenPolicy,
    TokenPolicyRule,
    TrustedKey,
    User,
    structure,
)

SENT = "2026-01-15T12:25:42.000Z"
MOMENT = datetime(2026, 1, 15, 12, 25, 42, tzinfo=UTC)

APP = Application(id="0oa1", client_id="client-1")
POOL = AgentPool(id="0oa9", name="corp.example.com", type="AD")
ASSIGNEE = AdminAssignee(id="00u1")
ASSIGNMENT = RoleAssignment(id="ra1", holder_id="00u1", holder_type="USER", holder_path_id="00u1")

SHAPES = [
    (
        Organization,
        {"id": "00o1", "companyName": "Contoso", "subdomain": "contoso", "status": "ACTIVE", "created": SENT},
        None,
        {"company_name": "Contoso", "subdomain": "contoso", "status": "ACTIVE", "created": MOMENT},
    ),
    (
        User,
        {
            "id": "00u1",
            "status": "ACTIVE",
            "lastLogin": None,
            "type": {"id": "oty1"},
            "realmId": "guo1",
            "profile": {"login": "ann@contoso.com", "managerId": "bob@contoso.com", "employeeNumber": "7"},
            "credentials": {"provider": {"type": "OKTA", "name": "OKTA"}},
        },
        None,
        {
            "login": "ann@contoso.com",
            "manager_id": "bob@contoso.com",
            "employee_number": "7",
            "user_type_id": "oty1",
            "realm_id": "guo1",
            "credential_provider_type": "OKTA",
            "last_login": None,
        },
    ),
    (
        Group,
        {
            "id": "00g1",
            "type": "APP_GROUP",
            "objectClass": ["okta:windows_security_principal"],
            "profile": {
                "name": "Admins",
                "description": None,
                "objectSid": "S-1-5-21-1-2-3-512",
                "dn": "CN=Admins",
                "samAccountName": "admins",
                "windowsDomainQualifiedName": "CORP\\Admins",
                "groupScope": "Global",
                "groupType": "Security",
                "externalId": "ABEiM0RVZneImaq7zN3u/w==",
            },
            "_links": {"source": {"href": "https://contoso.okta.com/api/v1/apps/0oa9"}},
            "_embedded": {"stats": {"usersCount": 0, "hasAdminPrivlege": True}},
        },
        None,
        {
            "object_class": "okta:windows_security_principal",
            "object_guid": "33221100-5544-7766-8899-aabbccddeeff",
            "source_application_id": "0oa9",
            "users_count": 0,
            "has_admin_privilege": True,
            "distinguished_name": "CN=Admins",
        },
    ),
    (GroupMembership, {"id": "00u1", "profile": {"login": "x"}}, "00g1", {"group_id": "00g1"}),
    (
        Realm,
        {
            "id": "guo1",
            "isDefault": True,
            "profile": {"name": "R", "realmType": "PARTNER", "domains": ["a.com"]},
        },
        None,
        {"name": "R", "type": "PARTNER", "domains": ("a.com",), "is_default": True},
    ),
    (
        Device,
        {
            "id": "guo2",
            "resourceDisplayName": {"value": "Ann's Mac", "sensitive": False},
            "profile": {
                "serialNumber": "",
                "integrityJailbreak": False,
                "sid": "S-1",
                "udid": "U",
                "managed": True,
            },
        },
        None,
        {
            "display_name": "Ann's Mac",
            "serial_number": None,
            "jail_break": False,
            "object_sid": "S-1",
            "udid": "U",
        },
    ),
    (
        DeviceUser,
        {
            "managementStatus": "MANAGED",
            "screenLockType": "BIOMETRIC",
            "created": SENT,
            "user": {"id": "00u1"},
        },
        Device(id="guo2"),
        {"id": "00u1", "device_id": "guo2", "management_status": "MANAGED", "screen_lock_type": "BIOMETRIC"},
    ),
    (
        Application,
        {
            "id": "0oa1",
            "name": "oidc_client",
            "label": "Backup job",
            "signOnMode": "OPENID_CONNECT",
            "features": [],
            "credentials": {
                "userNameTemplate": {"template": "${source.login}"},
                "oauthClient": {"client_id": "client-1", "token_endpoint_auth_method": "private_key_jwt"},
            },
            "settings": {
                "app": {"domain": "jss.example.com", "url": "https://u:p@app.example.com/x?token=1"},
                "implicitAssignment": False,
                "oauthClient": {"application_type": "service", "grant_types": ["client_credentials"]},
            },
        },
        None,
        {
            "label": "Backup job",
            "app_type": "oidc_client",
            "features": (),
            "client_id": "client-1",
            "client_type": "service",
            "grant_types": ("client_credentials",),
            "setting_domain": "jss.example.com",
            "settings_url": "https://app.example.com/x",
            "implicit_assignment": False,
            "is_service": True,
            "role_path_id": "client-1",
        },
    ),
    (
        AppUser,
        {
            "id": "00u1",
            "externalId": None,
            "scope": "USER",
            "syncState": "SYNCHRONIZED",
            "credentials": {"userName": "ann"},
            "profile": {"objectSid": "S-1-5-21-1-2-3-1001"},
        },
        APP,
        {
            "app_id": "0oa1",
            "user_name": "ann",
            "is_direct": True,
            "is_synchronized": True,
            "external_id": None,
        },
    ),
    (
        AppGroupAssignment,
        {"id": "00g1", "priority": 0, "profile": {}},
        APP,
        {"app_id": "0oa1", "priority": 0},
    ),
    (
        ConsentGrant,
        {"id": "oag1", "scopeId": "okta.users.read", "status": "ACTIVE", "createdBy": {"id": "00u1"}},
        APP,
        {"app_id": "0oa1", "scope_id": "okta.users.read", "created_by": "00u1", "is_active": True},
    ),
    (
        GroupPushMapping,
        {"id": "gPm1", "sourceGroupId": "00g1", "targetGroupId": "00g2", "created": "2025-01-01T00:00:00Z"},
        APP,
        {"app_id": "0oa1", "target_group_id": "00g2", "created": datetime(2025, 1, 1, tzinfo=UTC)},
    ),
    (PushTargetGroup, {"id": "00g2", "type": "APP_GROUP", "profile": {"name": "T"}}, None, {"name": "T"}),
    (
        ApiServiceIntegration,
        {
            "id": "0oa2",
            "type": "falconshieldapiservice",
            "grantedScopes": ["okta.users.read", "okta.apps.read", "okta.users.read"],
            "createdBy": "00u1",
        },
        None,
        {"app_type": "falconshieldapiservice", "oauth_scopes": ("okta.apps.read", "okta.users.read")},
    ),
    (
        ClientSecret,
        {"id": "ocs1", "status": "ACTIVE", "client_secret": "S3CRET", "secret_hash": "h"},
        APP,
        {"owner_id": "0oa1", "status": "ACTIVE", "secret_hash": "h"},
    ),
    (
        JsonWebKey,
        {"kid": "k1", "kty": "RSA", "use": "sig", "n": "…", "e": "AQAB", "status": "ACTIVE"},
        APP,
        {"id": "k1", "kid": "k1", "app_id": "0oa1", "is_signing_key": True},
    ),
    (
        ApiToken,
        {"id": "00T1", "tokenWindow": "P30D", "network": {"connection": "ZONE", "include": ["nzo1"]}},
        None,
        {"token_window": "30.00:00:00", "network_connection": "ZONE", "network_include": ("nzo1",)},
    ),
    (
        IdentityProvider,
        {
            "id": "0oa3",
            "type": "SAML2",
            "status": "ACTIVE",
            "protocol": {
                "type": "SAML2",
                "endpoints": {"sso": {"url": "https://login.microsoftonline.com/common/saml2"}},
                "credentials": {
                    "trust": {"issuer": "https://sts.windows.net/00000000-0000-0000-0000-00000000000A/"}
                },
            },
            "policy": {
                "provisioning": {"action": "AUTO", "groups": {"action": "APPEND", "filter": ["00g1"]}},
                "accountLink": {"action": "AUTO", "filter": None},
                "subject": {"matchType": "USERNAME"},
            },
        },
        None,
        {
            "governed_group_ids": {"00g1"},
            "entra_tenant_id": "00000000-0000-0000-0000-00000000000a",
            "account_link_action": "AUTO",
            "subject_match_type": "USERNAME",
        },
    ),
    (
        IdentityProviderUser,
        {"id": "00u1", "externalId": "ann@entra", "profile": {"msObjectIdentifier": "guid"}},
        "0oa3",
        {"idp_id": "0oa3", "external_id": "ann@entra", "ms_object_identifier": "guid"},
    ),
    (
        Policy,
        {"id": "rst1", "type": "ACCESS_POLICY", "priority": 1, "system": True, "conditions": None},
        None,
        {"priority": 1},
    ),
    (
        PolicyRule,
        {
            "id": "rul1",
            "actions": {"idp": {"providers": [{"type": "OKTA"}, {"type": "AgentlessDSSO", "id": "0oa9"}]}},
        },
        "rst1",
        {"policy_id": "rst1", "provider_types": ("AgentlessDSSO", "OKTA")},
    ),
    (
        PolicyRule,
        {
            "id": "rul2",
            "conditions": {"network": {"connection": "ZONE", "include": ["nzo1"], "exclude": ["nzo2"]}},
            "actions": {
                "profileEnrollment": {
                    "access": "ALLOW",
                    "preRegistrationInlineHooks": [{"inlineHookId": "cal1"}],
                    "unknownUserAction": "REGISTER",
                    "progressiveProfilingAction": "DISABLED",
                }
            },
        },
        "rst1",
        {
            "access": "ALLOW",
            "network_connection": "ZONE",
            "network_include": ("nzo1",),
            "network_exclude": ("nzo2",),
            "registration_hook_ids": ("cal1",),
            "unknown_user_action": "REGISTER",
            "progressive_profiling_action": "DISABLED",
        },
    ),
    (
        PolicyMapping,
        {"id": "rst1", "_links": {"application": {"href": "https://contoso.okta.com/api/v1/apps/0oa1"}}},
        "rst1",
        {"application_id": "0oa1", "key": ("rst1", "rst1", "0oa1")},
    ),
    (
        AuthorizationServer,
        {"id": "aus1", "audiences": ["api://x"], "issuer": "https://i"},
        None,
        {"audiences": ("api://x",)},
    ),
    (
        AgentPool,
        {"id": "0oa9", "name": "corp.example.com", "type": "AD", "inactiveAgents": 0},
        None,
        {"inactive_agents": 0},
    ),
    (
        Agent,
        {
            "id": "a531",
            "name": "DC1",
            "poolId": "0oa9",
            "lastConnection": 1628263766000,
            "updateStatus": "Success",
        },
        POOL,
        {
            "pool_id": "0oa9",
            "pool_name": "corp.example.com",
            "pool_type": "AD",
            "last_connection": datetime(2021, 8, 6, 15, 29, 26, tzinfo=UTC),
        },
    ),
    (CustomRole, {"id": "cr01", "label": "Helpers"}, None, {"label": "Helpers", "is_built_in": False}),
    (
        RolePermission,
        {
            "label": "okta.users.read",
            "conditions": {"include": {"okta:ResourceAttribute/User/Profile": ["city"]}},
        },
        "cr01",
        {"id": "okta.users.read", "role_id": "cr01", "is_conditional": True},
    ),
    (ResourceSet, {"id": "iam1", "label": "SF"}, None, {"label": "SF"}),
    (
        Resource,
        {
            "id": "ire1",
            "orn": "orn:okta:directory:00o1:users",
            "_links": {"self": {"href": "https://contoso.okta.com/api/v1/users"}},
            "conditions": {"Exclude": {"okta:ORN": ["orn:okta:directory:00o1:users:00u1"]}},
        },
        "iam1",
        {"resource_set_id": "iam1", "excluded": ("orn:okta:directory:00o1:users:00u1",)},
    ),
    (ResourceSetBinding, {"id": "cr01"}, "iam1", {"resource_set_id": "iam1"}),
    (
        ResourceSetMember,
        {"id": "irb1", "_links": {"self": {"href": "https://contoso.okta.com/api/v1/users/00u1"}}},
        ResourceSetBinding(id="cr01", resource_set_id="iam1"),
        {"resource_set_id": "iam1", "role_id": "cr01", "holder_id": "00u1"},
    ),
    (AdminAssignee, {"id": "00u1", "orn": "orn:okta:00o1:users:00u1"}, None, {"role_path_id": "00u1"}),
    (
        RoleAssignment,
        {
            "id": "irb2",
            "type": "CUSTOM",
            "status": "ACTIVE",
            "assignmentType": "USER",
            "role": "cr01",
            "resource-set": "iam1",
            "_embedded": {"targets": {"groups": [{}, {}]}},
        },
        ASSIGNEE,
        {
            "holder_id": "00u1",
            "holder_type": "USER",
            "role_id": "cr01",
            "resource_set_id": "iam1",
            "embedded_groups": 2,
            "is_direct": True,
            "key": ("00u1", "irb2", "own"),
        },
    ),
    (
        RoleGroupTarget,
        {"id": "00g1", "profile": {"name": "G"}},
        ASSIGNMENT,
        {"holder_id": "00u1", "assignment_id": "ra1"},
    ),
    (
        RoleAppTarget,
        {"name": "githubcloud", "displayName": "GitHub", "status": "ACTIVE"},
        ASSIGNMENT,
        {"id": "githubcloud", "instance_id": None, "name": "githubcloud", "owner": ASSIGNMENT.key},
    ),
    (
        Factor,
        {"id": "mbl1", "factorType": "sms", "status": "ACTIVE"},
        "00u1",
        {"user_id": "00u1", "type": "sms"},
    ),
    (
        LogWindow,
        {"id": "System Log", "since": SENT, "until": SENT, "oldestEventAt": SENT},
        None,
        {"since": MOMENT, "until": MOMENT, "oldest_event_at": MOMENT},
    ),
    (
        ClientActivity,
        {
            "id": "2026-01-15",
            "matchedBy": ["client.id"],
            "events": 4,
            "lastEventAt": SENT,
            "tokenGrants": 3,
            "lastTokenAt": SENT,
            "scopes": [{"scope": "okta.logs.read", "count": 3, "last_at": SENT}],
            "failures": [{"name": "no_matching_scope", "count": 1, "last_at": SENT}],
            "writes": [],
            "networks": [
                {
                    "address": "192.0.2.1",
                    "as_number": 64500,
                    "as_name": None,
                    "proxy": False,
                    "count": 4,
                    "last_at": SENT,
                }
            ],
            "networksLeftOut": 2,
        },
        "0oa1",
        {
            "client_id": "0oa1",
            "matched_by": ("client.id",),
            "events": 4,
            "last_event_at": MOMENT,
            "token_grants": 3,
            "last_token_at": MOMENT,
            "scopes": (ScopeUse(scope=OAuthScope("okta.logs.read"), count=3, last_at=MOMENT),),
            "failures": (EventCount(name="no_matching_scope", count=1, last_at=MOMENT),),
            "networks": (
                Network(address="192.0.2.1", as_number=64500, proxy=False, count=4, last_at=MOMENT),
            ),
            "networks_left_out": 2,
        },
    ),
    (
        InlineHook,
        {
            "id": "cal1",
            "status": "ACTIVE",
            "name": "Claims",
            "type": "com.okta.saml.tokens.transform",
            "version": "1.0.2",
            "channel": {
                "type": "HTTP",
                "config": {
                    "uri": "https://user:hunter2@Hooks.example.com:8443/in?code=hunter2",
                    "headers": [{"key": "X-Key", "value": "hunter2"}],
                    "authScheme": {"type": "HEADER", "key": "Authorization", "value": "hunter2"},
                },
            },
        },
        None,
        {
            "type": "com.okta.saml.tokens.transform",
            "status": "ACTIVE",
            "channel_type": "HTTP",
            "host": "hooks.example.com:8443",
            "auth_scheme": "HEADER",
        },
    ),
    (
        EventHook,
        {
            "id": "who1",
            "status": "ACTIVE",
            "verificationStatus": "VERIFIED",
            "events": {"type": "EVENT_TYPE", "items": ["user.lifecycle.create"]},
            "channel": {"type": "HTTP", "config": {"uri": "https://hooks.example.com/e"}},
        },
        None,
        {
            "verification_status": "VERIFIED",
            "events": ("user.lifecycle.create",),
            "host": "hooks.example.com",
            "auth_scheme": None,
        },
    ),
    (
        TokenPolicy,
        {"id": "00p1", "name": "Everybody", "status": "ACTIVE"},
        AuthorizationServer(id="aus1"),
        {"server_id": "aus1", "name": "Everybody", "status": "ACTIVE"},
    ),
    (
        TokenPolicyRule,
        {"id": "0pr1", "status": "ACTIVE", "actions": {"token": {"inlineHook": {"id": "cal1"}}}},
        TokenPolicy(id="00p1", server_id="aus1"),
        {"server_id": "aus1", "policy_id": "00p1", "status": "ACTIVE", "inline_hook_id": "cal1"},
    ),
    (
        AiAgent,
        {"id": "wlp1", "status": "STAGED", "platform": None, "appId": "0oa1", "profile": {"name": "Helper"}},
        None,
        {"name": "Helper", "status": "STAGED", "app_id": "0oa1"},
    ),
    (
        AiAgent,
        {
            "id": "wlp1",
            "signOnProvider": {"appInstanceId": "0oa2"},
            "profile": {"name": "Helper", "platform": "AWS_BEDROCK_AGENTS"},
            "_links": {
                "delegationLinks": {
                    "href": "https://contoso.okta.com/workload-principals/api/v1/delegation-links?filter="
                    "to.resourceOrn%20eq%20%22orn:okta:directory:00o1:workload-principals:ai-agents:wlp1%22"
                }
            },
        },
        None,
        {
            "app_id": "0oa2",
            "platform": "AWS_BEDROCK_AGENTS",
            "resource_name": "orn:okta:directory:00o1:workload-principals:ai-agents:wlp1",
        },
    ),
    (
        AiAgentOwners,
        {
            "parentResourceOrn": "orn:okta:directory:00o1:workload-principals:ai-agents:wlp1",
            "resource": {
                "id": "wlp1",
                "type": "ai-agents",
                "orn": "orn:okta:directory:00o1:workload-principals:ai-agents:wlp1",
            },
            "principals": [
                {"id": "pri1", "type": "users", "orn": "orn:okta:directory:00o1:users:00u1"},
                {"id": "pri2", "type": "groups", "orn": "orn:okta:directory:00o1:groups:00g1"},
            ],
        },
        None,
        {"id": "wlp1", "user_ids": ("00u1",), "group_ids": ("00g1",)},
    ),
    (
        AgentKey,
        {"id": "wpc1", "kid": "key-1", "kty": "EC", "status": "ACTIVE", "x": "1", "y": "2"},
        AiAgent(id="wlp1"),
        {"agent_id": "wlp1", "kid": "key-1", "kty": "EC", "status": "ACTIVE"},
    ),
    (
        McpServer,
        {
            "id": "ems1",
            "resourceUrl": "https://tools.example.com/mcp?key=hunter2",
            "status": "ACTIVE",
            "metadata": {"displayName": "Tools", "description": None},
            "oauthClient": {
                "clientId": "wlp9",
                "orn": "orn:okta:directory:00o1:workload-principals:mcp:wlp9",
                "status": "ACTIVE",
            },
        },
        None,
        {
            "name": "Tools",
            "host": "tools.example.com",
            "status": "ACTIVE",
            "oauth_client_id": "wlp9",
            "oauth_client_name": "orn:okta:directory:00o1:workload-principals:mcp:wlp9",
            "oauth_client_status": "ACTIVE",
        },
    ),
    (
        DelegationLink,
        {
            "id": "dlk1",
            "from": {
                "type": "OKTA_AUTHORIZATION_SERVER",
                "clientOrn": "orn:okta:idp:00o1:apps:oidc:0oa1",
                "tokenType": "ACCESS_TOKEN",
            },
            "to": {
                "resourceOrn": "orn:okta:directory:00o1:workload-principals:ai-agents:wlp1",
                "authorizationServerOrn": "orn:okta:idp:00o1:authorization_servers:aus1",
            },
        },
        AiAgent(id="wlp1"),
        {
            "target_id": "wlp1",
            "client_id": "0oa1",
            "client_type": "oidc",
            "resource_id": "wlp1",
            "authorization_server_id": "aus1",
        },
    ),
    (
        ResourceConnection,
        {
            "id": "mcn1",
            "connectionType": "IDENTITY_ASSERTION_CUSTOM_AS",
            "status": "ACTIVE",
            "authorizationServer": {"orn": "orn:okta:idp:00o1:authorization_servers:aus1"},
            "resource": {"orn": "orn:okta:directory:00o1:resource-servers:a2a:wlp2"},
            "scopes": ["orders:read"],
        },
        AiAgent(id="wlp1"),
        {
            "principal_id": "wlp1",
            "authorization_server_id": "aus1",
            "resource_id": "wlp2",
            "resource_type": "a2a",
            "scopes": ("orders:read",),
        },
    ),
    (
        ServiceAccount,
        {"id": "svc1", "name": "Export", "oktaUserId": "00u1", "ownerUserIds": ["00u2"], "status": "VAULTED"},
        None,
        {"okta_user_id": "00u1", "owner_user_ids": ("00u2",), "status": "VAULTED"},
    ),
    (
        LogStream,
        {
            "id": "0oaStream",
            "type": "splunk_cloud_logstreaming",
            "settings": {"host": "acme.splunkcloud.com", "edition": "aws", "token": "hunter2"},
        },
        None,
        {"splunk_host": "acme.splunkcloud.com", "destination": "acme.splunkcloud.com"},
    ),
    (
        NetworkZone,
        {
            "id": "nzo1",
            "type": "IP",
            "usage": "POLICY",
            "gateways": [{"type": "CIDR", "value": "192.0.2.0/24"}],
        },
        None,
        {"type": "IP", "usage": "POLICY", "gateways": ("192.0.2.0/24",), "proxies": None},
    ),
    (
        GroupRule,
        {
            "type": "group_rule",
            "id": "0pr1",
            "status": "ACTIVE",
            "name": "Sales by department",
            "created": SENT,
            "conditions": {
                "people": {"users": {"exclude": ["00u1"]}, "groups": {"exclude": ["00g2"]}},
                "expression": {"value": 'user.department=="Sales"', "type": "urn:okta:expression:1.0"},
            },
            "actions": {"assignUserToGroups": {"groupIds": ["00g1"]}},
        },
        None,
        {
            "status": "ACTIVE",
            "name": "Sales by department",
            "expression": 'user.department=="Sales"',
            "expression_type": "urn:okta:expression:1.0",
            "group_ids": ("00g1",),
            "excluded_user_ids": ("00u1",),
            "excluded_group_ids": ("00g2",),
            "created": MOMENT,
        },
    ),
    (
        ClientAdministration,
        {
            "id": "0oa1 2026-01-15",
            "clientId": "0oa1",
            "day": "2026-01-15",
            "clientName": "Vendor",
            "changes": [{"event_type": "app.oauth2.client.lifecycle.update", "count": 1, "last_at": SENT}],
        },
        None,
        {
            "client_id": "0oa1",
            "day": "2026-01-15",
            "client_name": "Vendor",
            "changes": (
                ClientChange(event_type="app.oauth2.client.lifecycle.update", count=1, last_at=MOMENT),
            ),
        },
    ),
    (
        SigningKey,
        {
            "kty": "RSA",
            "created": SENT,
            "expiresAt": "2036-01-15T12:25:42.000Z",
            "kid": "SfJtU0sKQshujd3m6stAbFtzpeGNmXtFH_98Zrp-lyg",
            "use": "sig",
            "x5c": ["MIIDpDCCAoygAwIBAg"],
            "x5t#S256": "W6sMJwf2jJmTkkV2iQReDgc2_23qWpXHj0rCG9NagjU",
            "e": "AQAB",
            "n": "4A0kGG65PMWKmQ4avfDH",
        },
        APP,
        {
            "id": "SfJtU0sKQshujd3m6stAbFtzpeGNmXtFH_98Zrp-lyg",
            "app_id": "0oa1",
            "thumbprint": "W6sMJwf2jJmTkkV2iQReDgc2_23qWpXHj0rCG9NagjU",
            "created": MOMENT,
            "expires_at": MOMENT.replace(year=2036),
        },
    ),
    (
        TrustedKey,
        {
            "kty": "RSA",
            "created": SENT,
            "expiresAt": "2036-01-15T12:25:42.000Z",
            "kid": "your-key-id",
            "use": "sig",
            "x5c": ["MIIDnjCCAoagAwIBAg"],
            "x5t#S256": "wzPVobIrveR1x-PCbjsFGNV-6zn7Rm9KuOWOG4Rk6jE",
            "e": "65537",
            "n": "101438407598598116085679865987760095721749307901605456708912786847324207000576",
        },
        None,
        {
            "id": "your-key-id",
            "thumbprint": "wzPVobIrveR1x-PCbjsFGNV-6zn7Rm9KuOWOG4Rk6jE",
            "created": MOMENT,
            "expires_at": MOMENT.replace(year=2036),
        },
    ),
    (
        SamlSettings,
        {
            "id": "0",
            "ssoAcsUrl": "https://sp.example.com/acs?idp=1#top",
            "audienceOverride": None,
            "audience": "https://sp.example.com",
            "idpIssuer": "http://www.okta.com/${org.externalKey}",
            "slo": {"enabled": True, "spIssuer": "https://sp.example.com/slo"},
            "spCertificate": {"x5c": ["MII"]},
        },
        APP,
        {
            "app_id": "0oa1",
            "sso_acs_url": "https://sp.example.com/acs?idp=1",
            "audience": "https://sp.example.com",
            "audience_override": None,
            "slo_issuer": "https://sp.example.com/slo",
            "is_made_by_hand": True,
        },
    ),
    (
        AcsEndpoint,
        {"id": "0", "url": "https://ann:pw@sp.example.com/acs", "index": 3},
        APP,
        {"app_id": "0oa1", "url": "https://sp.example.com/acs", "index": 3},
    ),
    (
        AttributeStatement,
        {"id": "0", "origin": "attributeStatements", "name": "email", "values": ["user.email"]},
        APP,
        {"app_id": "0oa1", "name": "email", "values": ("user.email",), "filter_value": None},
    ),
    (
        AccountMatching,
        {
            "id": "0",
            "accountLink": {"filter": {"groups": {"include": ["00g1"]}}, "action": "AUTO"},
            "subject": {"userNameTemplate": {"template": "idpuser.email"}, "matchType": "USERNAME"},
        },
        IdentityProvider(id="0oaIdp"),
        {
            "idp_id": "0oaIdp",
            "link_action": "AUTO",
            "has_link_filter": True,
            "match_type": "USERNAME",
            "user_name_template": "idpuser.email",
        },
    ),
]


@for_each(SHAPES, name=lambda shape: shape[0].__name__)
def test_a_response_becomes_an_entity(shape):
    cls, row, parent, expected = shape
    entity, faults = structure(cls, row, parent)
    assert faults == ()
    assert {name: getattr(entity, name) for name in expected} == expected


def test_every_entity_has_a_shape_here():
    assert {shape[0] for shape in SHAPES} == set(ENTITIES)


def test_an_application_target_with_an_id_is_one_application():
    target, _ = structure(RoleAppTarget, {"id": "0oa1", "name": "githubcloud"}, ASSIGNMENT)
    assert (target.id, target.instance_id, target.name) == ("0oa1", "0oa1", "githubcloud")


def test_values_from_a_parent_of_which_only_the_id_is_known_are_unread():
    agent, faults = structure(Agent, {"id": "a531"}, "0oa9")
    assert (agent.pool_id, agent.pool_name, faults) == ("0oa9", None, ())
    assert structure(RoleGroupTarget, {"id": "00g1"}, "ra1")[0] is None


def test_the_first_path_with_a_value_is_used():
    by_id, _ = structure(
        Group, {"id": "1", "source": {"id": "0oaA"}, "_links": {"source": {"href": "x/0oaB"}}}
    )
    by_link, _ = structure(Group, {"id": "1", "source": None, "_links": {"source": {"href": "x/0oaB"}}})
    assert (by_id.source_application_id, by_link.source_application_id) == ("0oaA", "0oaB")
