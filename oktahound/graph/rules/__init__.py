"""All rules, in the order in which they run, one module for each family.

A rule that is not named here does not count.
"""

from __future__ import annotations

from oktahound.graph.model import EdgeKind, Rule
from oktahound.graph.rules import containment, creators, credentials

__all__ = ["EDGE_KINDS", "RULES"]

RULES: tuple[Rule, ...] = (
    *containment.RULES,
    *credentials.RULES,
    *creators.RULES,
)

EDGE_KINDS: dict[str, EdgeKind] = {kind.name: kind for rule in RULES for kind in sorted(rule.emits, key=str)}
"""Every edge kind by its name."""
