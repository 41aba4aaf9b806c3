"""Edges and grants become edges of a networkx graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import networkx as nx

from oktahound.graph.endpoints import Endpoints
from oktahound.graph.foreign import Resolve
from oktahound.graph.grants import COVERS
from oktahound.graph.merge_properties import Carried, combined
from oktahound.graph.metadata import UnmatchedEndpoints
from oktahound.graph.model import Edge, Rule, Unmatched
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.rule_groups import check_declared

__all__ = ["Drawing"]


class Drawing:
    """Adds what rules draw to a graph.

    An edge may have several causes; it is drawn once, and which cause came first does not matter.

    Attributes:
        unmatched: what rules could not tell the ends of.
    """

    def __init__(
        self,
        graph: nx.MultiDiGraph[str],
        view: OrgIndex,
        *,
        share_targets: bool,
        rules: Iterable[Rule] = (),
        resolve: Resolve | None = None,
    ) -> None:
        self.unmatched = UnmatchedEndpoints()
        self._graph = graph
        self._view = view
        self._share_targets = share_targets
        self._ends = Endpoints(view, set(graph), self._add_node, rules=rules, resolve=resolve)
        self._carrying: set[tuple[str, str, str]] = set()

    def draw(self, rule: Rule) -> None:
        """Add the edges of a rule.

        Raises:
            KindError: it drew an edge of a kind that it does not declare, or to a node of a kind that the
                edge's kind does not lead to.
        """
        emits = rule.emits | {COVERS}
        known, marks, carrying = self._ends.known, self._ends.marks, self._carrying
        add: Any = self._graph.add_edge
        for item in self._edges(rule):
            kind, start, end, properties = item
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
                # The common case, millions of times.
                add(start, end, kind.name)
            else:
                start, end, properties = self._ends.of(item)
                self._add_with_care((start, end, kind.name), properties)

    def _edges(self, rule: Rule) -> Iterator[Edge]:
        for item in rule.body(self._view):
            if isinstance(item, Edge):
                yield item
            elif isinstance(item, Unmatched):
                self.unmatched.note(rule, item)
            elif self._share_targets:
                yield from self._ends.share(item)
                yield self._ends.to_shared(item)
            else:
                yield from item.edges()

    def _add_node(self, node: str, attributes: dict[str, Any]) -> None:
        # Handed over as keywords, an attribute could have the name of networkx's own parameter.
        self._graph.add_node(node)
        self._graph.nodes[node].update(attributes)

    def _add_with_care(self, key: tuple[str, str, str], properties: Carried) -> None:
        """Add an edge that carries something, or leads somewhere new, or stands there already."""
        if self._graph.has_edge(*key):
            attributes = self._graph.edges[key]
            properties = combined(attributes, properties)
            if attributes != (properties or {}):
                attributes.clear()
                attributes.update(properties or {})
            if not properties:
                self._carrying.discard(key)
        elif properties:
            self._carrying.add(key)
            self._graph.add_edge(*key)
            self._graph.edges[key].update(properties)
        else:
            self._graph.add_edge(*key)
