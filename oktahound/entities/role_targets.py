"""Targets that limit assignments of built-in roles: groups and applications."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated

import attrs

from oktahound.entities.applications import Application
from oktahound.entities.builtin_roles import RoleScope
from oktahound.entities.groups import Group
from oktahound.entities.integrations import ApiServiceIntegration
from oktahound.entities.resource_sets import Resource, ResourceSet
from oktahound.entities.role_assignments import AdminAssignee, RoleAssignment
from oktahound.entities.schema import Context, Derived, Entity, Parent, Wire
from oktahound.entities.sources import Embedded, Endpoint, Known

__all__ = ["EMBEDDED_PAGE", "RoleAppTarget", "RoleGroupTarget"]

EMBEDDED_PAGE = 20
"""Maximum number of targets that Okta embeds in an assignment. With that many, there may be more."""

_HOLDERS: dict[str, tuple[str, tuple[type[Entity], ...]]] = {
    "USER": ("/api/v1/users", (AdminAssignee,)),
    "GROUP": ("/api/v1/groups", (Group,)),
    "CLIENT": ("/oauth2/v1/clients", (Application, ApiServiceIntegration)),
}
"""Path segment and entities of holders of roles, by type of holder."""


def _others(holders: tuple[type[Entity], ...]) -> tuple[type[Entity], ...]:
    return tuple(each for _, entities in _HOLDERS.values() for each in entities if each not in holders)


def _path_ids(assignment: RoleAssignment) -> Mapping[str, str]:
    return {"holder": assignment.holder_path_id or assignment.holder_id, "id": assignment.id}


def _listings(kind: str, has_targets: Callable[[RoleAssignment], bool]) -> tuple[Endpoint, ...]:
    def when(holder_type: str) -> Callable[[RoleAssignment, Known], bool]:
        return lambda assignment, known: (
            assignment.holder_type == holder_type
            and assignment.is_direct
            and assignment.is_active
            and has_targets(assignment)
        )

    return tuple(
        Endpoint(
            f"{collection}/{{holder}}/roles/{{id}}/targets/{kind}",
            scope="okta.roles.read",
            params={"limit": 200},
            under=RoleAssignment,
            ids=_path_ids,
            when=when(holder_type),
            regardless_of=_others(holders),
        )
        for holder_type, (collection, holders) in _HOLDERS.items()
    )


def _needs_groups(assignment: RoleAssignment) -> bool:
    embedded = assignment.embedded_groups
    return assignment.scope is RoleScope.GROUPS and (embedded is None or embedded >= EMBEDDED_PAGE)


def _scope_known(assignment: RoleAssignment, context: Context) -> bool | None:
    match assignment.scope:
        case RoleScope.GROUPS:
            return context.known(RoleGroupTarget, assignment.key)
        case RoleScope.APPS:
            return context.known(RoleAppTarget, assignment.key)
        case RoleScope.RESOURCE_SET:
            # Resources of unlisted sets were not requested either.
            listed = assignment.resource_set_id in context.once(_listed_sets)
            return listed and context.known(Resource, (assignment.resource_set_id or "",))
        case RoleScope.ORGANIZATION:
            return True
        case None:
            return False


def _listed_sets(context: Context) -> frozenset[str]:
    return frozenset(resources.id for resources in context.rows(ResourceSet))


@attrs.frozen(kw_only=True, repr=False)
class RoleGroupTarget(Entity):
    """A group that limits a role assignment. `id` is the group's.

    If all targets were read and there is none, the assignment covers the organization.
    """

    PLURAL = "role_group_targets"
    OWNER = ("holder_id", "assignment_id", "inheritance")
    SOURCES = (
        # Okta embeds targets only in the assignments of users and groups.
        Embedded(
            RoleAssignment,
            "_embedded.targets.groups",
            regardless_of=(Application, ApiServiceIntegration),
        ),
        *_listings("groups", _needs_groups),
    )
    LENDS = MappingProxyType(
        {
            RoleAssignment: (
                Derived(
                    "scopeComplete",
                    "Whether all targets that limit the assignment were read.",
                    _scope_known,
                ),
            )
        }
    )

    id: str
    """The id of the `Group`."""
    holder_id: Annotated[str, Parent("holder_id")]
    """The id of the holder of the role."""
    assignment_id: Annotated[str, Parent()]
    """The id of the `RoleAssignment`."""
    inheritance: Annotated[str, Parent("inheritance")] = "own"
    """`own` for an assignment of the holder, `inherited` for one that comes from a group."""


@attrs.frozen(kw_only=True, repr=False)
class RoleAppTarget(Entity):
    """An application, or all applications of a type, that limit a role assignment.

    `instance_id` is the application or API service integration. If it is None, `name` is the type of the
    applications. `id` is `instance_id` or, without it, `name`.
    """

    PLURAL = "role_app_targets"
    OWNER = ("holder_id", "assignment_id", "inheritance")
    SOURCES = _listings("catalog/apps", lambda assignment: assignment.scope is RoleScope.APPS)

    id: Annotated[str, Wire(("id", "name"))]
    """The `instance_id`, or the `name` if there is none."""
    holder_id: Annotated[str, Parent("holder_id")]
    """The id of the holder of the role."""
    assignment_id: Annotated[str, Parent()]
    """The id of the `RoleAssignment`."""
    inheritance: Annotated[str, Parent("inheritance")] = "own"
    """`own` for an assignment of the holder, `inherited` for one that comes from a group."""
    instance_id: Annotated[str | None, Wire("id")] = None
    """The id of the application or API service integration; None if the target is a type."""
    name: str | None = None
    """The type of application in Okta's catalogue."""
    status: str | None = None
    """The status of the application, such as `ACTIVE`."""
