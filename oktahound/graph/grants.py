"""A right over many objects at once: a holder, a kind of edge, and a set of targets that holders share.

Rights are the product of admins and targets by nature. A rule says the two factors; whether the product is
written out, or the targets get one node in the middle, is decided where the graph is built.
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
    cut="Take the object out of what the right covers.",
    same_tier=True,
)


def _once_each(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(ids)))


@attrs.frozen(slots=False)
class Targets:
    """A set of node ids, made once and shared by every grant over it.

    Attributes:
        ids: the node ids, sorted, each once.
        marks: what the edges to some of them carry beside; most carry nothing.
    """

    ids: tuple[str, ...] = attrs.field(converter=_once_each)
    marks: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)

    @classmethod
    def of(cls, ids: Iterable[str], mark: Any = None) -> Targets:
        """The set of these ids; `mark` says of an id what its edge carries, or None."""
        unique = set(ids)
        marks = {each: said for each in unique if (said := mark(each))} if mark else {}
        return cls(unique, marks)

    @cached_property
    def digest(self) -> str:
        """The same for the same set, in every run."""
        text = "\n".join(f"{each} {sorted(self.marks.get(each, {}).items())}" for each in self.ids)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


@attrs.frozen
class Grant:
    """That a holder has a right over every object of a set.

    Attributes:
        kind: the kind of the edges.
        holder: node id of who holds the right.
        targets: over what.
        properties: what all of the edges carry.
    """

    kind: EdgeKind
    holder: str
    targets: Targets
    properties: Mapping[str, Any] = attrs.field(factory=dict)

    def edges(self) -> Iterator[Edge]:
        """One edge for each target."""
        kind, holder, properties, marks = self.kind, self.holder, self.properties, self.targets.marks
        if properties or marks:
            for target in self.targets.ids:
                mark = marks.get(target, {})
                yield kind(holder, target, **assuming({**mark, **properties}, mark.get("assumption")))
        else:
            for target in self.targets.ids:
                yield kind(holder, target)

    def set_node(self, domain: str) -> str:
        """The id of the node that stands for the set, one for each right and set."""
        return f"{self.kind.name}-{self.targets.digest}@{domain}"
