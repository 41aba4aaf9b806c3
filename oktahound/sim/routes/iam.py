"""Custom roles, resource sets and their bindings. These listings page in the body."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from oktahound.sim.errors import not_found
from oktahound.sim.lookup import listing
from oktahound.sim.mixin import link
from oktahound.sim.routing import Answer, Call, Route, Rows
from oktahound.sim.world import Json

__all__ = ["IAM"]

_READ = ("okta.roles.read",)
_PAGE = 100
_SET = "/api/v1/iam/resource-sets/{resourceSetIdOrLabel}"
_ROLE = "/api/v1/iam/roles/{roleIdOrLabel}"


def _by_id_or_label(call: Call, collection: str, parameter: str, java_type: str) -> str:
    key = call.path[parameter]
    held = call.world[collection]
    if key in held:
        return key
    labels = held.index("label", lambda document: str(document["label"]))
    if key not in labels:
        raise not_found(key, java_type)
    return labels[key]


def _role_id(call: Call) -> str:
    return _by_id_or_label(call, "iam_roles", "roleIdOrLabel", "CustomRole")


def _set_id(call: Call) -> str:
    return _by_id_or_label(call, "resource_sets", "resourceSetIdOrLabel", "IAMPolicy")


def _role(call: Call) -> bytes:
    return call.world["iam_roles"].sent(_role_id(call))


def _permissions(call: Call) -> Json:
    # An object with one member and without links, not a page.
    return {"permissions": list(call.world["permissions", _role_id(call)].documents())}


def _resource_set(call: Call) -> bytes:
    return call.world["resource_sets"].sent(_set_id(call))


def _in_set(collection: str) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        key = _set_id(call)
        home = link(f"{call.world.url}/api/v1/iam/resource-sets/{key}")
        rows = call.world[collection, key]
        return Rows(rows.keys(), rows.sent, links={"resource-set": home})

    return answer


def _members(call: Call) -> Rows:
    resource_set, role = _set_id(call), call.path["roleIdOrLabel"]
    if role not in call.world["bindings", resource_set]:
        raise not_found(role, "CustomRole")
    members = call.world["binding_members", resource_set, role]
    binding = link(f"{call.world.url}/api/v1/iam/resource-sets/{resource_set}/bindings/{role}")
    return Rows(members.keys(), members.sent, links={"binding": binding})


def _assignees(call: Call) -> Rows:
    world = call.world
    holders = {parents[0] for parents, _ in world.below("roles")}
    keys = tuple(user for user in world["users"] if user in holders)

    def encode(user: str) -> bytes:
        here = f"{world.url}/api/v1/users/{user}"
        links = {"self": link(here), "roles": link(f"{here}/roles")}
        return orjson.dumps({"id": user, "orn": world.orn_of_path(f"/api/v1/users/{user}"), "_links": links})

    return Rows(keys, encode)


def _paged(
    template: str,
    answer: Callable[[Call], Answer],
    envelope: str,
    *,
    limited: bool = False,
    self_in_body: bool = True,
) -> Route:
    return Route(
        template=template,
        answer=answer,
        scopes=_READ,
        bucket="iam",
        paging="body",
        default=_PAGE,
        limited=limited,
        envelope=envelope,
        self_in_body=self_in_body,
    )


IAM = (
    _paged("/api/v1/iam/roles", listing("iam_roles"), "roles"),
    Route(template=_ROLE, answer=_role, scopes=_READ, bucket="iam"),
    Route(template=_ROLE + "/permissions", answer=_permissions, scopes=_READ, bucket="iam"),
    _paged("/api/v1/iam/resource-sets", listing("resource_sets"), "resource-sets"),
    Route(template=_SET, answer=_resource_set, scopes=_READ, bucket="iam"),
    _paged(_SET + "/resources", _in_set("resources"), "resources", limited=True),
    _paged(_SET + "/bindings", _in_set("bindings"), "roles"),
    _paged(_SET + "/bindings/{roleIdOrLabel}/members", _members, "members"),
    _paged("/api/v1/iam/assignees/users", _assignees, "value", limited=True, self_in_body=False),
)
