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


def resource_set_node(set_id: str, org: OrgIndex) -> str:
    """Return the node id of a resource set. The set need not have been collected."""
    return ResourceSet(id=set_id).node_id(org)


def objects_in(set_id: str, org: OrgIndex) -> frozenset[str]:
    """Return the ids of the collected objects in a resource set."""
    found: dict[str, frozenset[str]] = org.once(_objects_by_set)
    if set_id not in found:
        found[set_id] = frozenset(
            each for resource in org.of(Resource, (set_id,)) for each in objects_of(resource, org)
        )
    return found[set_id]


def _objects_by_set(_: OrgIndex) -> dict[str, frozenset[str]]:
    return {}


def objects_of(resource: Resource, org: OrgIndex) -> frozenset[str]:
    """Return the ids of the collected objects of one member of a resource set, without excluded ones."""
    if not all(_is_known(target, org) for target in resource.exclusions):
        # Some exclusions are unknown, so no object is known to be included.
        return frozenset()
    excluded = (_resolve(target, org) for target in resource.exclusions)
    return _resolve(resource.target, org).difference(*excluded)


def _is_known(exclusion: ResourceTarget, org: OrgIndex) -> bool:
    """Whether an exclusion is fully resolved, so that the remaining objects are known."""
    if isinstance(exclusion, MembersOf):
        return org.known(GroupMembership, (exclusion.group_id,))
    return not isinstance(exclusion, Unresolvable)


def _resolve(target: ResourceTarget, org: OrgIndex) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    match target:
        case One(Family.REALMS, id_):
            found = org.once(_users_by_realm).get(id_, found)
        case All(Family.REALMS):
            found = found.union(*org.once(_users_by_realm).values())
        case One(family, id_):
            found = _all(family, org) & {id_}
        case All(family):
            found = _all(family, org)
        case OfType(Family.APPS, type_):
            found = frozenset(apps_of_type(type_, org))
        case OfType(Family.POLICIES, type_):
            found = frozenset(policy.id for policy in org.rows(Policy) if policy.type == type_)
        case OneOrType(text):
            found = _all(Family.APPS, org) & {text} or frozenset(apps_of_type(text, org))
        case MembersOf(group_id):
            found = members_of_group(group_id, org) & _all(Family.USERS, org)
    return found


def members_of_group(group_id: str, org: OrgIndex) -> frozenset[str]:
    """Return the ids of the users in a group, as far as they were read."""
    return org.once(_members_by_group).get(group_id, frozenset())


def _members_by_group(org: OrgIndex) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for membership in org.rows(GroupMembership):
        found.setdefault(membership.group_id, set()).add(membership.id)
    return {group: frozenset(members) for group, members in found.items()}


def _users_by_realm(org: OrgIndex) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for user in org.rows(User):
        if user.realm_id:
            found.setdefault(user.realm_id, set()).add(user.id)
    return {realm: frozenset(users) for realm, users in found.items()}


def _all(family: Family, org: OrgIndex) -> frozenset[str]:
    return org.once(_IDS[family]) if family in _IDS else frozenset()


def _ids(classes: tuple[type[Entity], ...], org: OrgIndex) -> frozenset[str]:
    return frozenset(row.id for cls in classes for row in org.rows(cls))


# One function for each family, so that the index can cache its result.
_IDS: dict[Family, Callable[[OrgIndex], frozenset[str]]] = {
    family: partial(_ids, classes) for family, classes in _FAMILIES.items()
}
