"""Questions and answers: what an integration can do, who reaches what, and what changed."""

from __future__ import annotations

from oktahound.analysis.findings import FINDINGS, Finding, Findings, findings
from oktahound.analysis.paths import Path, Step
from oktahound.analysis.reach import Reach, scope_reach
from oktahound.analysis.reachability import Radius, blast_radius, who_can_reach
from oktahound.analysis.snapshot_diff import Change, Difference, diff
from oktahound.knowledge import POWERS, Operation, Power, Scope, Severity, catalogue

__all__ = [
    "FINDINGS",
    "POWERS",
    "Change",
    "Difference",
    "Finding",
    "Findings",
    "Operation",
    "Path",
    "Power",
    "Radius",
    "Reach",
    "Scope",
    "Severity",
    "Step",
    "blast_radius",
    "catalogue",
    "diff",
    "findings",
    "scope_reach",
    "who_can_reach",
]
