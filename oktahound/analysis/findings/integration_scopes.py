"""Findings about what API service integrations can do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.model import Finding
from oktahound.entities import ApiServiceIntegration, Entity
from oktahound.scopes import Power, Severity

__all__ = [
    "CriticalCombination",
    "CriticalPower",
    "HighCombination",
    "HighPower",
    "IntegrationFinding",
    "PathToSuperAdmin",
    "UnknownScopes",
    "WriteScopes",
]


class IntegrationFinding(Finding):
    """Base class of findings about API service integrations, which a graph alone can show."""

    SUBJECT = "API service integrations"
    READS: ClassVar[tuple[type[Entity], ...]] = (ApiServiceIntegration,)
    NEEDS_SNAPSHOT = False


class PathToSuperAdmin(IntegrationFinding):
    """There is an attack path from an integration to the organization."""

    TITLE = "Integration can take control of the organization"
    MEANING = "Anybody who gets hold of its secret can become a super administrator along the path shown."
    WHAT_TO_DO = "Revoke the scope at the start of the path, or the right in the middle of it."
    SEVERITY = Severity.CRITICAL
    SEVERITY_REASON = "The path ends in control of the whole organization."
    NEEDS_SCOPES = True

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each integration with such a path."""
        for each in org.integrations:
            if each.node in org.to_the_top.nodes:
                yield cls.along(org, each.node, org.to_the_top.path(each.node))

    @classmethod
    def undecided(cls, org: Inspection) -> Iterable[str]:
        """Rules whose edges may be missing."""
        return org.path_gaps


class _HasPower(IntegrationFinding):
    """An integration holds powers of one severity, from single scopes or from several together."""

    COMBINED: ClassVar[bool]

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each integration and power."""
        for each in org.integrations:
            for power in each.reach.powers:
                if power.severity is cls.SEVERITY and power.is_combination is cls.COMBINED:
                    assumed = (power.assumption,) if power.assumption else ()
                    yield cls.at(
                        org,
                        each.node,
                        *_evidence(power),
                        assumptions=assumed,
                        advice=(f"Abuse: {power.abuse}", f"Cut: {power.cut}"),
                        part=power.name,
                    )


def _evidence(power: Power) -> tuple[str, ...]:
    operations = [f"e.g. {operation}" for operation in power.evidence[:1]]
    facts = (power.sentence, f"scopes: {' + '.join(power.scopes)}", *operations)
    return (*facts, f"if the org has {power.condition}") if power.condition else facts


class CriticalPower(_HasPower):
    """A scope leads to control of the organization, or of everybody in it."""

    TITLE = "Scope is as powerful as an administrator role"
    MEANING = "With this one scope the integration can take over the organization or any user in it."
    WHAT_TO_DO = (
        "Ask the vendor what the scope is for. If no feature in use needs it, remove the integration."
    )
    SEVERITY = Severity.CRITICAL
    SEVERITY_REASON = "The scope leads to control of the organization, or of everybody in it."
    COMBINED = False


class CriticalCombination(_HasPower):
    """Several scopes together lead to control of the organization, or of everybody in it."""

    TITLE = "Scopes together are as powerful as an administrator role"
    MEANING = (
        "Each scope may be justified, but together they can take over the organization or any user in it."
    )
    WHAT_TO_DO = "Ask the vendor for an integration that needs only one of the scopes."
    SEVERITY = Severity.CRITICAL
    SEVERITY_REASON = "The scopes together lead to control of the organization, or of everybody in it."
    COMBINED = True


class HighPower(_HasPower):
    """A scope takes over ordinary users, groups or applications, or hides what was done."""

    TITLE = "Scope gives control over part of the organization"
    MEANING = (
        "With this scope the integration can take over users, groups or applications, or hide its traces."
    )
    WHAT_TO_DO = (
        "Confirm that the scope is needed, monitor what the integration does, and rotate its secret often."
    )
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "The scope takes over a part of the organization, but not the whole of it by itself."
    COMBINED = False


class HighCombination(_HasPower):
    """Several scopes together take over a part of the organization, or hide what was done."""

    TITLE = "Scopes together give control over part of the organization"
    MEANING = (
        "Each scope may be justified, but together they take over a part of the organization or hide traces."
    )
    WHAT_TO_DO = "Ask the vendor for an integration that needs only one of the scopes."
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "The scopes together take over a part of the organization, but not the whole of it."
    COMBINED = True


class WriteScopes(IntegrationFinding):
    """An integration holds scopes that change the organization."""

    TITLE = "Integration can change the organization"
    MEANING = "The integration does not only read. A leaked secret can be used to alter or delete objects."
    WHAT_TO_DO = "Use the vendor's read-only integration where there is one and it is enough."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = (
        "The right to change something weakens a control, even where nothing grave follows from it."
    )

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each such integration. A scope that Okta does not describe is judged by its name."""
        for each in org.integrations:
            writing = tuple(scope.text for scope in each.reach.scopes if scope.writes)
            if writing:
                yield cls.at(org, each.node, *writing)


class UnknownScopes(IntegrationFinding):
    """An integration holds scopes whose operations are not documented."""

    TITLE = "Integration holds scopes that Okta does not describe"
    MEANING = "What these scopes permit is not documented, so other findings judge them by their names."
    WHAT_TO_DO = "Look the scopes up in Okta's documentation, or ask Okta what they permit."
    SEVERITY = Severity.LOW
    SEVERITY_REASON = "The lack of documentation is no weakness; the assumed powers are reported separately."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each integration with such scopes."""
        for each in org.integrations:
            if each.reach.unknown:
                states = each.reach.knowledge
                assumed = (f"{scope}: {states[scope].value}" for scope in each.reach.unknown)
                yield cls.at(
                    org, each.node, *(scope.text for scope in each.reach.unknown), assumptions=assumed
                )
