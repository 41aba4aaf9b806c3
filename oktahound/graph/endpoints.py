"""Resolve edge endpoints to node keys, and create placeholder nodes for objects that were not collected.

Objects outside the org get placeholder nodes too. Edges with an inactive endpoint are marked inactive.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from oktahound.errors import KindError
from oktahound.graph.foreign import Foreign, Resolve
from oktahound.graph.grants import COVERS, TARGET_SET, Grant
from oktahound.graph.kind_names import is_of_org
from oktahound.graph.lifecycle import inactive_nodes, uncertain_nodes, unread_kinds
from oktahound.graph.merge_properties import EdgeProperties, assuming
from oktahound.graph.model import Edge, EdgeKind, Rule
from oktahound.graph.nodes import placeholder
from oktahound.graph.org_index import OrgIndex

__all__ = ["AddNode", "Endpoints", "leads_out"]

AddNode: TypeAlias = Callable[[str, dict[str, Any]], None]
"""Adds a node with this key and these attributes."""


class Endpoints:
    """Finds the nodes of endpoints, and creates missing ones.

    Attributes:
        known: keys of the existing nodes.
        state_properties: properties that edges get from an endpoint that is inactive or whose state is
            unknown, by node key.
    """

    def __init__(
        self, org: OrgIndex, known: set[str], add: AddNode, *, rules: Iterable[Rule], resolve: Resolve | None
    ) -> None:
        """Start with the nodes of the snapshot's rows.

        Args:
            org: the index of the snapshot.
            known: keys of the existing nodes. New keys are added to it.
            add: called once for each new node, before its first edge.
            rules: the rules that run.
            resolve: finds the ids of foreign objects.
        """
        self.known = known
        self.state_properties: dict[str, Mapping[str, Any]] = {
            node: {"assumption": doubt} for node, doubt in org.once(uncertain_nodes).items()
        }
        self.state_properties |= {
            node: _inactive(reason) for node, reason in org.once(inactive_nodes).items()
        }
        self._org = org
        self._add = add
        self._rules = tuple(rules)
        self._resolve = _resolver(resolve)
        self._unread = unread_kinds(org)
        self._nodes: dict[Foreign, str] = {}
        self._named: set[str] = set()
        self._kinds: dict[str, str] | None = None

    def key(self, end: str | Foreign) -> str:
        """Return the node key of an endpoint. The node need not exist."""
        if not isinstance(end, Foreign):
            return end
        node = self._nodes.get(end)
        if node is None:
            resolved = self._resolve(end)
            if resolved:
                self._named.add(resolved)
            node = self._nodes[end] = resolved or end.key
        return node

    def of(self, edge: Edge) -> tuple[str, str, EdgeProperties]:
        """Return the node keys and the properties of an edge. Creates missing nodes.

        Raises:
            KindError: an endpoint is a foreign object of a kind that the edge's kind does not allow.
        """
        kind, start, end, properties = edge
        known, state_properties = self.known, self.state_properties
        if isinstance(start, Foreign) or start not in known:
            start = self.node(start, kind.starts)
        if isinstance(end, Foreign) or end not in known:
            end = self.node(end, kind.ends)
        if start in state_properties or end in state_properties:
            properties = self._with_state_properties(start, end, properties or {})
        return start, end, properties

    def node(self, end: str | Foreign, kinds: frozenset[str]) -> str:
        """Return the node key of an endpoint that can have these kinds. Creates a missing node.

        Raises:
            KindError: a foreign object is of another kind.
        """
        key = self.key(end)
        if isinstance(end, Foreign) and end.kind not in kinds:
            raise KindError(f"an edge has a foreign {end.kind!r}, but its kind allows only {sorted(kinds)}")
        if key not in self.known:
            self.known.add(key)
            if isinstance(end, Foreign):
                self._add(key, self._foreign(end, key))
            else:
                self._add_uncollected(key, kinds)
        return key

    def share(self, grant: Grant) -> Iterator[Edge]:
        """Yield the edges of the node that represents a grant's targets; none if the node already exists.

        The endpoints of these edges are unique in the graph.
        """
        node = grant.set_node(self._org.domain)
        if node not in self.known:
            self.known.add(node)
            attributes = {
                "kind": TARGET_SET,
                "oktaDomain": self._org.domain,
                "environmentid": self._org.organization_id,
                "name": f"{len(grant.targets.ids)} targets of {grant.kind.name}",
                "right": grant.kind.name,
                "size": len(grant.targets.ids),
            }
            self._add(node, attributes)
            yield from Grant(COVERS, node, grant.targets).edges()

    def to_shared(self, grant: Grant) -> Edge:
        """Return the edge from a grant's holder to the node that represents its targets."""
        return grant.kind(grant.holder, grant.set_node(self._org.domain), **grant.properties)

    def _add_uncollected(self, node: str, kinds: frozenset[str]) -> None:
        kind = _kind_of(node, kinds, self._org)
        self._add(node, placeholder(kind, self._org))
        unread = self._unread.get(kind)
        self.state_properties[node] = _unlisted(kind) if unread is None else _inactive(unread)

    def _foreign(self, foreign: Foreign, node: str) -> dict[str, Any]:
        """Return the attributes of an object outside the org: a resolved object or a placeholder."""
        if node not in self._named:
            return foreign.attributes
        if self._kinds is None:
            self._kinds = self._kinds_of_foreign()
        # If objects of different kinds have this key, the kind is chosen by text, independent of their order.
        return Foreign.with_id(self._kinds.get(node, foreign.kind), node).attributes

    def _kinds_of_foreign(self) -> dict[str, str]:
        kinds: dict[str, str] = {}
        for rule in self._rules:
            for item in rule.body(self._org) if leads_out(rule) else ():
                for end in item[1:3] if isinstance(item, Edge) else ():
                    if isinstance(end, Foreign):
                        node = self.key(end)
                        kinds[node] = min(kinds.get(node, end.kind), end.kind)
        return kinds

    def _with_state_properties(
        self, start: str, end: str, properties: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Merge properties of an edge and its endpoints. Inactive precedes unknown, start precedes end."""
        if not properties.get("active", True):
            return properties
        found = [each for each in (self.state_properties.get(start), self.state_properties.get(end)) if each]
        if (inactive := next((each for each in found if "active" in each), None)) is not None:
            return {**inactive, **properties}
        return assuming(properties, *(each["assumption"] for each in found))


def _inactive(reason: str) -> Mapping[str, Any]:
    return {"active": False, "inactiveReason": reason}


@functools.cache
def _unlisted(kind: str) -> Mapping[str, Any]:
    """Return the properties of edges of a placeholder. Okta omits objects, such as DEPROVISIONED users."""
    return {
        "assumption": f"the {kind} exists and is active: another object refers to it, but it was not read"
    }


def leads_out(of: Rule | EdgeKind) -> bool:
    """Whether edges of a kind, or of a rule, can have an endpoint outside the org."""
    kinds = of.emits if isinstance(of, Rule) else (of,)
    return not all(is_of_org(end) for kind in kinds for end in kind.starts | kind.ends)


def _resolver(resolve: Resolve | None) -> Callable[[Foreign], str | None]:
    if resolve is None:
        return lambda foreign: None
    if isinstance(resolve, Mapping):
        return lambda foreign: resolve.get(foreign.key)
    return resolve


# Okta's ids begin with the type of their object. This is not documented, but true of every recorded id. It
# only decides the kind of a placeholder if the edge kind allows several.
_PREFIXES = {
    "00u": "Okta_User",
    "00g": "Okta_Group",
    "0oa": "Okta_Application",
    "cr0": "Okta_CustomRole",
    "iam": "Okta_ResourceSet",
    "aus": "Okta_AuthorizationServer",
    "wlp": "OktaHound_AiAgent",
    "ems": "OktaHound_McpServer",
}
# Ids of Okta's own objects are words. Their node keys also contain the domain.
_BUILT_IN = frozenset({"Okta_Role", "Okta_ResourceSet"})


def _kind_of(node_id: str, allowed: frozenset[str], org: OrgIndex) -> str:
    if node_id.endswith(f"@{org.domain}") and not _BUILT_IN.isdisjoint(allowed):
        return min(_BUILT_IN & allowed)
    likely = _PREFIXES.get(node_id[:3])
    # A plain id always belongs to this org, even if edges of the kind can lead out of it.
    ours = [kind for kind in allowed if is_of_org(kind)]
    return likely if likely in allowed else min(ours or allowed)
