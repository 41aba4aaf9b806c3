"""The facts of a snapshot that `diff` compares, by topic, and whether an absent fact is known to be false."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

import attrs
import networkx as nx

from oktahound.analysis.paths import Walk
from oktahound.analysis.ranking import gravest
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
"""The topics that `diff` compares as facts, in the order of its answer."""

LOG_TOPICS = ("request", "network")
"""Further topics, compared if the System Log was read for both snapshots."""


@attrs.frozen
class Fact:
    """A fact about an object in one snapshot.

    Attributes:
        node: id of the object.
        what: what is true: a scope, the name of a role, the id and status of a secret.
        name: name of the object.
        detail: makes the text that explains it.
    """

    node: str
    what: str
    name: str
    detail: Callable[[], str] = str

    @property
    def key(self) -> tuple[str, str]:
        """The identity of a fact in two snapshots."""
        return self.node, self.what


class Facts:
    """The facts of one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._view = OrgIndex(snapshot)

    def of(self, topic: str) -> dict[tuple[str, str], Fact]:
        """The facts of a topic, by key."""
        return {fact.key: fact for fact in self._makers[topic]()}

    def known(self, topic: str, node: str) -> bool:
        """Whether a fact about this object that is not here is known to be false."""
        return self._knowers[topic](node)

    @cached_property
    def _makers(self) -> Mapping[str, Callable[[], Iterator[Fact]]]:
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
    def _knowers(self) -> Mapping[str, Callable[[str], bool]]:
        return {
            "tier zero": lambda _: self.paths_known,
            "administrator": lambda _: not USERS_KNOWN.missing(self._view),
            "role": lambda node: self._below(RoleAssignment, node, AdminAssignee, Group, Application),
            "integration": lambda _: self._whole(ApiServiceIntegration),
            "scope": self._integration_known,
            "power": self._integration_known,
            "service application": lambda _: self._whole(Application, RoleAssignment),
            "token": lambda _: self._whole(ApiToken, User),
            "key": lambda node: self._below(JsonWebKey, node, Application),
            "secret": lambda node: self._below(ClientSecret, node, ApiServiceIntegration, Application),
            "identity provider": lambda _: self._whole(IdentityProvider),
            "request": lambda node: self._logged(node, "scopes_left_out"),
            "network": lambda node: self._logged(node, "networks_left_out"),
        }

    # paths

    @property
    def machines(self) -> list[str]:
        """Ids of the integrations and service applications, whose paths are compared."""
        return [*(fact.node for fact in self._integrations()), *(app.id for app in self._services)]

    def reached(self, node: str) -> frozenset[str]:
        """The objects that a machine identity reaches; none if it is not in this snapshot."""
        if node not in self._graph:
            return frozenset()
        nodes = self._walk(node).nodes - {node}
        kinds = self._graph.nodes
        return frozenset(each for each in nodes if kinds[each].get("kind") not in _NO_OBJECTS)

    def worst_path(self, node: str, ends: frozenset[str]) -> tuple[str, str]:
        """The gravest of some nodes that a machine identity reaches, and the path to it, explained."""
        end = gravest(self._graph, ends)
        path = self._walk(node).path(end)
        return end, " ".join((f"{path}:", *(step.why for step in path.steps)))

    def name(self, node: str) -> str:
        """The name of an object."""
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
        return graph_of(self._view.snapshot, "diff")

    @cached_property
    def paths_known(self) -> bool:
        """Whether every rule of traversable edges had all its data."""
        about = self._graph.graph
        return _TRAVERSABLE_RULES.isdisjoint((*about["unsure"], *about["withheld"]))

    # facts by topic

    @cached_property
    def _services(self) -> list[Application]:
        holders = {row.holder_id for row in self._view.rows(RoleAssignment) if row.counts}
        return [app for app in self._view.rows(Application) if app.is_service or app.id in holders]

    def _rows_of_integrations(self) -> Iterator[tuple[ApiServiceIntegration, str]]:
        for row in self._view.rows(ApiServiceIntegration):
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
        for row in self._view.rows(ClientSecret):
            yield Fact(row.owner_id, f"{row.id} {row.status}", self._view.label(row.owner_id))

    def _keys(self) -> Iterator[Fact]:
        for row in self._view.rows(JsonWebKey):
            yield Fact(row.app_id, f"{row.kid or row.id} {row.status}", self._view.label(row.app_id))

    def _service_applications(self) -> Iterator[Fact]:
        for app in self._services:
            yield Fact(app.id, app.token_endpoint_auth_method or "service application", app.label or app.id)

    def _administrators(self) -> Iterator[Fact]:
        for user in sorted(privileged_users(self._view)):
            yield Fact(user, "administrator", self._view.label(user))

    def _roles(self) -> Iterator[Fact]:
        for row in self._view.rows(RoleAssignment):
            if row.counts:
                role = row.label or row.type or row.role_id or row.id
                over = f" over {self._view.label(row.resource_set_id)}" if row.resource_set_id else ""
                yield Fact(row.holder_id, f"{role}{over}", self._view.label(row.holder_id))

    def _tokens(self) -> Iterator[Fact]:
        for row in self._view.rows(ApiToken):
            owner = self._view.label(row.user_id) if row.user_id else "an unread user"
            yield Fact(row.id, f"token of {owner}", row.name or row.id)

    def _identity_providers(self) -> Iterator[Fact]:
        for row in self._view.rows(IdentityProvider):
            name = row.name or row.id
            yield Fact(row.id, f"{row.type} {row.status}", name)
            for word, value in (
                ("account link", row.account_link_action),
                ("provisioning", row.provisioning_action),
                ("groups", ", ".join(sorted(map(self._view.label, row.governed_group_ids)))),
                ("issuer", row.issuer),
            ):
                if value:
                    yield Fact(row.id, f"{word} {value}", name)

    def _requests(self) -> Iterator[Fact]:
        for row in self._view.rows(ClientActivity):
            for each in row.scopes:
                yield Fact(row.client_id, each.scope.text, self._view.label(row.client_id))

    def _networks(self) -> Iterator[Fact]:
        for row in self._view.rows(ClientActivity):
            for each in row.networks:
                yield Fact(row.client_id, each.place, self._view.label(row.client_id))

    def _tier_zero(self) -> Iterator[Fact]:
        for each in tier_zero(self._graph):
            yield Fact(each.node, each.kind, each.name, _reason_of(each))

    # knowledge

    @property
    def has_log(self) -> bool:
        """Whether the System Log was read."""
        return ClientActivity.__name__ in self._view.snapshot.asked

    def _logged(self, client: str, left_out: str) -> bool:
        rows = self._view.of(ClientActivity, (client,))
        return self._view.known(ClientActivity, (client,)) and not any(getattr(row, left_out) for row in rows)

    def _whole(self, *classes: type[Entity]) -> bool:
        return all(map(self._view.known, classes))

    def _below(self, cls: type[Entity], node: str, *owners: type[Entity]) -> bool:
        """Whether the rows below an object were read; of one that is not here, whether it would be."""
        if any(node in self._view.by_id(owner) for owner in owners):
            return self._view.known(cls, (node,))
        return self._whole(cls, *owners)

    def _integration_known(self, node: str) -> bool:
        row = self._view.by_id(ApiServiceIntegration).get(node)
        return self._whole(ApiServiceIntegration) if row is None else row.oauth_scopes is not None


def _reason_of(each: TierZeroNode) -> Callable[[], str]:
    return lambda: each.reason


_NO_OBJECTS = frozenset({OAUTH_SCOPE, "OktaHound_TargetSet"})
"""Scopes have a topic of their own, and sets of targets are no objects."""

_TRAVERSABLE_RULES = frozenset(
    rule.name for rule in ALL_RULES if any(kind.traversable for kind in rule.emits)
)
