"""Show a graph interactively in notebooks and browsers, drawn by Cytoscape.js, which is bundled."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

import networkx as nx
import orjson

from oktahound.errors import ConfigurationError
from oktahound.graph import EDGE_KINDS, attack_view
from oktahound.graph.grants import TARGET_SET
from oktahound.plot.picture import write_private
from oktahound.plot.style import kind_text, node_name, node_style
from oktahound.snapshot.display import printable

__all__ = ["InteractiveView", "interactive"]

_MOST_NODES, _MOST_EDGES = 1_500, 6_000
_DENSE = 500
_SPACING = 60.0
# The page loads nothing: its scripts and styles are in the page itself.
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"
# The shape of Cytoscape.js for each marker of matplotlib.
_SHAPES = {
    "*": "star",
    "o": "ellipse",
    "h": "hexagon",
    "s": "rectangle",
    "D": "diamond",
    "^": "triangle",
    "v": "vee",
    ">": "tag",
    "<": "rhomboid",
    "p": "pentagon",
    "P": "concave-hexagon",
    "d": "round-diamond",
    "8": "octagon",
    "X": "barrel",
}


class InteractiveView:
    """A graph for a notebook or a browser, with a search, switches for kinds, and explanations on hover.

    Args:
        graph: the nodes and edges to show.
        height: the height of the view in a notebook, in pixels.
    """

    def __init__(self, graph: nx.MultiDiGraph[str], height: int) -> None:
        self._page = _page(graph)
        self._height = height
        self._counts = f"{graph.number_of_nodes()} nodes, {graph.number_of_edges()} edges"

    def to_html(self) -> str:
        """Return the view as one HTML page without external resources."""
        return self._page

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the view to an HTML file, readable by its owner only.

        Returns:
            The path.

        Raises:
            ConfigurationError: the suffix is not ``.html``.
            OSError: the file cannot be written.
        """
        target = Path(path)
        if target.suffix.lower() != ".html":
            raise ConfigurationError(f"{target.name!r} does not end with .html: give a path with this suffix")
        write_private(target, self._page.encode())
        return target

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # A sandboxed frame has no access to the notebook, even if a name in the org contains a script.
        frame = (
            f'<iframe srcdoc="{escape(self._page)}" sandbox="allow-scripts" width="100%" '
            f'height="{self._height}" style="border:0" title="graph"></iframe>'
        )
        return {"text/plain": repr(self), "text/html": frame}

    def __repr__(self) -> str:
        return f"<InteractiveView: {self._counts}; show it in a notebook, or .save() it as HTML>"


def interactive(graph: nx.MultiDiGraph[str], *, attack: bool = True, height: int = 600) -> InteractiveView:
    """Show a graph as an interactive view that works without a network.

    Hovering over an edge shows its meaning and its assumption; hovering over a node shows its name, id and
    edges. Node kinds and edge kinds can be switched off, and the search finds names and ids.

    Args:
        graph: a graph, preferably a part of one: ``answer.subgraph`` of a question, or
            ``graph.subgraph(radius.nodes)``.
        attack: whether only the attack view is shown; False shows all edges.
        height: the height of the view in a notebook, in pixels.

    Raises:
        ConfigurationError: the graph has more than 1,500 nodes or 6,000 edges, which take a browser too long
            to draw; or `height` is less than 1.
    """
    if height < 1:
        raise ConfigurationError(f"height= must be a number of pixels of 1 or more, not {height}")
    drawn = attack_view(graph) if attack else graph
    joined = [node for node, degree in drawn.degree() if degree] or list(drawn)
    drawn = drawn.subgraph(joined)
    if drawn.number_of_nodes() > _MOST_NODES or drawn.number_of_edges() > _MOST_EDGES:
        raise ConfigurationError(
            f"{drawn.number_of_nodes()} nodes and {drawn.number_of_edges()} edges are too many to draw "
            f"(at most {_MOST_NODES} and {_MOST_EDGES}): choose a part with graph.subgraph(...)"
        )
    return InteractiveView(drawn, height)


def _page(graph: nx.MultiDiGraph[str]) -> str:
    nodes, edges = list(_nodes(graph)), list(_edges(graph))
    styles = {str(kind): node_style(str(kind)) for _, kind in graph.nodes(data="kind", default="")}
    data = {
        "nodes": nodes,
        "edges": edges,
        "kinds": {
            _node_kind(kind): {"color": style.color, "shape": _SHAPES.get(style.marker, "ellipse")}
            for kind, style in styles.items()
        },
        "meanings": {
            kind_text(kind): known.why
            for kind in _kinds(graph)
            if (known := EDGE_KINDS.get(kind)) is not None
        },
    }
    # Inside of a script element, "<" could end it.
    text = orjson.dumps(data).decode().replace("<", "\\u003c")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Graph</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<style>{_part('view.css')}</style></head><body>"
        '<header><input type="search" id="search" placeholder="Search names and ids" '
        'aria-label="Search names and ids"><button id="fit">Fit</button><span id="count"></span></header>'
        '<main><div id="graph" role="img" aria-label="graph"></div><div id="kinds"></div>'
        '<div id="hint" role="status"></div></main>'
        f'<script type="application/json" id="data">{text}</script>'
        f"<script>{_part('cytoscape.min.js')}</script><script>{_part('view.js')}</script></body></html>\n"
    )


def _part(name: str) -> str:
    return resources.files("oktahound.plot").joinpath("view", name).read_text(encoding="utf-8")


def _node_kind(kind: str) -> str:
    return "set of targets" if kind == TARGET_SET else kind_text(kind)


def _kinds(graph: nx.MultiDiGraph[str]) -> list[str]:
    return sorted({kind for _, _, kind in graph.edges(keys=True)})


def _nodes(graph: nx.MultiDiGraph[str]) -> Iterator[dict[str, Any]]:
    places = _positions(graph)
    for node, attributes in graph.nodes.items():
        name = printable(node_name(graph, node))
        kind = _node_kind(str(attributes.get("kind", "")))
        x, y = places[node]
        yield {"id": printable(node), "name": name, "kind": kind, "x": x, "y": y}


def _positions(graph: nx.MultiDiGraph[str]) -> dict[str, tuple[float, float]]:
    """Compute positions in pixels, the same for the same graph; parallel edges count as one."""
    plain: nx.Graph[str] = nx.Graph()
    plain.add_nodes_from(graph)
    plain.add_edges_from((start, end) for start, end, _ in graph.edges(keys=True) if start != end)
    scale = _SPACING * max(len(plain), 4) ** 0.5
    found: Mapping[str, Any]
    if len(plain) < _DENSE:
        found = nx.spring_layout(plain, k=2.5 / max(len(plain), 1) ** 0.5, iterations=100, seed=1)
    else:  # spring_layout needs SciPy for this many
        found = nx.forceatlas2_layout(plain, max_iter=60, seed=1)
    extent = max((abs(float(value)) for place in found.values() for value in place), default=1.0) or 1.0
    return {
        node: (round(float(x) * scale / extent, 1), round(float(y) * scale / extent, 1))
        for node, (x, y) in found.items()
    }


def _edges(graph: nx.MultiDiGraph[str]) -> Iterator[dict[str, Any]]:
    for start, end, kind, attributes in graph.edges(keys=True, data=True):
        edge = {"source": printable(start), "target": printable(end), "kind": kind_text(kind)}
        if "assumption" in attributes:
            edge["assumption"] = printable(str(attributes["assumption"]))
        if attributes.get("active") is False:
            edge["inactive"] = printable(str(attributes.get("inactiveReason", "")))
        yield edge
