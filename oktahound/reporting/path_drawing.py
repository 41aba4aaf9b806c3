"""Draw an attack path as inline SVG: one box for each node, from left to right, in rows."""

from __future__ import annotations

from html import escape

import networkx as nx

from oktahound.analysis import Path
from oktahound.snapshot.display import spelled_out

__all__ = ["path_svg"]

_BOX_WIDTH, _BOX_HEIGHT, _GAP = 176, 52, 132
_ROW_HEIGHT = 96
_BOXES_IN_A_ROW = 3
_LONGEST_NAME, _LONGEST_KIND = 24, 22


def path_svg(graph: nx.MultiDiGraph[str], path: Path) -> str:
    """Return the path as an SVG element with its own colours for light and dark pages.

    Steps with an assumption are dashed. Names are escaped and shortened.

    Args:
        graph: the graph in which the path was found.
        path: the path; it has at least one step.
    """
    nodes = [path.steps[0].start, *(step.end for step in path.steps)]
    rows = (len(nodes) + _BOXES_IN_A_ROW - 1) // _BOXES_IN_A_ROW
    columns = min(len(nodes), _BOXES_IN_A_ROW)
    width = columns * _BOX_WIDTH + (columns - 1) * _GAP + (_GAP if rows > 1 else 0) + 8
    height = rows * _ROW_HEIGHT
    parts = [_box(graph, node, *_place(index)) for index, node in enumerate(nodes)]
    parts += [
        _arrow(index, step.kind, assumed=step.assumption is not None) for index, step in enumerate(path.steps)
    ]
    words = " to ".join(_name(graph, node) for node in (nodes[0], nodes[-1]))
    return (
        f'<svg class="path" viewBox="0 0 {width} {height}" width="{width}" role="img" '
        f'aria-label="{escape(f"path from {words} in {len(path)} steps")}">'
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" class="head"/></marker></defs>'
        f"{''.join(parts)}</svg>"
    )


def _place(index: int) -> tuple[int, int]:
    """Return the upper left corner of a box."""
    row, column = divmod(index, _BOXES_IN_A_ROW)
    return 4 + column * (_BOX_WIDTH + _GAP), 8 + row * _ROW_HEIGHT


def _box(graph: nx.MultiDiGraph[str], node: str, x: int, y: int) -> str:
    kind = str(graph.nodes[node].get("kind", "")).removeprefix("Okta_").removeprefix("OktaHound_")
    middle = x + _BOX_WIDTH // 2
    return (
        f'<rect x="{x}" y="{y}" width="{_BOX_WIDTH}" height="{_BOX_HEIGHT}" rx="6"/>'
        f'<text x="{middle}" y="{y + 22}" class="name">{escape(_cut(_name(graph, node), _LONGEST_NAME))}'
        f"<title>{escape(_name(graph, node))}</title></text>"
        f'<text x="{middle}" y="{y + 40}" class="kind">{escape(_cut(kind, _LONGEST_KIND))}</text>'
    )


def _arrow(index: int, kind: str, *, assumed: bool) -> str:
    x0, y0 = _place(index)
    x1, y1 = _place(index + 1)
    style = ' class="assumed"' if assumed else ""
    words = escape(_cut(kind.removeprefix("Okta_").removeprefix("OktaHound_"), _LONGEST_KIND))
    if y0 == y1:
        start, middle_y = x0 + _BOX_WIDTH, y0 + _BOX_HEIGHT // 2
        line = f"M{start + 3} {middle_y}H{x1 - 3}"
        label = f'<text x="{(start + x1) // 2}" y="{middle_y - 7}" class="edge">{words}</text>'
    else:
        # Into the next row: out to the right, down, and back to the left.
        start, turn, below = x0 + _BOX_WIDTH, x0 + _BOX_WIDTH + 24, y1 - 14
        line = f"M{start + 3} {y0 + _BOX_HEIGHT // 2}H{turn}V{below}H{x1 + _BOX_WIDTH // 2}V{y1 - 3}"
        label = f'<text x="{turn - 8}" y="{below - 5}" class="edge end">{words}</text>'
    return f'<path d="{line}" marker-end="url(#head)"{style}/>{label}'


def _name(graph: nx.MultiDiGraph[str], node: str) -> str:
    return spelled_out(str(graph.nodes[node].get("name", node)))


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
