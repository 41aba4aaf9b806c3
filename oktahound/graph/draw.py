"""Edges and grants become edges of a networkx graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import networkx as nx

from oktahound.errors import KindError
from oktahound.graph.foreign import Foreign, Resolve
from oktahound.graph.grants import COVERS, TARGET_SET, Grant
from oktahound.graph.lifecycle import inactive_nodes, unread_kinds
from oktahound.graph.model import Edge, Rule, Unmatched
from oktahound.graph.nodes import placeholder
from oktahound.graph.view import OrgView

__all__ = ["Drawing"]


class Drawing:
    """Adds what rules draw to a graph.

    Every end that was not collected gets a node of its own, and so does every end outside the org. An edge
    with an inactive end says so. An edge may have several causes; it is drawn once, and which cause came
    first does not matter.
    """

    def __init__(
        self,
        graph: nx.MultiDiGraph[str],
        view: OrgView,
        *,
        share_targets: bool,
        resolve: Resolve | None = None,
    ) -> None:
        self._graph = graph
        self._view = view
        self._share_targets = share_targets
        self._resolve = _resolver(resolve)
        self._known = set(graph)
        self._inactive = dict(view.once(inactive_nodes))
        self._unread = unread_kinds(view)
        self._carrying: set[tuple[str, str, str]] = set()
        self._foreign: dict[Foreign, str] = {}
        self._unmatched: Counter[tuple[str, str, str]] = Counter()

    @property
    def unmatched(self) -> list[dict[str, Any]]:
        """What rules could not tell the ends of, with how often, in a stable order."""
        return [
            {"rule": rule, "object": object_id, "why": why, "count": count}
            for (rule, object_id, why), count in sorted(self._unmatched.items())
        ]

    def draw(self, rule: Rule) -> None:
        """Add the edges of a rule.

        Raises:
            KindError: it drew an edge of a kind that it does not declare.
        """
        emits = rule.emits | {COVERS}
        known, inactive, carrying = self._known, self._inactive, self._carrying
        add: Any = self._graph.add_edge
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
            elif isinstance(item, Unmatched):
                self._unmatched[rule.name, item.object_id, item.why] += 1
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
        kind, start, end, properties = edge
        if isinstance(start, Foreign) or start not in self._known:
            start = self._node(start, kind.starts)
        if isinstance(end, Foreign) or end not in self._known:
            end = self._node(end, kind.ends)
        if start in self._inactive or end in self._inactive:
            properties = self._with_ends(start, end, properties or {})
        key = (start, end, kind.name)
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

    def _node(self, end: str | Foreign, kinds: frozenset[str]) -> str:
        """The node of an end, which is there from now on."""
        if isinstance(end, Foreign):
            if end.kind not in kinds:
                raise KindError(f"an edge has a foreign {end.kind!r} where its kind takes {sorted(kinds)}")
            return self._foreign.get(end) or self._foreign_node(end)
        if end not in self._known:
            kind = _kind_of(end, kinds, self._view)
            self._graph.add_node(end, **placeholder(kind, self._view))
            self._known.add(end)
            if kind in self._unread:
                self._inactive[end] = self._unread[kind]
        return end

    def _foreign_node(self, foreign: Foreign) -> str:
        """The node of an object outside the org: the one that the caller names, or a placeholder."""
        resolved = self._resolve(foreign)
        node = self._foreign[foreign] = resolved or foreign.key
        told = Foreign.with_id(foreign.kind, resolved) if resolved else foreign
        if node not in self._known:
            self._known.add(node)
            self._graph.add_node(node, **told.attributes)
        elif resolved and self._graph.nodes[node].get("foreign"):
            # Named for two objects of different kinds: whichever came first, the text decides.
            self._graph.nodes[node]["kind"] = min(self._graph.nodes[node]["kind"], foreign.kind)
        return node

    def _with_ends(self, start: str, end: str, properties: Mapping[str, Any]) -> Mapping[str, Any]:
        """What an edge with an inactive end carries."""
        if not properties.get("active", True):
            return properties
        reason = self._inactive.get(start) or self._inactive.get(end)
        return {**properties, "active": False, "inactiveReason": reason}


def _resolver(resolve: Resolve | None) -> Callable[[Foreign], str | None]:
    if resolve is None:
        return lambda foreign: None
    if isinstance(resolve, Mapping):
        return lambda foreign: resolve.get(foreign.key)
    return resolve


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
_PREFIXES = {
    "00u": "Okta_User",
    "00g": "Okta_Group",
    "0oa": "Okta_Application",
    "cr0": "Okta_CustomRole",
    "iam": "Okta_ResourceSet",
}
# What Okta made itself is named by words, and its node by the domain as well.
_BUILT_IN = frozenset({"Okta_Role", "Okta_ResourceSet"})


def _kind_of(node_id: str, allowed: frozenset[str], view: OrgView) -> str:
    if node_id.endswith(f"@{view.domain}") and not _BUILT_IN.isdisjoint(allowed):
        return min(_BUILT_IN & allowed)
    likely = _PREFIXES.get(node_id[:3])
    # A bare id is always this org's, also where edges of the kind lead out of it.
    ours = [kind for kind in allowed if kind.startswith("Okta")]
    return likely if likely in allowed else min(ours or allowed)
