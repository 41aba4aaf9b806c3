"""All rules in the order in which they run, one module for each topic.

A rule that is not listed here never runs.
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
    delegated_authentication,
    directories,
    group_rules,
    hooks,
    hybrid_directories,
    hybrid_sync,
    hybrid_trust,
    identity_providers,
    network_limits,
    oauth_scopes,
    own_containment,
    people,
    provisioning,
    resource_set_groups,
    resource_sets,
    role_structure,
    saml_federation,
    signing_keys,
    trusted_keys,
    user_hooks,
    workloads,
)

__all__ = ["ALL_RULES", "EDGE_KINDS", "OPTIONAL_RULES", "RULES", "RULES_WITH_SCOPES", "SCOPE_RULES"]

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
    *hybrid_sync.RULES,
    *hybrid_trust.RULES,
    *hybrid_directories.RULES,
)

SCOPE_RULES: tuple[Rule, ...] = oauth_scopes.SCOPE_RULES
"""The rules for OAuth scopes, which run only if the graph contains scopes."""

_BOUNDARIES = (group_rules, hooks, user_hooks, workloads, network_limits, delegated_authentication)

OPTIONAL_RULES: dict[str, tuple[Rule, ...]] = {
    "scopes": SCOPE_RULES,
    "trust_boundaries": (
        *own_containment.RULES,
        *(rule for module in _BOUNDARIES for rule in module.RULES),
    ),
    "indirect_members": resource_set_groups.RULES,
    "saml": (
        *own_containment.RULES_OF_KEYS,
        *saml_federation.RULES,
        *signing_keys.RULES,
        *trusted_keys.RULES,
    ),
}
"""The rules that run on request only, by the keyword of `oktahound.build_graph`."""

RULES_WITH_SCOPES: dict[str, tuple[Rule, ...]] = {
    "trust_boundaries": tuple(rule for module in _BOUNDARIES for rule in module.RULES_WITH_SCOPES),
}
"""Further rules of optional parts, with edges from OAuth scopes. They run only if the graph contains
scopes."""

ALL_RULES: tuple[Rule, ...] = (
    *RULES,
    *(rule for rules in (*OPTIONAL_RULES.values(), *RULES_WITH_SCOPES.values()) for rule in rules),
)
"""The rules that always run, then those that run on request."""

EDGE_KINDS: dict[str, EdgeKind] = {
    kind.name: kind
    for kind in sorted(
        {COVERS, *(kind for rule in ALL_RULES for kind in rule.emits)},
        key=lambda kind: kind.name,
    )
}
"""Every edge kind by its name."""
