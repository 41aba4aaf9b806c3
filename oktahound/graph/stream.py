"""Stream the nodes and edges of a snapshot without holding the graph in memory.

Only rules of one group can emit the same edge, so the data for merging duplicate edges is dropped after each
group. Every rule of a group runs twice. The first run stores the hash of every edge, to find possible
duplicates. The second run holds back possible duplicates and merges them, and yields all other edges at once.
Grants are small: they are kept, and expanded holder by holder at the end.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

import attrs

from oktahound.graph.builtin_role_nodes import built_in_role_nodes
from oktahound.graph.endpoints import Endpoints
from oktahound.graph.foreign import Resolve
from oktahound.graph.grants import Grant
from oktahound.graph.merge_properties import EdgeProperties, combined
from oktahound.graph.model import Edge, EdgeKind, Rule
from oktahound.graph.nodes import rows_of_nodes
from oktahound.graph.optional_parts import SelectedParts
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.rule_groups import check_declared, independent_groups

__all__ = ["NOTHING", "EdgeRow", "NodeRow", "Row", "Stream", "node_row"]


class NodeRow(NamedTuple):
    """One node.

    Attributes:
        id: its key in the networkx graph.
        kind: its kind, such as ``Okta_User``.
        attributes: its other attributes, JSON-ready: str, int, bool, lists of str.
    """

    id: str
    kind: str
    attributes: Mapping[str, Any]


class EdgeRow(NamedTuple):
    """One edge.

    Attributes:
        kind: its kind.
        start: id of the start node.
        end: id of the end node.
        attributes: its properties, JSON-ready; mostly empty.
    """

    kind: EdgeKind
    start: str
    end: str
    attributes: Mapping[str, Any]


Row: TypeAlias = NodeRow | EdgeRow
Holder: TypeAlias = tuple[str, str]
"""The name of an edge kind, and the node id of the holder of such a right."""

NOTHING: Mapping[str, Any] = MappingProxyType({})
"""The properties of most edges: none."""


@attrs.frozen(eq=False)
class Stream:
    """The nodes and edges of a snapshot, as an iterable that can be iterated several times.

    Attributes:
        org: the index of the snapshot.
        rules: the rules that run.
        share_targets: whether grants over the same targets share a node.
        resolve: finds the ids of foreign objects.
        selected: the optional parts of the graph.
    """

    org: OrgIndex
    rules: tuple[Rule, ...]
    share_targets: bool
    resolve: Resolve | None
    selected: SelectedParts

    def __iter__(self) -> Iterator[Row]:
        known: set[str] = set()
        yield from _collected(self.org, known, self.selected)
        new: list[NodeRow] = []
        endpoints = Endpoints(
            self.org,
            known,
            lambda node, attributes: new.append(node_row(node, attributes)),
            rules=self.rules,
            resolve=self.resolve,
        )
        for group in independent_groups(self.rules):
            yield from _RuleGroup(group, self.org, endpoints, new, self.share_targets).rows()


def node_row(node: str, attributes: Mapping[str, Any]) -> NodeRow:
    """Convert a node of networkx to a row."""
    return NodeRow(
        node, attributes["kind"], {name: value for name, value in attributes.items() if name != "kind"}
    )


def _collected(org: OrgIndex, known: set[str], selected: SelectedParts) -> Iterator[NodeRow]:
    """Yield the nodes of the snapshot's rows, and add their keys to `known`."""
    without_rows = [*built_in_role_nodes(org), *selected.nodes(org)]
    of_rows = (node for node, *_ in rows_of_nodes(org, selected))
    repeated = _repeated(chain(of_rows, (node for node, _ in without_rows)), known)
    held_back: dict[str, dict[str, Any]] = {}
    for node, describe, row in rows_of_nodes(org, selected):
        attributes = held_back.setdefault(node, {}) if node in repeated else {}
        describe(attributes, row, org)
        if node not in repeated:
            yield node_row(node, attributes)
    for node, attributes in without_rows:
        held_back.setdefault(node, {}).update(attributes)
    for node, attributes in held_back.items():
        yield node_row(node, attributes)


def _repeated(nodes: Iterable[str], known: set[str]) -> set[str]:
    """Return the nodes that occur several times, and add all nodes to `known`."""
    repeated = set()
    for node in nodes:
        if node in known:
            repeated.add(node)
        known.add(node)
    return repeated


class _HolderEdges:
    """The edges of one kind from one holder: its grants, and single edges from other rules."""

    def __init__(self, kind: EdgeKind) -> None:
        self.kind = kind
        self.grants: list[Grant] = []
        self.others: dict[str, EdgeProperties] = {}


class _RuleGroup:
    """The edges of one group of rules."""

    def __init__(
        self,
        rules: tuple[Rule, ...],
        org: OrgIndex,
        endpoints: Endpoints,
        new: list[NodeRow],
        share_targets: bool,
    ) -> None:
        self._rules = rules
        self._org = org
        self._endpoints = endpoints
        self._new = new
        self._share_targets = share_targets
        self._by_holder: dict[Holder, _HolderEdges] = {}
        self._held_back: dict[tuple[EdgeKind, str, str], EdgeProperties] = {}

    def rows(self) -> Iterator[Row]:
        """Yield all edges, and the new nodes before them."""
        duplicates = self._run_first()
        for rule in self._rules:
            for item in rule.body(self._org):
                if isinstance(item, Edge):
                    yield from self._edge(item, duplicates)
                elif isinstance(item, Grant):
                    yield from self._grant(item)
        for (kind, start, end), properties in self._held_back.items():
            yield EdgeRow(kind, start, end, properties or NOTHING)
        for holder in self._by_holder.values():
            yield from self._rows_of_holder(holder)

    def _run_first(self) -> _DuplicateFilter:
        """Run the rules for the first time: store edge hashes and collect grants."""
        hashes, key = array("q"), self._endpoints.key
        for rule in self._rules:
            for item in rule.body(self._org):
                if isinstance(item, Edge):
                    check_declared(rule, item.kind)
                    hashes.append(hash((item.kind.name, key(item.start), key(item.end))))
                elif isinstance(item, Grant):
                    check_declared(rule, item.kind)
                    if not self._share_targets and item.targets.ids:
                        holder = (item.kind.name, item.holder)
                        self._by_holder.setdefault(holder, _HolderEdges(item.kind)).grants.append(item)
        return _DuplicateFilter(hashes)

    def _edge(self, edge: Edge, duplicates: _DuplicateFilter) -> Iterator[Row]:
        start, end, properties = self._endpoints.of(edge)
        if self._new:
            yield from self._new_nodes()
        holder = self._by_holder.get((edge.kind.name, start)) if self._by_holder else None
        if holder is not None:
            others = holder.others
            others[end] = combined(others[end], properties) if end in others else properties
        elif duplicates.may_repeat(hash((edge.kind.name, start, end))):
            self._hold_back((edge.kind, start, end), properties)
        else:
            yield EdgeRow(edge.kind, start, end, properties or NOTHING)

    def _grant(self, grant: Grant) -> Iterator[Row]:
        """Create the nodes of a grant now, so that nodes have the same order as in `build_graph`."""
        endpoints = self._endpoints
        if self._share_targets:
            # Two assignments can give the same right over the same set.
            for edge in endpoints.share(grant):
                start, end, properties = endpoints.of(edge)
                yield from self._new_nodes()
                yield EdgeRow(edge.kind, start, end, properties or NOTHING)
            last = endpoints.to_shared(grant)
            start, end, properties = endpoints.of(last)
            self._hold_back((last.kind, start, end), properties)
        elif grant.targets.ids:
            endpoints.node(grant.holder, grant.kind.starts)
            if not endpoints.known.issuperset(grant.targets.ids):
                for target in grant.targets.ids:
                    endpoints.node(target, grant.kind.ends)
        yield from self._new_nodes()

    def _rows_of_holder(self, holder: _HolderEdges) -> Iterator[EdgeRow]:
        of = self._endpoints.of
        if len(holder.grants) == 1 and not holder.others:
            for edge in holder.grants[0].edges():
                start, end, properties = of(edge)
                yield EdgeRow(edge.kind, start, end, properties or NOTHING)
            return
        merged = holder.others
        for grant in holder.grants:
            for edge in grant.edges():
                _, end, properties = of(edge)
                merged[end] = combined(merged[end], properties) if end in merged else properties
        start = holder.grants[0].holder
        for end, properties in merged.items():
            yield EdgeRow(holder.kind, start, end, properties or NOTHING)
        holder.others = {}

    def _hold_back(self, key: tuple[EdgeKind, str, str], properties: EdgeProperties) -> None:
        held_back = self._held_back
        held_back[key] = combined(held_back[key], properties) if key in held_back else properties

    def _new_nodes(self) -> Iterator[NodeRow]:
        yield from self._new
        self._new.clear()


_SLOTS_PER_HASH = 16
"""Slots of one byte for each hash. About one in thirty edges shares its slot with another edge."""


class _DuplicateFilter:
    """A counting filter that finds hashes which occur more than once. It has false positives only."""

    def __init__(self, hashes: array[int]) -> None:
        self._mask = (1 << max(len(hashes) * _SLOTS_PER_HASH - 1, 0).bit_length()) - 1
        self._counts = counts = bytearray(self._mask + 1)
        mask = self._mask
        for each in hashes:
            slot = each & mask
            if counts[slot] < 2:
                counts[slot] += 1

    def may_repeat(self, hash_: int) -> bool:
        """Whether this hash may occur more than once."""
        return self._counts[hash_ & self._mask] > 1
