"""Every class of findings on a small org that has the weakness, and on a similar one that does not."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from each_case import for_each
from handwritten.admins import custom, granted, may, over_app, role
from handwritten.orgs import NOON, snapshot_of

from oktahound import ApiServiceIntegration, Gap, GapReason, OAuthScope, User
from oktahound.analysis import FINDINGS, findings
from oktahound.analysis.findings.usage import UsageFinding
from oktahound.entities import (
    DIRECTORY_GROUP,
    ENTITIES,
    AdminAssignee,
    Agent,
    AgentPool,
    AiAgent,
    AiAgentOwners,
    ApiToken,
    Application,
    ClientSecret,
    CustomRole,
    Device,
    DeviceUser,
    Entity,
    Factor,
    Group,
    GroupMembership,
    GroupPushMapping,
    GroupRule,
    IdentityProvider,
    IdentityProviderUser,
    InlineHook,
    JsonWebKey,
    Policy,
    PolicyMapping,
    PolicyRule,
    Resource,
    ResourceConnection,
    ResourceSet,
    RolePermission,
    SamlSettings,
    ServiceAccount,
    SigningKey,
)

WIKI = Application(
    id="0oaWiki", app_type="wiki_1", sign_on_mode="SAML_2_0", status="ACTIVE", signing_key_id="k1"
)
WIKI_SETTINGS = SamlSettings(id="0", app_id=WIKI.id, sso_acs_url="https://wiki.example/acs")
OFFICE = attrs.evolve(WIKI, id="0oaOffice", app_type="office365", sign_on_mode="WS_FEDERATION")


def over_wiki(type_: str) -> tuple[Entity, ...]:
    """Return a role of Ann over one application."""
    held = role(ANN, type_)
    return held, over_app(held, WIKI.id)


def ago(days: float):
    return NOON - timedelta(days=days)


ANN = User(
    id="00uAnn",
    login="ann@contoso.com",
    status="ACTIVE",
    created=ago(400),
    last_login=ago(1),
    password_changed=ago(30),
    credential_provider_type="OKTA",
)
BOB = attrs.evolve(ANN, id="00uBob", login="bob@contoso.com")
SUPER = (ANN, AdminAssignee(id="00uAnn"), role(ANN, "SUPER_ADMIN"))
HELPDESK = (ANN, AdminAssignee(id="00uAnn"), role(ANN, "HELP_DESK_ADMIN"))
KEY = Factor(id="fwf1", user_id="00uAnn", type="webauthn", status="ACTIVE")
SMS = attrs.evolve(KEY, type="sms")

ADMINS = Group(id="00gAdmins", name="Admins", type="OKTA_GROUP")
IMPORTED = attrs.evolve(ADMINS, type="APP_GROUP", source_application_id="0oaDirectory")
MEMBER = GroupMembership(id="00uAnn", group_id="00gAdmins")
ADMIN_GROUP = (ADMINS, role(ADMINS, "READ_ONLY_ADMIN"), MEMBER, ANN)
IMPORTED_GROUP = (IMPORTED, role(IMPORTED, "READ_ONLY_ADMIN"), MEMBER, ANN)

SERVICE = Application(
    id="0oaService",
    label="Service",
    status="ACTIVE",
    sign_on_mode="OPENID_CONNECT",
    client_type="service",
    grant_types=("client_credentials",),
    token_endpoint_auth_method="private_key_jwt",
    client_id="0oaService",
)
WEB = Application(
    id="0oaWeb", label="Web", status="ACTIVE", sign_on_mode="OPENID_CONNECT", client_id="0oaWeb"
)
TOKEN = ApiToken(
    id="00T1",
    name="Script",
    user_id="00uAnn",
    created=ago(40),
    expires_at=NOON + timedelta(days=29),
    token_window="30.00:00:00",
)
PUBLIC_KEY = JsonWebKey(id="pks1", app_id="0oaService", status="ACTIVE", created=ago(366))
PROVIDER = IdentityProvider(id="0oaIdp", name="Partner", type="SAML2", status="ACTIVE")
LINK = IdentityProviderUser(id="00uAnn", idp_id="0oaIdp")
POOL = AgentPool(id="0oaDirectory", name="ad.contoso.com", type="AD", operational_status="OPERATIONAL")
AGENT = Agent(
    id="a1", pool_id="0oaDirectory", name="DC1", operational_status="OPERATIONAL", last_connection=NOON
)
DIRECTORY = Application(
    id="0oaDirectory", label="ad.contoso.com", app_type="active_directory", status="ACTIVE"
)
LAPTOP = Device(id="guo1", display_name="Laptop", status="ACTIVE")
CONSOLE = Application(id="0oaConsole", label="Okta Admin Console", app_type="saasure", status="ACTIVE")
POLICY = Policy(id="rst1", name="Console", type="ACCESS_POLICY", status="ACTIVE")
CONSOLE_POLICY = (CONSOLE, POLICY, PolicyMapping(id="rst1", policy_id="rst1", application_id="0oaConsole"))
KERBEROS = PolicyRule(id="0pr1", policy_id="rst2", status="ACTIVE", provider_types=("AgentlessDSSO",))
ROUTING = Policy(id="rst2", name="Routing", type="IDP_DISCOVERY", status="ACTIVE")

SALES = Group(id="00gSales", name="Sales", type="OKTA_GROUP")
KEEPER = CustomRole(id="cr0Keeper", label="Keeper")
SET = ResourceSet(id="iamSales", label="Sales")
MEMBERS = Resource(
    id="ire1", resource_set_id="iamSales", link="https://contoso.okta.com/api/v1/groups/00gSales/users"
)
ITSELF = Resource(
    id="ire2", resource_set_id="iamSales", link="https://contoso.okta.com/api/v1/groups/00gSales"
)
OVER_SALES = (ANN, SALES, KEEPER, SET, MEMBERS, custom(ANN, "cr0Keeper", "iamSales"))
JOINS = may("cr0Keeper", "okta.groups.members.manage")

# An application administrator reads the secret of a service application that is a super administrator.
TOP_SERVICE = attrs.evolve(SERVICE, id="0oaTop", client_id="0oaTop", label="Top")
TOP = (TOP_SERVICE, role(TOP_SERVICE, "SUPER_ADMIN", "raTop"), *granted(TOP_SERVICE, "okta.users.manage"))
TOP_SECRET = ClientSecret(id="ocsTop", owner_id="0oaTop", status="ACTIVE", created=ago(1))
HOOK = InlineHook(id="calClaims", name="Claims", type="com.okta.saml.tokens.transform", status="ACTIVE")
WEB_ASKS = Application(id="0oaAsks", label="Shop", status="ACTIVE", inline_hook_ids=("calClaims",))
ORG_ADMIN = (BOB, AdminAssignee(id="00uBob"), role(BOB, "ORG_ADMIN", "raOrg"))
AGENT_OF_ALL = AiAgent(id="wlpHelper", name="Helper", status="ACTIVE")
CONNECTION = ResourceConnection(
    id="mcn1", principal_id="wlpHelper", status="ACTIVE", service_account_id="svcExport"
)
ACCOUNT = ServiceAccount(id="svcExport", name="Export", okta_user_id="00uAnn")
FEEDING = GroupRule(
    id="0prAdmins",
    name="Admins by title",
    status="ACTIVE",
    expression='user.title=="Admin"',
    group_ids=("00gAdmins",),
)
GROUP_ADMIN = (
    BOB,
    attrs.evolve(BOB, id="00uCy", login="cy@contoso.com"),
    AdminAssignee(id="00uBob"),
    role(BOB, "USER_ADMIN", "raGroups"),
)
APP_ADMIN = (BOB, AdminAssignee(id="00uBob"), role(BOB, "APP_ADMIN", "raBob"))

AD_GROUP = Group(
    id="00gAd",
    name="Okta Admins",
    type="APP_GROUP",
    object_class=DIRECTORY_GROUP,
    object_sid="S-1-5-21-1-2-3-9",
)
PUSHED_GROUP = (
    BOB,
    SALES,
    GroupMembership(id="00uBob", group_id="00gSales"),
    AD_GROUP,
    role(AD_GROUP, "SUPER_ADMIN"),
    DIRECTORY,
    GroupPushMapping(
        id="gPm1", app_id="0oaDirectory", source_group_id="00gSales", target_group_id="00gAd", status="ACTIVE"
    ),
)


def devices_of(*users: str, **facts) -> list[DeviceUser]:
    return [DeviceUser(id=user, device_id="guo1", **facts) for user in users]


def secret(id: str, days: float, status: str = "ACTIVE") -> ClientSecret:
    return ClientSecret(id=id, owner_id="0oaWeb", status=status, created=ago(days))


# For each class: an org with the weakness, and orgs that lack one condition of it.
CASES: dict[str, tuple[tuple[Entity, ...], list[tuple[Entity, ...]]]] = {
    "AdministratorTakesOverOrganization": (
        (*TOP, TOP_SECRET, *APP_ADMIN),
        [
            (*TOP, *APP_ADMIN),
            (*TOP, attrs.evolve(TOP_SECRET, status="INACTIVE"), *APP_ADMIN),
            (*TOP, TOP_SECRET, attrs.evolve(BOB, status="SUSPENDED"), *APP_ADMIN[1:]),
            SUPER,
        ],
    ),
    # Bob's group is pushed to a directory group, which is imported again and holds the role.
    "UserTakesOverOrganization": (PUSHED_GROUP, [PUSHED_GROUP[:-1], (*PUSHED_GROUP, *APP_ADMIN[1:])]),
    "AdministratorThroughImportedGroup": (IMPORTED_GROUP, [ADMIN_GROUP, (*IMPORTED_GROUP[:2], ANN)]),
    "SuperAdministratorFromDirectory": (
        (attrs.evolve(ANN, credential_provider_type="ACTIVE_DIRECTORY"), *SUPER[1:]),
        [SUPER, (attrs.evolve(ANN, credential_provider_type="ACTIVE_DIRECTORY"), *HELPDESK[1:])],
    ),
    "SuperAdministratorThroughProvider": (
        (*SUPER, PROVIDER, LINK),
        [
            (*SUPER, PROVIDER),
            (*HELPDESK, PROVIDER, LINK),
            (*SUPER, attrs.evolve(PROVIDER, status="INACTIVE"), LINK),
        ],
    ),
    "AdministratorWithoutFactor": (
        (*HELPDESK, attrs.evolve(KEY, status="PENDING_ACTIVATION")),
        [(*HELPDESK, SMS), (ANN,), (attrs.evolve(ANN, status="SUSPENDED"), *HELPDESK[1:])],
    ),
    "AdministratorWithoutStrongFactor": (
        (*HELPDESK, SMS),
        [(*HELPDESK, SMS, attrs.evolve(KEY, id="fwf2")), HELPDESK],
    ),
    "IdleAdministrator": (
        (attrs.evolve(ANN, last_login=ago(91)), *HELPDESK[1:]),
        [HELPDESK, (attrs.evolve(ANN, last_login=None, created=ago(5)), *HELPDESK[1:])],
    ),
    "OldPasswordOfAdministrator": (
        (attrs.evolve(ANN, password_changed=ago(366)), *HELPDESK[1:]),
        [
            HELPDESK,
            (attrs.evolve(ANN, password_changed=ago(366), credential_provider_type="LDAP"), *HELPDESK[1:]),
        ],
    ),
    "InactiveAdministrator": ((attrs.evolve(ANN, status="SUSPENDED"), *HELPDESK[1:]), [HELPDESK]),
    "ServiceApplicationIsSuperAdministrator": (TOP, [(*TOP[:2],), (SERVICE, role(SERVICE, "ORG_ADMIN"))]),
    "ServiceApplicationTakesOverOrganization": (
        (*TOP, TOP_SECRET, SERVICE, role(SERVICE, "APP_ADMIN"), *granted(SERVICE, "okta.apps.manage")),
        [TOP, (*TOP, TOP_SECRET, SERVICE, role(SERVICE, "APP_ADMIN"))],
    ),
    "RoleAndScopeTogether": (
        (SERVICE, role(SERVICE, "APP_ADMIN"), *granted(SERVICE, "okta.apps.manage")),
        [(SERVICE, role(SERVICE, "APP_ADMIN")), (SERVICE, *granted(SERVICE, "okta.apps.manage"))],
    ),
    "UnusableRole": (
        (SERVICE, role(SERVICE, "APP_ADMIN")),
        [(SERVICE, role(SERVICE, "APP_ADMIN"), *granted(SERVICE, "okta.apps.read")), (SERVICE,)],
    ),
    "ScopesBeyondRole": (
        (SERVICE, role(SERVICE, "APP_ADMIN"), *granted(SERVICE, "okta.devices.manage")),
        [
            (SERVICE, role(SERVICE, "APP_ADMIN"), *granted(SERVICE, "okta.apps.manage")),
            (SERVICE, role(SERVICE, "APP_ADMIN"), *granted(SERVICE, "okta.users.read")),
            (SERVICE, role(SERVICE, "SUPER_ADMIN"), *granted(SERVICE, "okta.users.manage")),
            (SERVICE, role(SERVICE, "NEW_ADMIN"), *granted(SERVICE, "okta.users.manage")),
            (SERVICE, role(SERVICE, "APP_ADMIN"), *granted(SERVICE, "okta.unheardOf.manage")),
        ],
    ),
    "SecretInsteadOfKey": (
        (attrs.evolve(SERVICE, token_endpoint_auth_method="client_secret_basic"), role(SERVICE, "APP_ADMIN")),
        [
            (SERVICE, role(SERVICE, "APP_ADMIN")),
            (attrs.evolve(SERVICE, token_endpoint_auth_method="client_secret_basic"),),
        ],
    ),
    "ApplicationOldSecret": (
        (WEB, secret("ocs1", 419)),
        [(WEB, secret("ocs1", 179)), (WEB, secret("ocs1", 419, "INACTIVE"))],
    ),
    "ApplicationTwoActiveSecrets": (
        (WEB, secret("ocs1", 1), secret("ocs2", 1)),
        [(WEB, secret("ocs1", 1), secret("ocs2", 1, "INACTIVE"))],
    ),
    "ApplicationOldKey": (
        (SERVICE, PUBLIC_KEY),
        [
            (SERVICE, JsonWebKey(id="pks1", app_id="0oaService", status="INACTIVE", created=ago(366))),
            (
                SERVICE,
                JsonWebKey(id="pks1", app_id="0oaService", status="ACTIVE", use="enc", created=ago(366)),
            ),
            (SERVICE, JsonWebKey(id="pks1", app_id="0oaService", status="ACTIVE", created=ago(364))),
        ],
    ),
    "TokenOfSuperAdministrator": (
        (*SUPER, TOKEN),
        [(*HELPDESK, TOKEN), (*SUPER, attrs.evolve(TOKEN, expires_at=ago(1)))],
    ),
    "TokenWithoutNetworkLimit": (
        (ANN, attrs.evolve(TOKEN, network_connection="ANYWHERE")),
        [(ANN, TOKEN), (ANN, attrs.evolve(TOKEN, network_connection="ZONE"))],
    ),
    "OldToken": ((ANN, attrs.evolve(TOKEN, created=ago(366))), [(ANN, TOKEN)]),
    "TokenOwnerGone": ((attrs.evolve(ANN, status="SUSPENDED"), TOKEN), [(ANN, TOKEN)]),
    "ExpiredToken": ((ANN, attrs.evolve(TOKEN, expires_at=ago(2))), [(ANN, TOKEN)]),
    "UnusedToken": (
        (ANN, attrs.evolve(TOKEN, created=ago(10), expires_at=ago(-20))),
        [
            (ANN, TOKEN),
            (ANN, attrs.evolve(TOKEN, created=ago(10), expires_at=ago(-20), token_window=None)),
            (ANN, attrs.evolve(TOKEN, created=ago(0.5), expires_at=ago(-29.5))),
        ],
    ),
    "SharedSigningKey": (
        (WIKI, WIKI_SETTINGS, OFFICE, ANN, *over_wiki("APP_ADMIN")),
        [
            (WIKI, WIKI_SETTINGS, OFFICE),
            (WIKI, WIKI_SETTINGS, OFFICE, ANN, role(ANN, "APP_ADMIN")),
            (WIKI, WIKI_SETTINGS, attrs.evolve(OFFICE, status="INACTIVE"), ANN, *over_wiki("APP_ADMIN")),
            (WIKI, WIKI_SETTINGS, attrs.evolve(OFFICE, signing_key_id="k2"), ANN, *over_wiki("APP_ADMIN")),
            (
                WIKI,
                WIKI_SETTINGS,
                attrs.evolve(OFFICE, sign_on_mode="OPENID_CONNECT"),
                ANN,
                *over_wiki("APP_ADMIN"),
            ),
        ],
    ),
    "SigningKeyExpires": (
        (WIKI, SigningKey(id="k1", app_id=WIKI.id, expires_at=NOON + timedelta(days=60))),
        [
            (WIKI, SigningKey(id="k1", app_id=WIKI.id, expires_at=NOON + timedelta(days=62))),
            (WIKI, SigningKey(id="k1", app_id=WIKI.id)),
            (WIKI, SigningKey(id="k2", app_id=WIKI.id, expires_at=NOON)),
            (
                attrs.evolve(WIKI, status="INACTIVE"),
                SigningKey(id="k1", app_id=WIKI.id, expires_at=NOON),
            ),
        ],
    ),
    "PrivilegedImportedGroup": (IMPORTED_GROUP, [ADMIN_GROUP, (IMPORTED, MEMBER, ANN)]),
    "PrivilegedGroupUnderOthers": (
        (*IMPORTED_GROUP, attrs.evolve(DIRECTORY, app_type="custom"), *APP_ADMIN),
        [(*IMPORTED_GROUP, attrs.evolve(DIRECTORY, app_type="custom")), (*ADMIN_GROUP, *APP_ADMIN)],
    ),
    "PrivilegedGroupFedByProvider": (
        (*ADMIN_GROUP, attrs.evolve(PROVIDER, group_action="ASSIGN", group_assignments=("00gAdmins",))),
        [
            (*ADMIN_GROUP, attrs.evolve(PROVIDER, group_action="NONE", group_assignments=("00gAdmins",))),
            (*ADMIN_GROUP, attrs.evolve(PROVIDER, group_action="ASSIGN", group_assignments=("00gElse",))),
        ],
    ),
    "PrivilegedGroupFedByRule": (
        (*ADMIN_GROUP, FEEDING, *GROUP_ADMIN),
        [
            (*ADMIN_GROUP, FEEDING),
            (*ADMIN_GROUP, attrs.evolve(FEEDING, status="INACTIVE"), *GROUP_ADMIN),
            (*ADMIN_GROUP, attrs.evolve(FEEDING, group_ids=("00gSales",)), SALES, *GROUP_ADMIN),
            (*ADMIN_GROUP, attrs.evolve(FEEDING, expression="true"), *GROUP_ADMIN),
        ],
    ),
    "InlineHookUnderOthers": (
        (WEB_ASKS, HOOK, *ORG_ADMIN),
        [
            (WEB_ASKS, HOOK, *APP_ADMIN),
            (WEB_ASKS, attrs.evolve(HOOK, status="INACTIVE"), *ORG_ADMIN),
            (HOOK, *ORG_ADMIN),
        ],
    ),
    "AiAgentTakesOverOrganization": (
        (AGENT_OF_ALL, CONNECTION, ACCOUNT, *SUPER),
        [
            (AGENT_OF_ALL, CONNECTION, ACCOUNT, *HELPDESK),
            (attrs.evolve(AGENT_OF_ALL, status="STAGED"), CONNECTION, ACCOUNT, *SUPER),
        ],
    ),
    "UnknownRole": (
        (ANN, role(ANN, "AI_AGENT_ADMIN")),
        [(ANN, role(ANN, "HELP_DESK_ADMIN")), (ANN,)],
    ),
    "UnknownPermission": (
        (CustomRole(id="cr0New"), RolePermission(id="okta.agentsOfTomorrow.manage", role_id="cr0New")),
        [
            (CustomRole(id="cr0New"), RolePermission(id="okta.agentsOfTomorrow.read", role_id="cr0New")),
            (CustomRole(id="cr0New"), RolePermission(id="okta.inlineHooks.manage", role_id="cr0New")),
        ],
    ),
    "AiAgentWithoutOwner": (
        (AGENT_OF_ALL,),
        [
            (AGENT_OF_ALL, AiAgentOwners(id="wlpHelper", user_ids=("00uAnn",))),
            (attrs.evolve(AGENT_OF_ALL, status="STAGED"),),
        ],
    ),
    "ProviderOfAdministrators": ((*HELPDESK, PROVIDER, LINK), [(ANN, PROVIDER, LINK), (*HELPDESK, PROVIDER)]),
    "ProviderLinksAnybody": (
        (attrs.evolve(PROVIDER, account_link_action="AUTO"),),
        [
            (PROVIDER,),
            (attrs.evolve(PROVIDER, account_link_action="AUTO", account_link_group_ids=("00gSales",)),),
            (attrs.evolve(PROVIDER, account_link_action="AUTO", account_link_excludes_admins=True),),
            (attrs.evolve(PROVIDER, account_link_action="AUTO", status="INACTIVE"),),
        ],
    ),
    "ProviderCreatesUsers": (
        (attrs.evolve(PROVIDER, provisioning_action="AUTO"),),
        [(attrs.evolve(PROVIDER, provisioning_action="DISABLED"),)],
    ),
    "TrustedOrganization": (
        (attrs.evolve(PROVIDER, okta_idp_org_url="https://hub.okta.com"),),
        [(PROVIDER,), (attrs.evolve(PROVIDER, okta_idp_org_url="https://hub.okta.com", status="INACTIVE"),)],
    ),
    "TrustToOtherOrganization": (
        (attrs.evolve(WEB, app_type="okta_org2org"),),
        [(WEB,), (attrs.evolve(WEB, app_type="okta_org2org", status="INACTIVE"),)],
    ),
    "HolderWidensResourceSet": (
        (*OVER_SALES, ITSELF, *JOINS),
        [
            (*OVER_SALES, *JOINS),
            (*OVER_SALES, ITSELF, *may("cr0Keeper", "okta.users.read")),
            (
                *OVER_SALES,
                ITSELF,
                *JOINS,
                role(SALES, "REPORT_ADMIN", "r2"),
            ),
        ],
    ),
    "AdminConsoleSharesPolicy": (
        (*CONSOLE_POLICY, WEB, PolicyMapping(id="rst1", policy_id="rst1", application_id="0oaWeb")),
        [CONSOLE_POLICY],
    ),
    "AdminConsoleOnDefaultPolicy": (
        (CONSOLE, attrs.evolve(POLICY, system=True), CONSOLE_POLICY[2]),
        [CONSOLE_POLICY],
    ),
    "KerberosSignIn": (
        (
            ROUTING,
            KERBEROS,
        ),
        [
            (
                ROUTING,
                attrs.evolve(KERBEROS, status="INACTIVE"),
            ),
            (ROUTING, attrs.evolve(KERBEROS, provider_types=("OKTA",))),
        ],
    ),
    "PoolTakesOverOrganization": (
        (IMPORTED, role(IMPORTED, "SUPER_ADMIN"), MEMBER, ANN, DIRECTORY, POOL, AGENT),
        [(*IMPORTED_GROUP, DIRECTORY, POOL, AGENT)],
    ),
    "AgentNotOperational": (
        (POOL, attrs.evolve(AGENT, last_connection=ago(8))),
        [(POOL, AGENT), (POOL, attrs.evolve(AGENT, last_connection=None))],
    ),
    "SingleAgentPool": (
        (POOL, AGENT),
        [(POOL, AGENT, attrs.evolve(AGENT, id="a2")), (attrs.evolve(POOL, type="RADIUS"), AGENT)],
    ),
    "SharedDevice": (
        (LAPTOP, *devices_of("00u1", "00u2", "00u3", "00u4")),
        [
            (LAPTOP, *devices_of("00u1", "00u2", "00u3")),
            (attrs.evolve(LAPTOP, status="DEACTIVATED"), *devices_of("00u1", "00u2", "00u3", "00u4")),
        ],
    ),
    "AdministratorOnSharedDevice": (
        (*HELPDESK, BOB, LAPTOP, *devices_of("00uAnn", "00uBob")),
        [(*HELPDESK, LAPTOP, *devices_of("00uAnn")), (ANN, BOB, LAPTOP, *devices_of("00uAnn", "00uBob"))],
    ),
    "UnlockedDeviceOfAdministrator": (
        (*HELPDESK, LAPTOP, *devices_of("00uAnn", screen_lock_type="NONE")),
        [
            (*HELPDESK, LAPTOP, *devices_of("00uAnn", screen_lock_type="BIOMETRIC")),
            (ANN, LAPTOP, *devices_of("00uAnn", screen_lock_type="NONE")),
        ],
    ),
    "JailbrokenDevice": (
        (attrs.evolve(LAPTOP, jail_break=True),),
        [(LAPTOP,), (attrs.evolve(LAPTOP, jail_break=True, status="SUSPENDED"),)],
    ),
}

IN_OTHER_FILES = {cls.__name__ for cls in FINDINGS if cls.SUBJECT == "API service integrations"}
"""tests/analysis/findings/test_findings.py has a test for each of these."""

IN_OTHER_FILES |= {cls.__name__ for cls in FINDINGS if issubclass(cls, UsageFinding)}
"""tests/analysis/findings/test_usage_findings.py has one for each of these."""

BY_NAME = {cls.__name__: cls for cls in FINDINGS}


def names(*rows: Entity, **about) -> set[str]:
    return {type(each).__name__ for each in findings(snapshot_of(*rows, **about))}


def test_every_class_has_an_example_org():
    assert CASES.keys() | IN_OTHER_FILES >= BY_NAME.keys()
    assert len(FINDINGS) >= 30


@for_each(CASES)
def test_an_org_with_the_weakness(name):
    rows, _ = CASES[name]
    for each in (one for one in findings(snapshot_of(*rows)) if type(one).__name__ == name):
        assert each.evidence
        assert each.kind
        return
    pytest.fail(f"no {name} in {names(*rows)}")


@for_each(CASES)
def test_a_similar_org_without_the_weakness(name):
    _, others = CASES[name]
    for number, rows in enumerate(others):
        assert name not in names(*rows), number


@for_each(CASES)
def test_nothing_is_concluded_from_entities_that_were_not_requested(name):
    """Without one of its entities, a class is not checked completely, and finds nothing new."""
    rows, others = CASES[name]
    for entity in BY_NAME[name].READS:
        asked = frozenset(cls.__name__ for cls in ENTITIES) - {entity.__name__}
        for org in (rows, *others):
            kept = [row for row in org if not isinstance(row, entity)]
            answer = findings(snapshot_of(*kept, asked=asked))
            assert name not in {type(each).__name__ for each in answer}, entity
            assert any(
                each.finding == name and each.entirely and entity.__name__ in each.reason
                for each in answer.not_checked
            )


@for_each(CASES)
def test_a_refused_listing_makes_a_class_not_checked(name):
    for entity in BY_NAME[name].READS:
        gap = Gap(entity=entity.__name__, reason=GapReason.FORBIDDEN, request="GET /there", status=403)
        answer = findings(
            snapshot_of(*(row for row in CASES[name][0] if not isinstance(row, entity)), gaps=(gap,))
        )
        reasons = [each.reason for each in answer.not_checked if each.finding == name]
        assert any(entity.__name__ in reason and "forbidden [403]" in reason for reason in reasons)


def test_unread_factors_of_an_administrator_do_not_count_as_none():
    gap = Gap(entity="Factor", reason=GapReason.FORBIDDEN, request="GET /f", parent="00uAnn", status=403)
    answer = findings(snapshot_of(*HELPDESK, gaps=(gap,)))
    assert not answer.filter(finding="AdministratorWithoutFactor")
    assert "factors of 1 administrators were not read" in answer.missing
    without = snapshot_of(*HELPDESK, asked=frozenset(cls.__name__ for cls in ENTITIES) - {"Factor"})
    assert not findings(without).filter(finding="AdministratorWithoutFactor")


def test_a_malformed_permission_is_rated_like_a_manage_permission():
    role_and = (CustomRole(id="cr0New"), RolePermission(id="okta.users.read \n", role_id="cr0New"))
    (one,) = findings(snapshot_of(*role_and)).filter(finding="UnknownPermission")
    assert one.severity is BY_NAME["UnknownPermission"].SEVERITY
    assert any("are not documented" in text for text in one.assumptions)


def test_an_unread_sign_in_does_not_count_as_none():
    never = attrs.evolve(ANN, last_login=None)
    assert "IdleAdministrator" in names(never, *HELPDESK[1:])
    unread = Gap(
        entity="User", reason=GapReason.FIELD, request="GET /u", record="00uAnn", where="users[0].lastLogin"
    )
    assert "IdleAdministrator" not in names(never, *HELPDESK[1:], gaps=(unread,))


def test_unread_grants_do_not_make_a_role_unusable():
    gap = Gap(entity="ConsentGrant", reason=GapReason.FORBIDDEN, request="GET /g", parent="0oaService")
    assert "UnusableRole" not in names(SERVICE, role(SERVICE, "APP_ADMIN"), gaps=(gap,))


def test_a_path_has_the_remedies_of_its_edges():
    answer = findings(snapshot_of(*TOP, TOP_SECRET, *APP_ADMIN))
    (one,) = answer.filter(finding="AdministratorTakesOverOrganization")
    assert [text.partition(":")[0] for text in one.advice] == [
        "Okta_ReadClientSecret",
        "Okta_SecretOf",
        "Okta_SuperAdmin",
    ]
    assert "Let the application authenticate with a private key" in one.advice[0]


def test_the_power_of_an_integration_shows_how_it_is_abused_and_cut():
    vendor = ApiServiceIntegration(id="0oaV", name="V", oauth_scopes=(OAuthScope("okta.roles.manage"),))
    (one,) = findings(snapshot_of(vendor)).filter(finding="CriticalPower")
    assert [text.partition(":")[0] for text in one.advice] == ["Abuse", "Cut"]


NEW = "QUARANTINED"
"""A status that oktahound does not know."""


WITHOUT_WEIGHT = {"TokenWithoutNetworkLimit", "OldToken", "ExpiredToken", "UnusedToken"}
"""Findings of the token alone: the status of its owner says nothing about them."""


@for_each(sorted(CASES.keys() - {"AdministratorWithoutStrongFactor"}))
def test_a_weakness_with_an_unknown_status_is_reported_with_an_assumption(name):
    rows = CASES[name][0]
    for number, row in enumerate(rows):
        if getattr(row, "status", None) != "ACTIVE":
            continue
        found = findings(snapshot_of(*rows[:number], attrs.evolve(row, status=NEW), *rows[number + 1 :]))
        assert (same := found.filter(finding=name)), row
        # The status of users who are no administrators does not matter.
        decides = not isinstance(row, User) or any(
            each.id == row.id for each in rows if isinstance(each, AdminAssignee)
        )
        if decides and name not in WITHOUT_WEIGHT:
            assert any(NEW in text for each in same for text in each.assumptions), row


@pytest.mark.parametrize(
    ("factors", "name"),
    [((SMS,), "AdministratorWithoutFactor"), ((SMS, KEY), "AdministratorWithoutStrongFactor")],
)
def test_a_factor_with_an_unknown_status_does_not_count_as_protection(factors, name):
    *others, last = (attrs.evolve(each, id=each.type) for each in factors)
    (one,) = findings(snapshot_of(*HELPDESK, *others, attrs.evolve(last, status=NEW))).filter(finding=name)
    assert any(f"the {last.type} factor does not work" in text and NEW in text for text in one.assumptions)
