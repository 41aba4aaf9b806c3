"""The data that finding classes use: a graph, its snapshot, the gaps and the thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

import attrs
import networkx as nx

from oktahound.analysis.findings.integration_rows import Integration, integration_of, same_type
from oktahound.analysis.findings.losses import Loss, losses_of
from oktahound.analysis.paths import Path, Walk
from oktahound.entities import Entity, GroupMembership, RoleAssignment
from oktahound.entities.role_assignments import privileged_groups, privileged_users
from oktahound.entities.sources import Key
from oktahound.graph import ALL_RULES, OrgIndex
from oktahound.graph.lifecycle import role_state, uncertain_nodes
from oktahound.scopes import PublishedScopes

__all__ = ["Inspection", "Limits"]

E = TypeVar("E", bound=Entity)


@attrs.frozen(kw_only=True)
class Limits:
    """The thresholds of findings. Ages are in days, relative to the time at which the org was read.

    Attributes:
        secret_days: age of an active client secret.
        key_days: age of an active public key.
        token_days: age of an API token.
        idle_days: time since an administrator's last sign-in.
        password_days: age of an administrator's password.
        device_users: users of one device.
        expiry_days: days before the expiry of a signing key.
    """

    secret_days: int = 180
    key_days: int = 365
    token_days: int = 365
    idle_days: int = 90
    password_days: int = 365
    device_users: int = 3
    expiry_days: int = 60


@attrs.frozen(kw_only=True, slots=False)
class Inspection:
    """A graph and its snapshot, with the indexes that finding classes share.

    Attributes:
        graph: the graph.
        index: the snapshot with its indexes; None if only a graph was given.
        limits: the thresholds.
        vendor_lists: published scopes of vendors, in addition to those in the package.
    """

    graph: nx.MultiDiGraph[str]
    index: OrgIndex | None = None
    limits: Limits = attrs.field(factory=Limits)
    vendor_lists: tuple[PublishedScopes, ...] = ()

    @property
    def now(self) -> datetime:
        """The time at which the org was read."""
        return datetime.fromisoformat(self.graph.graph["collectedAt"])

    @property
    def organization(self) -> str:
        """Key of the organization's node."""
        return str(self.graph.graph["organization"])

    @property
    def has_scopes(self) -> bool:
        """Whether the graph was built with scopes, so that integrations have outgoing edges."""
        return bool(self.graph.graph.get("scopes"))

    # nodes

    def attributes(self, node: str) -> Mapping[str, Any]:
        """Return the attributes of a node; empty for a node that the graph lacks."""
        found: Mapping[str, Any] = self.graph.nodes.get(node, {})
        return found

    def name(self, node: str) -> str:
        """Return the name of a node; its key if it has none."""
        return str(self.attributes(node).get("name", node))

    def kind(self, node: str) -> str:
        """Return the kind of a node; empty for a node that the graph lacks."""
        return str(self.attributes(node).get("kind", ""))

    def nodes_of(self, kind: str) -> Sequence[str]:
        """Return the collected nodes of a kind, sorted by key."""
        return self._nodes_by_kind.get(kind, ())

    @cached_property
    def _nodes_by_kind(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for node, attributes in self.graph.nodes(data=True):
            if attributes.get("collected", True):
                found.setdefault(str(attributes.get("kind", "")), []).append(node)
        return {kind: sorted(nodes) for kind, nodes in found.items()}

    def days_since(self, moment: datetime | None) -> int | None:
        """Return the whole days from a time to the time at which the org was read; None if it is unknown."""
        return None if moment is None else (self.now - moment).days

    # API service integrations

    @cached_property
    def integrations(self) -> tuple[Integration, ...]:
        """The collected API service integrations, sorted by key."""
        return tuple(integration_of(self.graph, node) for node in self.nodes_of("Okta_ApiServiceIntegration"))

    @cached_property
    def integrations_by_type(self) -> Mapping[str, tuple[Integration, ...]]:
        """The integrations by type, for types with several integrations."""
        return same_type(self.integrations)

    def why_inactive(self, user: str) -> str | None:
        """Return the reason why a user is no longer active: suspended, deactivated or deleted; else None."""
        attributes = self.attributes(user) or {"collected": False}
        if attributes.get("status") in ("DEPROVISIONED", "SUSPENDED"):
            return f"{attributes.get('name', user)} is {attributes['status']}"
        if not attributes.get("collected", True) and self.all_users_read:
            return f"{user} is not in the list of users: deactivated or deleted"
        return None

    # rows of the snapshot

    @property
    def rows_index(self) -> OrgIndex:
        """The snapshot with its indexes.

        Raises:
            ValueError: only a graph was given. Classes that read rows do not run then.
        """
        if self.index is None:
            raise ValueError("this finding needs the rows of a snapshot, but findings() received a graph")
        return self.index

    def rows(self, cls: type[E]) -> Sequence[E]:
        """Return all rows of an entity, sorted by key."""
        return sorted(self.rows_index.rows(cls), key=lambda row: row.key)

    def of(self, cls: type[E], *owner: str) -> Sequence[E]:
        """Return the rows of an entity that belong to an object."""
        return self.rows_index.of(cls, owner)

    def known(self, cls: type[Entity], *owner: str) -> bool:
        """Whether all rows of an entity that belong to an object were read; without owner: all rows."""
        key: Key | None = owner or None
        return self.rows_index.known(cls, key)

    def by_id(self, cls: type[E]) -> Mapping[str, E]:
        """Return the rows of an entity by id."""
        return self.rows_index.by_id(cls)

    def unread(self, row: Entity) -> bool:
        """Return whether a field of a row was not read. None in this row may then mean "unknown"."""
        return (type(row).__name__, row.id) in self._unread_records

    @cached_property
    def _unread_records(self) -> frozenset[tuple[str, str]]:
        gaps = self.rows_index.snapshot.gaps
        return frozenset((gap.entity, gap.record) for gap in gaps if gap.record is not None)

    @cached_property
    def status_assumptions(self) -> Mapping[str, str]:
        """Key and assumption of each node with an unknown status; empty without a snapshot."""
        return {} if self.index is None else self.index.once(uncertain_nodes)

    # roles

    @cached_property
    def administrators(self) -> Sequence[str]:
        """Ids of the users who hold or inherit a role, according to the roles that were read."""
        return sorted(privileged_users(self.rows_index))

    @cached_property
    def privileged_groups(self) -> Sequence[str]:
        """Ids of the groups that hold a role."""
        return sorted(privileged_groups(self.rows_index))

    @cached_property
    def super_administrators(self) -> frozenset[str]:
        """Keys of the nodes that hold the super administrator role, directly or through a group."""
        graph = self.graph
        holders = {
            start
            for start, _, kind, attributes in graph.in_edges(self.organization, keys=True, data=True)
            if kind == "Okta_SuperAdmin" and attributes.get("active", True)
        }
        members = {
            start
            for holder in holders
            for start, _, kind in graph.in_edges(holder, keys=True)
            if kind == "Okta_MemberOf"
        }
        return frozenset(holders | members)

    def groups_of(self, user: str) -> Sequence[str]:
        """Return the ids of the user's groups, according to the memberships that were read."""
        return self._groups_of.get(user, ())

    @cached_property
    def _groups_of(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for row in self.rows_index.rows(GroupMembership):
            found.setdefault(row.id, []).append(row.group_id)
        return found

    def roles(self, holder: str) -> Sequence[RoleAssignment]:
        """Return the active role assignments of a user, group or application, without inherited ones."""
        return [row for row in self.of(RoleAssignment, holder) if row.counts]

    def role_assumptions(self, holder: str) -> Sequence[str]:
        """Return the assumptions of a finding that depends on a role of the holder.

        There are none if any role of the holder or of the holder's groups has a known status, or without a
        snapshot.
        """
        if self.index is None:
            return ()
        rows = [row for node in (holder, *self.groups_of(holder)) for row in self.roles(node)]
        doubts = [role_state(row.status).get("assumption") for row in rows]
        return () if None in doubts else sorted(set(filter(None, doubts)))

    def role_names(self, holder: str) -> str:
        """Return the labels of the roles of a user, group or application, as one text."""
        labels = {row.label or row.type or row.role_id or row.id for row in self.roles(holder)}
        return ", ".join(sorted(labels))

    # paths

    @cached_property
    def paths_to_organization(self) -> Walk:
        """Every node that can reach the organization, with its shortest path."""
        return Walk(self.graph, self.organization, backwards=True)

    def steps(self, path: Path) -> tuple[str, ...]:
        """Return the steps of a path, each as text."""
        return tuple(f"{self.name(step.start)} -[{step.kind}]-> {self.name(step.end)}" for step in path.steps)

    # gaps

    @cached_property
    def path_gaps(self) -> Sequence[str]:
        """Rules of traversable edges that lacked data, so that paths may be missing."""
        metadata = self.graph.graph
        traversable = {each.name for each in ALL_RULES if any(kind.traversable for kind in each.emits)}
        return [
            f"paths may be missing: {', '.join(missing)} not read ({word} rule {name})"
            for word in ("withheld", "unsure")
            for name, missing in sorted(metadata[word].items())
            if name in traversable
        ]

    @cached_property
    def losses(self) -> Mapping[str, Sequence[Loss]]:
        """The rows and fields that were not read, with the reasons, by entity name."""
        return losses_of(self.graph)

    @property
    def all_users_read(self) -> bool:
        """Whether all users were read, so that a user who is missing is deactivated or deleted."""
        return not any(loss.loses_rows for loss in self.losses.get("User", ()))
