"""Applications, their assignments and their credentials."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from oktahound.sim.errors import bad_request, not_found
from oktahound.sim.lookup import below, filtered, known, single
from oktahound.sim.routing import Answer, Call, Route, Rows

__all__ = ["APPS"]

_READ = ("okta.apps.read",)
_TEMPLATE = "/api/v1/apps"
_ONE = _TEMPLATE + "/{appId}"


def _apps(call: Call) -> Rows:
    if "," in call.query.get("expand", ""):
        raise bad_request("RequestParams", "Expand query is malformed.")
    apps = call.world["apps"]
    keys = filtered(call, apps)
    if start := call.query.get("q", "").lower():
        keys = apps.view(f"q={start}", lambda app: str(app["label"]).lower().startswith(start))
    return Rows.of(apps, keys)


def _app_users(call: Call) -> Rows:
    rows = call.world["app_users", known(call, "apps", "appId", "AppInstance")]
    if not call.expands("user"):
        return Rows.of(rows)
    users = call.world["users"]
    return Rows(rows.keys(), lambda key: orjson.dumps({**rows[key], "_embedded": {"user": users[key]}}))


def _app_groups(call: Call) -> Rows:
    rows = call.world["app_groups", known(call, "apps", "appId", "AppInstance")]
    if not call.expands("group"):
        return Rows.of(rows)
    groups = call.world["groups"]
    return Rows(rows.keys(), lambda key: orjson.dumps({**rows[key], "_embedded": {"group": groups[key]}}))


def _of_oauth_app(collection: str) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        app = known(call, "apps", "appId", "AppInstance")
        # Okta's own consoles also sign on with OpenID Connect, but Okta does not list their clients: no rows.
        if call.world["apps"][app]["signOnMode"] != "OPENID_CONNECT":
            raise not_found(app, "PublicClientApp")
        return Rows.of(call.world[collection, app])

    return answer


def _push_mappings(call: Call) -> Rows:
    app = known(call, "apps", "appId", "AppInstance")
    if "GROUP_PUSH" not in call.world["apps"][app]["features"] and not call.world["push_mappings", app]:
        # For applications without group push, Okta returns 404 here, which collectors treat as an empty list.
        raise not_found(app, "GroupPushMapping")
    mappings = call.world["push_mappings", app]
    wanted = call.query.get("status")
    return Rows.of(mappings, mappings.view(f"{wanted}", lambda mapping: wanted in (None, mapping["status"])))


APPS = (
    Route(
        template=_TEMPLATE, answer=_apps, scopes=_READ, bucket="apps", paging="link", default=20, maximum=200
    ),
    Route(template=_ONE, answer=single("apps", "appId", "AppInstance"), scopes=_READ, bucket="app"),
    Route(
        template=_ONE + "/users",
        answer=_app_users,
        scopes=_READ,
        bucket="apps",
        paging="link",
        default=50,
        maximum=500,
    ),
    Route(
        template=_ONE + "/groups",
        answer=_app_groups,
        scopes=_READ,
        bucket="apps",
        paging="link",
        default=20,
        maximum=200,
    ),
    Route(
        template=_ONE + "/grants",
        answer=_of_oauth_app("app_grants"),
        scopes=("okta.appGrants.read",),
        bucket="apps",
    ),
    Route(
        template=_ONE + "/credentials/secrets",
        answer=_of_oauth_app("app_secrets"),
        scopes=_READ,
        bucket="apps",
    ),
    Route(
        template=_ONE + "/credentials/keys",
        answer=below("signing_keys", "apps", "appId", "AppInstance"),
        scopes=_READ,
        bucket="apps",
    ),
    Route(template=_ONE + "/credentials/jwks", answer=_of_oauth_app("app_keys"), scopes=_READ, bucket="apps"),
    Route(
        template=_ONE + "/group-push/mappings",
        answer=_push_mappings,
        scopes=("okta.apps.read", "okta.groups.read"),
        bucket="apps",
        paging="link",
        default=100,
        maximum=1000,
    ),
)
