"""Find choke points: single edges whose removal cuts nodes off from tier zero.

The algorithm uses dominators. In the reversed graph of all attack paths into tier zero, a node is inserted in
the middle of each edge. An edge cuts off exactly the nodes that its middle node dominates.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, TypeAlias, overload

import attrs
import networkx as nx

from oktahound.analysis.source_graph import graph_of, require_scopes
from oktahound.analysis.tier_zero import tier_zero
from oktahound.graph import EDGE_KINDS, attack_view
from oktahound.graph.grants import COVERS, TARGET_SET
from oktahound.scopes.display import cell, frame, table
from oktahound.scopes.records import record
from oktahound.snapshot import Snapshot
from oktahound.snapshot.display import printable, spelled_out

__all__ = ["ChokePoint", "ChokePoints", "choke_points"]

Middle: TypeAlias = tuple[str, str, str]
"""The node that represents an edge: start, kind, end. Nodes of the graph are strings, so none is equal."""

_ROOT = ""
"""The node that represents all of tier zero. No object has an empty id."""


@attrs.frozen(kw_only=True)
class ChokePoint:
    """An edge whose removal cuts nodes off from tier zero.

    Attributes:
        start: key of the start node.
        kind: the kind of the edge.
        end: key of the end node; for a right over many objects, the target set.
        start_name: name of the start node.
        end_name: name of the end node.
        nodes: keys of the nodes that can reach tier zero only over this edge, including the start; empty if
            every node has another path.
        assumption: the undocumented assumption of the edge; None if there is none.
    """

    start: str
    kind: str
    end: str
    start_name: str
    end_name: str
    nodes: frozenset[str]
    assumption: str | None = None

    @property
    def cut(self) -> str:
        """Sentences on removing edges of this kind or making them harmless, from the edge kind."""
        return EDGE_KINDS[self.kind].cut

    def to_dict(self) -> dict[str, Any]:
        """Convert the edge to JSON-ready values, with an id that is the same in every run."""
        return record(
            self,
            self.start,
            self.kind,
            self.end,
            meaning=f"Without this edge, {len(self.nodes)} nodes would no longer reach tier zero.",
            what_to_do=self.cut,
            start=self.start,
            start_name=self.start_name,
            kind=self.kind,
            end=self.end,
            end_name=self.end_name,
            cuts_off=len(self.nodes),
            cut=self.cut,
            assumption=self.assumption,
        )

    def __str__(self) -> str:
        return spelled_out(f"{self.start_name} -[{self.kind}]-> {self.end_name} cuts off {len(self.nodes)}")


@attrs.frozen(kw_only=True, repr=False, eq=False, slots=False)
class ChokePoints(Sequence[ChokePoint]):
    """Choke points, those that cut off the most nodes first.

    Attributes:
        items: the choke points.
        entries: every edge from outside into tier zero, including those that alone cut nothing off. If all of
            them are removed, no node can reach tier zero.
        outside: keys of all nodes outside tier zero that can reach it.
    """

    items: tuple[ChokePoint, ...]
    entries: tuple[ChokePoint, ...]
    outside: frozenset[str]

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> ChokePoint: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ChokePoint]: ...
    def __getitem__(self, index: int | slice) -> ChokePoint | Sequence[ChokePoint]:
        return self.items[index]

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one JSON-ready dict for each choke point."""
        return [each.to_dict() | {"of": len(self.outside)} for each in self.items]

    def to_dict(self) -> dict[str, Any]:
        """Return all choke points as JSON-ready values, with an id that depends on their ids."""
        rows = self.to_rows()
        return record(
            self,
            *sorted(row["id"] for row in rows),
            meaning=f"{len(self.outside)} nodes reach tier zero; {len(rows)} single edges cut nodes off.",
            what_to_do=" ".join(dict.fromkeys(each.cut for each in self.items)),
            choke_points=rows,
            entries=self.entries,
            outside=self.outside,
        )

    def to_dataframe(self) -> Any:
        """Convert to a pandas DataFrame with one row for each choke point.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        names = ("start", "start_name", "kind", "end", "end_name", "cuts_off", "of", "cut", "assumption")
        return frame(names, ([row[name] for name in names] for row in self.to_rows()))

    def __repr__(self) -> str:
        lines = [f"<choke points: {len(self.items)}; {len(self.outside)} nodes can reach tier zero"]
        lines += [f"  {printable(str(each))}" for each in self.items]
        return "\n".join(lines) + ">"

    def _repr_html_(self) -> str:
        rows = (
            (cell(each.start_name), cell(each.kind), cell(each.end_name), cell(len(each.nodes)),
             cell(each.cut), cell(each.assumption))
            for each in self.items
        )  # fmt: skip
        head = ("from", "edge", "to", "cuts off", "remedy", "assumption")
        return table(f"{len(self.outside)} nodes can reach tier zero", head, rows)


def choke_points(source: nx.MultiDiGraph[str] | Snapshot) -> ChokePoints:
    """Find the single edges whose removal cuts off nodes outside tier zero from it.

    Args:
        source: a graph, preferably built with ``scopes=True``; or a snapshot, whose graph is then built.
    """
    graph = graph_of(source, "choke_points")
    require_scopes(graph, graph, "choke_points")
    inside = tier_zero(graph).nodes
    reversed_paths = _Reversed(graph, inside)
    dominated = reversed_paths.dominated
    points = [_point(graph, middle, nodes) for middle, nodes in dominated.items()]
    entries = [_point(graph, middle, dominated.get(middle, frozenset())) for middle in reversed_paths.entries]
    return ChokePoints(
        items=tuple(sorted(points, key=_order)),
        entries=tuple(sorted(entries, key=_order)),
        outside=reversed_paths.outside,
    )


def _order(point: ChokePoint) -> tuple[int, str, str, str]:
    return -len(point.nodes), point.start, point.kind, point.end


def _point(graph: nx.MultiDiGraph[str], middle: Middle, nodes: frozenset[str]) -> ChokePoint:
    start, kind, end = middle
    return ChokePoint(
        start=start,
        kind=kind,
        end=end,
        start_name=str(graph.nodes[start].get("name", start)),
        end_name=str(graph.nodes[end].get("name", end)),
        nodes=nodes,
        assumption=graph.edges[start, end, kind].get("assumption"),
    )


class _Reversed:
    """The reversed graph of all attack paths into tier zero, with tier zero as one root."""

    def __init__(self, graph: nx.MultiDiGraph[str], inside: frozenset[str]) -> None:
        self._nodes = graph.nodes
        self._digraph: nx.DiGraph[str | Middle] = nx.DiGraph()
        self._digraph.add_node(_ROOT)
        view = attack_view(graph)
        todo, seen = list(inside), set(inside)
        while todo:
            end = todo.pop()
            for start, edges in view.pred[end].items():
                if start in inside:
                    continue
                self._add(start, edges, end, _ROOT if end in inside else end)
                if start not in seen:
                    seen.add(start)
                    todo.append(start)
        self.outside = frozenset(each for each in seen - inside if not self._is_set(each))

    def _add(self, start: str, edges: Any, end: str, end_or_root: str) -> None:
        for kind in edges:
            if kind == COVERS.name:
                # This edge belongs to the right that leads into the set, and cannot be removed alone.
                self._digraph.add_edge(end_or_root, start)
            else:
                middle = (start, kind, end)
                self._digraph.add_edge(end_or_root, middle)
                self._digraph.add_edge(middle, start)

    @cached_property
    def entries(self) -> list[Middle]:
        """The edges into tier zero, including rights over sets that contain a node of tier zero."""
        entries: list[Middle] = []
        for each in self._digraph[_ROOT]:
            if isinstance(each, tuple):
                entries.append(each)
            else:
                entries += [middle for middle in self._digraph[each] if isinstance(middle, tuple)]
        return list(dict.fromkeys(entries))

    def _is_set(self, node: str) -> bool:
        return self._nodes[node].get("kind") == TARGET_SET

    @cached_property
    def dominated(self) -> dict[Middle, frozenset[str]]:
        """The nodes that each edge cuts off."""
        dominated: dict[Middle, set[str]] = {}
        dominators = nx.immediate_dominators(self._digraph, _ROOT)
        for node in self.outside:
            at: Any = dominators[node]
            # Go up the dominator tree. The dominator of the root is itself or None, depending on networkx.
            while at not in (_ROOT, None):
                if isinstance(at, tuple):
                    dominated.setdefault(at, set()).add(node)
                at = dominators[at]
        return {middle: frozenset(nodes) for middle, nodes in dominated.items()}
