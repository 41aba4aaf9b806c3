"""Find every match of a path pattern in a graph: its nodes, and the edges between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import attrs
import networkx as nx

from oktahound.analysis.patterns.pattern import Condition, EdgeStep, NodeTest, PathPattern, Where
from oktahound.errors import ConfigurationError
from oktahound.graph.grants import COVERS, TARGET_SET
from oktahound.graph.merge_properties import assuming, combined
from oktahound.scopes import records

__all__ = ["Match", "MatchedEdge", "PatternMatcher"]


@attrs.frozen
class MatchedEdge:
    """One edge of a match.

    Attributes:
        start: node key.
        kind: the kind of the edge.
        end: node key.
        assumption: the undocumented assumption of the edge; None if there is none.
        inactive: the reason why the edge is inactive; None if it is active.
    """

    start: str
    kind: str
    end: str
    assumption: str | None = attrs.field(default=None, eq=False)
    inactive: str | None = attrs.field(default=None, eq=False)


@attrs.frozen
class Match:
    """One match of a pattern.

    Attributes:
        nodes: the keys of all nodes on the path, from left to right.
        steps: the edges between them, each in its own direction.
        named: the keys of the named nodes, by name.
    """

    nodes: tuple[str, ...]
    steps: tuple[MatchedEdge, ...]
    named: Mapping[str, str] = attrs.field(eq=False)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The undocumented assumptions of the edges, without duplicates."""
        return tuple(dict.fromkeys(step.assumption for step in self.steps if step.assumption))

    @property
    def inactive(self) -> tuple[str, ...]:
        """The reasons why edges of the match are inactive, without duplicates; empty if all are active."""
        return tuple(dict.fromkeys(step.inactive for step in self.steps if step.inactive))

    def stable_id(self, question: str) -> str:
        """Return the id of the match for a question, which is the same in every run."""
        edges = (part for step in self.steps for part in (step.start, step.kind, step.end))
        return records.stable_id("Match", question, *self.nodes, *edges)

    def to_text(self, name: Callable[[str], str] = str) -> str:
        """Return the match on one line (``ann -[Okta_MemberOf]-> Admins``). `name` returns a node's text."""
        text = name(self.nodes[0])
        at = self.nodes[0]
        for step, node in zip(self.steps, self.nodes[1:], strict=True):
            arrow = f"-[{step.kind}]->" if step.start == at else f"<-[{step.kind}]-"
            text += f" {arrow} {name(node)}"
            at = node
        return text

    def __str__(self) -> str:
        return self.to_text()


Attributes: TypeAlias = Mapping[str, Any]
_Hop: TypeAlias = tuple[str, "MatchedEdge"]


@attrs.frozen
class _Partial:
    """A match under construction, which covers a part of the pattern.

    Attributes:
        nodes: all nodes so far, from left to right.
        steps: the edges between them.
        places: the nodes at the places of the pattern, without those inside repeated edges.
    """

    nodes: tuple[str, ...]
    steps: tuple[MatchedEdge, ...]
    places: tuple[str, ...]


class PatternMatcher:
    """Matches patterns against one graph.

    An edge occurs at most once in a match, as in Cypher. A node may occur several times. A graph built with
    ``permissions="targets"`` gives the same matches as one built with ``"edges"``, because matches skip the
    nodes of target sets.

    Args:
        graph: a graph of `oktahound.build_graph`, or one with the same conventions.
        now: the reference time of ``older_than_days``, in UTC.

    Attributes:
        undecided: the nodes that lack the property of a condition, by node name and property.
    """

    def __init__(self, graph: nx.MultiDiGraph[str], now: datetime | None) -> None:
        self.undecided: dict[tuple[str, str], set[str]] = {}
        self._graph = graph
        self._now = now
        self._by_kind: dict[str, list[str]] = {}
        for node, attributes in graph.nodes.items():
            self._by_kind.setdefault(str(attributes.get("kind", "")), []).append(node)

    def matches(self, pattern: PathPattern, where: Iterable[Where]) -> list[Match]:
        """Return all matches of a pattern that satisfy the conditions, in the order of their node keys."""
        by_name: dict[str, list[Where]] = {}
        for condition in where:
            by_name.setdefault(condition.name, []).append(condition)
        accepts = [self._acceptor(node, by_name.get(node.name or "", [])) for node in pattern.nodes]
        candidates = [self._candidates(node) for node in pattern.nodes]
        # Start at the node with the fewest candidates, to keep the number of partial matches small.
        start = min(range(len(candidates)), key=lambda place: len(candidates[place]))
        found: Iterable[_Partial] = (
            _Partial((node,), (), (node,)) for node in candidates[start] if accepts[start](node)
        )
        for place in range(start + 1, len(pattern.nodes)):
            found = self._extend(found, pattern.steps[place - 1], accepts[place], to_the_right=True)
        for place in range(start - 1, -1, -1):
            found = self._extend(found, pattern.steps[place], accepts[place], to_the_right=False)
        unique = {(each.nodes, each.steps): each for each in found}
        names = [node.name for node in pattern.nodes]
        return [
            Match(each.nodes, each.steps,
                  {name: node for name, node in zip(names, each.places, strict=True) if name is not None})
            for _, each in sorted(unique.items(), key=lambda item: _order(item[1]))
        ]  # fmt: skip

    def _candidates(self, test: NodeTest) -> list[str]:
        return [
            node
            for kind, nodes in self._by_kind.items()
            if kind != TARGET_SET and test.matches(kind)
            for node in nodes
        ]

    def _acceptor(self, test: NodeTest, conditions: Sequence[Where]) -> Callable[[str], bool]:
        nodes = self._graph.nodes

        def accepts(node: str) -> bool:
            attributes: Attributes = nodes[node]
            kind = str(attributes.get("kind", ""))
            if kind == TARGET_SET or not test.matches(kind):
                return False
            # A list, so that every condition is evaluated and every missing property is recorded.
            return False not in [self._holds(each, node, attributes) for each in conditions]

        return accepts

    def _holds(self, condition: Where, node: str, attributes: Attributes) -> bool:
        if isinstance(condition, Condition):
            alternatives: tuple[Condition, ...] = (condition,)
        else:
            alternatives = condition.conditions
        verdicts = [self._is_met(each, attributes) for each in alternatives]
        if True not in verdicts:
            for each, verdict in zip(alternatives, verdicts, strict=True):
                if verdict is None:
                    self.undecided.setdefault((condition.name, each.prop), set()).add(node)
        return True in verdicts

    def _is_met(self, condition: Condition, attributes: Attributes) -> bool | None:
        """Return whether a condition holds; None if the node lacks its property."""
        value, expected = attributes.get(condition.prop), condition.value
        if condition.operator in {"is_null", "not_null"}:
            return (value is None) == (condition.operator == "is_null")
        if value is None:
            return None
        if condition.operator == "older_than_days":
            return self._is_older(value, expected)
        if condition.operator == "in":
            return any(_is_equal(value, each) for each in expected)
        return _is_equal(value, expected) == (condition.operator == "eq")

    def _is_older(self, value: object, days: float) -> bool | None:
        if self._now is None:
            raise ConfigurationError(
                "the graph lacks the time at which the org was read (graph.graph['collectedAt']): "
                "pass the time as now="
            )
        try:
            then = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            then = None
        if then is None or then.tzinfo is None:
            return None
        return then <= self._now - timedelta(days=days)

    def _extend(
        self,
        partials: Iterable[_Partial],
        step: EdgeStep,
        accepts: Callable[[str], bool],
        *,
        to_the_right: bool,
    ) -> Iterator[_Partial]:
        for partial in partials:
            end = partial.nodes[-1] if to_the_right else partial.nodes[0]
            for nodes, steps in self._walks(end, step, frozenset(partial.steps), to_the_right=to_the_right):
                if not accepts(nodes[-1]):
                    continue
                if to_the_right:
                    yield _Partial(partial.nodes + nodes, partial.steps + steps, (*partial.places, nodes[-1]))
                else:
                    yield _Partial(
                        nodes[::-1] + partial.nodes, steps[::-1] + partial.steps, (nodes[-1], *partial.places)
                    )

    def _walks(
        self, node: str, step: EdgeStep, used: frozenset[MatchedEdge], *, to_the_right: bool
    ) -> Iterator[tuple[tuple[str, ...], tuple[MatchedEdge, ...]]]:
        """Yield every walk of `least` to `most` edges from a node, without edges that are already used."""
        outward = step.direction == "any" or (step.direction == "out") == to_the_right
        inward = step.direction == "any" or (step.direction == "in") == to_the_right
        walks: list[tuple[tuple[str, ...], tuple[MatchedEdge, ...]]] = [((), ())]
        for count in range(1, step.most + 1):
            longer = []
            for nodes, steps in walks:
                at = nodes[-1] if nodes else node
                hops = [*self._hops(at, step.kinds, outward, inward)]
                longer += [
                    ((*nodes, other), (*steps, edge))
                    for other, edge in hops
                    if edge not in used and edge not in steps
                ]
            walks = longer
            if count >= step.least:
                yield from walks

    def _hops(self, node: str, kinds: frozenset[str], outward: bool, inward: bool) -> Iterator[_Hop]:
        seen: set[MatchedEdge] = set()
        if outward:
            for edge in self._outgoing_edges(node, kinds):
                seen.add(edge)
                yield edge.end, edge
        if inward:
            for edge in self._incoming_edges(node, kinds):
                # A loop is one edge, although it both leaves and enters the node.
                if edge not in seen:
                    yield edge.start, edge

    def _outgoing_edges(self, node: str, kinds: frozenset[str]) -> Iterator[MatchedEdge]:
        shared: dict[tuple[str, str], Attributes] = {}
        for other, edges in self._graph.succ[node].items():
            chosen = edges.keys() & kinds if kinds else edges.keys()
            if not chosen:
                continue
            if self._graph.nodes[other].get("kind") != TARGET_SET:
                yield from (_edge(node, kind, other, edges[kind]) for kind in chosen)
                continue
            for target, covers in self._graph.succ[other].items():
                for kind in chosen:
                    _merge(shared, (kind, target), _properties_through_set(edges[kind], covers[COVERS.name]))
        for (kind, target), attributes in shared.items():
            yield _edge(node, kind, target, attributes)

    def _incoming_edges(self, node: str, kinds: frozenset[str]) -> Iterator[MatchedEdge]:
        shared: dict[tuple[str, str], Attributes] = {}
        for other, edges in self._graph.pred[node].items():
            if self._graph.nodes[other].get("kind") != TARGET_SET:
                chosen = edges.keys() & kinds if kinds else edges.keys()
                yield from (_edge(other, kind, node, edges[kind]) for kind in chosen)
                continue
            for holder, rights in self._graph.pred[other].items():
                for kind in rights.keys() & kinds if kinds else rights.keys():
                    _merge(shared, (holder, kind), _properties_through_set(rights[kind], edges[COVERS.name]))
        for (holder, kind), attributes in shared.items():
            yield _edge(holder, kind, node, attributes)


def _properties_through_set(right: Attributes, covers: Attributes) -> Attributes:
    """Return the properties of a right over one object of a target set. It depends on both edges."""
    return assuming({**covers, **right}, covers.get("assumption"))


def _merge(found: dict[tuple[str, str], Attributes], key: tuple[str, str], attributes: Attributes) -> None:
    """Merge attributes: an object may be in several target sets, for which a plain graph has one edge."""
    found[key] = combined(found[key], attributes) or {} if key in found else attributes


def _edge(start: str, kind: str, end: str, attributes: Attributes) -> MatchedEdge:
    inactive = None
    if attributes.get("active", True) is False:
        inactive = str(attributes.get("inactiveReason", "the edge is inactive"))
    return MatchedEdge(start, kind, end, attributes.get("assumption"), inactive)


def _is_equal(value: object, other: object) -> bool:
    """Return whether values are equal in Cypher, where a boolean is not a number (``true <> 1``)."""
    return isinstance(value, bool) == isinstance(other, bool) and value == other


def _order(partial: _Partial) -> tuple[object, ...]:
    return (partial.nodes, tuple((step.start, step.kind, step.end) for step in partial.steps))
