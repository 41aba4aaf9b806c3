"""Run rules and hand their nodes and edges to a graph, whatever form the graph has in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any, Protocol, TypeAlias

from oktahound.graph.endpoints import Endpoints
from oktahound.graph.foreign import Resolve
from oktahound.graph.grants import COVERS
from oktahound.graph.merge_properties import Carried
from oktahound.graph.metadata import UnmatchedEndpoints
from oktahound.graph.model import Edge, Rule, Unmatched
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.rule_groups import check_declared, families

__all__ = ["Canvas", "EdgeKey", "draw"]

EdgeKey: TypeAlias = tuple[str, str, str]
"""An edge: node it starts at, node it ends at, name of its kind."""


class Canvas(Protocol):
    """A graph under construction."""

    @property
    def carrying(self) -> AbstractSet[EdgeKey]:
        """The edges for which `merge_edge` must be called, also with nothing to carry."""
        ...

    @property
    def add_edge(self) -> Callable[[Any, Any, str], Any]:
        """Adds an edge that carries nothing. Both ends are keys of nodes that exist."""
        ...

    def nodes(self) -> Iterable[str]:
        """The keys of the nodes that exist."""
        ...

    def add_node(self, node: str, attributes: dict[str, Any]) -> None:
        """Add a node that does not exist."""
        ...

    def merge_edge(self, key: EdgeKey, properties: Carried) -> None:
        """Add an edge, or merge the properties with those of the same edge."""
        ...

    def end_family(self) -> None:
        """Release what was kept to merge edges: none of the edges so far occurs again."""
        ...


def draw(
    canvas: Canvas,
    org: OrgIndex,
    rules: Iterable[Rule],
    *,
    share_targets: bool,
    resolve: Resolve | None = None,
    keep_indexes: bool = True,
) -> UnmatchedEndpoints:
    """Add the edges of rules, and the nodes that only edges refer to.

    An edge may have several causes; it is drawn once, and the order of its causes does not matter.

    Args:
        canvas: the graph, with the nodes of the snapshot's rows.
        org: the org.
        rules: the rules that run.
        share_targets: whether targets of grants share a node.
        resolve: finds the ids of foreign objects.
        keep_indexes: keep the indexes of `org` for the next rules. Without them, memory is saved, and some
            are built several times.

    Returns:
        The edges whose ends rules could not tell.

    Raises:
        KindError: a rule drew an edge of a kind that it does not declare, or to a node of a kind that the
            edge's kind does not lead to.
    """
    rules = tuple(rules)
    ends = Endpoints(org, set(canvas.nodes()), canvas.add_node, rules=rules, resolve=resolve)
    unmatched = UnmatchedEndpoints()
    for family in families(rules):
        for rule in family:
            _draw_rule(rule, canvas, ends, _edges(rule, org, ends, unmatched, share_targets))
        canvas.end_family()
        if not keep_indexes:
            org.drop_indexes()
    return unmatched


def _draw_rule(rule: Rule, canvas: Canvas, ends: Endpoints, edges: Iterator[Edge]) -> None:
    emits = rule.emits | {COVERS}
    known, marks, carrying, add = ends.known, ends.marks, canvas.carrying, canvas.add_edge
    for edge in edges:
        kind, start, end, properties = edge
        if kind not in emits:
            check_declared(rule, kind)
        if (
            properties is None
            and start in known
            and end in known
            and start not in marks
            and end not in marks
            and not (carrying and (start, end, kind.name) in carrying)
        ):
            # The common case, millions of times. Foreign ends are never among the known nodes.
            add(start, end, kind.name)
        else:
            start_key, end_key, merged = ends.of(edge)
            canvas.merge_edge((start_key, end_key, kind.name), merged)


def _edges(
    rule: Rule, org: OrgIndex, ends: Endpoints, unmatched: UnmatchedEndpoints, share_targets: bool
) -> Iterator[Edge]:
    for item in rule.body(org):
        if isinstance(item, Edge):
            yield item
        elif isinstance(item, Unmatched):
            unmatched.note(rule, item)
        elif share_targets:
            yield from ends.share(item)
            yield ends.to_shared(item)
        else:
            yield from item.edges()
