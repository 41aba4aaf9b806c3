"""Group rules that can emit the same edge. Streaming deduplicates edges within a group only."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from oktahound.errors import KindError
from oktahound.graph.grants import COVERS
from oktahound.graph.model import EdgeKind, Rule

__all__ = ["check_declared", "independent_groups"]


def independent_groups(rules: Iterable[Rule]) -> tuple[tuple[Rule, ...], ...]:
    """Group the rules so that rules of different groups emit no edges of the same kind.

    Groups are in the order of their first rules, and the rules of a group keep their order. All code that
    builds a graph uses this order, because the first edge to an uncollected object decides the kind of its
    placeholder.
    """
    return _grouped(tuple(rules))


# Cached, because every graph groups the same few sets of rules. For a small graph, that takes a third of the
# time.
@lru_cache(maxsize=16)
def _grouped(rules: tuple[Rule, ...]) -> tuple[tuple[Rule, ...], ...]:
    groups: list[list[Rule]] = []
    for rule in rules:
        related = [group for group in groups if any(rule.emits & other.emits for other in group)]
        if related:
            related[0][:] = [each for group in related for each in group]
            groups = [group for group in groups if group not in related[1:]]
            related[0].append(rule)
        else:
            groups.append([rule])
    return tuple(tuple(group) for group in groups)


def check_declared(rule: Rule, kind: EdgeKind) -> None:
    """Check that a rule declares the kind of an edge that it created.

    Raises:
        KindError: the rule does not declare it.
    """
    if kind not in rule.emits and kind is not COVERS:
        raise KindError(
            f"rule {rule.name} created an edge of {kind!r}, which it does not declare: add it to @rule()"
        )
