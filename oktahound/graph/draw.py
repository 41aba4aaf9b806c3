"""Edges and grants become edges of a networkx graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
        for item in rule.body(self._view):
            if item.kind not in rule.emits:
                raise KindError(f"rule {rule.name} drew an edge of {item.kind!r}, which it does not declare")
            if item.__class__ is Edge:
                self._add_all((item,))
            elif self._share_targets:
                self._add_shared(item)
            else:
                self._add_all(item.edges())

    def _add_all(self, edges: Iterable[Edge]) -> None:
        add, known, inactive, carrying = self._graph.add_edge, self._known, self._inactive, self._carrying
        for edge in edges:
            kind, start, end, properties = edge
            if start not in known or end not in known:
                self._stand_in(edge)
            if properties is None and start not in inactive and end not in inactive:
                if not carrying or (start, end, kind.name) not in carrying:
                    add(start, end, kind.name)
                    continue
            self._add_carrying(start, end, kind.name, self._with_ends(edge))

    def _add_shared(self, grant: Grant) -> None:
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
            self._add_all(Grant(COVERS, node, grant.targets).edges())
        self._add_all((grant.kind(grant.holder, node, **grant.properties),))

    def _with_ends(self, edge: Edge) -> Mapping[str, Any]:
        """What the edge carries, with what its ends make of it."""
        properties = edge.properties or {}
        if properties.get("active", True):
            reason = self._inactive.get(edge.start) or self._inactive.get(edge.end)
            if reason is not None:
                return {**properties, "active": False, "inactiveReason": reason}
        return properties

    def _add_carrying(self, start: str, end: str, kind: str, properties: Mapping[str, Any]) -> None:
        key = (start, end, kind)
        if not properties:
            # A cause without conditions makes the edge unconditional.
            self._graph.remove_edge(*key)
            self._graph.add_edge(*key)
            self._carrying.discard(key)
        elif key in self._carrying:
            known = self._graph.edges[key]
            merged = _merged(known, properties)
            known.clear()
            known.update(merged)
        elif not self._graph.has_edge(*key):
            self._graph.add_edge(*key, **properties)
            self._carrying.add(key)

    def _stand_in(self, edge: Edge) -> None:
        for node, kinds in ((edge.start, edge.kind.starts), (edge.end, edge.kind.ends)):
            if node not in self._known:
                self._graph.add_node(node, **placeholder(_kind_of(node, kinds, self._view), self._view))
                self._known.add(node)


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two causes of one edge: the stronger one counts; two that are equally strong say what both say."""
    weaker, stronger = sorted((dict(one), dict(other)), key=_strength)
    return stronger if _strength(weaker)[0] != _strength(stronger)[0] else {**weaker, **stronger}


def _strength(properties: Mapping[str, Any]) -> tuple[tuple[bool, bool, bool], str]:
    certain = "assumption" not in properties and properties.get("usable", True) is True
    unconditional = not properties.get("conditional", False)
    return (properties.get("active", True), certain, unconditional), repr(sorted(properties.items()))


# Okta's ids begin with the type of their object. It is not documented, but every recorded id does; it
# only decides the kind of a placeholder where the edge itself leaves a choice.
_PREFIXES = {"00u": "Okta_User", "00g": "Okta_Group", "0oa": "Okta_Application", "cr0": "Okta_CustomRole"}


def _kind_of(node_id: str, allowed: frozenset[str], view: OrgView) -> str:
    if "Okta_Role" in allowed and node_id.endswith(f"@{view.domain}"):
        return "Okta_Role"
    likely = _PREFIXES.get(node_id[:3])
    return likely if likely in allowed else min(allowed)
