"""The scope of a role assignment: the organization, certain objects, nothing, or unknown.

An unread list of targets never means "the organization": a failed request would otherwise give control over
everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias, TypeVar

import attrs

from oktahound.entities import (
    ApiServiceIntegration,
    Application,
    RoleAppTarget,
    RoleAssignment,
    RoleGroupTarget,
    RoleScope,
)
from oktahound.graph.lifecycle import inactive_nodes, role_target_state
from oktahound.graph.org_index import OrgIndex

__all__ = [
    "EVERYTHING",
    "NOTHING",
    "UNKNOWN",
    "Everything",
    "Nothing",
    "Scope",
    "These",
    "Unknown",
    "apps_of_type",
    "scope_of",
]

T = TypeVar("T")


@attrs.frozen
class Everything:
    """The whole organization: Okta returned an empty list of targets."""


@attrs.frozen
class These:
    """Exactly these groups, applications and integrations, by id; some may not have been collected.

    Attributes:
        ids: the ids.
        doubts: the assumption by id, for targets with an unknown status.
    """

    ids: frozenset[str]
    doubts: Mapping[str, str] = attrs.field(factory=dict)

    def by_doubt(self) -> Iterator[tuple[str | None, frozenset[str]]]:
        """Yield each assumption with the ids that depend on it; first None with the other ids."""
        yield None, self.ids.difference(self.doubts)
        for doubt in sorted(set(self.doubts.values())):
            yield doubt, frozenset(each for each, text in self.doubts.items() if text == doubt)


@attrs.frozen
class Nothing:
    """The assignment has targets, but none is effective: each is inactive or a type without instance."""


@attrs.frozen
class Unknown:
    """The targets could not be read, or the role is unknown."""


Scope: TypeAlias = Everything | These | Nothing | Unknown

EVERYTHING, NOTHING, UNKNOWN = Everything(), Nothing(), Unknown()


def scope_of(assignment: RoleAssignment, org: OrgIndex) -> Scope:
    """Return the scope of a built-in role's assignment. See `oktahound.graph.resources` for resource sets."""
    match assignment.scope:
        case RoleScope.ORGANIZATION:
            return EVERYTHING
        case RoleScope.GROUPS if org.known(RoleGroupTarget, assignment.key):
            groups = org.of(RoleGroupTarget, assignment.key)
            # Targets that are groups have no status.
            return _scope_of_targets(groups, lambda target: (target.id,), lambda target: None)
        case RoleScope.APPS if org.known(RoleAppTarget, assignment.key):
            apps = org.of(RoleAppTarget, assignment.key)
            return _scope_of_targets(apps, lambda target: _apps(target, org), _doubt_of)
        case _:
            return UNKNOWN


def _scope_of_targets(
    targets: Sequence[T], ids_of: Callable[[T], Iterable[str]], doubt_of: Callable[[T], str | None]
) -> Scope:
    if not targets:
        return EVERYTHING
    doubts: dict[str, set[str | None]] = {}
    for target in targets:
        doubt = doubt_of(target)
        for each in ids_of(target):
            doubts.setdefault(each, set()).add(doubt)
    if not doubts:
        return NOTHING
    # One target without an assumption is enough.
    doubtful = {each: min(filter(None, found)) for each, found in doubts.items() if None not in found}
    return These(frozenset(doubts), doubtful)


def _apps(target: RoleAppTarget, org: OrgIndex) -> Iterable[str]:
    # An id means one instance, even of a catalogue application. Without an id, the type is meant.
    ids = apps_of_type(target.name, org) if target.instance_id is None else (target.instance_id,)
    if "inactive" not in role_target_state(target.status):
        return ids
    # An inactive target gives no right. Edges to inactive applications are kept, and marked inactive.
    inactive = org.once(inactive_nodes)
    return [each for each in ids if each in inactive]


def _doubt_of(target: RoleAppTarget) -> str | None:
    return role_target_state(target.status).get("assumption")


def apps_of_type(type_: str | None, org: OrgIndex) -> tuple[str, ...]:
    """Return the ids of applications and API service integrations of a type."""
    return org.once(_apps_by_type).get(type_ or "", ())


def _apps_by_type(org: OrgIndex) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    rows: list[Application | ApiServiceIntegration] = [
        *org.rows(Application),
        *org.rows(ApiServiceIntegration),
    ]
    for row in rows:
        if row.app_type:
            found.setdefault(row.app_type, []).append(row.id)
    return {type_: tuple(sorted(ids)) for type_, ids in found.items()}
