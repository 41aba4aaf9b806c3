"""Edges and grants become edges of a networkx graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import networkx as nx

from oktahound.errors import KindError
from oktahound.graph.grants import COVERS, TARGET_SET, Grant
from oktahound.graph.lifecycle import inactive_nodes
from oktahound.graph.model import Edge, Rule
from oktahound.graph.nodes import placeholder
from oktahound.graph.view import OrgView

__all__ = ["Drawing"]


class Drawing:
    """Adds what rules draw to a graph.

    Every end that was not collected gets a node of its own. An edge with an inactive end says so. An edge
    may have several causes; it is drawn once, and which cause came first does not matter.
    """

    def __init__(self, graph: nx.MultiDiGraph[str], view: OrgView, *, share_targets: bool) -> None:
        self._graph = graph
        self._view = view
        self._share_targets = share_targets
        self._known = set(graph)
        self._inactive = inactive_nodes(view)
        self._carrying: set[tuple[str, str, str]] = set()

    def draw(self, rule: Rule) -> None:
        """Add the edges of a rule.

        Raises:
            KindError: it drew an edge of a kind that it does not declare.
        """
        emits = rule.emits | {COVERS}
        known, inactive, carrying = self._known, self._inactive, self._carrying
        add = self._graph.add_edge
        for item in self._edges(rule):
            kind, start, end, properties = item
            if kind not in emits:
                raise KindError(f"rule {rule.name} drew an edge of {kind!r}, which it does not declare")
            if (
                properties is None
                and start in known
                and end in known
                and start not in inactive
                and end not in inactive
                and not (carrying and (start, end, kind.name) in carrying)
            ):
                # The common case, millions of times.
                add(start, end, kind.name)
            else:
                self._add_with_care(item)

    def _edges(self, rule: Rule) -> Iterator[Edge]:
        for item in rule.body(self._view):
            if isinstance(item, Edge):
                yield item
            elif self._share_targets:
                yield from self._shared(item)
            else:
                yield from item.edges()

    def _shared(self, grant: Grant) -> Iterator[Edge]:
        """The holder's edge leads to a node that stands for the set, and that node covers the targets."""
        node = grant.set_node(self._view.domain)
        if node not in self._known:
            self._known.add(node)
            self._graph.add_node(
                node,
                kind=TARGET_SET,
                oktaDomain=self._view.domain,
                environmentid=self._view.organization_id,
                name=f"{len(grant.targets.ids)} targets of {grant.kind.name}",
                right=grant.kind.name,
                size=len(grant.targets.ids),
            )
            yield from Grant(COVERS, node, grant.targets).edges()
        yield grant.kind(grant.holder, node, **grant.properties)

    def _add_with_care(self, edge: Edge) -> None:
        """Add an edge that carries something, or leads somewhere new, or stands there already."""
        for node, kinds in ((edge.start, edge.kind.starts), (edge.end, edge.kind.ends)):
            if node not in self._known:
                self._graph.add_node(node, **placeholder(_kind_of(node, kinds, self._view), self._view))
                self._known.add(node)
        key, properties = (edge.start, edge.end, edge.kind.name), self._with_ends(edge)
        if not properties:
            if key in self._carrying:
                # A cause without conditions makes the edge unconditional.
                self._carrying.discard(key)
                self._graph.edges[key].clear()
            self._graph.add_edge(*key)
        elif key in self._carrying:
            merged = _merged(self._graph.edges[key], properties)
            self._graph.edges[key].clear()
            self._graph.edges[key].update(merged)
        elif not self._graph.has_edge(*key):
            self._carrying.add(key)
            self._graph.add_edge(*key, **properties)

    def _with_ends(self, edge: Edge) -> Mapping[str, Any]:
        """What the edge carries, with what its ends make of it."""
        properties = edge.properties or {}
        if properties.get("active", True):
            reason = self._inactive.get(edge.start) or self._inactive.get(edge.end)
            if reason is not None:
                return {**properties, "active": False, "inactiveReason": reason}
        return properties


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two causes of one edge: the stronger one counts; two that are equally strong say what both say."""
    if _strength(one) != _strength(other):
        return dict(one if _strength(one) > _strength(other) else other)
    # Whichever came first: where they contradict each other, the text decides.
    return {
        name: max((each[name] for each in (one, other) if name in each), key=repr)
        for name in {**one, **other}
    }


def _strength(properties: Mapping[str, Any]) -> tuple[bool, bool, bool]:
    certain = "assumption" not in properties and properties.get("usable", True) is True
    return properties.get("active", True), certain, not properties.get("conditional", False)


# Okta's ids begin with the type of their object. It is not documented, but every recorded id does; it
# only decides the kind of a placeholder where the edge itself leaves a choice.
_PREFIXES = {"00u": "Okta_User", "00g": "Okta_Group", "0oa": "Okta_Application", "cr0": "Okta_CustomRole"}


def _kind_of(node_id: str, allowed: frozenset[str], view: OrgView) -> str:
    if "Okta_Role" in allowed and node_id.endswith(f"@{view.domain}"):
        return "Okta_Role"
    likely = _PREFIXES.get(node_id[:3])
    return likely if likely in allowed else min(allowed)
