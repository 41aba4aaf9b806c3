"""Compute positions of nodes in columns from left to right, with few crossing edges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

__all__ = ["COLUMN_WIDTH", "ROW_HEIGHT", "in_columns"]

COLUMN_WIDTH, ROW_HEIGHT = 2.5, 0.95
"""Distances between columns and between rows, in inches."""

_PART_WIDTH = 1.7
_MOST_ROWS = 8
_SWEEPS = 4


def in_columns(column: Mapping[str, int], edges: Iterable[tuple[str, str]]) -> dict[str, tuple[float, float]]:
    """Compute positions in inches: x to the right, y down.

    Each node is placed near its neighbors (the barycenter heuristic of layered drawings).
    A column of many nodes is drawn as several, whose rows alternate, so that edges pass between the nodes.

    Args:
        column: the column of each node.
        edges: pairs of nodes.
    """
    columns: defaultdict[int, list[str]] = defaultdict(list)
    for node, place in sorted(column.items()):
        columns[place].append(node)
    neighbors: defaultdict[str, set[str]] = defaultdict(set)
    for start, end in edges:
        neighbors[start].add(end)
        neighbors[end].add(start)
    order = _ordered(columns, neighbors)
    parts = {place: -(-len(nodes) // _MOST_ROWS) for place, nodes in order.items()}
    heights = {place: (len(nodes) - 1) * ROW_HEIGHT / parts[place] for place, nodes in order.items()}
    tallest = max(heights.values())
    positions, x = {}, 0.0
    for place in sorted(order):
        top = (tallest - heights[place]) / 2
        for row, node in enumerate(order[place]):
            y = top + row * ROW_HEIGHT / parts[place]
            positions[node] = (x + row % parts[place] * _PART_WIDTH, y)
        x += COLUMN_WIDTH + (parts[place] - 1) * _PART_WIDTH
    return positions


def _ordered(columns: Mapping[int, list[str]], neighbors: Mapping[str, set[str]]) -> dict[int, list[str]]:
    """Order the nodes of each column by the mean height of their neighbors in other columns."""
    order = {place: list(nodes) for place, nodes in columns.items()}
    height: dict[str, float] = {}

    def update_heights(place: int) -> None:
        nodes = order[place]
        height.update({node: (row + 0.5) / len(nodes) for row, node in enumerate(nodes)})

    for place in order:
        update_heights(place)
    for sweep in range(_SWEEPS):
        for place in sorted(order, reverse=bool(sweep % 2)):
            inside = set(order[place])

            def mean_height(node: str, inside: set[str] = inside) -> tuple[float, float]:
                neighbor_heights = [height[other] for other in neighbors.get(node, ()) if other not in inside]
                return (
                    sum(neighbor_heights) / len(neighbor_heights) if neighbor_heights else height[node],
                    height[node],
                )

            order[place].sort(key=mean_height)
            update_heights(place)
    return order
