"""An interactive view of a graph for notebooks (needs ``oktahound[notebook]``)."""

from __future__ import annotations

import importlib
from typing import Any

import networkx as nx

from oktahound.errors import ConfigurationError
from oktahound.graph import EDGE_KINDS, attack_view
from oktahound.plot.style import kind_text, node_style
from oktahound.snapshot.display import printable

__all__ = ["interactive"]

_MOST_NODES, _MOST_EDGES = 5_000, 20_000


def interactive(graph: nx.MultiDiGraph[str], *, attack: bool = True, height: int = 600) -> Any:
    """Show a graph as an interactive widget, which works without a network.

    Args:
        graph: a graph, best a part of one: ``answer.subgraph`` of a question, or
            ``graph.subgraph(radius.nodes)``.
        attack: show the attack view; False for all edges.
        height: of the widget, in pixels.

    Returns:
        An `ipysigma.Sigma` widget. Node colours are kinds; its legend switches kinds, its search finds names,
        and hovering over an edge shows what it means.

    Raises:
        ConfigurationError: ipysigma is not installed; or the graph has more than 5,000 nodes or 20,000 edges,
            which a browser does not draw.
    """
    try:
        sigma = importlib.import_module("ipysigma")
    except ImportError as error:
        raise ConfigurationError(
            "the interactive view needs ipysigma: pip install 'oktahound[notebook]'"
        ) from error
    drawn = _plain(attack_view(graph) if attack else graph)
    if drawn.number_of_nodes() > _MOST_NODES or drawn.number_of_edges() > _MOST_EDGES:
        raise ConfigurationError(
            f"{drawn.number_of_nodes()} nodes and {drawn.number_of_edges()} edges are more than a browser "
            f"draws ({_MOST_NODES} and {_MOST_EDGES}): choose a part with graph.subgraph(...)"
        )
    kinds = {str(attributes.get("kind", "")) for attributes in graph.nodes.values()}
    palette = {kind_text(kind): node_style(kind).color for kind in sorted(kinds)}
    return sigma.Sigma(
        drawn,
        height=height,
        node_color="kind",
        node_color_palette=palette,
        node_label="name",
        node_size=drawn.degree,
        node_border_color="#222222",
        edge_label="kind",
        default_edge_type="arrow",
        label_density=1.5,
        start_layout=3,
    )


def _plain(graph: nx.MultiDiGraph[str]) -> nx.MultiDiGraph[str]:
    """A copy with the attributes that the widget shows, and only nodes that have an edge, unless none has."""
    plain: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    joined = [node for node, degree in graph.degree() if degree] or list(graph)
    for node in joined:
        attributes = graph.nodes[node]
        name = printable(str(attributes.get("name", node)))
        plain.add_node(node, name=name, kind=kind_text(str(attributes.get("kind", ""))), id=node)
    for start, end, kind, attributes in graph.edges(keys=True, data=True):
        known = EDGE_KINDS.get(kind)
        words = {"means": known.why} if known else {}
        assumed = {"assumption": attributes["assumption"]} if "assumption" in attributes else {}
        plain.add_edge(start, end, kind, kind=kind_text(kind), **words, **assumed)
    return plain
