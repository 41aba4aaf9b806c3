"""Hypothesis strategies: small complete orgs with all kinds of objects, as consistent as Okta's responses.

Ids come from small pools, so that rows refer to each other; each pool has an id without a row. Texts,
statuses and types are those that matter to a rule, and unknown ones.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

import attrs
from handwritten.orgs import NOON, ORG
from hypothesis import strategies as st

from oktahound import ApiServiceIntegration, ClientSecret, OAuthScope, Snapshot, User
from oktahound.collecting.plan import make_plan
from oktahound.entities import (
    SIGNED_SIGN_ON_MODES,
    AccountMatching,
    AcsEndpoint,
    AdminAssignee,
    Agent,
    AgentKey,
    AgentPool,
    AiAgent,
    AiAgentOwners,
    ApiToken,
    AppGroupAssignment,
    Application,
    AppUser,
    AttributeStatement,
    AuthorizationServer,
    ConsentGrant,
    CustomRole,
    DelegationLink,
    Device,
    DeviceUser,
    Entity,
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
    McpServer,
    NetworkZone,
    Policy,
    PolicyMapping,
    PolicyRule,
    PushTargetGroup,
    Realm,
    Resource,
    ResourceConnection,
    ResourceSet,
    RoleAppTarget,
    RoleAssignment,
    RoleGroupTarget,
    RolePermission,
    SamlSettings,
    ServiceAccount,
    SigningKey,
    TokenPolicy,
    TokenPolicyRule,
)

T = TypeVar("T")

_BOOLEANS = st.booleans()

USERS = ("00u1", "00u2", "00u3", "00u4", "00u5", "00uGone")
GROUPS = ("00g1", "00g2", "00g3", "00g4", "00gGone")
APPS = ("0oa1", "0oa2", "0oa3", "0oa4", "0oaGone")
INTEGRATIONS = ("0oaVendor1", "0oaVendor2")
DEVICES = ("guo1", "guo2")
REALMS = ("guoRealm1", "guoRealm2", "guoRealmGone")
ROLES = ("cr01", "cr02", "WORKFLOWS_ADMIN", "cr0Gone")
SETS = ("iam1", "iam2", "WORKFLOWS_IAM_POLICY", "iamGone")

NAMES = (
    "Ann",
    "ann@contoso.com",
    "ANN@contoso.com",
    "bob@contoso.com",
    "17",
    "<b>\x1b]0;\u202e",
    " ",
    "",
    None,
)
STATUSES = (
    "ACTIVE",
    "ACTIVE",
    "ACTIVE",
    "INACTIVE",
    "SUSPENDED",
    "DEPROVISIONED",
    "STAGED",
    "BRAND_NEW",
    None,
)
APP_TYPES = (
    "slack",
    "oidc_client",
    "active_directory",
    "okta_org2org",
    "ldap_interface",
    "okta_flow_sso",
    "githubcloud",
    "office365",
    None,
)
FEATURES = ("PUSH_PASSWORD_UPDATES", "PROFILE_MASTERING", "GROUP_PUSH", "OUTBOUND_DEL_AUTH", "BRAND_NEW")
TENANT = "11111111-2222-4333-8444-555555555555"
SIDS = ("S-1-5-21-1-2-3-500", "S-1-5-21-1-2-3-501", None)
GROUP_SCOPED = ("USER_ADMIN", "GROUP_MEMBERSHIP_ADMIN", "HELP_DESK_ADMIN")
ROLE_TYPES = (
    *GROUP_SCOPED,
    "GROUP_MEMBERSHIP_ADMIN",
    "HELP_DESK_ADMIN",
    "SUPER_ADMIN",
    "ORG_ADMIN",
    "APP_ADMIN",
    "READ_ONLY_ADMIN",
    "API_ACCESS_MANAGEMENT_ADMIN",
    "MOBILE_ADMIN",
    "ACCESS_REQUESTS_ADMIN",
    "BRAND_NEW_ADMIN",
    "CUSTOM",
    "CUSTOM",
    "WORKFLOWS_ADMIN",
    None,
)
PERMISSIONS = (
    "okta.users.manage",
    "okta.users.userprofile.manage",
    "okta.inlinehooks.manage",
    "okta.eventhooks.manage",
    "okta.users.credentials.manage",
    "okta.users.credentials.resetFactors",
    "okta.groups.manage",
    "okta.apps.manage",
    "okta.apps.clientCredentials.read",
    "okta.brand.new",
)
HOOKS = ("cal1", "cal2", "calGone")
AGENTS = ("wlp1", "wlp2", "wlpGone")
MCP_SERVERS = ("ems1", "ems2", "emsNowhere")
ZONES = ("nzo1", "nzo2", "nzoGone")
SOME_ZONES = (None, ("nzo1",), ("nzo1", "nzoGone"))
EXPRESSIONS = (
    'user.department=="Sales"',
    'isMemberOfAnyGroup("00g1","00g2")',
    'String.len("user.x")>0',
    None,
)
SCOPES = (
    "okta.users.manage",
    "okta.groups.manage",
    "okta.apps.read",
    "okta.apps.manage",
    "okta.logs.read",
    "openid",
)
HOST = "https://contoso.okta.com"
LINKS = (
    *(f"{HOST}/api/v1/{kind}" for kind in ("users", "groups", "apps") * 4),
    *(f"{HOST}/api/v1/{kind}" for kind in ("devices", "idps", "policies", "realms")),
    *(f"{HOST}/api/v1/users/{user}" for user in USERS),
    *(f"{HOST}/api/v1/groups/{group}" for group in GROUPS),
    *(f"{HOST}/api/v1/groups/{group}/users" for group in GROUPS),
    *(f"{HOST}/api/v1/apps/{app}" for app in (*APPS, *INTEGRATIONS)),
    *(f"{HOST}/api/v1/realms/{realm}" for realm in REALMS),
    f'{HOST}/api/v1/apps?filter=name+eq+"slack"',
    f"{HOST}/api/v1/policies/ACCESS_POLICY",
    "https://[broken",
    None,
)
ORNS = (
    *(f"orn:okta:directory:00oOrg:users:{user}" for user in USERS),
    *(f"orn:okta:directory:00oOrg:groups:{group}:contained_resources" for group in GROUPS),
    *(f"orn:okta:idp:00oOrg:apps:{text}" for text in (*APPS, "slack")),
    "orn:okta:directory:00oOrg:users",
    "orn:okta:workflow:00oOrg:flows",
    "nonsense",
)


@functools.cache
def _position(length: int) -> st.SearchStrategy[int]:
    """Return a strategy for a position in a sequence. Cached, because creating it is slower than drawing."""
    return st.sampled_from(range(length))


@functools.cache
def _positions(length: int, at_least: int, at_most: int) -> st.SearchStrategy[list[int]]:
    """Return a strategy for different positions in a sequence."""
    return st.lists(_position(length), min_size=at_least, max_size=at_most, unique=True)


class OrgBuilder:
    """An organization that is being generated: the rows so far, and draws of values for more."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._rows: dict[type[Entity], dict[Any, Entity]] = {}

    def one(self, choices: Sequence[T]) -> T:
        """Draw one of these values."""
        return choices[self._draw(_position(len(choices)))]

    def flag(self) -> bool:
        """Draw a truth value."""
        return self._draw(_BOOLEANS)

    def some(self, choices: Sequence[T], at_most: int = 3, at_least: int = 0) -> list[T]:
        """Draw a few different values."""
        at_most = min(at_most, len(choices))
        return [choices[place] for place in self._draw(_positions(len(choices), at_least, at_most))]

    def put(self, row: Entity) -> Any:
        """Add a row. If there is a row with the same key, it stays."""
        return self._rows.setdefault(type(row), {}).setdefault(row.key, row)

    def replace(self, row: Entity) -> None:
        """Replace the row with the same key."""
        self._rows[type(row)][row.key] = row

    def rows(self, cls: type[Entity]) -> list[Any]:
        """The rows of an entity so far."""
        return list(self._rows.get(cls, {}).values())

    def listings(self) -> dict[str, Any]:
        """All rows as the arguments of a snapshot."""
        return {cls.PLURAL: tuple(rows.values()) for cls, rows in self._rows.items()}


@st.composite
def orgs(draw: st.DrawFn) -> Snapshot:
    """Generate a complete snapshot of a small org."""
    org = OrgBuilder(draw)
    org.put(ORG)
    options: dict[str, Any] = {
        "mfa": org.one(["roles", "all"]),
        "signing_keys": org.flag(),
        "trust_boundaries": True,
    }
    for family in (
        _users,
        _apps,
        _groups,
        _app_links,
        _machines,
        _credentials,
        _surroundings,
        _saml,
        _custom_roles,
        _roles,
        _trust_boundaries,
    ):
        family(org)
    _factors(org, options["mfa"])
    if options["signing_keys"]:
        _signing_keys(org)
    plan = make_plan(None, options)
    return Snapshot(
        domain="contoso.okta.com",
        started_at=NOON,
        collected_at=NOON,
        asked=frozenset(cls.__name__ for cls in plan.entities),
        options=plan.options,
        **org.listings(),
    )


def _users(org: OrgBuilder) -> None:
    for user in org.some(USERS[:-1], 5, 3):
        org.put(
            User(
                id=user,
                status=org.one(STATUSES),
                login=org.one(NAMES),
                email=org.one(NAMES),
                employee_number=org.one(NAMES),
                manager_id=org.one((*NAMES, "00u1")),
                realm_id=org.one((None, "", *REALMS)),
                credential_provider_type=org.one(["OKTA", "ACTIVE_DIRECTORY", "IMPORT", None]),
            )
        )
    for realm in org.some(REALMS[:-1]):
        org.put(Realm(id=realm, name=org.one(NAMES)))


def _apps(org: OrgBuilder) -> None:
    for app in org.some(APPS[:-1], 4, 2):
        org.put(
            Application(
                id=app,
                label=org.one(NAMES),
                app_type=org.one(APP_TYPES),
                sign_on_mode=org.one(["OPENID_CONNECT", "SAML_2_0", "BROWSER_PLUGIN", "BRAND_NEW", None]),
                status=org.one(STATUSES),
                features=org.one([None, tuple(org.some(FEATURES, 4, 1))]),
                client_id=org.one([None, app, f"client-of-{app}"]),
                client_type=org.one(["service", "service", "web", None]),
                grant_types=org.one([None, ("client_credentials",), ("authorization_code",)]),
                implicit_assignment=org.one([None, True, False]),
                naming_context="contoso.local",
                setting_github_org="contoso",
                user_name_mapping=org.one([None, "${source.login}", "${user.email}", "nonsense"]),
                signing_key_id=org.one([None, "key1", "key2"]),
                setting_idp_id="0oaElsewhere",
                setting_base_url="https://adatum.okta.com",
                microsoft_tenant_id=TENANT,
            )
        )


def _groups(org: OrgBuilder) -> None:
    for group in org.some(GROUPS[:-1], 4, 2):
        kind = org.one(["OKTA_GROUP", "OKTA_GROUP", "APP_GROUP", "BUILT_IN", "BRAND_NEW", None])
        name = org.one(["Everyone", "Okta Administrators"]) if kind == "BUILT_IN" else org.one(NAMES)
        listed = (kind, name) != ("BUILT_IN", "Okta Administrators")
        members = org.some(USERS) if listed else []
        org.put(
            Group(
                id=group,
                name=name,
                type=kind,
                source_application_id=org.one([None, *APPS]),
                object_class=org.one([None, "okta:user_group", "okta:windows_security_principal"]),
                object_sid=org.one(SIDS),
                users_count=org.one([None, len(members)]) if listed else None,
            )
        )
        for member in members:
            org.put(GroupMembership(id=member, group_id=group))


def _app_links(org: OrgBuilder) -> None:
    for app in org.rows(Application):
        for user in org.some(USERS, 3, 1):
            org.put(
                AppUser(
                    id=user,
                    app_id=app.id,
                    scope=org.one(["USER", "GROUP", "BRAND_NEW", None]),
                    status=org.one(STATUSES),
                    sync_state=org.one(["SYNCHRONIZED", "SYNCHRONIZED", "DISABLED", None]),
                    initial_status=org.one([None, "active"]),
                    user_name=org.one(NAMES),
                    external_id=org.one(NAMES),
                    object_sid=org.one(SIDS),
                )
            )
        for group in org.some(GROUPS, 2):
            org.put(AppGroupAssignment(id=group, app_id=app.id, priority=org.one([None, 0, 1])))
        if app.is_oauth_client:
            for scope in org.some(SCOPES):
                status = org.one(["ACTIVE", "ACTIVE", "REVOKED", "BRAND_NEW", None])
                org.put(
                    ConsentGrant(id=f"oag-{scope}", app_id=app.id, scope_id=OAuthScope(scope), status=status)
                )
        if app.may_push_groups and org.flag():
            target = org.one(GROUPS)
            mapping = GroupPushMapping(
                id="gPm1",
                app_id=app.id,
                source_group_id=org.one((*GROUPS, None)),
                target_group_id=target,
                status=org.one(["ACTIVE", "ERROR", "INACTIVE", "BRAND_NEW", None]),
            )
            org.put(mapping)
            if target not in {group.id for group in org.rows(Group)} and org.flag():
                org.put(PushTargetGroup(id=target, name="Over there"))


def _machines(org: OrgBuilder) -> None:
    for integration in org.some(INTEGRATIONS):
        org.put(
            ApiServiceIntegration(
                id=integration,
                name=org.one(NAMES),
                app_type=org.one(["slack", "vendor", None]),
                oauth_scopes=tuple(sorted(OAuthScope(scope) for scope in org.some(SCOPES))),
                created_by=org.one((None, "", *USERS)),
            )
        )


def _credentials(org: OrgBuilder) -> None:
    owners = [app.id for app in org.rows(Application) if app.may_have_secrets]
    for owner in (*owners, *(each.id for each in org.rows(ApiServiceIntegration))):
        for number in org.some([1, 2], 2):
            org.put(ClientSecret(id=f"ocs{number}-{owner}", owner_id=owner, status=org.one(STATUSES)))
    for app in org.rows(Application):
        if app.is_oauth_client:
            for key, kid in org.some([("pks1", "k1"), ("k2", "k2")], 2):
                use, kty = org.one([None, "sig", "enc"]), org.one([None, "RSA", "EC", "oct"])
                # Two applications can hold the same key; an id of Okta's own is of one of them.
                id_ = kid if key == kid else f"{key}-{app.id}"
                org.put(
                    JsonWebKey(id=id_, kid=kid, app_id=app.id, use=use, kty=kty, status=org.one(STATUSES))
                )
    for token in org.some(["00T1", "00T2"], 2):
        expires = org.one([None, NOON - timedelta(days=1), NOON, NOON + timedelta(days=1)])
        org.put(
            ApiToken(id=token, name=org.one(NAMES), user_id=org.one((None, "", *USERS)), expires_at=expires)
        )


def _surroundings(org: OrgBuilder) -> None:
    for device in org.some(DEVICES, 2, 1):
        org.put(Device(id=device, status=org.one((*STATUSES, "DEACTIVATED")), udid="the same"))
        for user in org.some(USERS, 2):
            org.put(DeviceUser(id=user, device_id=device))
    for idp in org.some(["0oaIdp1", "0oaIdp2"]):
        org.put(
            IdentityProvider(
                id=idp,
                type=org.one(["SAML2", "SAML2", "OIDC"]),
                protocol_type="SAML2",
                trust_audience=org.one([None, HOST]),
                acs_url=org.one([None, f"{HOST}/sso/saml2/{idp}"]),
                status=org.one(STATUSES),
                group_action=org.one(["NONE", "ASSIGN", "APPEND", "SYNC", "BRAND_NEW", None]),
                group_assignments=tuple(org.some(GROUPS, 2)),
                group_filter=tuple(org.some(GROUPS, 2)),
                issuer=org.one([None, f"https://sts.windows.net/{TENANT}/", "https://[broken"]),
            )
        )
        for user in org.some(USERS, 2):
            org.put(IdentityProviderUser(id=user, idp_id=idp, external_id=org.one(NAMES)))
    _policies_and_pools(org)


def _saml(org: OrgBuilder) -> None:
    for app in org.rows(Application):
        if app.sign_on_mode == "SAML_2_0" and org.flag():
            org.put(
                SamlSettings(
                    id="0",
                    app_id=app.id,
                    sso_acs_url=org.one([None, "https://sp.example.com/acs", " "]),
                    sso_acs_url_override=org.one([None, "https://sp.example.com/over"]),
                    audience=org.one([None, "https://sp.example.com"]),
                    sp_issuer=org.one([None, None, "https://other.example.com"]),
                    idp_issuer=org.one([None, "https://idp.example.com", "${org.externalKey}"]),
                    subject_name_id_template=org.one([None, "${user.userName}", "user.email", "a + b"]),
                )
            )
            for place in range(org.one([0, 1, 2])):
                index = org.one([None, 0, 1, 7])
                url = f"https://sp.example.com/{place}"
                org.put(AcsEndpoint(id=str(place), app_id=app.id, url=url, index=index))
            for place in range(org.one([0, 1, 2])):
                name, value = org.one(["email", "upn", "department", None]), org.one(["user.email", "x()"])
                org.put(AttributeStatement(id=str(place), app_id=app.id, name=name, values=(value,)))
    for idp in org.rows(IdentityProvider):
        org.put(
            AccountMatching(
                id="0",
                idp_id=idp.id,
                link_action=org.one(["AUTO", "AUTO", "DISABLED", None]),
                has_link_filter=org.one([None, False, False, True]),
                match_type=org.one(["USERNAME", "USERNAME", "EMAIL", None]),
                user_name_template=org.one(["idpuser.email", "saml.subjectNameId", "nonsense", None]),
            )
        )


def _signing_keys(org: OrgBuilder) -> None:
    for app in org.rows(Application):
        for key in org.some(["key1", "key2", "key3"], 2) if app.sign_on_mode in SIGNED_SIGN_ON_MODES else ():
            expires = org.one([None, NOON, NOON + timedelta(days=900)])
            org.put(SigningKey(id=key, app_id=app.id, kty="RSA", expires_at=expires))


def _policies_and_pools(org: OrgBuilder) -> None:
    for policy in org.some(["00p1", "00p2"]):
        kind = org.one(["ACCESS_POLICY", "IDP_DISCOVERY", None])
        org.put(Policy(id=policy, type=kind, status=org.one(STATUSES)))
        for app in org.some((*APPS, None), 2):
            org.put(PolicyMapping(id=policy, policy_id=policy, application_id=app))
        if kind != "ACCESS_POLICY" and org.flag():
            state = org.one(["ACTIVE", "INACTIVE", "BRAND_NEW", None])
            org.put(PolicyRule(id="0pr1", policy_id=policy, status=state, provider_types=("AgentlessDSSO",)))
    for pool in org.some(["0oa1", "0oa2", "0oaGone", "pool3"]):
        state = org.one(["OPERATIONAL", "INACTIVE", "BRAND_NEW", None])
        kind = org.one(["AD", "AD", "LDAP", "ldap", "Radius", None])
        org.put(AgentPool(id=pool, name=org.one(NAMES), type=kind, operational_status=state))
        if org.flag():
            org.put(Agent(id=f"a53-{pool}", pool_id=pool, name=org.one(NAMES), operational_status=state))
    for server in org.some(["aus1"]):
        org.put(AuthorizationServer(id=server, status=org.one(STATUSES)))


def _custom_roles(org: OrgBuilder) -> None:
    for role in org.some(ROLES[:-1], 3, 1):
        org.put(CustomRole(id=role, label=org.one(NAMES)))
        if role != "WORKFLOWS_ADMIN":
            for permission in org.some(PERMISSIONS, 4, 1):
                conditions = org.one([None, None, "{}", '{"include":{"a":"b"}}'])
                org.put(RolePermission(id=permission, role_id=role, conditions=conditions))
    for resources in org.some(SETS[:-1], 3, 1):
        org.put(ResourceSet(id=resources, label=org.one(NAMES)))
        for number in org.some([1, 2, 3], 3, 1):
            link = org.one(LINKS)
            orn = org.one(ORNS) if link is None else None
            excluded = org.one([None, tuple(org.some(ORNS, 2))])
            org.put(
                Resource(id=f"ire{number}", resource_set_id=resources, link=link, orn=orn, excluded=excluded)
            )


def _trust_boundaries(org: OrgBuilder) -> None:
    _hooks(org)
    _workloads(org)
    for zone in org.some(ZONES[:-1]):
        org.put(NetworkZone(id=zone, status=org.one(STATUSES)))
    for stream in org.some(["0oaStream"]):
        org.put(LogStream(id=stream, status=org.one(STATUSES)))
    for rule in org.some(["0prRule1", "0prRule2"], 2):
        org.put(
            GroupRule(
                id=rule,
                status=org.one(["ACTIVE", "ACTIVE", "INVALID", "BRAND_NEW", None]),
                expression=org.one(EXPRESSIONS),
                group_ids=tuple(org.some(GROUPS, 2)),
                excluded_user_ids=org.one([None, tuple(org.some(USERS))]),
                excluded_group_ids=org.one([None, tuple(org.some(GROUPS))]),
            )
        )


def _hooks(org: OrgBuilder) -> None:
    kinds = ("com.okta.saml.tokens.transform", "com.okta.user.credential.password.import", None)
    for hook in org.some(HOOKS[:-1]):
        org.put(InlineHook(id=hook, type=org.one(kinds), status=org.one(STATUSES)))
    for hook in org.some(["who1"]):
        org.put(EventHook(id=hook, status=org.one(STATUSES)))
    for server in org.rows(AuthorizationServer):
        for policy in org.some(["00pTokens"]):
            org.put(TokenPolicy(id=policy, server_id=server.id, status=org.one(STATUSES)))
            rule = {"server_id": server.id, "policy_id": policy, "status": org.one(STATUSES)}
            org.put(TokenPolicyRule(id="0prTokens", inline_hook_id=org.one((*HOOKS, None)), **rule))
    for app in org.rows(Application):
        limit = {
            "network_connection": org.one(["ZONE", "ANYWHERE", None]),
            "network_include": org.one(SOME_ZONES),
        }
        org.replace(attrs.evolve(app, inline_hook_ids=org.one([None, tuple(org.some(HOOKS))]), **limit))


def _workloads(org: OrgBuilder) -> None:
    for agent in org.some(AGENTS[:-1]):
        org.put(
            AiAgent(
                id=agent, status=org.one(["ACTIVE", "STAGED", "NEW", None]), app_id=org.one((*APPS, None))
            )
        )
        for connection in org.some(["mcn1", "mcn2"], 2):
            ends = {
                "authorization_server_id": org.one(["aus1", None]),
                "application_id": org.one((*APPS, None)),
            }
            ends |= {
                "resource_id": org.one((*AGENTS, *MCP_SERVERS, None)),
                "resource_type": org.one(["a2a", "mcp", "virtual-mcp", None]),
                "service_account_id": org.one(["svc1", None]),
            }
            status = org.one(["ACTIVE", "INACTIVE", "NEW", None])
            org.put(ResourceConnection(id=connection, principal_id=agent, status=status, **ends))
        for key in org.some(["wpc1", "wpc2"]):
            status = org.one(["ACTIVE", "INACTIVE", "NEW", None])
            org.put(AgentKey(id=f"{key}{agent}", agent_id=agent, status=status))
        _delegations(org, agent)
    for agent in org.some(AGENTS):
        owners = {"user_ids": tuple(org.some(USERS, 2)), "group_ids": tuple(org.some(GROUPS, 2))}
        org.put(AiAgentOwners(id=agent, **owners))
    for server in org.some(MCP_SERVERS[:-1]):
        client = org.one([f"wlpOf{server}", None])
        on = org.one(["ACTIVE", "INACTIVE", "NEW", None])
        status = org.one(["ACTIVE", "PENDING", "NEW", None])
        org.put(McpServer(id=server, status=status, oauth_client_id=client, oauth_client_status=on))
        if client is not None:
            ends = {"resource_id": org.one(MCP_SERVERS), "resource_type": "mcp"}
            org.put(ResourceConnection(id="mcn3", principal_id=server, status="ACTIVE", **ends))
            _delegations(org, server)
    for account in org.some(["svc1"]):
        owners = {
            "owner_user_ids": tuple(org.some(USERS, 2)),
            "owner_group_ids": tuple(org.some(GROUPS, 2)),
        }
        org.put(ServiceAccount(id=account, okta_user_id=org.one((*USERS, None)), **owners))


def _delegations(org: OrgBuilder, target: str) -> None:
    for link in org.some(["dlk1", "dlk2"], 2):
        client = org.one((*AGENTS, *APPS, *(f"wlpOf{server}" for server in MCP_SERVERS), None))
        type_ = org.one(["ai-agents", "mcp", "oidc", None])
        org.put(
            DelegationLink(
                id=link + target,
                target_id=target,
                client_id=client,
                client_type=type_,
                resource_id=org.one([target, None]),
            )
        )


def _factors(org: OrgBuilder, whose: str) -> None:
    admins = {row.id for row in org.rows(AdminAssignee)}
    for user in org.rows(User):
        if whose == "all" or user.id in admins:
            for kind in org.some(["push", "sms"], 2):
                org.put(
                    Factor(
                        id=f"opf-{kind}", user_id=user.id, type=kind, status=org.one(["ACTIVE", "PENDING"])
                    )
                )


def _roles(org: OrgBuilder) -> None:
    """Add roles of all kinds of holders, and mark users and groups as admins as Okta does."""
    for holders, kind in ((User, "USER"), (Group, "GROUP"), (Application, "CLIENT")):
        for holder in org.rows(holders):
            if (kind != "CLIENT" or holder.is_service) and org.flag():
                for number in org.some([1, 2], 2, 1):
                    _role(org, holder, kind, number, org.one(ROLE_TYPES))
    _role(org, org.one(org.rows(Group)), "GROUP", 3, "CUSTOM")
    _state_privileges(org)
    in_listing = org.flag()  # Okta does not say whether its list of admins holds those through a group.
    for user in org.rows(User):
        groups = {row.group_id for row in org.rows(GroupMembership) if row.id == user.id}
        held = org.rows(RoleAssignment)
        inherited = [row for row in held if row.holder_type == "GROUP" and row.holder_id in groups]
        own = [row for row in held if row.holder_id == user.id]
        if own or (inherited and in_listing):
            org.put(AdminAssignee(id=user.id))
            for row in inherited:
                org.put(
                    RoleAssignment(
                        id=row.id,
                        holder_id=user.id,
                        holder_type="USER",
                        holder_path_id=user.id,
                        type=row.type,
                        status=row.status,
                        assignment_type="GROUP",
                        role_id=row.role_id,
                        resource_set_id=row.resource_set_id,
                    )
                )


def _role(org: OrgBuilder, holder: Any, kind: str, number: int, type_: str | None) -> None:
    over_set = type_ in ("CUSTOM", "WORKFLOWS_ADMIN")
    targets = org.some(GROUPS, 2) if type_ in GROUP_SCOPED and org.flag() else []
    row = org.put(
        RoleAssignment(
            # Built-in roles that can have targets have the same id for every holder.
            id=f"IFIFA{type_}" if type_ in (*GROUP_SCOPED, "APP_ADMIN") else f"ra{number}-{holder.id}",
            holder_id=holder.id,
            holder_type=kind,
            holder_path_id=holder.role_path_id if kind != "USER" else holder.id,
            label=org.one(NAMES),
            type=type_,
            status=org.one(["ACTIVE", "ACTIVE", "INACTIVE", "BRAND_NEW", None]),
            assignment_type=org.one([kind, None]),
            role_id=org.one((*_ids(org, CustomRole), "cr0Gone", None)) if over_set else None,
            resource_set_id=org.one((*_ids(org, ResourceSet), "iamGone", None)) if over_set else None,
            embedded_groups=org.one([None, len(targets)]) if targets else None,
        )
    )
    if row.type in GROUP_SCOPED:
        for group in targets:
            org.put(RoleGroupTarget(id=group, holder_id=holder.id, assignment_id=row.id))
    if row.type == "APP_ADMIN" and row.counts:
        for app in org.some((*APPS, *INTEGRATIONS), 2):
            org.put(
                RoleAppTarget(
                    id=app,
                    instance_id=app,
                    name="slack",
                    status=org.one(["ACTIVE", "INACTIVE", "BRAND_NEW", None]),
                    holder_id=holder.id,
                    assignment_id=row.id,
                )
            )
        for name in org.some(["slack", "nobody has it"], 1):
            org.put(RoleAppTarget(id=name, name=name, holder_id=holder.id, assignment_id=row.id))


def _ids(org: OrgBuilder, cls: type[Entity]) -> list[str]:
    """Return the ids twice, so that collected objects are more likely than others."""
    return [row.id for row in org.rows(cls)] * 2


def _state_privileges(org: OrgBuilder) -> None:
    holding = {row.holder_id for row in org.rows(RoleAssignment)}
    spelled = org.flag()
    for group in org.rows(Group):
        org.replace(attrs.evolve(group, has_admin_privilege=(group.id in holding) if spelled else None))
