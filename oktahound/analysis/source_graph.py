"""Get the graph for an analysis function, and list the data that it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import networkx as nx

from oktahound.errors import ConfigurationError
from oktahound.graph import build_graph, compact_graph
from oktahound.graph.compact import has_numpy
from oktahound.graph.optional_parts import part_was_read
from oktahound.snapshot import Snapshot

__all__ = ["graph_of", "integrations_cut_off", "missing_data", "require_scopes"]


def graph_of(
    source: nx.MultiDiGraph[str] | Snapshot, function: str, *, scopes: bool = True, changeable: bool = False
) -> nx.MultiDiGraph[str]:
    """Return the given graph, or build the graph of a snapshot, with target sets to keep it small.

    The graph of a snapshot is a compact one if numpy is installed and it need not be changed.

    Args:
        source: a graph or a snapshot.
        function: name of the function that the caller used.
        scopes: draw OAuth scopes in the graph of a snapshot, and trust boundaries if they were read.
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
            permissions="targets",
        )
    return source


def integrations_cut_off(graph: nx.MultiDiGraph[str], nodes: Iterable[str]) -> Iterator[str]:
    """The API service integrations among these nodes whose scopes the graph was built without."""
    if not graph.graph.get("scopes"):
        for node in nodes:
            about = graph.nodes[node]
            if about.get("kind") == "Okta_ApiServiceIntegration" and about.get("oauthScopes"):
                yield node


def require_scopes(graph: nx.MultiDiGraph[str], nodes: Iterable[str], function: str) -> None:
    """Check that an answer does not depend on scopes that the graph was built without.

    Args:
        graph: the graph.
        nodes: the nodes whose outgoing edges the answer depends on.
        function: name of the function that the caller used.

    Raises:
        ConfigurationError: one of the nodes is an integration that holds scopes, and the graph has none.
    """
    cut_off = min(integrations_cut_off(graph, nodes), default=None)
    if cut_off is not None:
        name = graph.nodes[cut_off].get("name", cut_off)
        raise ConfigurationError(
            f"{function}() depends on the OAuth scopes of {name!r} ({cut_off}), and the graph was built "
            "without scopes. Build it with build_graph(snapshot, scopes=True), or pass the snapshot"
        )


def missing_data(graph: nx.MultiDiGraph[str]) -> tuple[str, ...]:
    """The rules that lacked data, and the scopes if the graph was built without them; empty if complete."""
    about: Mapping[str, Any] = graph.graph
    scopes = () if about.get("scopes") else ("scopes are not in the graph: build it with scopes=True",)
    withheld = (f"{rule} was withheld: {', '.join(of)} not read" for rule, of in _items(about, "withheld"))
    unsure = (f"{rule} is unsure: {', '.join(of)} incomplete" for rule, of in _items(about, "unsure"))
    return (*scopes, *withheld, *unsure)


def _items(about: Mapping[str, Any], key: str) -> list[tuple[str, list[str]]]:
    return sorted(about.get(key, {}).items())
