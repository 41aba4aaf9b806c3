"""Questions and answers: what an integration can do, who reaches what, and what changed."""

from __future__ import annotations

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
from oktahound.analysis.reachability import Radius, blast_radius, who_can_reach
from oktahound.analysis.snapshot_diff import Change, Difference, diff
from oktahound.scopes import Operation, Power, Reach, Scope, Severity, all_powers, catalogue, scope_reach

__all__ = [
    "FINDINGS",
    "POWERS",
    "Answer",
    "AnyOf",
    "Change",
    "Condition",
    "Difference",
    "Finding",
    "Findings",
    "Match",
    "NotChecked",
    "Operation",
    "Path",
    "PathPattern",
    "Power",
    "Question",
    "Questions",
    "Radius",
    "Reach",
    "Scope",
    "Severity",
    "Step",
    "blast_radius",
    "catalogue",
    "diff",
    "findings",
    "load_questions",
    "parse_path",
    "questions",
    "scope_reach",
    "who_can_reach",
]

POWERS: tuple[Power, ...] = all_powers()
"""Every power that scopes can give, by family."""
