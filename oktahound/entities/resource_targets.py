"""Resolve members of resource sets: the objects that a link or an ORN refers to.

An ORN is Okta's resource name, ``orn:{partition}:{service}:{orgId}:{objectType}[:…]``. Links are REST
URLs of Okta's API. Sources: Okta's reference of resource set resources, and recorded responses.
"""

from __future__ import annotations

import enum
import re
from typing import TypeAlias
from urllib.parse import parse_qs, urlsplit

import attrs

__all__ = [
    "All",
    "Family",
    "MembersOf",
    "OfType",
    "One",
    "OneOrType",
    "ResourceTarget",
    "Unresolvable",
    "orn_target",
    "resource_target",
    "url_target",
]


class Family(enum.StrEnum):
    """The kinds of objects that a resource set can contain. The value is their collection in Okta's API."""

    USERS = "users"
    GROUPS = "groups"
    APPS = "apps"
    """Applications and API service integrations."""
    AUTHORIZATION_SERVERS = "authorizationServers"
    DEVICES = "devices"
    IDENTITY_PROVIDERS = "idps"
    POLICIES = "policies"
    REALMS = "realms"


@attrs.frozen
class One:
    """One object."""

    family: Family
    id: str


@attrs.frozen
class All:
    """Every object of a family."""

    family: Family


@attrs.frozen
class OfType:
    """Every application, or policy, of one type (``slack``, ``ACCESS_POLICY``)."""

    family: Family
    type: str


@attrs.frozen
class OneOrType:
    """The application with this id or, if there is none, every application of this type.

    ``orn:okta:idp:{orgId}:apps:{text}`` can mean either: exclusions use both forms.
    """

    text: str


@attrs.frozen
class MembersOf:
    """The current members of a group, but not the group itself."""

    group_id: str


@attrs.frozen
class Unresolvable:
    """A resource without an object in the graph, or of an unknown form."""

    text: str


ResourceTarget: TypeAlias = One | All | OfType | OneOrType | MembersOf | Unresolvable

_ORN_FAMILIES = {
    "users": Family.USERS,
    "groups": Family.GROUPS,
    "apps": Family.APPS,
    "authorization_servers": Family.AUTHORIZATION_SERVERS,
    "devices": Family.DEVICES,
    "identity_provider": Family.IDENTITY_PROVIDERS,
    "policies": Family.POLICIES,
}
_URL_FAMILIES = {family.value: family for family in Family}
_NAME_FILTER = re.compile(r'\s*name\s+eq\s+"([^"]+)"\s*', re.IGNORECASE)


def resource_target(link: str | None, orn: str | None) -> ResourceTarget:
    """Resolve a member by its link, or by its ORN if the link is missing or unresolvable."""
    target = url_target(link) if link else Unresolvable("")
    if isinstance(target, Unresolvable) and orn:
        by_orn = orn_target(orn)
        return by_orn if not link or not isinstance(by_orn, Unresolvable) else target
    return target


def url_target(url: str) -> ResourceTarget:
    """Resolve a REST URL. The host is ignored, because it may be a custom domain.

    >>> url_target("https://contoso.okta.com/api/v1/groups/00g1/users")
    MembersOf(group_id='00g1')
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return Unresolvable(url)
    match parts.path.strip("/").split("/"):
        case ["api", "v1", "groups", group_id, "users"]:
            return MembersOf(group_id)
        case ["api", "v1", name, *rest] if name in _URL_FAMILIES and len(rest) <= 1:
            return _of_collection(_URL_FAMILIES[name], rest, parts.query) or Unresolvable(url)
    return Unresolvable(url)


def _of_collection(family: Family, rest: list[str], query: str) -> ResourceTarget | None:
    if rest:
        # A single policy is never listed: the segment after the collection is a type.
        return OfType(family, rest[0]) if family is Family.POLICIES else One(family, rest[0])
    parameters = parse_qs(query)
    if family is Family.APPS and "filter" in parameters:
        named = _NAME_FILTER.fullmatch(parameters["filter"][0])
        # A filter that does not parse narrows the set in an unknown way, so that the result is not "all".
        return OfType(family, named[1]) if named else None
    if family is Family.POLICIES and "type" in parameters:
        return OfType(family, parameters["type"][0])
    return All(family) if not query else None


def orn_target(orn: str) -> ResourceTarget:
    """Resolve an ORN.

    >>> orn_target("orn:okta:idp:00o1:apps:slack:0oa1")
    One(family=<Family.APPS: 'apps'>, id='0oa1')
    """
    match orn.split(":"):
        case ["orn", _, _, _, "groups", group_id, "contained_resources"] if group_id:
            return MembersOf(group_id)
        case ["orn", _, _, _, "apps", type_, app_id] if type_ and app_id:
            return One(Family.APPS, app_id)
        case ["orn", _, _, _, name, *rest] if name in _ORN_FAMILIES and len(rest) <= 1 and "" not in rest:
            return _of_orn(_ORN_FAMILIES[name], rest)
    return Unresolvable(orn)


def _of_orn(family: Family, rest: list[str]) -> ResourceTarget:
    if not rest:
        return All(family)
    if family is Family.APPS:
        return OneOrType(rest[0])
    return OfType(family, rest[0]) if family is Family.POLICIES else One(family, rest[0])
