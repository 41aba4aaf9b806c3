"""Resolve the members of resource sets to objects, without the excluded ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from oktahound.entities import (
    ApiServiceIntegration,
    Application,
    AuthorizationServer,
    Device,
    Entity,
    Group,
    GroupMembership,
    IdentityProvider,
    Policy,
    Resource,
    ResourceSet,
    User,
)
from oktahound.entities.resource_targets import (
    All,
    Family,
    MembersOf,
    OfType,
    One,
    OneOrType,
    ResourceTarget,
    Unresolvable,
)
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.scope import apps_of_type

__all__ = ["IN_RESOURCE_SETS", "members_of_group", "objects_in", "objects_of", "resource_set_node"]

_FAMILIES: dict[Family, tuple[type[Entity], ...]] = {
    Family.USERS: (User,),
    Family.GROUPS: (Group,),
    Family.APPS: (Application, ApiServiceIntegration),
    Family.AUTHORIZATION_SERVERS: (AuthorizationServer,),
    Family.DEVICES: (Device,),
    Family.IDENTITY_PROVIDERS: (IdentityProvider,),
    Family.POLICIES: (Policy,),
}

IN_RESOURCE_SETS: tuple[type[Entity], ...] = tuple(cls for classes in _FAMILIES.values() for cls in classes)
"""The entities that a resource set can contain."""


def resource_set_node(set_id: str, view: OrgIndex) -> str:
    """Return the node id of a resource set, whether it was collected or not."""
    return ResourceSet(id=set_id).node_id(view)


def objects_in(set_id: str, view: OrgIndex) -> frozenset[str]:
    """Return the ids of the collected objects in a resource set."""
    found: dict[str, frozenset[str]] = view.once(_objects_by_set)
    if set_id not in found:
        found[set_id] = frozenset(
            each for resource in view.of(Resource, (set_id,)) for each in objects_of(resource, view)
        )
    return found[set_id]


def _objects_by_set(_: OrgIndex) -> dict[str, frozenset[str]]:
    return {}


def objects_of(resource: Resource, view: OrgIndex) -> frozenset[str]:
    """Ids of the collected objects behind one member of a resource set, without what it excludes."""
    if not all(_is_known(target, view) for target in resource.exclusions):
        # The exclusions are unknown, so that no object is known to be included.
        return frozenset()
    excluded = (_resolve(target, view) for target in resource.exclusions)
    return _resolve(resource.target, view).difference(*excluded)


def _is_known(exclusion: ResourceTarget, view: OrgIndex) -> bool:
    """Whether an exclusion is fully resolved, so that the remaining objects are known."""
    if isinstance(exclusion, MembersOf):
        return view.known(GroupMembership, (exclusion.group_id,))
    return not isinstance(exclusion, Unresolvable)


def _resolve(target: ResourceTarget, view: OrgIndex) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    match target:
        case One(Family.REALMS, id_):
            found = view.once(_users_by_realm).get(id_, found)
        case All(Family.REALMS):
            found = found.union(*view.once(_users_by_realm).values())
        case One(family, id_):
            found = _all(family, view) & {id_}
        case All(family):
            found = _all(family, view)
        case OfType(Family.APPS, type_):
            found = frozenset(apps_of_type(type_, view))
        case OfType(Family.POLICIES, type_):
            found = frozenset(policy.id for policy in view.rows(Policy) if policy.type == type_)
        case OneOrType(text):
            found = _all(Family.APPS, view) & {text} or frozenset(apps_of_type(text, view))
        case MembersOf(group_id):
            found = members_of_group(group_id, view) & _all(Family.USERS, view)
    return found


def members_of_group(group_id: str, view: OrgIndex) -> frozenset[str]:
    """Return the ids of the users in a group, as far as they were read."""
    return view.once(_members_by_group).get(group_id, frozenset())


def _members_by_group(view: OrgIndex) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for membership in view.rows(GroupMembership):
        found.setdefault(membership.group_id, set()).add(membership.id)
    return {group: frozenset(members) for group, members in found.items()}


def _users_by_realm(view: OrgIndex) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for user in view.rows(User):
        if user.realm_id:
            found.setdefault(user.realm_id, set()).add(user.id)
    return {realm: frozenset(users) for realm, users in found.items()}


def _all(family: Family, view: OrgIndex) -> frozenset[str]:
    return view.once(_IDS[family]) if family in _IDS else frozenset()


def _ids(classes: tuple[type[Entity], ...], view: OrgIndex) -> frozenset[str]:
    return frozenset(row.id for cls in classes for row in view.rows(cls))


# One function for each family, so that the index can cache its result.
_IDS: dict[Family, Callable[[OrgIndex], frozenset[str]]] = {
    family: partial(_ids, classes) for family, classes in _FAMILIES.items()
}
