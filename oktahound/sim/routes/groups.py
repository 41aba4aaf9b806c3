"""Groups, their members, and the applications they are assigned to."""

from __future__ import annotations

import orjson

from oktahound.sim.groups import groups_of, members_of
from oktahound.sim.lookup import filtered, known, single
from oktahound.sim.routes.users import find_user
from oktahound.sim.routing import Call, Route, Rows
from oktahound.sim.world import Json, World

__all__ = ["GROUPS"]

_READ = ("okta.groups.read",)
_TEMPLATE = "/api/v1/groups"


def _groups(call: Call) -> Rows:
    groups = call.world["groups"]
    keys = filtered(call, groups)
    if start := call.query.get("q", "").lower():
        found = groups.view(f"q={start}", lambda group: _named(group, start))
        return Rows.of(groups, found, paged=False)
    if call.expands("stats"):
        return Rows(keys, lambda key: orjson.dumps(_with_statistics(call.world, groups[key])))
    return Rows.of(groups, keys)


def _named(group: Json, start: str) -> bool:
    return str(group["profile"]["name"]).lower().startswith(start)


def _with_statistics(world: World, group: Json) -> Json:
    statistics = {
        "usersCount": len(members_of(world, group)),
        "appsCount": len(world.references("group_apps", group["id"])),
        "groupPushMappingsCount": len(world.references("group_mappings", group["id"])),
        world.privilege_statistic: len(world["roles", group["id"]]) > 0,
    }
    return {**group, "_embedded": {"stats": statistics}}


def _rules(call: Call) -> Rows:
    rules = call.world["group_rules"]
    if words := call.query.get("search", "").lower():
        return Rows.of(rules, rules.view(f"search={words}", lambda rule: words in str(rule["name"]).lower()))
    return Rows.of(rules)


def _group_id(call: Call) -> str:
    return known(call, "groups", "groupId", "UserGroup")


def _members(call: Call) -> Rows:
    return Rows.of(call.world["users"], members_of(call.world, call.world["groups"][_group_id(call)]))


def _apps_of_group(call: Call) -> Rows:
    return Rows.of(call.world["apps"], tuple(call.world.references("group_apps", _group_id(call))))


def _groups_of_user(call: Call) -> Rows:
    user = find_user(call, call.path["id"])
    everyone = call.world["groups"].view("built in", lambda group: group["type"] == "BUILT_IN")
    return Rows.of(call.world["groups"], (*everyone, *groups_of(call.world, user)))


GROUPS = (
    Route(
        template=_TEMPLATE,
        answer=_groups,
        scopes=_READ,
        bucket="groups",
        paging="link",
        default=10_000,
        maximum=10_000,
        expanded_maximum=200,
    ),
    Route(
        template=_TEMPLATE + "/rules",
        answer=_rules,
        scopes=_READ,
        bucket="groups",
        paging="link",
        default=50,
        maximum=200,
    ),
    Route(
        template=_TEMPLATE + "/rules/{groupRuleId}",
        answer=single("group_rules", "groupRuleId", "GroupRule"),
        scopes=_READ,
        bucket="groups",
    ),
    Route(
        template=_TEMPLATE + "/{groupId}",
        answer=single("groups", "groupId", "UserGroup"),
        scopes=_READ,
        bucket="group",
    ),
    Route(
        template=_TEMPLATE + "/{groupId}/users",
        answer=_members,
        scopes=_READ,
        bucket="groups",
        paging="link",
        default=1000,
        maximum=1000,
    ),
    Route(
        template=_TEMPLATE + "/{groupId}/apps",
        answer=_apps_of_group,
        scopes=_READ,
        bucket="groups",
        paging="link",
        default=20,
        maximum=200,
    ),
    Route(
        template="/api/v1/users/{id}/groups",
        answer=_groups_of_user,
        scopes=("okta.users.read",),
        bucket="user",
        paging="link",
        default=200,
        limited=False,
    ),
)
