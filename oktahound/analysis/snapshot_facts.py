"""The facts of a snapshot that `diff` compares, by topic, with a check that a missing fact is absent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

import attrs
import networkx as nx

from oktahound.analysis.paths import Walk
from oktahound.analysis.ranking import most_severe
from oktahound.analysis.source_graph import graph_of
from oktahound.analysis.tier_zero import TierZeroNode, tier_zero
from oktahound.entities import (
    AdminAssignee,
    ApiServiceIntegration,
    ApiToken,
    Application,
    ClientActivity,
    ClientSecret,
    Entity,
    Group,
    IdentityProvider,
    JsonWebKey,
    RoleAssignment,
    User,
)
from oktahound.entities.role_assignments import privileged_users
from oktahound.graph import ALL_RULES, OrgIndex
from oktahound.graph.barrier import USERS_KNOWN
from oktahound.graph.scope_nodes import OAUTH_SCOPE
from oktahound.scopes import Reach
from oktahound.snapshot import Snapshot

__all__ = ["LOG_TOPICS", "TOPICS", "Fact", "Facts"]

TOPICS = (
    "tier zero",
    "administrator",
    "role",
    "integration",
    "scope",
    "power",
    "service application",
    "token",
    "key",
    "secret",
    "identity provider",
)
"""The topics that `diff` compares as facts, in the order of its result."""

LOG_TOPICS = ("request", "network")
"""Further topics, compared if the System Log was read for both snapshots."""


@attrs.frozen
class Fact:
    """A fact about an object in one snapshot.

    Attributes:
        node: id of the object.
        what: the content: a scope, the name of a role, the id and status of a secret.
        name: name of the object.
        detail: returns a text that explains it.
    """

    node: str
    what: str
    name: str
    detail: Callable[[], str] = str

    @property
    def key(self) -> tuple[str, str]:
        """The key by which facts of two snapshots are compared."""
        return self.node, self.what


class Facts:
    """The facts of one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._index = OrgIndex(snapshot)

    def of(self, topic: str) -> dict[tuple[str, str], Fact]:
        """Return the facts of a topic, by key."""
        return {fact.key: fact for fact in self._facts_by_topic[topic]()}

    def known(self, topic: str, node: str) -> bool:
        """Return whether a missing fact about this object is proven to be false."""
        return self._completeness_by_topic[topic](node)

    @cached_property
    def _facts_by_topic(self) -> Mapping[str, Callable[[], Iterator[Fact]]]:
        return {
            "tier zero": self._tier_zero,
            "administrator": self._administrators,
            "role": self._roles,
            "integration": self._integrations,
            "scope": self._scopes,
            "power": self._powers,
            "service application": self._service_applications,
            "token": self._tokens,
            "key": self._keys,
            "secret": self._secrets,
            "identity provider": self._identity_providers,
            "request": self._requests,
            "network": self._networks,
        }

    @cached_property
    def _completeness_by_topic(self) -> Mapping[str, Callable[[str], bool]]:
        return {
            "tier zero": lambda _: self.paths_known,
            "administrator": lambda _: not USERS_KNOWN.missing(self._index),
            "role": lambda node: self._read_below(RoleAssignment, node, AdminAssignee, Group, Application),
            "integration": lambda _: self._all_read(ApiServiceIntegration),
            "scope": self._integration_known,
            "power": self._integration_known,
            "service application": lambda _: self._all_read(Application, RoleAssignment),
            "token": lambda _: self._all_read(ApiToken, User),
            "key": lambda node: self._read_below(JsonWebKey, node, Application),
            "secret": lambda node: self._read_below(ClientSecret, node, ApiServiceIntegration, Application),
            "identity provider": lambda _: self._all_read(IdentityProvider),
            "request": lambda node: self._logged(node, "scopes_left_out"),
            "network": lambda node: self._logged(node, "networks_left_out"),
        }

    # paths

    @property
    def machines(self) -> list[str]:
        """Ids of the integrations and service applications, whose paths are compared."""
        return [*(fact.node for fact in self._integrations()), *(app.id for app in self._services)]

    def reached(self, node: str) -> frozenset[str]:
        """Return the objects that a machine identity reaches; none if it is not in this snapshot."""
        if node not in self._graph:
            return frozenset()
        nodes = self._walk(node).nodes - {node}
        kinds = self._graph.nodes
        return frozenset(each for each in nodes if kinds[each].get("kind") not in _NOT_OBJECTS)

    def worst_path(self, node: str, ends: frozenset[str]) -> tuple[str, str]:
        """Return the most severe of some reached nodes, and the path to it with explanations."""
        end = most_severe(self._graph, ends)
        path = self._walk(node).path(end)
        return end, " ".join((f"{path}:", *(step.why for step in path.steps)))

    def name(self, node: str) -> str:
        """Return the name of an object."""
        return str(self._graph.nodes[node].get("name", node)) if node in self._graph else node

    def _walk(self, node: str) -> Walk:
        if node not in self._walks:
            self._walks[node] = Walk(self._graph, node, backwards=False)
        return self._walks[node]

    @cached_property
    def _walks(self) -> dict[str, Walk]:
        return {}

    @cached_property
    def _graph(self) -> nx.MultiDiGraph[str]:
        return graph_of(self._index.snapshot, "diff")

    @cached_property
    def paths_known(self) -> bool:
        """Whether every rule of traversable edges had all its data."""
        metadata = self._graph.graph
        return _TRAVERSABLE_RULES.isdisjoint((*metadata["unsure"], *metadata["withheld"]))

    # facts by topic

    @cached_property
    def _services(self) -> list[Application]:
        holders = {row.holder_id for row in self._index.rows(RoleAssignment) if row.counts}
        return [app for app in self._index.rows(Application) if app.is_service or app.id in holders]

    def _rows_of_integrations(self) -> Iterator[tuple[ApiServiceIntegration, str]]:
        for row in self._index.rows(ApiServiceIntegration):
            yield row, row.name or row.id

    def _integrations(self) -> Iterator[Fact]:
        for row, name in self._rows_of_integrations():
            yield Fact(row.id, row.app_type or row.id, name)

    def _scopes(self) -> Iterator[Fact]:
        for row, name in self._rows_of_integrations():
            for scope in row.oauth_scopes or ():
                yield Fact(row.id, scope.text, name)

    def _powers(self) -> Iterator[Fact]:
        for row, name in self._rows_of_integrations():
            for power in Reach(scopes=row.oauth_scopes or ()).powers:
                yield Fact(row.id, power.name, name, power.__str__)

    def _secrets(self) -> Iterator[Fact]:
        for row in self._index.rows(ClientSecret):
            yield Fact(row.owner_id, f"{row.id} {row.status}", self._index.label(row.owner_id))

    def _keys(self) -> Iterator[Fact]:
        for row in self._index.rows(JsonWebKey):
            yield Fact(row.app_id, f"{row.kid or row.id} {row.status}", self._index.label(row.app_id))

    def _service_applications(self) -> Iterator[Fact]:
        for app in self._services:
            yield Fact(app.id, app.token_endpoint_auth_method or "service application", app.label or app.id)

    def _administrators(self) -> Iterator[Fact]:
        for user in sorted(privileged_users(self._index)):
            yield Fact(user, "administrator", self._index.label(user))

    def _roles(self) -> Iterator[Fact]:
        for row in self._index.rows(RoleAssignment):
            if row.counts:
                role = row.label or row.type or row.role_id or row.id
                over = f" over {self._index.label(row.resource_set_id)}" if row.resource_set_id else ""
                yield Fact(row.holder_id, f"{role}{over}", self._index.label(row.holder_id))

    def _tokens(self) -> Iterator[Fact]:
        for row in self._index.rows(ApiToken):
            owner = self._index.label(row.user_id) if row.user_id else "an unread user"
            yield Fact(row.id, f"token of {owner}", row.name or row.id)

    def _identity_providers(self) -> Iterator[Fact]:
        for row in self._index.rows(IdentityProvider):
            name = row.name or row.id
            yield Fact(row.id, f"{row.type} {row.status}", name)
            for word, value in (
                ("account link", row.account_link_action),
                ("provisioning", row.provisioning_action),
                ("groups", ", ".join(sorted(map(self._index.label, row.governed_group_ids)))),
                ("issuer", row.issuer),
            ):
                if value:
                    yield Fact(row.id, f"{word} {value}", name)

    def _requests(self) -> Iterator[Fact]:
        for row in self._index.rows(ClientActivity):
            for each in row.scopes:
                yield Fact(row.client_id, each.scope.text, self._index.label(row.client_id))

    def _networks(self) -> Iterator[Fact]:
        for row in self._index.rows(ClientActivity):
            for each in row.networks:
                yield Fact(row.client_id, each.place, self._index.label(row.client_id))

    def _tier_zero(self) -> Iterator[Fact]:
        for each in tier_zero(self._graph):
            yield Fact(each.node, each.kind, each.name, _reason_of(each))

    # completeness

    @property
    def has_log(self) -> bool:
        """Whether the System Log was read."""
        return ClientActivity.__name__ in self._index.snapshot.asked

    def _logged(self, client: str, left_out: str) -> bool:
        rows = self._index.of(ClientActivity, (client,))
        return self._index.known(ClientActivity, (client,)) and not any(
            getattr(row, left_out) for row in rows
        )

    def _all_read(self, *classes: type[Entity]) -> bool:
        return all(map(self._index.known, classes))

    def _read_below(self, cls: type[Entity], node: str, *owners: type[Entity]) -> bool:
        """Return whether all rows below an object were read, or else all objects, if it is missing."""
        if any(node in self._index.by_id(owner) for owner in owners):
            return self._index.known(cls, (node,))
        return self._all_read(cls, *owners)

    def _integration_known(self, node: str) -> bool:
        row = self._index.by_id(ApiServiceIntegration).get(node)
        return self._all_read(ApiServiceIntegration) if row is None else row.oauth_scopes is not None


def _reason_of(each: TierZeroNode) -> Callable[[], str]:
    return lambda: each.reason


_NOT_OBJECTS = frozenset({OAUTH_SCOPE, "OktaHound_TargetSet"})
"""Kinds that do not count as objects: scopes, which have their own topic, and target sets."""

_TRAVERSABLE_RULES = frozenset(
    rule.name for rule in ALL_RULES if any(kind.traversable for kind in rule.emits)
)
