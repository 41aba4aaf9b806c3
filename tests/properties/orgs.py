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


class Making:
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
    made = Making(draw)
    made.put(ORG)
    options: dict[str, Any] = {
        "mfa": made.one(["roles", "all"]),
        "signing_keys": made.flag(),
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
        family(made)
    _factors(made, options["mfa"])
    if options["signing_keys"]:
        _signing_keys(made)
    plan = make_plan(None, options)
    return Snapshot(
        domain="contoso.okta.com",
        started_at=NOON,
        collected_at=NOON,
        asked=frozenset(cls.__name__ for cls in plan.entities),
        options=plan.options,
        **made.listings(),
    )


def _users(made: Making) -> None:
    for user in made.some(USERS[:-1], 5, 3):
        made.put(
            User(
                id=user,
                status=made.one(STATUSES),
                login=made.one(NAMES),
                email=made.one(NAMES),
                employee_number=made.one(NAMES),
                manager_id=made.one((*NAMES, "00u1")),
                realm_id=made.one((None, "", *REALMS)),
                credential_provider_type=made.one(["OKTA", "ACTIVE_DIRECTORY", "IMPORT", None]),
            )
        )
    for realm in made.some(REALMS[:-1]):
        made.put(Realm(id=realm, name=made.one(NAMES)))


def _apps(made: Making) -> None:
    for app in made.some(APPS[:-1], 4, 2):
        made.put(
            Application(
                id=app,
                label=made.one(NAMES),
                app_type=made.one(APP_TYPES),
                sign_on_mode=made.one(["OPENID_CONNECT", "SAML_2_0", "BROWSER_PLUGIN", "BRAND_NEW", None]),
                status=made.one(STATUSES),
                features=made.one([None, tuple(made.some(FEATURES, 4, 1))]),
                client_id=made.one([None, app, f"client-of-{app}"]),
                client_type=made.one(["service", "service", "web", None]),
                grant_types=made.one([None, ("client_credentials",), ("authorization_code",)]),
                implicit_assignment=made.one([None, True, False]),
                naming_context="contoso.local",
                setting_github_org="contoso",
                user_name_mapping=made.one([None, "${source.login}", "${user.email}", "nonsense"]),
                signing_key_id=made.one([None, "key1", "key2"]),
                setting_idp_id="0oaElsewhere",
                setting_base_url="https://adatum.okta.com",
                microsoft_tenant_id=TENANT,
            )
        )


def _groups(made: Making) -> None:
    for group in made.some(GROUPS[:-1], 4, 2):
        kind = made.one(["OKTA_GROUP", "OKTA_GROUP", "APP_GROUP", "BUILT_IN", "BRAND_NEW", None])
        name = made.one(["Everyone", "Okta Administrators"]) if kind == "BUILT_IN" else made.one(NAMES)
        listed = (kind, name) != ("BUILT_IN", "Okta Administrators")
        members = made.some(USERS) if listed else []
        made.put(
            Group(
                id=group,
                name=name,
                type=kind,
                source_application_id=made.one([None, *APPS]),
                object_class=made.one([None, "okta:user_group", "okta:windows_security_principal"]),
                object_sid=made.one(SIDS),
                users_count=made.one([None, len(members)]) if listed else None,
            )
        )
        for member in members:
            made.put(GroupMembership(id=member, group_id=group))


def _app_links(made: Making) -> None:
    for app in made.rows(Application):
        for user in made.some(USERS, 3, 1):
            made.put(
                AppUser(
                    id=user,
                    app_id=app.id,
                    scope=made.one(["USER", "GROUP", "BRAND_NEW", None]),
                    status=made.one(STATUSES),
                    sync_state=made.one(["SYNCHRONIZED", "SYNCHRONIZED", "DISABLED", None]),
                    initial_status=made.one([None, "active"]),
                    user_name=made.one(NAMES),
                    external_id=made.one(NAMES),
                    object_sid=made.one(SIDS),
                )
            )
        for group in made.some(GROUPS, 2):
            made.put(AppGroupAssignment(id=group, app_id=app.id, priority=made.one([None, 0, 1])))
        if app.is_oauth_client:
            for scope in made.some(SCOPES):
                status = made.one(["ACTIVE", "ACTIVE", "REVOKED", "BRAND_NEW", None])
                made.put(
                    ConsentGrant(id=f"oag-{scope}", app_id=app.id, scope_id=OAuthScope(scope), status=status)
                )
        if app.may_push_groups and made.flag():
            target = made.one(GROUPS)
            mapping = GroupPushMapping(
                id="gPm1",
                app_id=app.id,
                source_group_id=made.one((*GROUPS, None)),
                target_group_id=target,
                status=made.one(["ACTIVE", "ERROR", "INACTIVE", "BRAND_NEW", None]),
            )
            made.put(mapping)
            if target not in {group.id for group in made.rows(Group)} and made.flag():
                made.put(PushTargetGroup(id=target, name="Over there"))


def _machines(made: Making) -> None:
    for integration in made.some(INTEGRATIONS):
        made.put(
            ApiServiceIntegration(
                id=integration,
                name=made.one(NAMES),
                app_type=made.one(["slack", "vendor", None]),
                oauth_scopes=tuple(sorted(OAuthScope(scope) for scope in made.some(SCOPES))),
                created_by=made.one((None, "", *USERS)),
            )
        )


def _credentials(made: Making) -> None:
    owners = [app.id for app in made.rows(Application) if app.may_have_secrets]
    for owner in (*owners, *(each.id for each in made.rows(ApiServiceIntegration))):
        for number in made.some([1, 2], 2):
            made.put(ClientSecret(id=f"ocs{number}-{owner}", owner_id=owner, status=made.one(STATUSES)))
    for app in made.rows(Application):
        if app.is_oauth_client:
            for key, kid in made.some([("pks1", "k1"), ("k2", "k2")], 2):
                use, kty = made.one([None, "sig", "enc"]), made.one([None, "RSA", "EC", "oct"])
                # Two applications can hold the same key; an id of Okta's own is of one of them.
                id_ = kid if key == kid else f"{key}-{app.id}"
                made.put(
                    JsonWebKey(id=id_, kid=kid, app_id=app.id, use=use, kty=kty, status=made.one(STATUSES))
                )
    for token in made.some(["00T1", "00T2"], 2):
        expires = made.one([None, NOON - timedelta(days=1), NOON, NOON + timedelta(days=1)])
        made.put(
            ApiToken(id=token, name=made.one(NAMES), user_id=made.one((None, "", *USERS)), expires_at=expires)
        )


def _surroundings(made: Making) -> None:
    for device in made.some(DEVICES, 2, 1):
        made.put(Device(id=device, status=made.one((*STATUSES, "DEACTIVATED")), udid="the same"))
        for user in made.some(USERS, 2):
            made.put(DeviceUser(id=user, device_id=device))
    for idp in made.some(["0oaIdp1", "0oaIdp2"]):
        made.put(
            IdentityProvider(
                id=idp,
                type=made.one(["SAML2", "SAML2", "OIDC"]),
                protocol_type="SAML2",
                trust_audience=made.one([None, HOST]),
                acs_url=made.one([None, f"{HOST}/sso/saml2/{idp}"]),
                status=made.one(STATUSES),
                group_action=made.one(["NONE", "ASSIGN", "APPEND", "SYNC", "BRAND_NEW", None]),
                group_assignments=tuple(made.some(GROUPS, 2)),
                group_filter=tuple(made.some(GROUPS, 2)),
                issuer=made.one([None, f"https://sts.windows.net/{TENANT}/", "https://[broken"]),
            )
        )
        for user in made.some(USERS, 2):
            made.put(IdentityProviderUser(id=user, idp_id=idp, external_id=made.one(NAMES)))
    _policies_and_pools(made)


def _saml(made: Making) -> None:
    for app in made.rows(Application):
        if app.sign_on_mode == "SAML_2_0" and made.flag():
            made.put(
                SamlSettings(
                    id="0",
                    app_id=app.id,
                    sso_acs_url=made.one([None, "https://sp.example.com/acs", " "]),
                    sso_acs_url_override=made.one([None, "https://sp.example.com/over"]),
                    audience=made.one([None, "https://sp.example.com"]),
                    sp_issuer=made.one([None, None, "https://other.example.com"]),
                    idp_issuer=made.one([None, "https://idp.example.com", "${org.externalKey}"]),
                    subject_name_id_template=made.one([None, "${user.userName}", "user.email", "a + b"]),
                )
            )
            for place in range(made.one([0, 1, 2])):
                index = made.one([None, 0, 1, 7])
                url = f"https://sp.example.com/{place}"
                made.put(AcsEndpoint(id=str(place), app_id=app.id, url=url, index=index))
            for place in range(made.one([0, 1, 2])):
                name, value = made.one(["email", "upn", "department", None]), made.one(["user.email", "x()"])
                made.put(AttributeStatement(id=str(place), app_id=app.id, name=name, values=(value,)))
    for idp in made.rows(IdentityProvider):
        made.put(
            AccountMatching(
                id="0",
                idp_id=idp.id,
                link_action=made.one(["AUTO", "AUTO", "DISABLED", None]),
                has_link_filter=made.one([None, False, False, True]),
                match_type=made.one(["USERNAME", "USERNAME", "EMAIL", None]),
                user_name_template=made.one(["idpuser.email", "saml.subjectNameId", "nonsense", None]),
            )
        )


def _signing_keys(made: Making) -> None:
    for app in made.rows(Application):
        for key in made.some(["key1", "key2", "key3"], 2) if app.sign_on_mode in SIGNED_SIGN_ON_MODES else ():
            expires = made.one([None, NOON, NOON + timedelta(days=900)])
            made.put(SigningKey(id=key, app_id=app.id, kty="RSA", expires_at=expires))


def _policies_and_pools(made: Making) -> None:
    for policy in made.some(["00p1", "00p2"]):
        kind = made.one(["ACCESS_POLICY", "IDP_DISCOVERY", None])
        made.put(Policy(id=policy, type=kind, status=made.one(STATUSES)))
        for app in made.some((*APPS, None), 2):
            made.put(PolicyMapping(id=policy, policy_id=policy, application_id=app))
        if kind != "ACCESS_POLICY" and made.flag():
            state = made.one(["ACTIVE", "INACTIVE", "BRAND_NEW", None])
            made.put(PolicyRule(id="0pr1", policy_id=policy, status=state, provider_types=("AgentlessDSSO",)))
    for pool in made.some(["0oa1", "0oa2", "0oaGone", "pool3"]):
        state = made.one(["OPERATIONAL", "INACTIVE", "BRAND_NEW", None])
        kind = made.one(["AD", "AD", "LDAP", "ldap", "Radius", None])
        made.put(AgentPool(id=pool, name=made.one(NAMES), type=kind, operational_status=state))
        if made.flag():
            made.put(Agent(id=f"a53-{pool}", pool_id=pool, name=made.one(NAMES), operational_status=state))
    for server in made.some(["aus1"]):
        made.put(AuthorizationServer(id=server, status=made.one(STATUSES)))


def _custom_roles(made: Making) -> None:
    for role in made.some(ROLES[:-1], 3, 1):
        made.put(CustomRole(id=role, label=made.one(NAMES)))
        if role != "WORKFLOWS_ADMIN":
            for permission in made.some(PERMISSIONS, 4, 1):
                conditions = made.one([None, None, "{}", '{"include":{"a":"b"}}'])
                made.put(RolePermission(id=permission, role_id=role, conditions=conditions))
    for resources in made.some(SETS[:-1], 3, 1):
        made.put(ResourceSet(id=resources, label=made.one(NAMES)))
        for number in made.some([1, 2, 3], 3, 1):
            link = made.one(LINKS)
            orn = made.one(ORNS) if link is None else None
            excluded = made.one([None, tuple(made.some(ORNS, 2))])
            made.put(
                Resource(id=f"ire{number}", resource_set_id=resources, link=link, orn=orn, excluded=excluded)
            )


def _trust_boundaries(made: Making) -> None:
    _hooks(made)
    _workloads(made)
    for zone in made.some(ZONES[:-1]):
        made.put(NetworkZone(id=zone, status=made.one(STATUSES)))
    for stream in made.some(["0oaStream"]):
        made.put(LogStream(id=stream, status=made.one(STATUSES)))
    for rule in made.some(["0prRule1", "0prRule2"], 2):
        made.put(
            GroupRule(
                id=rule,
                status=made.one(["ACTIVE", "ACTIVE", "INVALID", "BRAND_NEW", None]),
                expression=made.one(EXPRESSIONS),
                group_ids=tuple(made.some(GROUPS, 2)),
                excluded_user_ids=made.one([None, tuple(made.some(USERS))]),
                excluded_group_ids=made.one([None, tuple(made.some(GROUPS))]),
            )
        )


def _hooks(made: Making) -> None:
    kinds = ("com.okta.saml.tokens.transform", "com.okta.user.credential.password.import", None)
    for hook in made.some(HOOKS[:-1]):
        made.put(InlineHook(id=hook, type=made.one(kinds), status=made.one(STATUSES)))
    for hook in made.some(["who1"]):
        made.put(EventHook(id=hook, status=made.one(STATUSES)))
    for server in made.rows(AuthorizationServer):
        for policy in made.some(["00pTokens"]):
            made.put(TokenPolicy(id=policy, server_id=server.id, status=made.one(STATUSES)))
            rule = {"server_id": server.id, "policy_id": policy, "status": made.one(STATUSES)}
            made.put(TokenPolicyRule(id="0prTokens", inline_hook_id=made.one((*HOOKS, None)), **rule))
    for app in made.rows(Application):
        limit = {
            "network_connection": made.one(["ZONE", "ANYWHERE", None]),
            "network_include": made.one(SOME_ZONES),
        }
        made.replace(attrs.evolve(app, inline_hook_ids=made.one([None, tuple(made.some(HOOKS))]), **limit))


def _workloads(made: Making) -> None:
    for agent in made.some(AGENTS[:-1]):
        made.put(
            AiAgent(
                id=agent, status=made.one(["ACTIVE", "STAGED", "NEW", None]), app_id=made.one((*APPS, None))
            )
        )
        for connection in made.some(["mcn1", "mcn2"], 2):
            ends = {
                "authorization_server_id": made.one(["aus1", None]),
                "application_id": made.one((*APPS, None)),
            }
            ends |= {
                "resource_id": made.one((*AGENTS, *MCP_SERVERS, None)),
                "resource_type": made.one(["a2a", "mcp", "virtual-mcp", None]),
                "service_account_id": made.one(["svc1", None]),
            }
            status = made.one(["ACTIVE", "INACTIVE", "NEW", None])
            made.put(ResourceConnection(id=connection, principal_id=agent, status=status, **ends))
        for key in made.some(["wpc1", "wpc2"]):
            status = made.one(["ACTIVE", "INACTIVE", "NEW", None])
            made.put(AgentKey(id=f"{key}{agent}", agent_id=agent, status=status))
        _delegations(made, agent)
    for agent in made.some(AGENTS):
        owners = {"user_ids": tuple(made.some(USERS, 2)), "group_ids": tuple(made.some(GROUPS, 2))}
        made.put(AiAgentOwners(id=agent, **owners))
    for server in made.some(MCP_SERVERS[:-1]):
        client = made.one([f"wlpOf{server}", None])
        on = made.one(["ACTIVE", "INACTIVE", "NEW", None])
        status = made.one(["ACTIVE", "PENDING", "NEW", None])
        made.put(McpServer(id=server, status=status, oauth_client_id=client, oauth_client_status=on))
        if client is not None:
            ends = {"resource_id": made.one(MCP_SERVERS), "resource_type": "mcp"}
            made.put(ResourceConnection(id="mcn3", principal_id=server, status="ACTIVE", **ends))
            _delegations(made, server)
    for account in made.some(["svc1"]):
        owners = {
            "owner_user_ids": tuple(made.some(USERS, 2)),
            "owner_group_ids": tuple(made.some(GROUPS, 2)),
        }
        made.put(ServiceAccount(id=account, okta_user_id=made.one((*USERS, None)), **owners))


def _delegations(made: Making, target: str) -> None:
    for link in made.some(["dlk1", "dlk2"], 2):
        client = made.one((*AGENTS, *APPS, *(f"wlpOf{server}" for server in MCP_SERVERS), None))
        type_ = made.one(["ai-agents", "mcp", "oidc", None])
        made.put(
            DelegationLink(
                id=link + target,
                target_id=target,
                client_id=client,
                client_type=type_,
                resource_id=made.one([target, None]),
            )
        )


def _factors(made: Making, whose: str) -> None:
    admins = {row.id for row in made.rows(AdminAssignee)}
    for user in made.rows(User):
        if whose == "all" or user.id in admins:
            for kind in made.some(["push", "sms"], 2):
                made.put(
                    Factor(
                        id=f"opf-{kind}", user_id=user.id, type=kind, status=made.one(["ACTIVE", "PENDING"])
                    )
                )


def _roles(made: Making) -> None:
    """Add roles of all kinds of holders, and mark users and groups as admins as Okta does."""
    for holders, kind in ((User, "USER"), (Group, "GROUP"), (Application, "CLIENT")):
        for holder in made.rows(holders):
            if (kind != "CLIENT" or holder.is_service) and made.flag():
                for number in made.some([1, 2], 2, 1):
                    _role(made, holder, kind, number, made.one(ROLE_TYPES))
    _role(made, made.one(made.rows(Group)), "GROUP", 3, "CUSTOM")
    _state_privileges(made)
    in_listing = made.flag()  # Okta does not say whether its list of admins holds those through a group.
    for user in made.rows(User):
        groups = {row.group_id for row in made.rows(GroupMembership) if row.id == user.id}
        held = made.rows(RoleAssignment)
        inherited = [row for row in held if row.holder_type == "GROUP" and row.holder_id in groups]
        own = [row for row in held if row.holder_id == user.id]
        if own or (inherited and in_listing):
            made.put(AdminAssignee(id=user.id))
            for row in inherited:
                made.put(
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


def _role(made: Making, holder: Any, kind: str, number: int, type_: str | None) -> None:
    over_set = type_ in ("CUSTOM", "WORKFLOWS_ADMIN")
    targets = made.some(GROUPS, 2) if type_ in GROUP_SCOPED and made.flag() else []
    row = made.put(
        RoleAssignment(
            # Built-in roles that can have targets have the same id for every holder.
            id=f"IFIFA{type_}" if type_ in (*GROUP_SCOPED, "APP_ADMIN") else f"ra{number}-{holder.id}",
            holder_id=holder.id,
            holder_type=kind,
            holder_path_id=holder.role_path_id if kind != "USER" else holder.id,
            label=made.one(NAMES),
            type=type_,
            status=made.one(["ACTIVE", "ACTIVE", "INACTIVE", "BRAND_NEW", None]),
            assignment_type=made.one([kind, None]),
            role_id=made.one((*_ids(made, CustomRole), "cr0Gone", None)) if over_set else None,
            resource_set_id=made.one((*_ids(made, ResourceSet), "iamGone", None)) if over_set else None,
            embedded_groups=made.one([None, len(targets)]) if targets else None,
        )
    )
    if row.type in GROUP_SCOPED:
        for group in targets:
            made.put(RoleGroupTarget(id=group, holder_id=holder.id, assignment_id=row.id))
    if row.type == "APP_ADMIN" and row.counts:
        for app in made.some((*APPS, *INTEGRATIONS), 2):
            made.put(
                RoleAppTarget(
                    id=app,
                    instance_id=app,
                    name="slack",
                    status=made.one(["ACTIVE", "INACTIVE", "BRAND_NEW", None]),
                    holder_id=holder.id,
                    assignment_id=row.id,
                )
            )
        for name in made.some(["slack", "nobody has it"], 1):
            made.put(RoleAppTarget(id=name, name=name, holder_id=holder.id, assignment_id=row.id))


def _ids(made: Making, cls: type[Entity]) -> list[str]:
    """Return the ids twice, so that collected objects are more likely than others."""
    return [row.id for row in made.rows(cls)] * 2


def _state_privileges(made: Making) -> None:
    holding = {row.holder_id for row in made.rows(RoleAssignment)}
    spelled = made.flag()
    for group in made.rows(Group):
        made.replace(attrs.evolve(group, has_admin_privilege=(group.id in holding) if spelled else None))
