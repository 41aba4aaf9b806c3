"""One node of each of the nineteen kinds, with all properties."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs
import pytest
from handwritten.admins import custom, gap, graph_of, role
from handwritten.orgs import snapshot_of

from oktahound import build_graph
from oktahound.entities import (
    BUILT_IN_ROLES,
    ENTITIES,
    Agent,
    AgentPool,
    ApiServiceIntegration,
    ApiToken,
    Application,
    AppUser,
    AuthorizationServer,
    ClientSecret,
    ConsentGrant,
    CustomRole,
    Device,
    Factor,
    Group,
    GroupMembership,
    IdentityProvider,
    JsonWebKey,
    OAuthScope,
    Organization,
    Policy,
    Realm,
    ResourceSet,
    RoleAssignment,
    RolePermission,
    User,
)
from oktahound.graph import OrgIndex
from oktahound.graph.nodes import placeholder

THEN, THEN_TEXT = datetime(2025, 10, 3, 18, 45, 57, tzinfo=UTC), "2025-10-03T18:45:57.000Z"
LATER, LATER_TEXT = datetime(2026, 2, 21, 20, 8, 24, 123_000, tzinfo=UTC), "2026-02-21T20:08:24.123Z"
MADE = {"created": THEN, "last_updated": LATER}
MADE_TEXT = {"created": THEN_TEXT, "lastUpdated": LATER_TEXT}
OF_ORG = {"oktaDomain": "contoso.okta.com", "environmentid": "00oOrg"}
ISSUER = "https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/"

APP = Application(
    id="0oaApp",
    label="Backup",
    app_type="oidc_client",
    sign_on_mode="OPENID_CONNECT",
    status="ACTIVE",
    features=(),
    client_id="chosen",
    client_type="service",
    grant_types=("client_credentials",),
    token_endpoint_auth_method="private_key_jwt",
    jwks_uri="https://keys.example.com",
    initiate_login_uri="https://backup.example.com/login",
    redirect_uris=("https://backup.example.com/back",),
    user_name_mapping="${source.login}",
    credentials_scheme="EDIT_USERNAME_AND_PASSWORD",
    implicit_assignment=False,
    naming_context="corp.example.com",
    filter_groups_by_ou=True,
    microsoft_tenant_id="72f988bf-86f1-41af-91ab-2d7cd011db47",
    setting_domain="backup.example.com",
    **MADE,
)

NODES = {
    "Okta_Realm": (
        [
            Realm(
                id="x1", name="Partners", type="PARTNER", domains=("p.example.com",), is_default=False, **MADE
            )
        ],
        {
            "name": "Partners",
            "displayName": "Partners",
            "type": "PARTNER",
            "domains": ["p.example.com"],
            "isDefault": False,
            **MADE_TEXT,
        },
    ),
    "Okta_User": (
        [
            User(
                id="x1",
                status="ACTIVE",
                login="ann@contoso.com",
                email="ann@contoso.example",
                display_name="Ann",
                first_name="Ann",
                last_name="A.",
                activated=THEN,
                status_changed=THEN,
                last_login=LATER,
                password_changed=THEN,
                user_type_id="oty1",
                user_type="Staff",
                title="Dr.",
                department="IT",
                city="Delft",
                state="ZH",
                country_code="NL",
                employee_number="7",
                organization="Contoso",
                division="West",
                realm_id="guoR",
                manager_id="boss@contoso.com",
                credential_provider_type="OKTA",
                credential_provider_name="OKTA",
                **MADE,
            ),
            Factor(id="f1", user_id="x1", type="push", status="ACTIVE"),
            Factor(id="f2", user_id="x1", type="sms", status="EXPIRED"),
        ],
        {
            "name": "ann@contoso.com",
            "displayName": "Ann",
            "login": "ann@contoso.com",
            "email": "ann@contoso.example",
            "firstName": "Ann",
            "lastName": "A.",
            "status": "ACTIVE",
            "enabled": True,
            "hasRoleAssignments": False,
            "hasInheritedRoleAssignments": False,
            "mfaCollected": True,
            "authenticationFactors": 1,
            "authenticationFactorTypes": ["push"],
            "activated": THEN_TEXT,
            "statusChanged": THEN_TEXT,
            "lastLogin": LATER_TEXT,
            "passwordChanged": THEN_TEXT,
            "userTypeId": "oty1",
            "userType": "Staff",
            "title": "Dr.",
            "department": "IT",
            "city": "Delft",
            "state": "ZH",
            "countryCode": "NL",
            "employeeNumber": "7",
            "organization": "Contoso",
            "division": "West",
            "realmId": "guoR",
            "managerId": "boss@contoso.com",
            "credentialProviderType": "OKTA",
            "credentialProviderName": "OKTA",
            **MADE_TEXT,
        },
    ),
    "Okta_Group": (
        [
            Group(
                id="x1",
                name="IT",
                description="",
                type="APP_GROUP",
                object_class="okta:windows_security_principal",
                last_membership_updated=LATER,
                source_application_id="0oaAd",
                users_count=0,
                object_sid="S-1-5-21-1-2-3-512",
                distinguished_name="CN=IT",
                sam_account_name="IT",
                domain_qualified_name="CORP\\IT",
                group_scope="GLOBAL",
                group_type="SECURITY",
                object_guid="00000000-0000-0000-0000-000000000001",
                **MADE,
            )
        ],
        {
            "name": "IT",
            "displayName": "IT",
            "description": "",
            "oktaGroupType": "APP_GROUP",
            "objectClass": "okta:windows_security_principal",
            "hasRoleAssignments": False,
            "lastMembershipUpdated": LATER_TEXT,
            "sourceApplicationId": "0oaAd",
            "usersCount": 0,
            "objectSid": "S-1-5-21-1-2-3-512",
            "distinguishedName": "CN=IT",
            "samAccountName": "IT",
            "domainQualifiedName": "CORP\\IT",
            "groupScope": "GLOBAL",
            "groupType": "SECURITY",
            "objectGuid": "00000000-0000-0000-0000-000000000001",
            **MADE_TEXT,
        },
    ),
    "Okta_Device": (
        [
            Device(
                id="x1",
                display_name="Ann's Mac",
                profile_name="MAC-1",
                status="ACTIVE",
                resource_type="UDDevice",
                platform="MACOS",
                manufacturer="Apple",
                model="Mac14,2",
                os_version="15.1",
                registered=True,
                managed=False,
                secure_hardware_present=True,
                disk_encryption_type="FULL",
                jail_break=False,
                udid="AA-BB",
                object_sid="S-1-5-21-9",
                serial_number="C02",
                **MADE,
            )
        ],
        {
            "name": "Ann's Mac",
            "displayName": "Ann's Mac",
            "oktaId": "x1",
            "alias": "AA-BB@contoso.okta.com",
            "status": "ACTIVE",
            "resourceType": "UDDevice",
            "platform": "MACOS",
            "manufacturer": "Apple",
            "model": "Mac14,2",
            "osVersion": "15.1",
            "registered": True,
            "managed": False,
            "secureHardwarePresent": True,
            "diskEncryptionType": "FULL",
            "jailBreak": False,
            "udid": "AA-BB",
            "objectSid": "S-1-5-21-9",
            "serialNumber": "C02",
            **MADE_TEXT,
        },
    ),
    "Okta_Application": (
        [
            APP,
            ConsentGrant(id="oag2", app_id="0oaApp", scope_id=OAuthScope("okta.users.read")),
            ConsentGrant(id="oag1", app_id="0oaApp", scope_id=OAuthScope("okta.apps.read")),
            ConsentGrant(id="oag3", app_id="0oaApp", scope_id=OAuthScope("okta.logs.read"), status="REVOKED"),
        ],
        {
            "name": "Backup",
            "displayName": "Backup",
            "appType": "oidc_client",
            "systemApp": False,
            "signOnMode": "OPENID_CONNECT",
            "clientId": "chosen",
            "clientType": "service",
            "grantTypes": ["client_credentials"],
            "tokenEndpointAuthMethod": "private_key_jwt",
            "jwksUri": "https://keys.example.com",
            "features": [],
            "status": "ACTIVE",
            "userNameMapping": "${source.login}",
            "credentialsScheme": "EDIT_USERNAME_AND_PASSWORD",
            "implicitAssignment": False,
            "url": "https://backup.example.com/login",
            "oauthScopes": ["okta.apps.read", "okta.users.read"],
            "hasRoleAssignments": False,
            "namingContext": "corp.example.com",
            "filterGroupsByOU": True,
            "microsoftTenantId": "72f988bf-86f1-41af-91ab-2d7cd011db47",
            "settings.domain": "backup.example.com",
            **MADE_TEXT,
        },
    ),
    "Okta_ApiServiceIntegration": (
        [
            ApiServiceIntegration(
                id="x1",
                name="Falcon Shield",
                app_type="falconshieldapiservice",
                oauth_scopes=(OAuthScope("okta.logs.read"),),
                created_at=THEN,
                created_by="00uAnn",
                config_guide_url="https://docs.example.com",
            )
        ],
        {
            "name": "Falcon Shield",
            "displayName": "Falcon Shield",
            "appType": "falconshieldapiservice",
            "oauthScopes": ["okta.logs.read"],
            "createdAt": THEN_TEXT,
            "createdBy": "00uAnn",
        },
    ),
    "Okta_ResourceSet": (
        [ResourceSet(id="x1", label="Sales", description="All of it", **MADE)],
        {"name": "Sales", "displayName": "Sales", "description": "All of it", **MADE_TEXT},
    ),
    "Okta_CustomRole": (
        [
            CustomRole(id="x1", label="Helpers", description="They help", **MADE),
            RolePermission(id="okta.users.read", role_id="x1", conditions='{"include":{"x":["city"]}}'),
            RolePermission(id="okta.groups.read", role_id="x1"),
        ],
        {
            "name": "Helpers",
            "displayName": "Helpers",
            "description": "They help",
            "permissions": ["okta.groups.read", "okta.users.read"],
            "conditionalPermissions": ["okta.users.read"],
            **MADE_TEXT,
        },
    ),
    "Okta_ApiToken": (
        [
            ApiToken(
                id="x1",
                name="Postman",
                user_id="00uAnn",
                client_name="Okta API",
                expires_at=LATER,
                network_connection="ZONE",
                network_include=("nzo1",),
                token_window="30.00:00:00",
                **MADE,
            )
        ],
        {
            "name": "Postman",
            "displayName": "Postman",
            "userId": "00uAnn",
            "clientName": "Okta API",
            "expiresAt": LATER_TEXT,
            "networkConnection": "ZONE",
            "networkInclude": ["nzo1"],
            "tokenWindow": "30.00:00:00",
            **MADE_TEXT,
        },
    ),
    "Okta_ClientSecret": (
        [ClientSecret(id="x1", owner_id="0oaApp", status="ACTIVE", secret_hash="h4sh", **MADE), APP],
        {
            "name": "secret x1 of Backup",
            "displayName": "secret x1 of Backup",
            "status": "ACTIVE",
            "secretHash": "h4sh",
            **MADE_TEXT,
        },
    ),
    "Okta_JWK": (
        [JsonWebKey(id="x1", app_id="0oaApp", kid="k1", kty="RSA", use="sig", status="ACTIVE", **MADE)],
        {
            "name": "k1",
            "displayName": "k1",
            "kid": "k1",
            "kty": "RSA",
            "use": "sig",
            "status": "ACTIVE",
            **MADE_TEXT,
        },
    ),
    "Okta_Agent": (
        [
            Agent(
                id="x1",
                pool_id="0oaAd",
                pool_name="corp.example.com",
                pool_type="AD",
                name="DC1",
                type="AD",
                version="3.19.0",
                operational_status="OPERATIONAL",
                update_status="Success",
                is_hidden=False,
                last_connection=LATER,
            )
        ],
        {
            "name": "DC1",
            "displayName": "DC1",
            "poolId": "0oaAd",
            "poolName": "corp.example.com",
            "type": "AD",
            "version": "3.19.0",
            "operationalStatus": "OPERATIONAL",
            "updateStatus": "Success",
            "lastConnection": LATER_TEXT,
        },
    ),
    "Okta_AuthorizationServer": (
        [
            AuthorizationServer(
                id="x1",
                name="default",
                description="Default",
                status="ACTIVE",
                issuer="https://contoso.okta.com/oauth2/default",
                issuer_mode="ORG_URL",
                audiences=("api://default",),
                **MADE,
            )
        ],
        {
            "name": "default",
            "displayName": "default",
            "description": "Default",
            "status": "ACTIVE",
            "issuer": "https://contoso.okta.com/oauth2/default",
            "issuerMode": "ORG_URL",
            "audiences": ["api://default"],
            **MADE_TEXT,
        },
    ),
    "Okta_IdentityProvider": (
        [
            IdentityProvider(
                id="x1",
                name="Entra",
                type="SAML2",
                status="ACTIVE",
                issuer_mode="ORG_URL",
                protocol_type="SAML2",
                sso_url="https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/saml2",
                issuer=ISSUER,
                okta_idp_org_url="https://up.okta.com",
                provisioning_action="AUTO",
                group_action="ASSIGN",
                group_assignments=("00gB", "00gA"),
                group_source_attribute="groups",
                account_link_action="AUTO",
                subject_match_type="USERNAME",
                **MADE,
            )
        ],
        {
            "name": "Entra",
            "displayName": "Entra",
            "type": "SAML2",
            "status": "ACTIVE",
            "enabled": True,
            "issuerMode": "ORG_URL",
            "protocolType": "SAML2",
            "url": "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/saml2",
            "issuer": ISSUER,
            "entraTenantId": "72f988bf-86f1-41af-91ab-2d7cd011db47",
            "oktaIdpOrgUrl": "https://up.okta.com",
            "autoUserProvisioning": True,
            "groupAction": "ASSIGN",
            "governedGroupIds": ["00gA", "00gB"],
            "groupSourceAttribute": "groups",
            "accountLinkAction": "AUTO",
            "subjectMatchType": "USERNAME",
            **MADE_TEXT,
        },
    ),
    "Okta_Policy": (
        [
            Policy(
                id="x1",
                name="Any two factors",
                type="ACCESS_POLICY",
                status="ACTIVE",
                priority=1,
                system=False,
                description="Two",
                **MADE,
            )
        ],
        {
            "name": "Any two factors",
            "displayName": "Any two factors",
            "type": "ACCESS_POLICY",
            "status": "ACTIVE",
            "priority": 1,
            "system": False,
            "description": "Two",
            **MADE_TEXT,
        },
    ),
}


@pytest.mark.parametrize("kind", sorted(NODES))
def test_a_node_has_exactly_the_properties_of_the_model(kind):
    rows, properties = NODES[kind]
    graph = graph_of(*rows)
    assert graph.nodes[rows[0].id] == {"kind": kind, **OF_ORG, **properties}


def test_the_organization_is_a_node():
    org = Organization(
        id="00oOrg",
        company_name="Contoso",
        subdomain="contoso",
        status="ACTIVE",
        created=THEN,
        last_updated=LATER,
    )
    graph = build_graph(attrs.evolve(snapshot_of(), organizations=(org,)))
    assert graph.nodes["00oOrg"] == {
        "kind": "Okta_Organization",
        **OF_ORG,
        "name": "contoso.okta.com",
        "displayName": "Contoso",
        "collected": True,
        "subdomain": "contoso",
        "status": "ACTIVE",
        **MADE_TEXT,
    }


def test_an_agent_pool_is_a_node_beside_its_application():
    pool = AgentPool(
        id="0oaAd",
        name="corp.example.com",
        type="AD",
        operational_status="DEGRADED",
        inactive_agents=1,
        disrupted_agents=0,
    )
    graph = graph_of(pool, Application(id="0oaAd", app_type="active_directory"))
    assert graph.nodes["0oaAd_pool"] == {
        "kind": "Okta_AgentPool",
        **OF_ORG,
        "name": "corp.example.com",
        "displayName": "corp.example.com",
        "type": "AD",
        "operationalStatus": "DEGRADED",
        "inactiveAgents": 1,
        "disruptedAgents": 0,
    }
    assert graph.nodes["0oaAd"]["kind"] == "Okta_Application"


def test_the_domain_of_a_directory_is_shown_on_its_application():
    rows = (
        Application(id="0oaAd", app_type="active_directory"),
        AppUser(id="00u1", app_id="0oaAd", object_sid="S-1-5-21-1-2-3-500", sync_state="SYNCHRONIZED"),
    )
    node = graph_of(*rows).nodes["0oaAd"]
    assert (node["domainSid"], node["systemApp"]) == ("S-1-5-21-1-2-3", True)


def test_a_built_in_role_is_a_node_of_the_table():
    assert graph_of().nodes["REPORT_ADMIN@contoso.okta.com"] == {
        "kind": "Okta_Role",
        **OF_ORG,
        "name": "Report Administrator",
        "displayName": "Report Administrator",
        "permissions": ["okta.reports.read", "okta.logs.read"],
    }
    assert graph_of().nodes["SUPER_ADMIN@contoso.okta.com"]["permissions"] == ["*"]


def test_all_built_in_roles_are_nodes_if_roles_were_requested():
    def roles(graph):
        return {node for node, kind in graph.nodes(data="kind") if kind == "Okta_Role"}

    assert roles(graph_of()) == {f"{type_}@contoso.okta.com" for type_ in BUILT_IN_ROLES}
    assert len(BUILT_IN_ROLES) == 14
    assert roles(graph_of(asked=frozenset({"Organization", "User"}))) == set()


def test_a_built_in_role_in_the_listing_of_custom_roles_is_that_of_the_table():
    graph = graph_of(CustomRole(id="WORKFLOWS_ADMIN", label="Other words"))
    assert "WORKFLOWS_ADMIN" not in graph
    assert graph.nodes["WORKFLOWS_ADMIN@contoso.okta.com"]["name"] == "Workflows Administrator"


def test_an_assignment_is_a_node_of_its_id_and_its_holders():
    ann = User(id="00uAnn")
    assignment = custom(ann, "cr01", "iam1", label="Helpers", created=THEN, last_updated=LATER)
    assert graph_of(ann, assignment, ResourceSet(id="iam1")).nodes["irb1_00uAnn"] == {
        "kind": "Okta_RoleAssignment",
        **OF_ORG,
        "name": "Helpers",
        "displayName": "Helpers",
        "type": "CUSTOM",
        "status": "ACTIVE",
        "assignmentType": "USER",
        "roleId": "cr01",
        "resourceSetId": "iam1",
        "scopeComplete": True,
        **MADE_TEXT,
    }


def test_the_literals_cover_all_nineteen_kinds():
    elsewhere = {"Okta_Organization", "Okta_AgentPool", "Okta_Role", "Okta_RoleAssignment"}
    kinds = {cls.KIND for cls in ENTITIES if cls.KIND is not None and not cls.PART} | {"Okta_Role"}
    assert kinds == set(NODES) | elsewhere
    assert len(kinds) == 19


def test_a_key_that_okta_did_not_make_takes_the_applications_id():
    assert "k1_0oaApp" in graph_of(JsonWebKey(id="k1", kid="k1", app_id="0oaApp"))


def test_a_built_in_resource_set_takes_the_domain():
    graph = graph_of(ResourceSet(id="ACCESS_REQUESTS_IAM_POLICY", label="Access Requests"))
    assert graph.nodes["ACCESS_REQUESTS_IAM_POLICY@contoso.okta.com"]["name"] == "Access Requests"


def test_holders_and_inheriting_members_have_role_properties():
    ann, bob, staff = User(id="00uAnn"), User(id="00uBob"), Group(id="00gStaff")
    app = Application(id="0oaApp", client_type="service")
    rows = (ann, bob, staff, app, GroupMembership(id=bob.id, group_id=staff.id))
    graph = graph_of(*rows, role(staff, "REPORT_ADMIN"), role(app, "REPORT_ADMIN"))
    shown = {node: graph.nodes[node].get("hasRoleAssignments") for node in (ann.id, bob.id, staff.id, app.id)}
    assert shown == {"00uAnn": False, "00uBob": True, "00gStaff": True, "0oaApp": True}
    assert graph.nodes["00uBob"]["hasInheritedRoleAssignments"] is True


def test_unknown_properties_are_absent():
    rows = (User(id="00uAnn"), Group(id="00g1"), APP, CustomRole(id="cr01"))
    gaps = (gap(RoleAssignment), gap(ConsentGrant), gap(Factor), gap(RolePermission))
    graph = graph_of(*rows, gaps=gaps)
    assert "hasRoleAssignments" not in graph.nodes["00uAnn"]
    assert "authenticationFactors" not in graph.nodes["00uAnn"]
    assert graph.nodes["00uAnn"]["mfaCollected"] is False
    assert "hasRoleAssignments" not in graph.nodes["00g1"]
    assert "oauthScopes" not in graph.nodes["0oaApp"]
    assert "permissions" not in graph.nodes["cr01"]


@pytest.mark.parametrize(
    ("udids", "aliases"),
    [
        (("AA", "BB"), ["AA@contoso.okta.com", "BB@contoso.okta.com"]),
        (("AA", "aa"), [None, None]),
        (("", None), [None, None]),
    ],
)
def test_a_device_has_an_alias_only_if_its_udid_is_unique(udids, aliases):
    graph = graph_of(*(Device(id=f"guo{number}", udid=udid) for number, udid in enumerate(udids)))
    assert [graph.nodes[f"guo{number}"].get("alias") for number in range(2)] == aliases


def test_there_is_no_alias_if_devices_are_missing():
    graph = graph_of(Device(id="guo1", udid="AA"), gaps=(gap(Device),))
    assert "alias" not in graph.nodes["guo1"]


def test_a_placeholder_has_only_its_kind_and_collected_false():
    assert placeholder("Okta_Group", OrgIndex(snapshot_of())) == {
        "kind": "Okta_Group",
        "collected": False,
        **OF_ORG,
    }
