"""Role assignments of users, groups and clients, with their targets."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import orjson

from oktahound.sim.errors import not_found
from oktahound.sim.groups import groups_of
from oktahound.sim.lookup import known
from oktahound.sim.routes.clients import client_ids
from oktahound.sim.routes.users import find_user
from oktahound.sim.routing import Answer, Call, Route, Rows
from oktahound.sim.world import Json, World

__all__ = ["ROLES"]

_READ = ("okta.roles.read",)
_EXPANSIONS = ("targets/groups", "targets/catalog/apps")


def _user(call: Call) -> str:
    return find_user(call, call.path["userId"])


def _group(call: Call) -> str:
    return known(call, "groups", "groupId", "UserGroup")


def _client(call: Call) -> str:
    client = call.path["clientId"]
    if client not in client_ids(call.world) and client not in call.world["api_services"]:
        raise not_found(client, "PublicClientApp")
    return client


def _assignments_of(world: World, holder: str) -> Iterator[Json]:
    """Return the assignments of a holder; those of a user's groups are included and marked GROUP."""
    yield from world["roles", holder].documents()
    if holder not in world["users"]:
        return  # searching all groups for each group would take hours in a large org
    for group in groups_of(world, holder):
        yield from world["roles", group].documents()


def _roles(find: Callable[[Call], str]) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        holder = find(call)
        assignments = list(_assignments_of(call.world, holder))
        wanted = [name for name in _EXPANSIONS if call.expands(name)]
        # By position, because an id occurs twice if a user has a role both directly and through a group.
        return Rows(
            tuple(map(str, range(len(assignments)))),
            lambda key: orjson.dumps(_expanded(call.world, holder, assignments[int(key)], wanted)),
        )

    return answer


def _expanded(world: World, holder: str, role: Json, wanted: list[str]) -> Json:
    targets: Json = {}
    groups = world.references("role_groups", holder, role["id"])
    apps = world["role_apps", holder, role["id"]]
    if "targets/groups" in wanted and groups:
        targets["groups"] = [world["groups"][group] for group in groups]
    if "targets/catalog/apps" in wanted and apps:
        targets["catalog"] = {"apps": list(apps.documents())}
    return {**role, "_embedded": {"targets": targets}} if targets else role


def _assignment(call: Call, holder: str) -> str:
    role = call.path["roleAssignmentId"]
    if not any(each["id"] == role for each in _assignments_of(call.world, holder)):
        raise not_found(role, "RoleAssignment")
    return role


def _group_targets(find: Callable[[Call], str]) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        holder = find(call)
        targets = call.world.references("role_groups", holder, _assignment(call, holder))
        return Rows.of(call.world["groups"], tuple(targets))

    return answer


def _app_targets(find: Callable[[Call], str]) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        holder = find(call)
        return Rows.of(call.world["role_apps", holder, _assignment(call, holder)])

    return answer


def _routes_of_holder(base: str, bucket: str, find: Callable[[Call], str]) -> tuple[Route, ...]:
    def targets(path: str, answer: Callable[[Call], Answer]) -> Route:
        # Recorded: these lists have pages of 20 rows even with limit=200.
        return Route(
            template=f"{base}/roles/{{roleAssignmentId}}/targets/{path}",
            answer=answer,
            scopes=_READ,
            bucket=bucket,
            paging="link",
            default=20,
            maximum=20,
        )

    return (
        Route(template=f"{base}/roles", answer=_roles(find), scopes=_READ, bucket=bucket),
        targets("groups", _group_targets(find)),
        targets("catalog/apps", _app_targets(find)),
    )


ROLES = (
    *_routes_of_holder("/api/v1/users/{userId}", "user", _user),
    *_routes_of_holder("/api/v1/groups/{groupId}", "groups", _group),
    *_routes_of_holder("/oauth2/v1/clients/{clientId}", "clients", _client),
)
