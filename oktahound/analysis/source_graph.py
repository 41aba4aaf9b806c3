"""Get the graph for an analysis function, and list the data that the graph lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import networkx as nx

from oktahound.errors import ConfigurationError
from oktahound.graph import build_graph, compact_graph
from oktahound.graph.compact import has_numpy
from oktahound.graph.optional_parts import part_was_read
from oktahound.snapshot import Snapshot

__all__ = ["graph_of", "integrations_without_scopes", "missing_data", "require_scopes"]


def graph_of(
    source: nx.MultiDiGraph[str] | Snapshot, function: str, *, scopes: bool = True, changeable: bool = False
) -> nx.MultiDiGraph[str]:
    """Return the given graph, or build the graph of a snapshot, with target sets to keep it small.

    The graph of a snapshot is compact if numpy is installed and the graph need not be changed.

    Args:
        source: a graph or a snapshot.
        function: name of the function that the caller used.
        scopes: add OAuth scopes to the graph of a snapshot, and the optional parts that were collected: trust
            boundaries with ``trust_boundaries=True``, SAML trust with ``signing_keys=True``.
        changeable: build a graph to which edges can be added, and from which they can be removed.

    Raises:
        ConfigurationError: `source` is neither a graph nor a snapshot.
    """
    given: object = source
    if not isinstance(given, nx.MultiDiGraph | Snapshot):
        raise ConfigurationError(
            f"{function}() needs a Snapshot, as oktahound.collect returns it, or a graph of "
            f"oktahound.build_graph, not {type(given).__name__}"
        )
    if isinstance(source, Snapshot):
        build = compact_graph if has_numpy() and not changeable else build_graph
        return build(
            source,
            scopes=scopes,
            trust_boundaries=scopes and part_was_read(source, "trust_boundaries"),
            saml=scopes and part_was_read(source, "saml"),
            permissions="targets",
        )
    return source


def integrations_without_scopes(graph: nx.MultiDiGraph[str], nodes: Iterable[str]) -> Iterator[str]:
    """Yield the API service integrations among these nodes whose scopes are missing in the graph."""
    if not graph.graph.get("scopes"):
        for node in nodes:
            attributes = graph.nodes[node]
            if attributes.get("kind") == "Okta_ApiServiceIntegration" and attributes.get("oauthScopes"):
                yield node


def require_scopes(graph: nx.MultiDiGraph[str], nodes: Iterable[str], function: str) -> None:
    """Check that a result does not depend on scopes if the graph was built without them.

    Args:
        graph: the graph.
        nodes: the nodes on whose outgoing edges the result depends.
        function: name of the function that the caller used.

    Raises:
        ConfigurationError: one of the nodes is an integration that holds scopes, and the graph has none.
    """
    affected = min(integrations_without_scopes(graph, nodes), default=None)
    if affected is not None:
        name = graph.nodes[affected].get("name", affected)
        raise ConfigurationError(
            f"{function}() depends on the OAuth scopes of {name!r} ({affected}), but the graph was built "
            "without scopes. Build it with build_graph(snapshot, scopes=True), or pass the snapshot"
        )


def missing_data(graph: nx.MultiDiGraph[str]) -> tuple[str, ...]:
    """Return texts about rules that lacked data, and about missing scopes; empty if the graph is complete."""
    metadata: Mapping[str, Any] = graph.graph
    scopes = () if metadata.get("scopes") else ("scopes are not in the graph: build it with scopes=True",)
    withheld = (
        f"{rule} was withheld: {', '.join(names)} not read" for rule, names in _items(metadata, "withheld")
    )
    unsure = (
        f"{rule} is unsure: {', '.join(names)} incomplete" for rule, names in _items(metadata, "unsure")
    )
    return (*scopes, *withheld, *unsure)


def _items(metadata: Mapping[str, Any], key: str) -> list[tuple[str, list[str]]]:
    return sorted(metadata.get(key, {}).items())
