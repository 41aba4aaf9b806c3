"""Edges, their kinds, and the rules that make them.

An edge can only be made by calling its kind, so what is true of a kind (which nodes it joins, whether an
attacker can walk it, and why) is said once, where the kind is made. A rule is a pure generator over a
view of the org; it says beside its body what it draws, what it needs to have been read, and what it
concludes from the absence of.
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
    """One edge: a kind, two ends, and what this edge carries (None for nothing, the usual case).

    An end is a node id, or an object that is not this org's.
    """

    kind: EdgeKind
    start: str | Foreign
    end: str | Foreign
    properties: Mapping[str, Any] | None


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(names)


@attrs.frozen(eq=False)
class EdgeKind:
    """A kind of edge. Call it to make an edge of it.

    Attributes:
        name: the key of such edges in the graph, ``Okta_MemberOf``.
        starts: the node kinds it can start at.
        ends: the node kinds it can end at.
        traversable: whether control of the start gives control of, or access to, the end.
        why: one sentence: what the edge means, or why it can be walked.
        abuse: one or two sentences: how an attacker uses the edge.
        cut: one or two sentences: how an administrator removes the edge or makes it harmless.
        same_tier: whether control of the start already is control of the end (a credential, a membership, a
            trust), in contrast to a right over the end that could be revoked. `analysis.tier_zero` counts
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
        """An edge of this kind.

        Args:
            start: node id, or what is known of an object outside the org.
            end: the same.
            inactive: why the edge cannot be walked now (``the secret is INACTIVE``); None when it can.
            **properties: what this edge carries; None values are left out.
        """
        if inactive is None and not properties:
            # The common case, millions of times: past NamedTuple's own constructor, which is Python.
            return tuple.__new__(Edge, (self, start, end, None))
        if inactive is not None:
            properties = {"active": False, "inactiveReason": inactive, **properties}
        carried = {name: value for name, value in properties.items() if value is not None}
        return Edge(self, start, end, carried or None)

    @property
    def pattern(self) -> str:
        """The grammar of the edge: ``(Okta_User)-[Okta_MemberOf]->(Okta_Group)``."""
        return f"({'|'.join(sorted(self.starts))})-[{self.name}]->({'|'.join(sorted(self.ends))})"

    def __repr__(self) -> str:
        return f"<EdgeKind {self.pattern}{'' if self.traversable else ', not traversable'}>"


@attrs.frozen(eq=False)
class Premise:
    """What a conclusion from absence rests on, where that is less than whole entities.

    Attributes:
        text: what has to be known.
        rests_on: the entities that say so.
        missing: names of the entities that were not read far enough; empty when the premise holds.
    """

    text: str
    rests_on: tuple[type[Entity], ...]
    missing: Callable[[OrgIndex], list[str]]


@attrs.frozen
class Unmatched:
    """That an edge leads out of the org, and nobody can say to which object.

    Attributes:
        object_id: id of the object in Okta that does not say it.
        why: what it would have had to say.
    """

    object_id: str
    why: str


Body: TypeAlias = "Callable[[OrgIndex], Iterator[Edge | Grant | Unmatched]]"


@attrs.frozen(eq=False)
class Rule:
    """How some edges come about.

    Attributes:
        name: the rule's name in `graph.graph` and in the docs.
        emits: the kinds of edges it draws, and no others.
        needs: entities it reads. With gaps in them the rule runs, and edges may be missing: it is *unsure*.
        absent: entities, or premises, whose absence it concludes from. With gaps in them edges could be
            false, so the rule does not run: it is *withheld*.
        body: the rule: edges, grants over sets of targets, and edges that have no end to lead to.
        untold: whether there can be edges that have no end to lead to.
    """

    name: str
    emits: frozenset[EdgeKind]
    needs: tuple[type[Entity], ...]
    absent: tuple[type[Entity] | Premise, ...]
    body: Body
    untold: bool = False

    def incomplete(self, view: OrgIndex) -> list[str]:
        """Names of the entities it reads, of which rows may be missing."""
        return [cls.__name__ for cls in self.needs if not view.known(cls)]

    def unproven(self, view: OrgIndex) -> list[str]:
        """Names of the entities that would have to be read before it may conclude from absence."""
        names: dict[str, None] = {}
        for each in self.absent:
            if isinstance(each, Premise):
                names.update(dict.fromkeys(each.missing(view)))
            elif not view.known(each):
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
    untold: bool = False,
) -> Callable[[Body], Rule]:
    """Make a rule of a generator function. It registers nothing: a rule counts when `RULES` names it."""
    return lambda body: Rule(body.__name__, frozenset(emits), needs, absent, body, untold)
