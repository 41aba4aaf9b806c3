"""Stream the nodes and edges of a snapshot without holding the graph in memory.

Only rules of one group can emit the same edge, so that the data for merging duplicate edges is dropped after
each group. Every rule of a group runs twice. The first run stores the hash of every edge, to find possible
duplicates. In the second run possible duplicates are held back and merged, and all other edges are yielded at
once. Grants are small and are kept until they are expanded holder by holder.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

import attrs

from oktahound.graph.builtin_role_nodes import built_in_role_nodes
from oktahound.graph.endpoints import Endpoints
from oktahound.graph.foreign import Resolve
from oktahound.graph.grants import Grant
from oktahound.graph.merge_properties import Carried, combined
from oktahound.graph.model import Edge, EdgeKind, Rule
from oktahound.graph.nodes import described
from oktahound.graph.optional_parts import Chosen
from oktahound.graph.org_index import OrgIndex
from oktahound.graph.rule_groups import check_declared, families

__all__ = ["NOTHING", "EdgeRow", "NodeRow", "Row", "Stream", "node_row"]


class NodeRow(NamedTuple):
    """One node.

    Attributes:
        id: its key in the networkx graph.
        kind: its kind, ``Okta_User``.
        attributes: its other attributes, JSON-ready: str, int, bool, lists of str.
    """

    id: str
    kind: str
    attributes: Mapping[str, Any]


class EdgeRow(NamedTuple):
    """One edge.

    Attributes:
        kind: its kind.
        start: id of the node that it starts at.
        end: id of the node that it ends at.
        attributes: its properties, JSON-ready; mostly empty.
    """

    kind: EdgeKind
    start: str
    end: str
    attributes: Mapping[str, Any]


Row: TypeAlias = NodeRow | EdgeRow
Holder: TypeAlias = tuple[str, str]
"""The name of a kind, and the node id of the holder of such a right."""

NOTHING: Mapping[str, Any] = MappingProxyType({})
"""The properties of most edges."""


@attrs.frozen(eq=False)
class Stream:
    """The nodes and edges of a snapshot, as an iterable that can be iterated several times.

    Attributes:
        org: the index of the snapshot.
        rules: the rules that run.
        share: whether targets of grants share a node.
        resolve: finds the ids of foreign objects.
        chosen: the optional parts of the graph.
    """

    org: OrgIndex
    rules: tuple[Rule, ...]
    share: bool
    resolve: Resolve | None
    chosen: Chosen

    def __iter__(self) -> Iterator[Row]:
        known: set[str] = set()
        yield from _collected(self.org, known, self.chosen)
        new: list[NodeRow] = []
        ends = Endpoints(
            self.org,
            known,
            lambda node, attributes: new.append(node_row(node, attributes)),
            rules=self.rules,
            resolve=self.resolve,
        )
        for family in families(self.rules):
            yield from _Family(family, self.org, ends, new, self.share).rows()


def node_row(node: str, attributes: Mapping[str, Any]) -> NodeRow:
    """Convert a node of networkx to a row."""
    return NodeRow(
        node, attributes["kind"], {name: value for name, value in attributes.items() if name != "kind"}
    )


def _collected(org: OrgIndex, known: set[str], chosen: Chosen) -> Iterator[NodeRow]:
    """Yield the nodes of the snapshot's rows, and add their keys to `known`."""
    made = [*built_in_role_nodes(org), *chosen.nodes(org)]
    several = _several((node for node, *_ in described(org, chosen)), (node for node, _ in made), known)
    waiting: dict[str, dict[str, Any]] = {}
    for node, describe, row in described(org, chosen):
        attributes = waiting.setdefault(node, {}) if node in several else {}
        describe(attributes, row, org)
        if node not in several:
            yield node_row(node, attributes)
    for node, attributes in made:
        waiting.setdefault(node, {}).update(attributes)
    for node, attributes in waiting.items():
        yield node_row(node, attributes)


def _several(described_nodes: Iterable[str], made: Iterable[str], known: set[str]) -> set[str]:
    """Return the nodes that have several rows."""
    several = set()
    for nodes in (described_nodes, made):
        for node in nodes:
            if node in known:
                several.add(node)
            known.add(node)
    return several


class _Group:
    """The rights of one kind of one holder, and edges of the same kind from other rules."""

    def __init__(self, kind: EdgeKind) -> None:
        self.kind = kind
        self.grants: list[Grant] = []
        self.others: dict[str, Carried] = {}


class _Family:
    """The edges of one group of rules."""

    def __init__(
        self, rules: tuple[Rule, ...], org: OrgIndex, ends: Endpoints, new: list[NodeRow], share: bool
    ) -> None:
        self._rules = rules
        self._org = org
        self._ends = ends
        self._new = new
        self._share = share
        self._groups: dict[Holder, _Group] = {}
        self._waiting: dict[tuple[EdgeKind, str, str], Carried] = {}

    def rows(self) -> Iterator[Row]:
        """Yield all edges, and the new nodes before them."""
        seen = self._look_through()
        for rule in self._rules:
            for item in rule.body(self._org):
                if isinstance(item, Edge):
                    yield from self._edge(item, seen)
                elif isinstance(item, Grant):
                    yield from self._grant(item)
        for (kind, start, end), carried in self._waiting.items():
            yield EdgeRow(kind, start, end, carried or NOTHING)
        for group in self._groups.values():
            yield from self._of_holder(group)

    def _look_through(self) -> _Seen:
        """Run the rules for the first time: store edge hashes and collect grants."""
        hashes, key = array("q"), self._ends.key
        for rule in self._rules:
            for item in rule.body(self._org):
                if isinstance(item, Edge):
                    check_declared(rule, item.kind)
                    hashes.append(hash((item.kind.name, key(item.start), key(item.end))))
                elif isinstance(item, Grant):
                    check_declared(rule, item.kind)
                    if not self._share and item.targets.ids:
                        group = self._groups.setdefault((item.kind.name, item.holder), _Group(item.kind))
                        group.grants.append(item)
        return _Seen(hashes)

    def _edge(self, edge: Edge, seen: _Seen) -> Iterator[Row]:
        start, end, carried = self._ends.of(edge)
        if self._new:
            yield from self._new_nodes()
        group = self._groups.get((edge.kind.name, start)) if self._groups else None
        if group is not None:
            group.others[end] = combined(group.others[end], carried) if end in group.others else carried
        elif seen.several(hash((edge.kind.name, start, end))):
            self._wait((edge.kind, start, end), carried)
        else:
            yield EdgeRow(edge.kind, start, end, carried or NOTHING)

    def _grant(self, grant: Grant) -> Iterator[Row]:
        """Create the nodes of a grant now, to create nodes in the same order as `build_graph`."""
        if self._share:
            # Two assignments can give the same right over the same set.
            for edge in self._ends.share(grant):
                start, end, carried = self._ends.of(edge)
                yield from self._new_nodes()
                yield EdgeRow(edge.kind, start, end, carried or NOTHING)
            last = self._ends.to_shared(grant)
            start, end, carried = self._ends.of(last)
            self._wait((last.kind, start, end), carried)
        elif grant.targets.ids:
            self._ends.node(grant.holder, grant.kind.starts)
            if not self._ends.known.issuperset(grant.targets.ids):
                for target in grant.targets.ids:
                    self._ends.node(target, grant.kind.ends)
        yield from self._new_nodes()

    def _of_holder(self, group: _Group) -> Iterator[EdgeRow]:
        of = self._ends.of
        if len(group.grants) == 1 and not group.others:
            for edge in group.grants[0].edges():
                start, end, carried = of(edge)
                yield EdgeRow(edge.kind, start, end, carried or NOTHING)
            return
        merged = group.others
        for grant in group.grants:
            for edge in grant.edges():
                _, end, carried = of(edge)
                merged[end] = combined(merged[end], carried) if end in merged else carried
        holder = group.grants[0].holder
        for end, carried in merged.items():
            yield EdgeRow(group.kind, holder, end, carried or NOTHING)
        group.others = {}

    def _wait(self, key: tuple[EdgeKind, str, str], carried: Carried) -> None:
        waiting = self._waiting
        waiting[key] = combined(waiting[key], carried) if key in waiting else carried

    def _new_nodes(self) -> Iterator[NodeRow]:
        yield from self._new
        self._new.clear()


_SLOTS_FOR_EACH = 16
"""Number of slots: all but one in thirty edges have their own slot of one byte."""


class _Seen:
    """A counting filter for hashes that may have occurred more than once. It has false positives only."""

    def __init__(self, hashes: array[int]) -> None:
        self._mask = (1 << max(len(hashes) * _SLOTS_FOR_EACH - 1, 0).bit_length()) - 1
        self._counts = counts = bytearray(self._mask + 1)
        mask = self._mask
        for each in hashes:
            slot = each & mask
            if counts[slot] < 2:
                counts[slot] += 1

    def several(self, hashed: int) -> bool:
        """Whether this hash may have occurred more than once."""
        return self._counts[hashed & self._mask] > 1
