"""What somebody should look at, about API service integrations."""

from __future__ import annotations

import networkx as nx

from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.maintenance import (
    CreatorGone,
    DuplicateIntegrations,
    MoreScopesThanTwin,
    OldSecret,
    TwoActiveSecrets,
)
from oktahound.analysis.findings.model import Finding, Findings
from oktahound.analysis.findings.powers import (
    CriticalCombination,
    CriticalPower,
    HighCombination,
    HighPower,
    PathToSuperAdmin,
    UnknownScopes,
    WriteScopes,
)
from oktahound.analysis.reachability import graph_of
from oktahound.snapshot import Snapshot

__all__ = ["FINDINGS", "Finding", "Findings", "findings"]

FINDINGS: tuple[type[Finding], ...] = (
    PathToSuperAdmin,
    CriticalPower,
    CriticalCombination,
    HighPower,
    HighCombination,
    WriteScopes,
    TwoActiveSecrets,
    OldSecret,
    CreatorGone,
    MoreScopesThanTwin,
    DuplicateIntegrations,
    UnknownScopes,
)
"""Every class of findings. One that is not named here is not looked for."""


def findings(source: Snapshot | nx.MultiDiGraph[str], *, secret_days: int = 180) -> Findings:
    """Everything about the integrations of an org that somebody should look at, the gravest first.

    Args:
        source: a snapshot, or a graph, best built with ``scopes=True``.
        secret_days: how many days old an active secret may get before it is a finding. By age when the org
            was read, so that the answer stays the same.
    """
    org = Inspection(graph=graph_of(source), secret_days=secret_days)
    found = (each for kind in FINDINGS for each in kind.look(org))
    # Sorting is stable: within a severity, in the order of FINDINGS.
    items = sorted(found, key=lambda each: -each.severity.weight)
    return Findings(tuple(items), _missing(org))


def _missing(org: Inspection) -> tuple[str, ...]:
    about = org.graph.graph
    entities = ("ApiServiceIntegration", "ClientSecret", "User")
    lost = {gap["entity"] for gap in about["gaps"]} | set(about["notAsked"])
    unread = [f"{name} was not read whole" for name in entities if name in lost]
    return (*unread, *(() if org.shows_scopes else ("the graph was built without scopes=True",)))
