"""Which rules can draw the same edge: only rules of one family, which is what lets a graph be streamed."""

from __future__ import annotations

from collections.abc import Iterable

from oktahound.errors import KindError
from oktahound.graph.grants import COVERS
from oktahound.graph.model import EdgeKind, Rule

__all__ = ["check_declared", "families"]


def families(rules: Iterable[Rule]) -> list[tuple[Rule, ...]]:
    """The rules in groups, so that rules of different groups draw no edges of the same kind.

    Groups come in the order of their first rules, and so do the rules in each. Everything that draws a
    graph goes by this order: the first edge that leads to an object decides what kind of node stands for
    it when it was not collected.
    """
    groups: list[list[Rule]] = []
    for rule in rules:
        kin = [group for group in groups if any(rule.emits & other.emits for other in group)]
        if kin:
            kin[0][:] = [each for group in kin for each in group]
            groups = [group for group in groups if group not in kin[1:]]
            kin[0].append(rule)
        else:
            groups.append([rule])
    return [tuple(group) for group in groups]


def check_declared(rule: Rule, kind: EdgeKind) -> None:
    """Hold a rule to what it says that it draws.

    Raises:
        KindError: it does not declare the kind.
    """
    if kind not in rule.emits and kind is not COVERS:
        raise KindError(f"rule {rule.name} drew an edge of {kind!r}, which it does not declare")
