"""Every property of the graph model comes from an entity, with the value that the model defines."""

from __future__ import annotations

import pytest
from each_case import for_each

from oktahound.entities import (
    BUILT_IN_ROLES,
    ENTITIES,
    Agent,
    AgentPool,
    ApiServiceIntegration,
    Application,
    AppUser,
    AuthorizationServer,
    ClientSecret,
    ConsentGrant,
    CustomRole,
    Device,
    Factor,
    Group,
    IdentityProvider,
    JsonWebKey,
    Organization,
    Policy,
    Realm,
    ResourceSet,
    RolePermission,
    RoleScope,
    User,
    built_in_role,
    derived_of,
    fields_of,
)

PROPERTIES = {
    "Okta_Organization": """
        name displayName collected subdomain status created lastUpdated
    """,
    "Okta_Realm": """
        name displayName created lastUpdated isDefault type domains
    """,
    "Okta_User": """
        name displayName login email firstName lastName status enabled hasRoleAssignments
        authenticationFactors created activated lastLogin lastUpdated passwordChanged userType
        title department city state countryCode employeeNumber organization division realmId
        managerId credentialProviderType credentialProviderName hasInheritedRoleAssignments
        mfaCollected statusChanged userTypeId
    """,
    "Okta_Group": """
        name displayName description oktaGroupType objectClass hasRoleAssignments created
        lastUpdated lastMembershipUpdated objectSid distinguishedName samAccountName
        domainQualifiedName groupScope groupType objectGuid sourceApplicationId usersCount
    """,
    "Okta_Device": """
        name displayName oktaId alias status resourceType platform manufacturer model osVersion
        registered secureHardwarePresent jailBreak udid objectSid serialNumber created
        lastUpdated managed diskEncryptionType
    """,
    "Okta_Application": """
        name displayName appType signOnMode clientType grantTypes features status
        userNameMapping url oauthScopes hasRoleAssignments namingContext filterGroupsByOU
        domainSid microsoftTenantId created lastUpdated implicitAssignment credentialsScheme
        tokenEndpointAuthMethod jwksUri
    """,
    "Okta_ApiServiceIntegration": """
        name displayName appType oauthScopes createdAt createdBy
    """,
    "Okta_ResourceSet": """
        name displayName description created lastUpdated
    """,
    "Okta_Role": """
        name displayName description permissions
    """,
    "Okta_CustomRole": """
        name displayName permissions created lastUpdated description conditionalPermissions
    """,
    "Okta_RoleAssignment": """
        name displayName type status assignmentType created lastUpdated resourceSetId roleId
        scopeComplete
    """,
    "Okta_ApiToken": """
        name displayName userId clientName created lastUpdated expiresAt networkConnection
        tokenWindow networkInclude
    """,
    "Okta_ClientSecret": """
        name displayName status created lastUpdated
    """,
    "Okta_JWK": """
        name displayName kid kty use status created lastUpdated
    """,
    "OktaHound_InlineHook": """
        name displayName type version status channelType host authScheme created lastUpdated
    """,
    "OktaHound_EventHook": """
        name displayName status verificationStatus events host authScheme created lastUpdated
    """,
    "OktaHound_AiAgent": "name displayName status platform appId hasOwners created lastUpdated",
    "OktaHound_AgentKey": "name displayName kty status created lastUpdated",
    "OktaHound_McpServer": """
        name displayName status host oauthClientId oauthClientStatus created lastUpdated
    """,
    "OktaHound_ServiceAccount": """
        name displayName username status oktaUserId ownerUserIds ownerGroupIds created lastUpdated
    """,
    "OktaHound_LogStream": "name displayName type status destination created lastUpdated",
    "OktaHound_NetworkZone": """
        name displayName type status usage system gateways proxies created lastUpdated
    """,
    "OktaHound_GroupRule": """
        name displayName status expression expressionType profileAttributes groupIds
        excludedUserIds excludedGroupIds created lastUpdated
    """,
    "Okta_AgentPool": """
        name displayName type operationalStatus inactiveAgents disruptedAgents
    """,
    "Okta_Agent": """
        name displayName poolId poolName type version operationalStatus updateStatus
        lastConnection
    """,
    "Okta_AuthorizationServer": """
        name displayName description status issuer issuerMode audiences created lastUpdated
    """,
    "Okta_IdentityProvider": """
        name displayName type issuerMode enabled autoUserProvisioning governedGroupIds
        protocolType url entraTenantId created accountLinkAction subjectMatchType oktaIdpOrgUrl
        issuer
    """,
    "Okta_Policy": """
        name displayName type priority system description created status lastUpdated
    """,
}

KINDS = {cls.KIND: cls for cls in ENTITIES if cls.KIND is not None}


def properties_of(cls):
    return [field.prop for field in fields_of(cls) if field.prop] + [each.name for each in derived_of(cls)]


def test_every_kind_of_node_has_an_entity_except_built_in_roles():
    assert set(PROPERTIES) - set(KINDS) == {"Okta_Role"}
    assert set(KINDS) <= set(PROPERTIES)


@for_each(sorted(KINDS))
def test_every_property_of_a_kind_is_a_field_or_derived(kind):
    assert set(PROPERTIES[kind].split()) <= set(properties_of(KINDS[kind]))


@for_each(KINDS.values())
def test_no_property_is_declared_twice_except_derived_ones(cls):
    derived = [each.name for each in derived_of(cls)]
    declared = [field.prop for field in fields_of(cls) if field.prop]
    assert len(derived) == len(set(derived))
    assert len(declared) == len(set(declared))
    assert not set(derived) & set(declared)


@for_each(KINDS.values())
def test_a_row_with_only_an_id_has_no_invented_properties(cls, context):
    row = cls(**{field.name: f"{field.name}-1" for field in fields_of(cls) if field.required})
    view = context(row, unknown={(other, None) for other in ENTITIES})
    shown = {each.name: value for each in derived_of(cls) if (value := each.of(row, view)) is not None}
    shown |= {
        field.prop: v
        for field in fields_of(cls)
        if field.prop and (v := getattr(row, field.name)) is not None
    }
    certain = {"name", "displayName", "collected", "oktaId", "poolId", "mfaCollected", "scopeComplete"}
    assert set(shown) <= certain
    assert shown.get("mfaCollected") in (None, False)


class TestBuiltInRoles:
    def test_there_are_fourteen_with_a_label_and_permissions(self):
        assert len(BUILT_IN_ROLES) == 14
        for type_, role in BUILT_IN_ROLES.items():
            assert role.type == type_
            assert role.label.endswith("Administrator")
            assert len(set(role.permissions)) == len(role.permissions) > 0
            assert all(each == "*" or each.startswith("okta.") for each in role.permissions)

    def test_only_the_super_administrator_may_do_everything(self):
        assert [role.type for role in BUILT_IN_ROLES.values() if "*" in role.permissions] == ["SUPER_ADMIN"]

    def test_the_group_administrator_is_called_user_admin(self):
        assert built_in_role("USER_ADMIN").label == "Group Administrator"

    def test_an_unknown_role_has_unknown_permissions(self):
        role = built_in_role("NEVER_HEARD_OF")
        assert (role.label, role.permissions, role.scope) == ("NEVER_HEARD_OF", (), None)
        assert role.node_id("contoso.okta.com") == "NEVER_HEARD_OF@contoso.okta.com"

    def test_four_can_have_targets_and_three_are_assigned_like_custom_roles(self):
        by_scope = {
            scope: {r.type for r in BUILT_IN_ROLES.values() if r.scope is scope} for scope in RoleScope
        }
        assert by_scope[RoleScope.GROUPS] == {"USER_ADMIN", "HELP_DESK_ADMIN", "GROUP_MEMBERSHIP_ADMIN"}
        assert by_scope[RoleScope.APPS] == {"APP_ADMIN"}
        assert by_scope[RoleScope.RESOURCE_SET] == {
            "WORKFLOWS_ADMIN",
            "ACCESS_CERTIFICATIONS_ADMIN",
            "ACCESS_REQUESTS_ADMIN",
        }


@pytest.mark.parametrize(
    ("row", "node_id"),
    [
        (User(id="00u1"), "00u1"),
        (Device(id="guo1", udid="U"), "guo1"),
        (AgentPool(id="0oa9"), "0oa9_pool"),
        (CustomRole(id="cr01"), "cr01"),
        (CustomRole(id="WORKFLOWS_ADMIN"), None),
        (ResourceSet(id="iamqgahvw0zXNQ14J5d7"), "iamqgahvw0zXNQ14J5d7"),
        (ResourceSet(id="WORKFLOWS_IAM_POLICY"), "WORKFLOWS_IAM_POLICY@contoso.okta.com"),
        (ResourceSet(id="ACCESS_REQUESTS_IAM_POLICY"), "ACCESS_REQUESTS_IAM_POLICY@contoso.okta.com"),
        (JsonWebKey(id="pks1", kid="k", app_id="0oa1"), "pks1"),
        (JsonWebKey(id="k", kid="k", app_id="0oa1"), "k_0oa1"),
        (JsonWebKey(id="pks1", app_id="0oa1"), "pks1"),
    ],
)
def test_the_key_of_a_node_is_the_id_if_it_is_unique(context, row, node_id):
    assert row.node_id(context()) == node_id


@pytest.mark.parametrize(
    ("row", "name", "display_name"),
    [
        (Organization(id="00o1", company_name="Contoso"), "contoso.okta.com", "Contoso"),
        (User(id="00u1", login="ann@x", display_name="Ann"), "ann@x", "Ann"),
        (User(id="00u1", login="ann@x"), "ann@x", "ann@x"),
        (User(id="00u1"), None, "00u1"),
        (Group(id="00g1", name="Admins"), "Admins", "Admins"),
        (Group(id="00g1"), "00g1", "00g1"),
        (Application(id="0oa1", label="Backup", app_type="oidc_client"), "Backup", "Backup"),
        (Application(id="0oa1", app_type="oidc_client"), "oidc_client", "oidc_client"),
        (Application(id="0oa1"), "0oa1", "0oa1"),
        (ApiServiceIntegration(id="0oa2", name="Falcon"), "Falcon", "Falcon"),
        (Device(id="guo1", display_name="Shown", profile_name="Mac"), "Shown", "Shown"),
        (Device(id="guo1", profile_name="Mac"), "Mac", "Mac"),
        (Device(id="guo1"), "guo1", None),
        (Realm(id="guo1", name="R"), "R", "R"),
        (CustomRole(id="cr01", label="Helpers"), "Helpers", "Helpers"),
        (ResourceSet(id="iam1", label="SF"), "SF", "SF"),
        (JsonWebKey(id="pks1", kid="k", app_id="0oa1"), "k", "k"),
        (JsonWebKey(id="pks1", app_id="0oa1"), "pks1", "pks1"),
        (Policy(id="rst1", name="P"), "P", "P"),
        (AuthorizationServer(id="aus1", name="default"), "default", "default"),
        (IdentityProvider(id="0oa3", name="Entra"), "Entra", "Entra"),
        (AgentPool(id="0oa9", name="corp.example.com"), "corp.example.com", "corp.example.com"),
        (Agent(id="a", pool_id="0oa9", name="DC1"), "DC1", "DC1"),
    ],
)
def test_every_node_has_a_display_name(context, property_of, row, name, display_name):
    assert property_of(row, "name", context(row)) == name
    assert property_of(row, "displayName", context(row)) == display_name


def test_a_secret_is_named_after_its_owner_and_not_by_its_hash(context, property_of):
    secret = ClientSecret(id="ocs2f4zrZ", owner_id="0oa1", secret_hash="hash")
    view = context(secret, Application(id="0oa1", label="Backup"))
    assert property_of(secret, "name", view) == "secret ocs2f4zrZ of Backup"
    assert property_of(secret, "displayName", view) == "secret ocs2f4zrZ of Backup"


@pytest.mark.parametrize(
    ("mode", "shown"),
    [
        ("OPENID_CONNECT", "${source.login}"),
        ("SAML_2_0", "${source.login}"),
        ("SAML_1_1", "${source.login}"),
        ("BOOKMARK", None),
        ("BROWSER_PLUGIN", None),
        ("WS_FEDERATION", None),
        (None, None),
    ],
)
def test_the_user_name_template_is_a_property_if_okta_asserts_user_names(context, property_of, mode, shown):
    app = Application(id="0oa1", sign_on_mode=mode, user_name_mapping="${source.login}")
    assert property_of(app, "userNameMapping", context()) == shown


@pytest.mark.parametrize(
    ("status", "enabled"),
    [
        ("ACTIVE", True),
        ("LOCKED_OUT", True),
        ("PROVISIONED", True),
        ("SUSPENDED", False),
        ("STAGED", False),
        (None, None),
    ],
)
def test_a_user_is_enabled_unless_the_status_prevents_sign_in(context, property_of, status, enabled):
    assert property_of(User(id="00u1", status=status), "enabled", context()) is enabled


def test_only_directory_groups_have_directory_attributes(context, property_of):
    facts = {
        "id": "00g1",
        "object_sid": "S-1",
        "object_guid": "g",
        "distinguished_name": "CN=x",
        "sam_account_name": "x",
    }
    imported = Group(object_class="okta:windows_security_principal", **facts)
    made_up = Group(object_class="okta:user_group", **facts)
    assert property_of(imported, "objectSid", context()) == "S-1"
    assert property_of(imported, "distinguishedName", context()) == "CN=x"
    assert property_of(imported, "samAccountName", context()) == "x"
    assert property_of(made_up, "objectGuid", context()) is None


@pytest.mark.parametrize(
    ("facts", "url"),
    [
        (
            {
                "sign_on_mode": "OPENID_CONNECT",
                "initiate_login_uri": "https://i",
                "redirect_uris": ("https://r",),
            },
            "https://i",
        ),
        ({"sign_on_mode": "OPENID_CONNECT", "redirect_uris": ("https://r", "https://s")}, "https://r"),
        ({"sign_on_mode": "OPENID_CONNECT", "redirect_uris": ()}, None),
        ({"sign_on_mode": "SAML_2_0", "sso_acs_url": "https://acs"}, "https://acs"),
        ({"sign_on_mode": "SAML_1_1", "sso_acs_url_override": "https://o"}, "https://o"),
        ({"sign_on_mode": "AUTO_LOGIN", "sign_on_login_url": "https://l"}, "https://l"),
        ({"sign_on_mode": "BOOKMARK", "settings_url": "https://b"}, "https://b"),
        (
            {"sign_on_mode": "SAML_2_0", "sso_acs_url": "https://acs", "settings_url": "https://b"},
            "https://b",
        ),
        ({"sign_on_mode": None}, None),
    ],
)
def test_the_url_of_an_application_depends_on_its_sign_on_mode(context, property_of, facts, url):
    assert property_of(Application(id="0oa1", **facts), "url", context()) == url


@pytest.mark.parametrize(("type_", "system"), [("okta_enduser", True), ("slack", False), (None, None)])
def test_system_applications_are_marked(context, property_of, type_, system):
    assert property_of(Application(id="0oa1", app_type=type_), "systemApp", context()) is system


class TestScopesOfApplications:
    APP = Application(id="0oa1", client_type="service")

    def grant(self, scope, **facts):
        return ConsentGrant(id=f"oag {scope}", app_id="0oa1", scope_id=scope, **facts)

    def test_the_active_grants_are_shown_sorted(self, context, property_of):
        grants = [
            self.grant("okta.users.read"),
            self.grant("okta.apps.read", status="ACTIVE"),
            self.grant("x", status="REVOKED"),
        ]
        assert property_of(self.APP, "oauthScopes", context(self.APP, *grants)) == [
            "okta.apps.read",
            "okta.users.read",
        ]

    def test_no_grants_differ_from_unread_grants(self, context, property_of):
        assert property_of(self.APP, "oauthScopes", context(self.APP)) == []
        assert (
            property_of(self.APP, "oauthScopes", context(self.APP, unknown={(ConsentGrant, self.APP.key)}))
            is None
        )

    def test_an_application_that_is_no_oauth_client_has_no_scopes(self, context, property_of):
        assert property_of(Application(id="0oa2", sign_on_mode="SAML_2_0"), "oauthScopes", context()) is None


class TestDomainOfADirectory:
    APP = Application(id="0oa9", app_type="active_directory")

    def user(self, number, sid, **facts):
        return AppUser(id=f"00u{number}", app_id="0oa9", object_sid=sid, **facts)

    def group(self, sid):
        return Group(
            id="00g1",
            source_application_id="0oa9",
            object_class="okta:windows_security_principal",
            object_sid=sid,
        )

    def read(self, context, property_of, *rows):
        return property_of(self.APP, "domainSid", context(self.APP, *rows))

    def test_the_domain_comes_from_synchronized_users_first(self, context, property_of):
        synchronized = self.user(1, "S-1-5-21-1-1-1-500", sync_state="SYNCHRONIZED")
        other = self.user(2, "S-1-5-21-2-2-2-500")
        assert (
            self.read(context, property_of, synchronized, other, self.group("S-1-5-21-3-3-3-512"))
            == "S-1-5-21-1-1-1"
        )

    def test_the_domain_comes_from_other_users_and_then_from_groups(self, context, property_of):
        assert (
            self.read(
                context, property_of, self.user(2, "S-1-5-21-2-2-2-500"), self.group("S-1-5-21-3-3-3-512")
            )
            == "S-1-5-21-2-2-2"
        )
        assert self.read(context, property_of, self.group("S-1-5-21-3-3-3-512")) == "S-1-5-21-3-3-3"

    def test_the_most_frequent_domain_counts_in_any_order(self, context, property_of):
        users = [
            self.user(1, "S-1-5-21-9-9-9-1"),
            self.user(2, "S-1-5-21-2-2-2-1"),
            self.user(3, "S-1-5-21-2-2-2-2"),
        ]
        assert {self.read(context, property_of, *order) for order in (users, users[::-1])} == {
            "S-1-5-21-2-2-2"
        }
        tie = users[:2]
        assert {self.read(context, property_of, *order) for order in (tie, tie[::-1])} == {"S-1-5-21-2-2-2"}

    def test_an_invalid_sid_is_ignored(self, context, property_of):
        assert self.read(context, property_of, self.user(1, "S-1-5-32-544"), self.user(2, None)) is None

    def test_other_applications_have_no_domain(self, context, property_of):
        slack = Application(id="0oa9", app_type="slack")
        assert property_of(slack, "domainSid", context(slack, self.user(1, "S-1-5-21-1-1-1-500"))) is None


class TestIdentityProviders:
    @pytest.mark.parametrize(
        ("action", "governed"),
        [
            ("NONE", []),
            ("ASSIGN", ["a"]),
            ("APPEND", ["f"]),
            ("SYNC", ["f"]),
            ("SOMETHING_NEW", ["a", "f"]),
            (None, ["a", "f"]),
        ],
    )
    def test_the_group_action_determines_the_groups(self, context, property_of, action, governed):
        idp = IdentityProvider(id="0oa3", group_action=action, group_assignments=("a",), group_filter=("f",))
        assert property_of(idp, "governedGroupIds", context()) == governed

    def test_a_provider_without_groups_has_none(self, context, property_of):
        assert (
            property_of(
                IdentityProvider(id="0oa3", provisioning_action="AUTO"), "governedGroupIds", context()
            )
            == []
        )

    @pytest.mark.parametrize(
        ("protocol", "url"),
        [
            ("SAML2", "https://sso"),
            ("MTLS", "https://sso"),
            ("OIDC", "https://authorize"),
            ("OAUTH2", "https://authorize"),
        ],
    )
    def test_the_url_of_a_provider_depends_on_the_protocol(self, context, property_of, protocol, url):
        idp = IdentityProvider(
            id="0oa3", protocol_type=protocol, sso_url="https://sso", authorization_url="https://authorize"
        )
        assert property_of(idp, "url", context()) == url

    def test_flags_of_a_provider_are_properties(self, context, property_of):
        on = IdentityProvider(id="0oa3", status="ACTIVE", provisioning_action="AUTO")
        off = IdentityProvider(id="0oa3", status="INACTIVE", provisioning_action="DISABLED")
        for name in ("enabled", "autoUserProvisioning"):
            assert property_of(on, name, context()) is True
            assert property_of(off, name, context()) is False


class TestPermissionsOfCustomRoles:
    ROLE = CustomRole(id="cr01")
    ROWS = (
        RolePermission(id="okta.users.read", role_id="cr01", conditions='{"include":{"x":["city"]}}'),
        RolePermission(id="okta.apps.manage", role_id="cr01"),
        RolePermission(id="okta.other", role_id="cr02"),
    )

    def test_permissions_are_sorted_and_conditional_ones_listed(self, context, property_of):
        view = context(self.ROLE, *self.ROWS)
        assert property_of(self.ROLE, "permissions", view) == ["okta.apps.manage", "okta.users.read"]
        assert property_of(self.ROLE, "conditionalPermissions", view) == ["okta.users.read"]

    def test_unread_permissions_are_absent(self, context, property_of):
        view = context(self.ROLE, unknown={(RolePermission, self.ROLE.key)})
        assert property_of(self.ROLE, "permissions", view) is None
        assert property_of(self.ROLE, "conditionalPermissions", view) is None

    @pytest.mark.parametrize("text", [None, "{}", '{"exclude":null,"include":null}'])
    def test_empty_conditions_limit_nothing(self, text):
        assert not RolePermission(id="x", role_id="cr01", conditions=text).is_conditional


class TestFactorsOfUsers:
    ANN = User(id="00u1")

    def test_active_factors_are_counted_and_their_types_listed(self, context, property_of):
        factors = [
            Factor(id="1", user_id="00u1", type="sms", status="ACTIVE"),
            Factor(id="2", user_id="00u1", type="push", status="ACTIVE"),
            Factor(id="3", user_id="00u1", type="u2f", status="PENDING_ACTIVATION"),
            Factor(id="4", user_id="00u2", type="email", status="ACTIVE"),
        ]
        view = context(self.ANN, *factors)
        assert property_of(self.ANN, "authenticationFactors", view) == 2
        assert property_of(self.ANN, "authenticationFactorTypes", view) == ["push", "sms"]
        assert property_of(self.ANN, "mfaCollected", view) is True

    def test_no_factor_is_zero_and_unread_factors_are_absent(self, context, property_of):
        assert property_of(self.ANN, "authenticationFactors", context(self.ANN)) == 0
        unread = context(self.ANN, unknown={(Factor, self.ANN.key)})
        assert property_of(self.ANN, "authenticationFactors", unread) is None
        assert property_of(self.ANN, "authenticationFactorTypes", unread) is None
        assert property_of(self.ANN, "mfaCollected", unread) is False
