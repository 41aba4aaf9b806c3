"""Tier zero: the nodes whose control gives control of the organization, each with the shortest reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

import attrs
import networkx as nx

from oktahound.analysis.paths import Path, Walk
from oktahound.analysis.source_graph import graph_of, missing_data, require_scopes
from oktahound.entities import OAuthScope
from oktahound.graph import EDGE_KINDS
from oktahound.graph.grants import TARGET_SET
from oktahound.graph.object_ids import object_ids
from oktahound.scopes import Power, Reach, Severity
from oktahound.scopes.display import cell, frame, paragraph, table
from oktahound.scopes.records import record
from oktahound.snapshot import Snapshot
from oktahound.snapshot.display import printable

__all__ = ["TierZero", "TierZeroNode", "tier_zero"]

_ORGANIZATION = "Okta_Organization"
_KINDS = frozenset(
    kind.name
    for kind in EDGE_KINDS.values()
    if kind.traversable and (kind.same_tier or kind.ends == {_ORGANIZATION})
)
"""Kinds of edges whose start is in the tier of their end, and of rights over the organization itself."""

_BY_OBJECT_ID = 1
"""The number in BloodHound of a rule that selects nodes by their object id."""


@attrs.frozen(kw_only=True)
class TierZeroNode:
    """A node of tier zero.

    Attributes:
        node: its key.
        kind: its kind.
        name: its name.
        path: the shortest path to the organization over edges of tier zero; empty for the organization itself
            and for a node that belongs to tier zero because of a power.
        power: the power because of which it belongs to tier zero, if no edge represents it; None otherwise.
        object_id: the object id of the node in BloodHound after an import of `oktahound.write_opengraph`;
            None for an object outside the org that has none.
    """

    node: str
    kind: str
    name: str
    path: Path
    power: Power | None = None
    object_id: str | None = None

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The undocumented assumptions of its membership in tier zero."""
        of_power = (self.power.assumption,) if self.power and self.power.assumption else ()
        return (*self.path.assumptions, *of_power)

    @property
    def reason(self) -> str:
        """The reason why it belongs to tier zero: a sentence for each step of the path, or for the power."""
        if self.power is not None:
            return self.power.sentence
        if not self.path.steps:
            return "It is the organization."
        return " ".join(step.why for step in self.path.steps)

    def to_dict(self) -> dict[str, Any]:
        """Convert the node to JSON-ready values, with an id that is the same in every run."""
        cuts = [self.power.cut] if self.power else [step.cut for step in self.path.steps]
        return record(
            self,
            self.node,
            meaning=f"Control of {self.name} gives control of the organization. {self.reason}",
            what_to_do=" ".join(dict.fromkeys(cuts)),
            node=self.node,
            kind=self.kind,
            name=self.name,
            steps=len(self.path),
            path=str(self.path),
            reason=self.reason,
            assumptions=self.assumptions,
        )


@attrs.frozen(kw_only=True, repr=False, eq=False)
class TierZero(Sequence[TierZeroNode]):
    """The nodes of tier zero, those with the shortest reason first.

    Attributes:
        items: the nodes.
        missing: reasons why there may be more nodes: data that was not read, or a graph without scopes.
    """

    items: tuple[TierZeroNode, ...]
    missing: tuple[str, ...] = ()

    @property
    def nodes(self) -> frozenset[str]:
        """The keys of the nodes."""
        return frozenset(each.node for each in self.items)

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> TierZeroNode: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[TierZeroNode]: ...
    def __getitem__(self, index: int | slice) -> TierZeroNode | Sequence[TierZeroNode]:
        return self.items[index]

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one JSON-ready dict for each node."""
        return [each.to_dict() for each in self.items]

    def to_dict(self) -> dict[str, Any]:
        """Return all nodes as JSON-ready values. The id changes when a node appears or disappears."""
        return record(
            self,
            *sorted(self.nodes),
            meaning=f"Control of any of {len(self.items)} nodes gives control of the organization.",
            what_to_do="Reduce the number of nodes, and protect each of them like the organization itself.",
            nodes=self.items,
            missing=self.missing,
        )

    def to_dataframe(self) -> Any:
        """Convert to a pandas DataFrame with one row for each node.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        names = ("node", "kind", "name", "steps", "path", "reason", "assumptions")
        return frame(names, ([row[name] for name in names] for row in self.to_rows()))

    def privilege_zone_rules(self) -> list[dict[str, Any]]:
        """Return rules for BloodHound's privilege zone "Tier Zero": one for each kind of node, by object id.

        Each rule is the body of a request ``POST /api/v2/asset-group-tags/{id}/selectors``. The object ids
        are those of `oktahound.write_opengraph`, and the SIDs of Active Directory objects. Nodes without an
        `object_id` are in no rule.
        """
        by_kind: dict[str, list[TierZeroNode]] = {}
        for each in self.items:
            if each.object_id is not None:
                by_kind.setdefault(each.kind, []).append(each)
        return [
            {
                "name": f"oktahound: {kind}",
                "description": "Nodes whose control gives control of the Okta organization.",
                "seeds": [{"type": _BY_OBJECT_ID, "value": each.object_id} for each in by_kind[kind]],
            }
            for kind in sorted(by_kind)
        ]

    def __repr__(self) -> str:
        lines = [f"<tier zero: {len(self.items)} nodes"]
        lines += [f"  {each.kind} {printable(each.name)}: {printable(each.reason)}" for each in self.items]
        lines += [f"  there may be more: {printable(reason)}" for reason in self.missing]
        return "\n".join(lines) + ">"

    def _repr_html_(self) -> str:
        rows = (
            (cell(each.kind), cell(each.name), cell(each.reason), cell(str(each.path)),
             cell("; ".join(each.assumptions)))
            for each in self.items
        )  # fmt: skip
        head = ("kind", "name", "reason", "path", "assumptions")
        more = "".join(paragraph(f"there may be more: {reason}") for reason in self.missing)
        return table(f"tier zero: {len(self.items)} nodes", head, rows) + more


def tier_zero(source: nx.MultiDiGraph[str] | Snapshot) -> TierZero:
    """Compute tier zero: the organization and every node whose control gives control of it.

    A node belongs to tier zero if one of these conditions is true:

    - It holds a right over the organization itself: the super administrator role, a scope that grants roles.
    - It is a credential, a member, a trusted party or a source of a node of tier zero (`EdgeKind.same_tier`).
    - Its scopes give it a critical power over a node of tier zero, or over any organization.

    A node with a weaker right over tier zero, such as an application administrator, is not part of it.
    `choke_points` finds the edges of these rights.

    Args:
        source: a graph, preferably built with ``scopes=True``; or a snapshot, whose graph is then built.
    """
    graph = graph_of(source, "tier_zero")
    require_scopes(graph, graph, "tier_zero")
    organization = graph.graph["organization"]
    walk = Walk(graph, organization, backwards=True, kinds=_KINDS)
    items = [
        _node(graph, node, walk.path(node))
        for node in walk.nodes
        if graph.nodes[node].get("kind") != TARGET_SET
    ]
    items += [
        _node(graph, node, Path(()), power) for node, power in _by_power(graph) if node not in walk.nodes
    ]
    ids = object_ids(graph, (each.node for each in items))
    items = [attrs.evolve(each, object_id=ids[each.node]) for each in items]
    items.sort(key=lambda each: (each.node != organization, len(each.path), each.kind, each.node))
    return TierZero(items=tuple(items), missing=missing_data(graph))


def _node(graph: nx.MultiDiGraph[str], node: str, path: Path, power: Power | None = None) -> TierZeroNode:
    attributes: Mapping[str, Any] = graph.nodes[node]
    name = str(attributes.get("name", node))
    return TierZeroNode(node=node, kind=str(attributes.get("kind", "")), name=name, path=path, power=power)


def _by_power(graph: nx.MultiDiGraph[str]) -> Iterator[tuple[str, Power]]:
    """Yield the integrations with a critical power that needs no condition.

    Such a power may come from several scopes together, for which the graph has no edges.
    """
    for node, attributes in graph.nodes(data=True):
        if attributes.get("kind") == "Okta_ApiServiceIntegration" and attributes.get("oauthScopes"):
            powers = Reach(scopes=tuple(OAuthScope(scope) for scope in attributes["oauthScopes"])).powers
            for power in powers:
                if power.severity is Severity.CRITICAL and power.condition is None:
                    yield node, power
                    break
