"""Draw nodes and edges: paths from left to right, and the neighborhood of a node."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import networkx as nx
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from oktahound.analysis import Path
from oktahound.analysis.node_lookup import node_key
from oktahound.entities import Entity
from oktahound.errors import ConfigurationError
from oktahound.graph.grants import TARGET_SET
from oktahound.plot.layout import COLUMN_WIDTH, ROW_HEIGHT, in_columns
from oktahound.plot.picture import Picture
from oktahound.plot.style import blank_figure, kind_text, label, node_style, write

__all__ = ["neighborhood", "paths"]

Edge = tuple[str, str, str]
_MOST_PATHS = 12
_MOST_NODES = 40
_MOST_LINES = 40
# Edges pass behind texts.
_BEHIND_TEXT = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85}


def paths(graph: nx.MultiDiGraph[str], chosen: Path | Iterable[Path]) -> Picture:
    """Draw one path or several from left to right; nodes and edges that they share are drawn once.

    Args:
        graph: the graph in which the paths were found; it gives names and kinds.
        chosen: paths of `oktahound.analysis`. Only the first 12 are drawn.

    Raises:
        ConfigurationError: there is no path, or no path has a step.
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
    return _draw(graph, column, edges, _title_of_paths(graph, shown), note)


def _title_of_paths(graph: nx.MultiDiGraph[str], shown: list[Path]) -> str:
    """Name the ends that all paths share."""
    starts, ends = {path.steps[0].start for path in shown}, {path.steps[-1].end for path in shown}
    start = f" from {label(graph, starts.pop(), 60)}" if len(starts) == 1 else ""
    end = f" to {label(graph, ends.pop(), 60)}" if len(ends) == 1 else ""
    return f"{'Path' if len(shown) == 1 else f'{len(shown)} paths'}{start}{end}"


def neighborhood(
    graph: nx.MultiDiGraph[str], node: str | Entity, *, hops: int = 1, limit: int = _MOST_NODES
) -> Picture:
    """Draw the neighborhood of a node: its predecessors on the left, its successors on the right.

    With one hop, only the edges of the node itself are drawn; with more, all edges between the nodes
    shown.

    Args:
        graph: the graph, or a view of it: `oktahound.attack_view` has only the edges that an attacker can
            use.
        node: a node key, an entity, or a name that only one node has.
        hops: the largest distance from the node, as a number of edges.
        limit: the largest number of nodes. The nearest are drawn, with at most 40 edges. A note below the
            picture counts the nodes that are not shown.

    Raises:
        ConfigurationError: there is no such node; `hops` or `limit` is less than 1.
    """
    if hops < 1 or limit < 1:
        raise ConfigurationError(f"hops= and limit= must be 1 or more, not {hops} and {limit}")
    center = node_key(graph, node)
    column = {center: 0}
    for sign, neighbors in ((1, graph.succ), (-1, graph.pred)):
        frontier = [center]
        for distance in range(1, hops + 1):
            frontier = sorted({other for each in frontier for other in neighbors[each]} - column.keys())
            column.update(dict.fromkeys(frontier, sign * distance))
    nearest = sorted(column, key=lambda each: (abs(column[each]), str(graph.nodes[each].get("kind")), each))
    kept = _nodes_to_show(graph, center, nearest[:limit], all_edges=hops > 1)
    edges = {
        (start, end, kind): "assumption" in attributes
        for start, end, kind, attributes in graph.subgraph(kept).edges(keys=True, data=True)
        if hops > 1 or center in {start, end}
    }
    cut = len(column) - len(kept)
    hops_text = "1 hop" if hops == 1 else f"{hops} hops"
    note = f"{cut} more nodes within {hops_text} are not shown." if cut else None
    title = f"Neighborhood of {label(graph, center, 60)}"
    return _draw(graph, {each: column[each] for each in kept}, edges, title, note)


def _nodes_to_show(
    graph: nx.MultiDiGraph[str], center: str, nearest: list[str], *, all_edges: bool
) -> set[str]:
    """Return the first nodes, up to the largest number of edges that a person can follow."""
    kept = {center}
    if not all_edges:
        return kept | set(nearest)
    lines = 0
    for node in nearest:
        others = (graph.succ[node].keys() & kept) | (graph.pred[node].keys() & kept)
        lines += len(others)
        if lines > _MOST_LINES:
            break
        kept.add(node)
    return kept


def _draw(
    graph: nx.MultiDiGraph[str],
    column: Mapping[str, int],
    edges: Mapping[Edge, bool],
    title: str,
    note: str | None,
) -> Picture:
    positions = in_columns(column, [(start, end) for start, end, _ in edges])
    width = max(x for x, _ in positions.values()) + COLUMN_WIDTH
    height = max(y for _, y in positions.values()) + 1.6 * ROW_HEIGHT
    figure, axes = blank_figure(max(width, 4.5), height, title, note)
    figure.subplots_adjust(left=0, right=1, bottom=0, top=0.95)
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.set_xlim(-COLUMN_WIDTH / 2, width - COLUMN_WIDTH / 2)
    axes.set_ylim(height - 0.6 * ROW_HEIGHT, -ROW_HEIGHT / 2)
    _draw_edges(axes, positions, edges)
    for node, (x, y) in positions.items():
        kind = str(graph.nodes[node].get("kind", ""))
        style = node_style(kind)
        axes.plot(x, y, style.marker, color=style.color, markersize=17, markeredgecolor="#222222", zorder=3)
        words = "set of targets" if kind == TARGET_SET else kind_text(kind)
        for text, size, down, color in (
            (label(graph, node), 7.5, 0.24, "black"),
            (words, 6.5, 0.4, "#555555"),
        ):
            write(
                axes, x, y + down, text, ha="center", va="top", fontsize=size, color=color,
                bbox=_BEHIND_TEXT, zorder=4,
            )  # fmt: skip
    if any(edges.values()):
        line = Line2D([], [], color="#333333", linestyle="--", label="rests on an assumption")
        axes.legend(handles=[line], loc="lower right", fontsize=7, frameon=False)
    return Picture(figure, title, note)


def _draw_edges(axes: Axes, positions: Mapping[str, tuple[float, float]], edges: Mapping[Edge, bool]) -> None:
    between: defaultdict[tuple[str, str], list[tuple[str, bool]]] = defaultdict(list)
    for (start, end, kind), assumed in edges.items():
        between[start, end].append((kind, assumed))
    degree = Counter(node for pair in between for node in pair)
    for (start, end), kinds in sorted(between.items()):
        (x0, y0), (x1, y1) = positions[start], positions[end]
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
        # Edges lie close to one another at the end with more edges: the label is placed nearer to the other.
        toward_end = 0.5 if degree[start] == degree[end] else 0.62 if degree[start] > degree[end] else 0.38
        x, y = x0 + toward_end * (x1 - x0), y0 + toward_end * (y1 - y0)
        # The middle of the curve that matplotlib draws: arc3 moves it by half of `rad`, to one side.
        x, y = x + bend / 2 * (y1 - y0), y - bend / 2 * (x1 - x0)
        write(
            axes, x, y - 0.03, text, ha="center", va="center" if bend else "bottom", fontsize=6.2,
            color="#222222", bbox=_BEHIND_TEXT, zorder=2,
        )  # fmt: skip
