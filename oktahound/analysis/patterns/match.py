"""A match of a path pattern: nodes, and the edges between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from oktahound.scopes import records

__all__ = ["Match", "MatchedEdge"]


@attrs.frozen
class MatchedEdge:
    """One edge of a match.

    Attributes:
        start: node key.
        kind: the kind of the edge.
        end: node key.
        assumption: the undocumented assumption of the edge; None if there is none.
        inactive: the reason why the edge is inactive; None if it is active.
    """

    start: str
    kind: str
    end: str
    assumption: str | None = attrs.field(default=None, eq=False)
    inactive: str | None = attrs.field(default=None, eq=False)


@attrs.frozen
class Match:
    """One match of a pattern.

    Attributes:
        nodes: the keys of all nodes on the path, from left to right.
        steps: the edges between them, each in its own direction.
        named: the keys of the named nodes, by name.
    """

    nodes: tuple[str, ...]
    steps: tuple[MatchedEdge, ...]
    named: Mapping[str, str] = attrs.field(eq=False)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The undocumented assumptions of the edges, without duplicates."""
        return tuple(dict.fromkeys(step.assumption for step in self.steps if step.assumption))

    @property
    def inactive(self) -> tuple[str, ...]:
        """The reasons why edges of the match are inactive, without duplicates; empty if all are active."""
        return tuple(dict.fromkeys(step.inactive for step in self.steps if step.inactive))

    def stable_id(self, question: str) -> str:
        """Return the id of the match for a question, which is the same in every run."""
        edges = (part for step in self.steps for part in (step.start, step.kind, step.end))
        return records.stable_id("Match", question, *self.nodes, *edges)

    def to_text(self, name: Callable[[str], str] = str) -> str:
        """Return the match on one line (``ann -[Okta_MemberOf]-> Admins``). `name` returns a node's text."""
        text = name(self.nodes[0])
        at = self.nodes[0]
        for step, node in zip(self.steps, self.nodes[1:], strict=True):
            arrow = f"-[{step.kind}]->" if step.start == at else f"<-[{step.kind}]-"
            text += f" {arrow} {name(node)}"
            at = node
        return text

    def __str__(self) -> str:
        return self.to_text()
