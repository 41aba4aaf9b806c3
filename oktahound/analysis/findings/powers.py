"""Findings about what integrations can do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.model import Finding
from oktahound.scopes import Power, Severity

__all__ = [
    "CriticalCombination",
    "CriticalPower",
    "HighCombination",
    "HighPower",
    "PathToSuperAdmin",
    "UnknownScopes",
    "WriteScopes",
]


class PathToSuperAdmin(Finding):
    """There is a path from the integration to control of the organization."""

    TITLE = "reaches control of the organization"
    MEANING = (
        "Whoever gets hold of its secret can become a super administrator. Take the scope away where the "
        "path begins, or the right in the middle of it."
    )
    SEVERITY = Severity.CRITICAL

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each integration with such a path; none in a graph without scopes."""
        for each in org.integrations:
            if org.shows_scopes and each.node in org.to_the_top.nodes:
                path = org.to_the_top.path(each.node)
                steps = tuple(
                    f"{org.name(step.start)} -[{step.kind}]-> {org.name(step.end)}" for step in path.steps
                )
                yield cls(node=each.node, name=each.name, evidence=steps, assumptions=path.assumptions)


class _HasPower(Finding):
    """It holds powers of one severity, of single scopes or of several together."""

    COMBINED: ClassVar[bool]

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each integration and power."""
        for each in org.integrations:
            for power in each.reach.powers:
                if power.severity is cls.SEVERITY and power.is_combination is cls.COMBINED:
                    assumed = (power.assumption,) if power.assumption else ()
                    yield cls(node=each.node, name=each.name, evidence=_evidence(power), assumptions=assumed)


def _evidence(power: Power) -> tuple[str, ...]:
    facts = (power.sentence, f"scopes: {' + '.join(power.scopes)}", f"e.g. {power.evidence[0]}")
    return (*facts, f"if the org has {power.condition}") if power.condition else facts


class CriticalPower(_HasPower):
    """A scope that leads to control of the organization, or of everybody in it."""

    TITLE = "holds a scope that is as good as an administrator"
    MEANING = "Ask the vendor what it is for. If nothing that the org uses needs it, remove the integration."
    SEVERITY = Severity.CRITICAL
    COMBINED = False


class CriticalCombination(_HasPower):
    """Scopes that together lead to control of the organization, or of everybody in it."""

    TITLE = "holds scopes that together are as good as an administrator"
    MEANING = "Each scope may have its reason; ask for an integration that holds only one of them."
    SEVERITY = Severity.CRITICAL
    COMBINED = True


class HighPower(_HasPower):
    """A scope that takes over ordinary users, groups or applications, or the proof of what was done."""

    TITLE = "holds a scope that takes over a part of the organization"
    MEANING = "Know why it is needed, watch what the integration does, and rotate its secret often."
    SEVERITY = Severity.HIGH
    COMBINED = False


class HighCombination(_HasPower):
    """Scopes that together take over a part of the organization, or the proof of what was done."""

    TITLE = "holds scopes that together take over a part of the organization"
    MEANING = "Each scope may have its reason; ask for an integration that holds only one of them."
    SEVERITY = Severity.HIGH
    COMBINED = True


class WriteScopes(Finding):
    """It can change the organization, and does not only read it."""

    TITLE = "can change the organization"
    MEANING = "Many vendors offer an integration that only reads. Take that one where it is enough."
    SEVERITY = Severity.MEDIUM

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each integration that holds such scopes; one that nobody knows counts by its name."""
        for each in org.integrations:
            writing = tuple(scope.text for scope in each.reach.scopes if scope.writes)
            if writing:
                yield cls(node=each.node, name=each.name, evidence=writing)


class UnknownScopes(Finding):
    """It holds scopes that Okta's API description lacks."""

    TITLE = "holds scopes that are not described"
    MEANING = "What they permit is not known here: look them up, or ask Okta."
    SEVERITY = Severity.LOW

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each integration with such scopes."""
        for each in org.integrations:
            if each.reach.unknown:
                evidence = tuple(scope.text for scope in each.reach.unknown)
                yield cls(node=each.node, name=each.name, evidence=evidence)
