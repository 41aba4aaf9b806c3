"""Grants: a right of one holder over a set of targets, which several holders can share.

The number of rights is admins times targets. A rule yields the two factors. `oktahound.build_graph` decides
whether to create one edge for each pair, or one node for each set of targets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import attrs

from oktahound.graph.merge_properties import assuming
from oktahound.graph.model import Edge, EdgeKind

__all__ = ["COVERS", "TARGET_SET", "Grant", "Targets"]

TARGET_SET = "OktaHound_TargetSet"
"""The node kind of a set of targets."""

_ANY_TARGET = frozenset(
    {
        "Okta_User",
        "Okta_Group",
        "Okta_Application",
        "Okta_ApiServiceIntegration",
        "Okta_Device",
        "Okta_ClientSecret",
    }
)

COVERS = EdgeKind(
    "OktaHound_Covers",
    starts={TARGET_SET},
    ends=_ANY_TARGET,
    traversable=True,
    why="A right over the set is a right over each object in it.",
    abuse="Use the right over the set on the object.",
    cut="Remove the object from the targets of the right.",
    same_tier=True,
)


def _sorted_set(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(ids)))


@attrs.frozen(slots=False)
class Targets:
    """A set of node ids that several grants share.

    Attributes:
        ids: the node ids, sorted, without duplicates.
        edge_properties: additional properties of the edges to some of them, by node id.
    """

    ids: tuple[str, ...] = attrs.field(converter=_sorted_set)
    edge_properties: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)

    @classmethod
    def of(cls, ids: Iterable[str], properties_of: Any = None) -> Targets:
        """Create the set of these ids.

        Args:
            ids: the node ids.
            properties_of: a function that returns additional properties of the edge to an id, or None.
        """
        unique = set(ids)
        found = {each: own for each in unique if (own := properties_of(each))} if properties_of else {}
        return cls(unique, found)

    @cached_property
    def digest(self) -> str:
        """A digest of the set, the same in every run."""
        text = "\n".join(f"{each} {sorted(self.edge_properties.get(each, {}).items())}" for each in self.ids)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


@attrs.frozen
class Grant:
    """A right of a holder over every object of a set.

    Attributes:
        kind: the kind of the edges.
        holder: node id of the holder.
        targets: the objects.
        properties: the properties of all edges.
    """

    kind: EdgeKind
    holder: str
    targets: Targets
    properties: Mapping[str, Any] = attrs.field(factory=dict)

    def edges(self) -> Iterator[Edge]:
        """Yield one edge for each target."""
        kind, holder, properties, by_target = (
            self.kind,
            self.holder,
            self.properties,
            self.targets.edge_properties,
        )
        if properties or by_target:
            for target in self.targets.ids:
                own = by_target.get(target, {})
                yield kind(holder, target, **assuming({**own, **properties}, own.get("assumption")))
        else:
            for target in self.targets.ids:
                yield kind(holder, target)

    def set_node(self, domain: str) -> str:
        """Return the id of the node that represents the set. There is one for each right and set."""
        return f"{self.kind.name}-{self.targets.digest}@{domain}"
