"""Random changes to a generated org, such as admins make over the years."""

from __future__ import annotations

from random import Random
from typing import Any

from oktahound.sim import OAuthSettings, SimulatedOrg

__all__ = ["PERMISSIONS", "edit", "edit_boundaries"]

BUILT_IN = (
    "SUPER_ADMIN",
    "ORG_ADMIN",
    "USER_ADMIN",
    "GROUP_MEMBERSHIP_ADMIN",
    "HELP_DESK_ADMIN",
    "APP_ADMIN",
    "READ_ONLY_ADMIN",
    "API_ACCESS_MANAGEMENT_ADMIN",
    "MOBILE_ADMIN",
    "REPORT_ADMIN",
)
GROUP_SCOPED = {"USER_ADMIN", "GROUP_MEMBERSHIP_ADMIN", "HELP_DESK_ADMIN"}
PERMISSIONS = (
    "okta.users.manage",
    "okta.users.read",
    "okta.users.credentials.manage",
    "okta.users.credentials.resetPassword",
    "okta.users.credentials.expirePassword",
    "okta.users.credentials.manageTemporaryAccessCode",
    "okta.users.credentials.resetFactors",
    "okta.groups.manage",
    "okta.groups.members.manage",
    "okta.apps.manage",
    "okta.apps.clientCredentials.read",
)
SCOPES = (
    "okta.users.manage",
    "okta.groups.manage",
    "okta.apps.manage",
    "okta.apps.read",
    "okta.logs.read",
    "openid",
)


def edit(org: SimulatedOrg, seed: int) -> None:
    """Change an org in place."""
    rng = Random(f"edits {seed}")
    for change in (
        _people,
        _groups,
        _services,
        _apps,
        _roles,
        _custom_roles,
        _surroundings,
        _integration_roles,
    ):
        change(org, rng)


def _ids(org: SimulatedOrg, name: str) -> list[str]:
    return list(org.world[name])


def _change(org: SimulatedOrg, name: str | tuple[str, ...], key: str, path: str = "", **values: Any) -> None:
    """Set members of a document, or of the object at a dotted path in it."""

    def change(document: dict[str, Any]) -> None:
        for step in path.split(".") if path else ():
            document = document[step]
        document.update(values)

    org.world[name].change(key, change)


def _people(org: SimulatedOrg, rng: Random) -> None:
    users = _ids(org, "users")
    for user in rng.sample(users, 12):
        org.set_user_status(user, rng.choice(["SUSPENDED", "DEPROVISIONED", "ACTIVE", "BRAND_NEW"]))
    for user in rng.sample(users, 6):
        other = org.world["users"][rng.choice(users)]
        names = [
            other["profile"]["login"].upper(),
            other["profile"].get("employeeNumber") or "17",
            other["id"],
            "nobody",
        ]
        _change(org, "users", user, "profile", managerId=rng.choice(names))
    for user in rng.sample(users, 2):
        _change(org, "users", user, "profile", email="shared@contoso.com")
    _change(org, "users", users[-1], "profile", managerId="Shared@contoso.com")
    org.add_api_token("Of one who left", user=users[-2])
    for user in rng.sample(users, 2):
        if not len(org.world["roles", user]):
            org.remove_user(user)


def _services(org: SimulatedOrg, rng: Random) -> None:
    admin = _ids(org, "users")[0]
    for number in range(4):
        settings = OAuthSettings(
            application_type="service",
            grant_types=rng.choice([("client_credentials",), ("authorization_code",)]),
            auth_method=rng.choice(["private_key_jwt", "client_secret_basic", "client_secret_jwt"]),
            client_id=rng.choice([None, f"chosen-{number}"]),
        )
        app = org.add_app("oidc_client", label=f"Bot {number}", sign_on_mode="OPENID_CONNECT", oauth=settings)
        for scope in rng.sample(SCOPES, rng.randint(0, 3)):
            org.grant_scope(app, scope, created_by=admin)
        org.add_app_key(app, status=rng.choice(["ACTIVE", "INACTIVE"]), use=rng.choice(["sig", "enc"]))
        client = org.world["apps"][app]["credentials"]["oauthClient"]["client_id"]
        for _ in range(rng.randint(0, 2)):
            _assign(org, rng, client)


def _apps(org: SimulatedOrg, rng: Random) -> None:
    apps = _ids(org, "apps")
    for app in rng.sample(apps, 4):
        _change(org, "apps", app, status=rng.choice(["INACTIVE", "ACTIVE"]))
    for app in rng.sample(apps, 2):
        _change(org, "apps", app, "settings", implicitAssignment=True)
    for app in rng.sample(apps, 6):
        features = [
            "GROUP_PUSH",
            *rng.sample(["PROFILE_MASTERING", "PUSH_PASSWORD_UPDATES", "IMPORT_NEW_USERS"], 2),
        ]
        _change(org, "apps", app, features=features)
    for app in apps:
        for user in rng.sample(list(org.world["app_users", app]), min(4, len(org.world["app_users", app]))):
            _change(org, ("app_users", app), user, **_assignment(rng))
    extra = org.add_app("okta_flow_sso")
    for user in rng.sample(_ids(org, "users"), 3):
        org.assign_user(extra, user, sync_state="SYNCHRONIZED")
    gone = org.add_app("soon_gone")
    org.add_group("Of an application that is gone", type="APP_GROUP", app=gone)
    org.add_policy("For an application that is gone", apps=[gone])
    org.world["apps"].remove(gone)


def _assignment(rng: Random) -> dict[str, Any]:
    return {
        "scope": rng.choice(["USER", "GROUP"]),
        "status": rng.choice(["ACTIVE", "PROVISIONED", "STAGED", "DEPROVISIONED", "SUSPENDED", "BRAND_NEW"]),
        "syncState": rng.choice(["SYNCHRONIZED", "DISABLED", "ERROR"]),
        "profile": rng.choice([{}, {"initialStatus": "active_with_pass"}]),
    }


def _groups(org: SimulatedOrg, rng: Random) -> None:
    groups = _ids(org, "groups")
    apps = [app["id"] for app in org.world["apps"].documents() if "GROUP_PUSH" in app["features"]]
    for app in rng.sample(apps, min(2, len(apps))):
        state = rng.choice(["ACTIVE", "INACTIVE", "ERROR"])
        org.push_group(app, rng.choice(groups), target=rng.choice([*groups, "00gElsewhere"]), status=state)
    for group in rng.sample(groups, 3):
        if org.world["groups"][group]["type"] != "BUILT_IN":
            _change(org, "groups", group, type=rng.choice(["APP_GROUP", "OKTA_GROUP", "BRAND_NEW"]))


def _assign(org: SimulatedOrg, rng: Random, holder: str) -> None:
    type_ = rng.choice(BUILT_IN)
    if any(role["type"] == type_ for role in org.world["roles", holder].documents()):
        return
    groups = [group for group in _ids(org, "groups") if org.world["groups"][group]["type"] != "BUILT_IN"]
    apps = _ids(org, "apps")
    narrowed = rng.random() < 0.6
    org.assign_role(
        holder,
        type_,
        groups=rng.sample(groups, min(rng.choice([1, 2, 20]), len(groups)))
        if narrowed and type_ in GROUP_SCOPED
        else (),
        apps=rng.sample(apps, 2) if narrowed and type_ == "APP_ADMIN" else (),
        app_types=rng.sample(["bookmark", "tailspin_logs", "nobody_has_it"], 1)
        if narrowed and type_ == "APP_ADMIN" and rng.random() < 0.7
        else (),
        status=rng.choice(["ACTIVE", "ACTIVE", "ACTIVE", "INACTIVE"]),
    )


def _roles(org: SimulatedOrg, rng: Random) -> None:
    for holder in [*rng.sample(_ids(org, "users"), 6), *rng.sample(_ids(org, "groups"), 3)]:
        _assign(org, rng, holder)


def _integration_roles(org: SimulatedOrg, rng: Random) -> None:
    for holder in rng.sample(_ids(org, "api_services"), 2):
        _assign(org, rng, holder)


def _custom_roles(org: SimulatedOrg, rng: Random) -> None:
    users, groups, apps = (_ids(org, name) for name in ("users", "groups", "apps"))
    paths = [
        f"/api/v1/{name}"
        for name in ("users", "groups", "apps", "devices", "idps", "authorizationServers", "realms")
    ]
    for name, ids in (("users", users), ("groups", groups), ("apps", apps), ("realms", _ids(org, "realms"))):
        paths += [f"/api/v1/{name}/{each}" for each in rng.sample(ids, 2)]
    paths += [f"/api/v1/groups/{each}/users" for each in rng.sample(groups, 3)]
    paths += [
        "/api/v1/policies/ACCESS_POLICY",
        "/api/v1/policies",
        '/api/v1/apps?filter=name+eq+"oidc_client"',
    ]
    paths += [f"/api/v1/apps/{_ids(org, 'api_services')[0]}", f"/api/v1/devices/{_ids(org, 'devices')[0]}"]
    orns = [
        org.world.orn(text)
        for text in ("apps:bookmark", f"apps:{apps[0]}", "workflow", "users", "identity_provider")
    ]
    orns += [org.world.orn(f"users:{users[1]}"), org.world.orn(f"groups:{groups[2]}:contained_resources")]
    holders = [*rng.sample(users, 3), *rng.sample(groups, 2)]
    for number in range(4):
        role = org.add_custom_role(f"Role {number}", permissions=rng.sample(PERMISSIONS, rng.randint(1, 4)))
        resources = org.add_resource_set(
            f"Set {number}", resources=rng.sample([*paths, *orns], rng.randint(1, 4))
        )
        for key in org.world["resources", resources]:
            if rng.random() < 0.3:
                excluded = {"Exclude": {"okta:ORN": rng.sample(orns, rng.randint(1, 2))}}
                _change(org, ("resources", resources), key, conditions=excluded)
        org.bind_role(resources, role, members=rng.sample(holders, 2))
    # Some built-in roles are assigned in the form of custom ones.
    role = org.add_custom_role("Access Requests Administrator", permissions=[], id="ACCESS_REQUESTS_ADMIN")
    resources = org.add_resource_set("Access Requests", resources=[], id="ACCESS_REQUESTS_IAM_POLICY")
    org.bind_role(resources, role, members=rng.sample(holders, 1))


def _surroundings(org: SimulatedOrg, rng: Random) -> None:
    groups = _ids(org, "groups")
    for idp in _ids(org, "idps"):
        properties = {
            "action": rng.choice(["NONE", "ASSIGN", "APPEND", "SYNC", "BRAND_NEW"]),
            "assignments": rng.sample(groups, 1),
            "filter": rng.sample(groups, 1),
        }
        _change(org, "idps", idp, "policy.provisioning", groups=properties)
    app = rng.choice(_ids(org, "apps"))
    org.add_agent_pool("ldap.contoso.com", type=rng.choice(["LDAP", "Radius"]), agents=["L1"], id=app)
    # Last, because this group holds no role: its members are the admins that Okta lists elsewhere.
    org.add_group("Okta Administrators", type="BUILT_IN")
    org.add_policy("Old", status="INACTIVE", apps=[rng.choice(_ids(org, "apps"))])


def edit_boundaries(org: SimulatedOrg, seed: int) -> None:
    """Change hooks, zones, group rules and keys of an org in place."""
    rng = Random(f"boundaries {seed}")
    apps, users, zones = (_ids(org, name) for name in ("apps", "users", "network_zones"))
    signing = [app for app in apps if org.world["apps"][app]["signOnMode"] == "SAML_2_0"]
    for hook in _ids(org, "inline_hooks"):
        _change(org, "inline_hooks", hook, status=rng.choice(["ACTIVE", "ACTIVE", "INACTIVE"]))
    org.add_inline_hook("Names", type="com.okta.import.transform", imports=rng.sample(apps, 2))
    org.add_inline_hook("Roles", apps=rng.sample(signing, 2))
    for zone in zones:
        _change(org, "network_zones", zone, status=rng.choice(["ACTIVE", "INACTIVE"]))
    org.add_api_token("From the offices", user=users[0], zones=rng.sample(zones, 1), expires_days_ago=-9999)
    for policy in rng.sample(_ids(org, "policies"), 4):
        zone = rng.choice(zones)
        for number in range(2):
            org.add_policy_rule(
                policy,
                f"Rule {number}",
                type=org.world["policies"][policy]["type"],
                actions={"appSignOn": {"access": rng.choice(["ALLOW", "DENY"])}},
                conditions={"network": {"connection": "ZONE", rng.choice(["include", "exclude"]): [zone]}},
                status=rng.choice(["ACTIVE", "INACTIVE"]),
            )
    for user in rng.sample(users, 5):
        provider = {"type": rng.choice(["IMPORT", "ACTIVE_DIRECTORY"]), "name": "x"}
        _change(org, "users", user, "credentials", provider=provider)
    groups = [group for group in _ids(org, "groups") if org.world["groups"][group]["type"] == "OKTA_GROUP"]
    one, other, left_out = rng.sample(groups, 3)
    org.add_group_rule("By group", f'isMemberOfAnyGroup("{one}")', groups=[other])
    org.add_group_rule(
        "By title", 'user.title=="Chief"', groups=[left_out], status=rng.choice(["ACTIVE", "INACTIVE"])
    )
    org.share_signing_key(*rng.sample(signing, 2), use=rng.random() < 0.5)
    people = {users[1]: "x"}
    org.add_identity_provider("Other HQ", type="SAML2", users=people, key=org.add_trusted_key())
