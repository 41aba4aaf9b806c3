"""What findings look at: the integrations of a graph, their secrets and creators, and the way to the top."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

import attrs
import networkx as nx

from oktahound.analysis.paths import Walk
from oktahound.scopes import Reach

__all__ = ["Inspection", "Integration", "Secret"]


@attrs.frozen(kw_only=True)
class Secret:
    """A secret of an integration, by the last characters of its id.

    Attributes:
        name: what people may be shown of it.
        active: whether it opens anything.
        created: when it was made; None when that was not read.
    """

    name: str
    active: bool
    created: datetime | None


@attrs.frozen(kw_only=True, slots=False)
class Integration:
    """An API service integration as the graph shows it.

    Attributes:
        node: its key.
        name: its name.
        app_type: its type in Okta's catalogue.
        scopes: its scopes; None when they were not read.
        secrets: its secrets, as far as they were read.
        creator: key of the user who added it; None when Okta does not say.
    """

    node: str
    name: str
    app_type: str | None
    scopes: tuple[str, ...] | None
    secrets: tuple[Secret, ...]
    creator: str | None

    @cached_property
    def reach(self) -> Reach:
        """What its scopes permit; of scopes that were not read, nothing."""
        return Reach(scopes=self.scopes or ())

    @property
    def active_secrets(self) -> tuple[Secret, ...]:
        """The secrets that open it."""
        return tuple(secret for secret in self.secrets if secret.active)


@attrs.frozen(kw_only=True, slots=False)
class Inspection:
    """A graph, with what findings ask it.

    Attributes:
        graph: the graph.
        secret_days: how many days old a secret may get.
    """

    graph: nx.MultiDiGraph[str]
    secret_days: int

    @cached_property
    def integrations(self) -> tuple[Integration, ...]:
        """Those that were collected, by key."""
        return tuple(
            self._integration(node)
            for node in sorted(self.graph)
            if (about := self.about(node)).get("kind") == "Okta_ApiServiceIntegration"
            and about.get("collected", True)
        )

    @cached_property
    def by_type(self) -> Mapping[str, tuple[Integration, ...]]:
        """The integrations of each type of which there are several."""
        found: dict[str, list[Integration]] = {}
        for each in self.integrations:
            if each.app_type is not None:
                found.setdefault(each.app_type, []).append(each)
        return {type_: tuple(found[type_]) for type_ in sorted(found) if len(found[type_]) > 1}

    @property
    def now(self) -> datetime:
        """When the org was read."""
        return datetime.fromisoformat(self.graph.graph["collectedAt"])

    @property
    def knows_users(self) -> bool:
        """Whether a user who is not in the graph is known to be none of the org's active ones."""
        about = self.graph.graph
        lost = {gap["entity"] for gap in about["gaps"] if gap["reason"] not in ("field", "conflict")}
        return "User" not in about["notAsked"] and "User" not in lost

    @property
    def shows_scopes(self) -> bool:
        """Whether the graph was built with scopes, so that integrations have a way out."""
        return bool(self.graph.graph.get("scopes"))

    @cached_property
    def to_the_top(self) -> Walk:
        """Everything from which the organization can be walked to."""
        return Walk(self.graph, self.graph.graph["organization"], backwards=True)

    def about(self, node: str) -> Mapping[str, Any]:
        """The attributes of a node."""
        attributes: Mapping[str, Any] = self.graph.nodes[node]
        return attributes

    def name(self, node: str) -> str:
        """What people call a node."""
        return str(self.about(node).get("name", node))

    def _integration(self, node: str) -> Integration:
        about = self.about(node)
        scopes = about.get("oauthScopes")
        edges = sorted(self.graph.in_edges(node, keys=True, data=True), key=lambda edge: edge[0])
        return Integration(
            node=node,
            name=self.name(node),
            app_type=about.get("appType"),
            scopes=None if scopes is None else tuple(scopes),
            secrets=tuple(
                self._secret(start, marks) for start, _, kind, marks in edges if kind == "Okta_SecretOf"
            ),
            creator=about.get("createdBy") or None,
        )

    def _secret(self, node: str, marks: Mapping[str, Any]) -> Secret:
        about = self.about(node)
        created = about.get("created")
        return Secret(
            name=self.name(node),
            active=marks.get("active", True),
            created=None if created is None else datetime.fromisoformat(created),
        )
