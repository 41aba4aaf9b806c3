"""Find shortest attack paths, with the reason and the assumption of each step."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import attrs
import networkx as nx

from oktahound.analysis.pictures import picture_of
from oktahound.analysis.traversal import traversal_of
from oktahound.analysis.zone_limits import ZoneLimits
from oktahound.graph import EDGE_KINDS, attack_view
from oktahound.graph.grants import COVERS
from oktahound.graph.merge_properties import joined_assumptions
from oktahound.scopes.display import cell, table
from oktahound.scopes.records import record
from oktahound.snapshot.display import spelled_out

__all__ = ["Path", "Step", "Walk"]


@attrs.frozen
class Step:
    """One edge of a path.

    Attributes:
        start: node id.
        kind: the kind of the edge.
        end: node id.
        assumption: the undocumented assumption of the edge; None if there is none.
        limit: the network zones to which the start is limited, such as ``only from 2 network zones``, or
            those of the Admin Console if the step uses an admin role of a user; None if there is no limit,
            or the graph has no trust boundaries. A limit makes the step harder, but does not prove that
            it is safe.
    """

    start: str
    kind: str
    end: str
    assumption: str | None = None
    limit: str | None = None

    @property
    def why(self) -> str:
        """The reason why edges of this kind are traversable."""
        return EDGE_KINDS[self.kind].why

    @property
    def abuse(self) -> str:
        """An attacker's use of edges of this kind."""
        return EDGE_KINDS[self.kind].abuse

    @property
    def cut(self) -> str:
        """Sentences on removing edges of this kind or making them harmless."""
        return EDGE_KINDS[self.kind].cut

    def to_dict(self) -> dict[str, Any]:
        """Convert the step to JSON-ready values, with an id that is the same in every run."""
        return record(
            self, self.start, self.kind, self.end,
            meaning=self.why, what_to_do=self.cut, abuse=self.abuse, **attrs.asdict(self),
        )  # fmt: skip


@attrs.frozen(repr=False)
class Path:
    """A path through a graph, from the start of an attack to its target.

    Attributes:
        steps: its edges in order; none if start and end are the same node.
        about: the name and the kind of each of its nodes, by key.
    """

    steps: tuple[Step, ...]
    about: Mapping[str, tuple[str, str]] = attrs.field(factory=dict, eq=False)

    @property
    def nodes(self) -> tuple[str, ...]:
        """The keys of its nodes in order; empty if it has no step."""
        return (self.steps[0].start, *(step.end for step in self.steps)) if self.steps else ()

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The undocumented assumptions of its steps, in order, without duplicates."""
        return tuple(dict.fromkeys(step.assumption for step in self.steps if step.assumption))

    @property
    def limits(self) -> tuple[str, ...]:
        """The limits of its steps, such as ``00T1: only from 2 network zones``, without duplicates."""
        return tuple(dict.fromkeys(f"{step.start}: {step.limit}" for step in self.steps if step.limit))

    def __len__(self) -> int:
        return len(self.steps)

    def name(self, node: str) -> str:
        """Return the name of a node of the path; its key if the node has no name."""
        return self.about.get(node, (node,))[0]

    def to_text(self, *, ids: bool = False) -> str:
        """Return the path on one line: ``ann -[Okta_MemberOf]-> Admins``.

        Args:
            ids: write the keys of the nodes instead of their names.
        """
        texts = [node if ids else self.name(node) for node in self.nodes]
        edges = "".join(
            f" -[{step.kind}]-> {text}" for step, text in zip(self.steps, texts[1:], strict=False)
        )
        return spelled_out(texts[0] + edges) if texts else ""

    def to_dict(self) -> dict[str, Any]:
        """Convert the path to JSON-ready values, with an id that is the same in every run."""
        ends = [self.name(node) for node in (self.nodes[:1] + self.nodes[-1:])] or ["", ""]
        count = f"{len(self)} step{'' if len(self) == 1 else 's'}"
        return record(
            self,
            *(part for step in self.steps for part in (step.start, step.kind, step.end)),
            meaning=f"An attacker who controls {ends[0]} can take control of {ends[-1]} in {count}.",
            what_to_do=" ".join(dict.fromkeys(step.cut for step in self.steps)),
            text=self.to_text(),
            nodes=[
                {"node": node, "name": self.name(node), "kind": self.about.get(node, ("", ""))[1]}
                for node in self.nodes
            ],
            steps=self.steps,
            assumptions=self.assumptions,
            limits=self.limits,
        )

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"<Path {self}>"

    def to_html_table(self) -> str:
        """Return an HTML table with one row for each step: from, edge, to, reason."""
        rows = (
            (
                cell(self.name(step.start)),
                cell(step.kind),
                cell(self.name(step.end)),
                cell(f"{step.why} Assumption: {step.assumption}." if step.assumption else step.why),
            )
            for step in self.steps
        )
        ends = (
            f"from {self.name(self.nodes[0])} to {self.name(self.nodes[-1])}"
            if self.steps
            else "without steps"
        )
        return table(f"path {ends}", ("from", "edge", "to", "reason"), rows)

    def _repr_html_(self) -> str:
        return picture_of(self) + self.to_html_table()


EdgesByKind = Mapping[str, Mapping[str, Any]]


class Walk:
    """Breadth-first search over the attack view: all nodes that a node can reach, or that can reach it.

    If a node can be reached without an assumption, its path is the shortest one without an assumption.
    Otherwise it is the shortest path. Among paths of the same length, the one with the smallest node ids is
    used, independent of the order of the graph.

    Args:
        graph: a graph of `oktahound.build_graph`.
        node: the node at which the search starts.
        backwards: follow edges against their direction.
        kinds: names of the edge kinds to follow; all traversable ones if None. The edges out of target sets
            are always followed.
    """

    def __init__(
        self,
        graph: nx.MultiDiGraph[str],
        node: str,
        *,
        backwards: bool,
        kinds: Collection[str] | None = None,
    ) -> None:
        self._graph = graph
        self._view = attack_view(graph)
        self._backwards = backwards
        self._kinds = None if kinds is None else frozenset(kinds) | {COVERS.name}
        self._limits = ZoneLimits(graph)
        traversal = traversal_of(graph)
        self._certain = traversal.tree(node, backwards=backwards, kinds=kinds, assume=False)
        self._any = traversal.tree(node, backwards=backwards, kinds=kinds, assume=True)

    @cached_property
    def nodes(self) -> frozenset[str]:
        """All nodes that are found, including the node itself."""
        return frozenset(self._any)

    @cached_property
    def certain(self) -> frozenset[str]:
        """The nodes that are found without an assumption, including the node itself."""
        return frozenset(self._certain)

    def path(self, node: str) -> Path:
        """Return the path between the start of the search and this node.

        Raises:
            KeyError: the node was not found.
        """
        came_from = self._certain if node in self._certain else self._any
        nodes, at = [node], came_from[node]
        while at is not None:
            nodes.append(at)
            at = came_from[at]
        if not self._backwards:
            nodes.reverse()
        found = list(_without_sets(map(self._step, nodes, nodes[1:])))
        limits = self._limits.of_steps((step.start, step.kind) for step in found)
        steps = tuple(
            attrs.evolve(step, limit=limit) if limit else step
            for step, limit in zip(found, limits, strict=True)
        )
        path_nodes = dict.fromkeys(node for step in steps for node in (step.start, step.end))
        return Path(steps, {node: self._name_and_kind(node) for node in path_nodes})

    def _name_and_kind(self, node: str) -> tuple[str, str]:
        attributes = self._view.nodes[node]
        return str(attributes.get("name", node)), str(attributes.get("kind", ""))

    def _step(self, start: str, end: str) -> Step:
        edges: EdgesByKind = self._view[start][end]
        followed = [kind for kind in edges if self._kinds is None or kind in self._kinds]
        kind = min(followed, key=lambda kind: ("assumption" in edges[kind], kind))
        return Step(start, kind, end, edges[kind].get("assumption"))


def _without_sets(steps: Iterable[Step]) -> Iterator[Step]:
    """Yield the steps. A step into a target set and the step out of it become one."""
    into: Step | None = None
    for step in steps:
        if into is not None and step.kind == COVERS.name:
            assumption = joined_assumptions(into.assumption, step.assumption)
            yield attrs.evolve(into, end=step.end, assumption=assumption)
            into = None
        else:
            if into is not None:
                yield into
            into = step
    if into is not None:
        yield into
