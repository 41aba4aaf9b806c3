"""Edges, edge kinds, and rules.

An edge is created by calling its kind. The facts of a kind (which nodes it connects, whether it is
traversable, and why) are declared once, where the kind is created. A rule is a pure generator function over
an `OrgIndex`. It declares the kinds of its edges, the entities that it reads, and those from whose absence it
draws conclusions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import attrs

from oktahound.entities import Entity

if TYPE_CHECKING:
    from oktahound.graph.foreign import Foreign
    from oktahound.graph.grants import Grant
    from oktahound.graph.org_index import OrgIndex

__all__ = ["Edge", "EdgeKind", "Premise", "Rule", "Unmatched", "rule"]


class Edge(NamedTuple):
    """One edge: a kind, two endpoints, and its properties (None for none, the usual case).

    An endpoint is a node id, or an object outside the org.
    """

    kind: EdgeKind
    start: str | Foreign
    end: str | Foreign
    properties: Mapping[str, Any] | None


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(names)


@attrs.frozen(eq=False)
class EdgeKind:
    """A kind of edge. Call it to create an edge.

    Attributes:
        name: the key of such edges in the graph, ``Okta_MemberOf``.
        starts: the node kinds at which it can start.
        ends: the node kinds at which it can end.
        traversable: whether control of the start gives control of, or access to, the end.
        why: one sentence: the meaning of the edge, or why it is traversable.
        abuse: an attacker's use of the edge, in one or two sentences.
        cut: an administrator's way to remove the edge or make it harmless, in one or two sentences.
        same_tier: whether control of the start is already control of the end (a credential, a membership, a
            trust), in contrast to a right over the end that could be revoked. `analysis.tier_zero` assigns
            the start of such an edge to the tier of its end.
    """

    name: str
    starts: frozenset[str] = attrs.field(converter=_names)
    ends: frozenset[str] = attrs.field(converter=_names)
    traversable: bool
    why: str
    abuse: str = ""
    cut: str = ""
    same_tier: bool = False

    def __call__(
        self, start: str | Foreign, end: str | Foreign, *, inactive: str | None = None, **properties: Any
    ) -> Edge:
        """Create an edge of this kind.

        Args:
            start: a node id, or an object outside the org.
            end: a node id, or an object outside the org.
            inactive: why the edge is inactive (``the secret is INACTIVE``); None if it is active.
            **properties: the properties of the edge. None values are left out.
        """
        if inactive is None and not properties:
            return Edge(self, start, end, None)
        if inactive is not None:
            properties = {"active": False, "inactiveReason": inactive, **properties}
        present = {name: value for name, value in properties.items() if value is not None}
        return Edge(self, start, end, present or None)

    @property
    def pattern(self) -> str:
        """The pattern of the edge: ``(Okta_User)-[Okta_MemberOf]->(Okta_Group)``."""
        return f"({'|'.join(sorted(self.starts))})-[{self.name}]->({'|'.join(sorted(self.ends))})"

    def __repr__(self) -> str:
        return f"<EdgeKind {self.pattern}{'' if self.traversable else ', not traversable'}>"


@attrs.frozen(eq=False)
class Premise:
    """A premise of a conclusion from absence, if it requires less than complete entities.

    Attributes:
        text: the facts that must be known.
        rests_on: the entities that it depends on.
        missing: returns the names of entities that are not complete enough; empty if the premise holds.
    """

    text: str
    rests_on: tuple[type[Entity], ...]
    missing: Callable[[OrgIndex], list[str]]


@attrs.frozen
class Unmatched:
    """An edge whose other endpoint, mostly outside the org, is unknown.

    Attributes:
        object_id: id of the object in Okta that lacks the information.
        why: the missing information.
    """

    object_id: str
    why: str


Body: TypeAlias = "Callable[[OrgIndex], Iterator[Edge | Grant | Unmatched]]"


@attrs.frozen(eq=False)
class Rule:
    """A rule that creates edges from a snapshot.

    Attributes:
        name: the rule's name in `graph.graph` and in the docs.
        emits: the kinds of edges that it creates.
        needs: entities that it reads. If they have gaps, the rule runs, but edges may be missing: it is
            *unsure*.
        absent: entities or premises from whose absence it draws conclusions. If they have gaps, edges could
            be false, so the rule does not run: it is *withheld*.
        body: the generator function, which yields edges, grants and `Unmatched`.
        yields_unmatched: whether it can yield `Unmatched`.
    """

    name: str
    emits: frozenset[EdgeKind]
    needs: tuple[type[Entity], ...]
    absent: tuple[type[Entity] | Premise, ...]
    body: Body
    yields_unmatched: bool = False

    def incomplete(self, org: OrgIndex) -> list[str]:
        """Return the names of the entities that it reads and that may be incomplete."""
        return [cls.__name__ for cls in self.needs if not org.known(cls)]

    def unproven(self, org: OrgIndex) -> list[str]:
        """Return the names of the incomplete entities that prevent its conclusions from absence."""
        names: dict[str, None] = {}
        for each in self.absent:
            if isinstance(each, Premise):
                names.update(dict.fromkeys(each.missing(org)))
            elif not org.known(each):
                names[each.__name__] = None
        return list(names)

    @property
    def why(self) -> str:
        """The first paragraph of the body's docstring."""
        return (self.body.__doc__ or "").strip().split("\n\n")[0]


def rule(
    *emits: EdgeKind,
    needs: tuple[type[Entity], ...],
    absent: tuple[type[Entity] | Premise, ...] = (),
    yields_unmatched: bool = False,
) -> Callable[[Body], Rule]:
    """Turn a generator function into a rule. It runs only if `RULES` contains it."""
    return lambda body: Rule(body.__name__, frozenset(emits), needs, absent, body, yields_unmatched)
