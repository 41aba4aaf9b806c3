"""Read API service integrations and their secrets from a graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import attrs
import networkx as nx

from oktahound.scopes import Reach

__all__ = ["Integration", "Secret", "integration_of", "same_type"]


@attrs.frozen(kw_only=True)
class Secret:
    """A client secret.

    Attributes:
        node: key of its node.
        name: its display name: the last characters of its id.
        active: whether it can be used to authenticate.
        created: the time at which it was created; None if it was not read.
    """

    node: str
    name: str
    active: bool
    created: datetime | None


@attrs.frozen(kw_only=True, slots=False)
class Integration:
    """An API service integration.

    Attributes:
        node: key of its node.
        name: its name.
        app_type: its type in Okta's catalogue.
        scopes: its scopes; None if they were not read.
        secrets: those of its secrets that were read.
        creator: key of the user who added it; None if Okta does not return it.
    """

    node: str
    name: str
    app_type: str | None
    scopes: tuple[str, ...] | None
    secrets: tuple[Secret, ...]
    creator: str | None

    @cached_property
    def reach(self) -> Reach:
        """The reach of its scopes; empty if the scopes were not read."""
        return Reach(scopes=self.scopes or ())

    @property
    def active_secrets(self) -> tuple[Secret, ...]:
        """The secrets that can be used to authenticate."""
        return tuple(secret for secret in self.secrets if secret.active)


def integration_of(graph: nx.MultiDiGraph[str], node: str) -> Integration:
    """Return the integration of a node."""
    attributes = graph.nodes[node]
    scopes = attributes.get("oauthScopes")
    edges = sorted(graph.in_edges(node, keys=True, data=True), key=lambda edge: edge[0])
    return Integration(
        node=node,
        name=str(attributes.get("name", node)),
        app_type=attributes.get("appType"),
        scopes=None if scopes is None else tuple(scopes),
        secrets=tuple(
            _secret(graph, start, properties)
            for start, _, kind, properties in edges
            if kind == "Okta_SecretOf"
        ),
        creator=attributes.get("createdBy") or None,
    )


def same_type(integrations: Sequence[Integration]) -> Mapping[str, tuple[Integration, ...]]:
    """Return the integrations by type, for types with several integrations."""
    found: dict[str, list[Integration]] = {}
    for each in integrations:
        if each.app_type is not None:
            found.setdefault(each.app_type, []).append(each)
    return {type_: tuple(found[type_]) for type_ in sorted(found) if len(found[type_]) > 1}


def _secret(graph: nx.MultiDiGraph[str], node: str, edge_properties: Mapping[str, Any]) -> Secret:
    attributes = graph.nodes[node]
    created = attributes.get("created")
    return Secret(
        node=node,
        name=str(attributes.get("name", node)),
        active=edge_properties.get("active", True),
        created=None if created is None else datetime.fromisoformat(created),
    )
