"""What changed about API service integrations between two snapshots of an org."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any

import attrs
import networkx as nx

from oktahound.analysis.paths import Walk
from oktahound.analysis.source_graph import graph_of
from oktahound.analysis.tables import cell, frame, table
from oktahound.entities import ApiServiceIntegration, ClientSecret
from oktahound.errors import ConfigurationError
from oktahound.graph import RULES, SCOPE_RULES, OrgIndex
from oktahound.graph.scope_nodes import OAUTH_SCOPE
from oktahound.scopes import Reach
from oktahound.snapshot import Snapshot
from oktahound.snapshot.display import printable, spelled_out

__all__ = ["Change", "Difference", "diff"]

TOPICS = ("integration", "scope", "power", "secret", "path")


@attrs.frozen(kw_only=True)
class Change:
    """One thing about one integration.

    Attributes:
        topic: ``integration``, ``scope``, ``power``, ``secret`` or ``path``.
        integration: id of the integration.
        what: the scope, the name of the power, id and status of the secret, the key of the node that a path
            leads to; the type of an integration.
        name: name of the integration.
        detail: what there is to say of it: the sentence of a power, the path itself.
    """

    topic: str
    integration: str
    what: str
    name: str
    detail: str = ""

    def __str__(self) -> str:
        return spelled_out(f"{self.topic} {self.what} of {self.name}")


@attrs.frozen(kw_only=True, repr=False)
class Difference:
    """What came, what went, and what nobody can tell because it was not read.

    Attributes:
        came: what the newer snapshot has and the older one had not.
        went: what the older snapshot had and the newer one has not.
        unknown: what only one of them has, while the other was not read far enough to say that it lacks it.
    """

    came: tuple[Change, ...] = ()
    went: tuple[Change, ...] = ()
    unknown: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.came or self.went or self.unknown)

    def to_dataframe(self) -> Any:
        """A pandas DataFrame, one row for each change.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        names = ("change", "topic", "integration", "name", "what", "detail")
        return frame(
            names, ([how, *(getattr(each, name) for name in names[1:])] for how, each in self._all())
        )

    def _all(self) -> Iterator[tuple[str, Change]]:
        for how in ("came", "went", "unknown"):
            for each in getattr(self, how):
                yield how, each

    def __repr__(self) -> str:
        counts = f"{len(self.came)} came, {len(self.went)} went, {len(self.unknown)} unknown"
        lines = [f"  {how} {printable(str(each))}" for how, each in self._all() if each.topic != "path"]
        return "\n".join([f"<Difference: {counts}", *lines]) + ">"

    def _repr_html_(self) -> str:
        rows = (
            tuple(map(cell, (how, each.topic, each.name, each.what, each.detail)))
            for how, each in self._all()
        )
        caption = f"{len(self.came)} came, {len(self.went)} went, {len(self.unknown)} cannot be told"
        return table(caption, ("", "topic", "integration", "what", "detail"), rows)


def diff(old: Snapshot, new: Snapshot) -> Difference:
    """What changed about API service integrations from one snapshot of an org to another.

    Something that one of them lacks went, or came, only if that one was read far enough to have it. Where
    it was not, a request that failed would pass for a removal: such things are `unknown`. A path is judged
    by all rules that draw what can be walked.

    Raises:
        ConfigurationError: the snapshots are of different organizations.
    """
    for snapshot in (old, new):
        if not isinstance(snapshot, Snapshot):
            raise ConfigurationError(f"diff() needs two Snapshots, not {type(snapshot).__name__}")
    if old.organization.id != new.organization.id:
        raise ConfigurationError(
            f"snapshots of two organizations: {old.organization.id} and {new.organization.id}"
        )
    before, after = _Side(old), _Side(new)
    came: list[Change] = []
    went: list[Change] = []
    unknown: list[Change] = []
    for topic in TOPICS:
        had, has = before.facts(topic), after.facts(topic)
        for integration, what in sorted(had.keys() - has.keys()):
            change = before.change(topic, integration, what, had)
            (went if after.knows(topic, integration) else unknown).append(change)
        for integration, what in sorted(has.keys() - had.keys()):
            change = after.change(topic, integration, what, has)
            (came if before.knows(topic, integration) else unknown).append(change)
    return Difference(came=tuple(came), went=tuple(went), unknown=tuple(unknown))


Facts = Mapping[tuple[str, str], Callable[[], str]]
"""Integration and what about it, with what there is to say of it."""


class _Side:
    """One of the two snapshots."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.view = OrgIndex(snapshot)
        self.integrations = self.view.by_id(ApiServiceIntegration)

    def facts(self, topic: str) -> Facts:
        found: Facts = getattr(self, f"_{topic}s")()
        return found

    def change(self, topic: str, integration: str, what: str, facts: Facts) -> Change:
        name = self.integrations[integration].name or integration
        return Change(
            topic=topic, integration=integration, what=what, name=name, detail=facts[integration, what]()
        )

    def knows(self, topic: str, integration: str) -> bool:
        """Whether what is not here is known not to exist."""
        if topic == "path":
            return self._paths_known
        row = self.integrations.get(integration)
        if row is None or topic == "integration":
            return self.view.known(ApiServiceIntegration)
        return self.view.known(ClientSecret, row.key) if topic == "secret" else row.oauth_scopes is not None

    def _integrations(self) -> Facts:
        return {(each.id, each.app_type or each.id): str for each in self.integrations.values()}

    def _scopes(self) -> Facts:
        return {
            (each.id, scope.text): str
            for each in self.integrations.values()
            for scope in each.oauth_scopes or ()
        }

    def _powers(self) -> Facts:
        return {
            (each.id, power.name): power.__str__
            for each in self.integrations.values()
            for power in Reach(scopes=each.oauth_scopes or ()).powers
        }

    def _secrets(self) -> Facts:
        return {
            (each.owner_id, f"{each.id} {each.status}"): str
            for each in self.view.rows(ClientSecret)
            if each.owner_id in self.integrations
        }

    def _paths(self) -> Facts:
        return {
            (integration, node): partial(_text, walk, node)
            for integration, walk in self._walks.items()
            for node in walk.nodes - {integration}
            if self._graph.nodes[node].get("kind") not in _NOT_TARGETS
        }

    @cached_property
    def _graph(self) -> nx.MultiDiGraph[str]:
        return graph_of(self.view.snapshot, "diff")

    @cached_property
    def _walks(self) -> dict[str, Walk]:
        return {each: Walk(self._graph, each, backwards=False) for each in self.integrations}

    @cached_property
    def _paths_known(self) -> bool:
        about = self._graph.graph
        return _WALKED.isdisjoint((*about["unsure"], *about["withheld"]))


def _text(walk: Walk, node: str) -> str:
    return str(walk.path(node))


# Scopes have a topic of their own, and sets of targets are no objects.
_NOT_TARGETS = frozenset({OAUTH_SCOPE, "OktaHound_TargetSet"})

_WALKED = frozenset(
    rule.name for rule in (*RULES, *SCOPE_RULES) if any(kind.traversable for kind in rule.emits)
)
"""Rules whose edges can be walked."""
