"""Drawings of nodes and edges: paths from left to right, and what surrounds a node."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import networkx as nx
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from oktahound.analysis import Path
from oktahound.analysis.node_lookup import node_key
from oktahound.entities import Entity
from oktahound.errors import ConfigurationError
from oktahound.graph.grants import TARGET_SET
from oktahound.plot.picture import Picture
from oktahound.plot.style import blank_figure, kind_text, label, node_style, write

__all__ = ["neighborhood", "paths"]

Edge = tuple[str, str, str]
Positions = Mapping[str, tuple[float, float]]

_MOST_PATHS = 12
_MOST_NODES = 40
_COLUMN_WIDTH, _ROW_HEIGHT = 2.5, 0.95
_BEHIND_TEXT = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85}


def paths(graph: nx.MultiDiGraph[str], chosen: Path | Iterable[Path]) -> Picture:
    """Draw one path or several from left to right; nodes and edges that they share are drawn once.

    Args:
        graph: the graph that the paths were found in, for names and kinds.
        chosen: paths of `oktahound.analysis`. After the first 12 they are cut.

    Raises:
        ConfigurationError: there is no path, or none has a step.
    """
    found = [chosen] if isinstance(chosen, Path) else list(chosen)
    shown = [path for path in found if path.steps][:_MOST_PATHS]
    if not shown:
        raise ConfigurationError("there is no path with a step to draw")
    # Paths that end at one node are lined up at their ends, others at their starts, so that no edge skips
    # a column.
    lined_up_at_end = len({path.steps[-1].end for path in shown}) == 1
    column: dict[str, int] = {}
    edges: dict[Edge, bool] = {}
    for path in shown:
        first = -len(path.steps) if lined_up_at_end else 0
        for place, step in enumerate(path.steps, first):
            column.setdefault(step.start, place)
            column.setdefault(step.end, place + 1)
            edges[step.start, step.end, step.kind] = step.assumption is not None
    note = f"{len(found) - len(shown)} more paths are not shown." if len(found) > len(shown) else None
    start, end = shown[0].steps[0].start, shown[0].steps[-1].end
    title = f"{label(graph, start, 60)} to {label(graph, end, 60)}"
    if len(shown) > 1:
        title = f"{len(shown)} paths"
    return _drawn(graph, _layered(column), edges, title, note)


def neighborhood(
    graph: nx.MultiDiGraph[str], node: str | Entity, *, hops: int = 1, limit: int = _MOST_NODES
) -> Picture:
    """Draw what surrounds a node: what leads to it on the left, what it leads to on the right.

    Args:
        graph: the graph, or a view of it: `oktahound.attack_view` shows only what an attacker can use.
        node: a node key, an entity, or a name that one node has.
        hops: how many edges away.
        limit: the largest number of nodes; the nearest are kept, and the picture says how many were cut.

    Raises:
        ConfigurationError: there is no such node; `hops` or `limit` is less than 1.
    """
    if hops < 1 or limit < 1:
        raise ConfigurationError(f"hops= and limit= are 1 or more, and not {hops} and {limit}")
    center = node_key(graph, node)
    column = {center: 0}
    for sign, neighbors in ((1, graph.succ), (-1, graph.pred)):
        frontier = [center]
        for distance in range(1, hops + 1):
            frontier = sorted({other for each in frontier for other in neighbors[each]} - column.keys())
            column.update(dict.fromkeys(frontier, sign * distance))
    nearest = sorted(column, key=lambda each: (abs(column[each]), str(graph.nodes[each].get("kind")), each))
    kept = set(nearest[:limit])
    edges = {
        (start, end, kind): "assumption" in attributes
        for start, end, kind, attributes in graph.edges(keys=True, data=True)
        if start in kept and end in kept and center in {start, end} | ({start, end} if hops > 1 else set())
    }
    if hops == 1:
        edges = {edge: assumed for edge, assumed in edges.items() if center in edge[:2]}
    cut = len(column) - len(kept)
    note = f"{cut} more nodes within {hops} hops are not shown." if cut else None
    title = f"Around {label(graph, center, 60)}"
    return _drawn(graph, _layered({each: column[each] for each in kept}), edges, title, note)


def _layered(column: Mapping[str, int]) -> dict[str, tuple[float, float]]:
    """Positions in inches: a column for each distance, centred on one another."""
    columns: defaultdict[int, list[str]] = defaultdict(list)
    for node, place in sorted(column.items()):
        columns[place].append(node)
    tallest = max(map(len, columns.values()))
    first = min(columns)
    return {
        node: ((place - first) * _COLUMN_WIDTH, (tallest - len(nodes)) * _ROW_HEIGHT / 2 + row * _ROW_HEIGHT)
        for place, nodes in columns.items()
        for row, node in enumerate(nodes)
    }


def _drawn(
    graph: nx.MultiDiGraph[str],
    positions: Positions,
    edges: Mapping[Edge, bool],
    title: str,
    note: str | None,
) -> Picture:
    width = max(x for x, _ in positions.values()) + _COLUMN_WIDTH
    height = max(y for _, y in positions.values()) + 2 * _ROW_HEIGHT
    figure, axes = blank_figure(max(width, 4.5), max(height, 2.0), title, note)
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.set_xlim(-_COLUMN_WIDTH / 2, width - _COLUMN_WIDTH / 2)
    axes.set_ylim(height - _ROW_HEIGHT, -_ROW_HEIGHT / 2)
    _draw_edges(axes, positions, edges)
    for node, (x, y) in positions.items():
        kind = str(graph.nodes[node].get("kind", ""))
        style = node_style(kind)
        axes.plot(x, y, style.marker, color=style.color, markersize=17, markeredgecolor="#222222", zorder=3)
        write(axes, x, y + 0.27, label(graph, node), ha="center", va="top", fontsize=7.5, zorder=4)
        words = "set of targets" if kind == TARGET_SET else kind_text(kind)
        write(axes, x, y + 0.43, words, ha="center", va="top", fontsize=6.5, color="#555555", zorder=4)
    if any(edges.values()):
        line = Line2D([], [], color="#333333", linestyle="--", label="rests on an assumption")
        axes.legend(handles=[line], loc="lower right", fontsize=7, frameon=False)
    return Picture(figure, title, note)


def _draw_edges(axes: Axes, positions: Positions, edges: Mapping[Edge, bool]) -> None:
    between: defaultdict[tuple[str, str], list[tuple[str, bool]]] = defaultdict(list)
    for (start, end, kind), assumed in edges.items():
        between[start, end].append((kind, assumed))
    for (start, end), kinds in sorted(between.items()):
        x0, y0 = positions[start]
        x1, y1 = positions[end]
        # Edges within a column and against the direction are bent, so that they do not hide one another.
        bend = 0.0 if x1 > x0 else 0.3
        assumed = all(each for _, each in kinds)
        axes.annotate(
            "",
            xy=(x1, y1),
            xytext=(x0, y0),
            arrowprops={
                "arrowstyle": "-|>",
                "color": "#333333",
                "linestyle": "--" if assumed else "-",
                "linewidth": 0.9,
                "shrinkA": 10,
                "shrinkB": 10,
                "connectionstyle": f"arc3,rad={bend}",
            },
            zorder=1,
        )
        names = sorted(kind_text(kind) for kind, _ in kinds)
        text = "\n".join(names[:2]) + (f"\n+{len(names) - 2}" if len(names) > 2 else "")
        middle_y = (y0 + y1) / 2 - (bend * abs(x1 - x0 or 1.0) / 2 if bend else 0)
        write(
            axes, (x0 + x1) / 2, middle_y - 0.05, text, ha="center", va="bottom", fontsize=6.2,
            color="#222222", bbox=_BEHIND_TEXT, zorder=2,
        )  # fmt: skip
