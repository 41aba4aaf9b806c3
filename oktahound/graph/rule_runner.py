"""Run the rules, and add their edges and the missing nodes to a graph under construction.

`GraphBuilder` is the interface to the graph: `oktahound.graph.build` implements it for networkx, and
`oktahound.graph.compact` for flat arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol, TypeAlias

from oktahound.graph.endpoints import Endpoints
from oktahound.graph.foreign import Resolve
from oktahound.graph.grants import COVERS
from oktahound.graph.merge_properties import EdgeProperties
from oktahound.graph.metadata import UnmatchedEndpoints
from oktahound.graph.model import Edge, Rule, Unmatched
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.rule_groups import check_declared, independent_groups

__all__ = ["EdgeKey", "GraphBuilder", "run_rules"]

EdgeKey: TypeAlias = tuple[str, str, str]
"""The key of an edge: start node, end node, name of the kind."""


class GraphBuilder(Protocol):
    """A graph under construction."""

    def nodes(self) -> Iterable[str]:
        """Return the keys of the existing nodes."""
        ...

    def add_node(self, node: str, attributes: dict[str, Any]) -> None:
        """Add a new node."""
        ...

    def merge_edge(self, key: EdgeKey, properties: EdgeProperties) -> None:
        """Add an edge, or merge the properties with those of an existing edge of the same key."""
        ...

    def add_edge(self, start: str, end: str, kind: str) -> None:
        """Add an edge without properties between existing nodes.

        An existing edge of the same key loses its properties: a cause without conditions makes it
        unconditional.
        """
        ...


def run_rules(
    builder: GraphBuilder,
    org: OrgIndex,
    rules: Iterable[Rule],
    *,
    share_targets: bool,
    resolve: Resolve | None = None,
    keep_indexes: bool = True,
) -> UnmatchedEndpoints:
    """Run rules: add their edges, and placeholder nodes for endpoints that were not collected.

    If several rules emit the same edge, it is added once, with merged properties. The result does not depend
    on the order of the rules.

    Args:
        builder: the graph, with the nodes of the snapshot's rows.
        org: the org.
        rules: the rules to run.
        share_targets: whether grants over the same targets share a node.
        resolve: finds the ids of foreign objects.
        keep_indexes: keep the indexes of `org` from one group of rules to the next. False saves memory, but
            some indexes are then built several times.

    Returns:
        The edges whose endpoints the rules could not determine.

    Raises:
        KindError: a rule emitted an edge of a kind that it does not declare, or a foreign endpoint of a kind
            that the kind of the edge does not allow.
    """
    rules = tuple(rules)
    endpoints = Endpoints(org, set(builder.nodes()), builder.add_node, rules=rules, resolve=resolve)
    unmatched = UnmatchedEndpoints()
    for group in independent_groups(rules):
        for rule in group:
            _run_rule(rule, builder, endpoints, _edges(rule, org, endpoints, unmatched, share_targets))
        if not keep_indexes:
            org.drop_indexes()
    return unmatched


def _run_rule(rule: Rule, builder: GraphBuilder, endpoints: Endpoints, edges: Iterator[Edge]) -> None:
    emits = rule.emits | {COVERS}
    known, state_properties = endpoints.known, endpoints.state_properties
    add: Any = builder.add_edge
    for edge in edges:
        kind, start, end, properties = edge
        if kind not in emits:
            check_declared(rule, kind)
        if (
            properties is None
            and start in known
            and end in known
            and start not in state_properties
            and end not in state_properties
        ):
            # The common case, which occurs millions of times. `known` never contains a `Foreign` endpoint.
            add(start, end, kind.name)
        else:
            start_key, end_key, merged = endpoints.of(edge)
            builder.merge_edge((start_key, end_key, kind.name), merged)


def _edges(
    rule: Rule, org: OrgIndex, endpoints: Endpoints, unmatched: UnmatchedEndpoints, share_targets: bool
) -> Iterator[Edge]:
    for item in rule.body(org):
        if isinstance(item, Edge):
            yield item
        elif isinstance(item, Unmatched):
            unmatched.add(rule, item)
        elif share_targets:
            yield from endpoints.share(item)
            yield endpoints.to_shared(item)
        else:
            yield from item.edges()
