"""Analysis of snapshots and graphs: findings, reachability, tier zero, rankings, questions, differences."""

from __future__ import annotations

from oktahound.analysis.choke_points import ChokePoint, ChokePoints, choke_points
from oktahound.analysis.findings import FINDINGS, Finding, Findings, NotChecked, findings
from oktahound.analysis.paths import Path, Step
from oktahound.analysis.patterns import (
    Answer,
    AnyOf,
    Condition,
    Match,
    PathPattern,
    Question,
    Questions,
    load_questions,
    parse_path,
    questions,
)
from oktahound.analysis.ranking import Ranked, Ranking, riskiest
from oktahound.analysis.reachability import Radius, blast_radius, who_can_reach
from oktahound.analysis.snapshot_diff import Change, Difference, diff
from oktahound.analysis.tier_zero import TierZero, TierZeroNode, tier_zero
from oktahound.analysis.usage import (
    ClientUsage,
    RightSize,
    RightSizes,
    ScopeUsage,
    UsageReport,
    UsageState,
    right_size,
    usage,
)
from oktahound.scopes import (
    AdminPermission,
    ClientKind,
    Knowledge,
    Operation,
    Power,
    PublishedScopes,
    Reach,
    Scope,
    Severity,
    Source,
    VendorComparison,
    VendorVerdict,
    admin_permissions,
    all_powers,
    catalogue,
    compare_with_vendor,
    powers_of_permissions,
    read_vendor_lists,
    scope_reach,
    vendor_catalogue,
)

__all__ = [
    "FINDINGS",
    "POWERS",
    "AdminPermission",
    "Answer",
    "AnyOf",
    "Change",
    "ChokePoint",
    "ChokePoints",
    "ClientKind",
    "ClientUsage",
    "Condition",
    "Difference",
    "Finding",
    "Findings",
    "Knowledge",
    "Match",
    "NotChecked",
    "Operation",
    "Path",
    "PathPattern",
    "Power",
    "PublishedScopes",
    "Question",
    "Questions",
    "Radius",
    "Ranked",
    "Ranking",
    "Reach",
    "RightSize",
    "RightSizes",
    "Scope",
    "ScopeUsage",
    "Severity",
    "Source",
    "Step",
    "TierZero",
    "TierZeroNode",
    "UsageReport",
    "UsageState",
    "VendorComparison",
    "VendorVerdict",
    "admin_permissions",
    "blast_radius",
    "catalogue",
    "choke_points",
    "compare_with_vendor",
    "diff",
    "findings",
    "load_questions",
    "parse_path",
    "powers_of_permissions",
    "questions",
    "read_vendor_lists",
    "right_size",
    "riskiest",
    "scope_reach",
    "tier_zero",
    "usage",
    "vendor_catalogue",
    "who_can_reach",
]

POWERS: tuple[Power, ...] = all_powers()
"""Every power that scopes can give."""


def __dir__() -> list[str]:
    return sorted(__all__)
