"""All rules, in the order in which they run, one module for each family.

A rule that is not named here does not count.
"""

from __future__ import annotations

from oktahound.graph.grants import COVERS
from oktahound.graph.model import EdgeKind, Rule
from oktahound.graph.rules import (
    assignment,
    builtin_rights,
    containment,
    creators,
    credentials,
    custom_rights,
    directories,
    identity_providers,
    people,
    provisioning,
    resource_sets,
    role_structure,
)

__all__ = ["EDGE_KINDS", "RULES"]

RULES: tuple[Rule, ...] = (
    *containment.RULES,
    *people.RULES,
    *credentials.RULES,
    *creators.RULES,
    *assignment.RULES,
    *provisioning.RULES,
    *directories.RULES,
    *identity_providers.RULES,
    *resource_sets.RULES,
    *role_structure.RULES,
    *builtin_rights.RULES,
    *custom_rights.RULES,
)

EDGE_KINDS: dict[str, EdgeKind] = {
    kind.name: kind
    for kind in sorted({COVERS, *(kind for rule in RULES for kind in rule.emits)}, key=lambda kind: kind.name)
}
"""Every edge kind by its name."""
