"""Findings about the scopes and admin roles of API service integrations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.model import Finding
from oktahound.entities import ApiServiceIntegration, Entity, OAuthScope, RoleAssignment
from oktahound.scopes import Power, Severity, compare_with_vendor

__all__ = [
    "CriticalCombination",
    "CriticalPower",
    "HighCombination",
    "HighPower",
    "IntegrationFinding",
    "IntegrationHoldsRole",
    "MoreScopesThanPublished",
    "PathToSuperAdmin",
    "UnknownScopes",
    "WriteScopes",
]


class IntegrationFinding(Finding):
    """Base class of findings about API service integrations. They need only a graph."""

    SUBJECT = "API service integrations"
    READS: ClassVar[tuple[type[Entity], ...]] = (ApiServiceIntegration,)
    NEEDS_SNAPSHOT = False


class PathToSuperAdmin(IntegrationFinding):
    """There is an attack path from an integration to the organization."""

    TITLE = "Integration can take control of the organization"
    MEANING = "Anyone who obtains its secret can become a super administrator along the path shown."
    WHAT_TO_DO = "Revoke the scope at the start of the path, or the right in the middle of it."
    SEVERITY = Severity.CRITICAL
    SEVERITY_REASON = "The path ends in control of the whole organization."
    NEEDS_SCOPES = True

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each integration with such a path."""
        for each in org.integrations:
            if each.node in org.paths_to_organization.nodes:
                yield cls.along(org, each.node, org.paths_to_organization.path(each.node))

    @classmethod
    def undecided(cls, org: Inspection) -> Iterable[str]:
        """Return the rules whose edges may be missing."""
        return org.path_gaps


class _HasPower(IntegrationFinding):
    """Base class: an integration holds powers of one severity, from single scopes or from combinations."""

    COMBINED: ClassVar[bool]

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each integration and power."""
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
    """A scope leads to control of the organization, or of all its users."""

    TITLE = "Scope is as powerful as an administrator role"
    MEANING = "With this one scope the integration can take over the organization or any user in it."
    WHAT_TO_DO = (
        "Ask the vendor for the purpose of the scope. If no feature in use needs it, remove the integration."
    )
    SEVERITY = Severity.CRITICAL
    SEVERITY_REASON = "The scope leads to control of the organization, or of all its users."
    COMBINED = False


class CriticalCombination(_HasPower):
    """Several scopes together lead to control of the organization, or of all its users."""

    TITLE = "Scopes together are as powerful as an administrator role"
    MEANING = (
        "Each scope may be justified, but together they can take over the organization or any user in it."
    )
    WHAT_TO_DO = "Ask the vendor for an integration that needs only one of the scopes."
    SEVERITY = Severity.CRITICAL
    SEVERITY_REASON = "The scopes together lead to control of the organization, or of all its users."
    COMBINED = True


class HighPower(_HasPower):
    """A scope gives control of ordinary users, groups or applications, or can hide an attack."""

    TITLE = "Scope gives control over part of the organization"
    MEANING = (
        "With this scope, the integration can take over users, groups or applications, or hide an attack."
    )
    WHAT_TO_DO = "Confirm that the scope is needed, monitor the integration, and rotate its secret often."
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "The scope alone gives control over a part of the organization, not over all of it."
    COMBINED = False


class HighCombination(_HasPower):
    """Several scopes together give control over a part of the organization, or can hide an attack."""

    TITLE = "Scopes together give control over part of the organization"
    MEANING = (
        "Each scope may be justified, but together they give control over a part of the organization, or can "
        "hide an attack."
    )
    WHAT_TO_DO = "Ask the vendor for an integration that needs only one of the scopes."
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "The scopes together give control over a part of the organization, not over all of it."
    COMBINED = True


class WriteScopes(IntegrationFinding):
    """An integration holds scopes that change the organization."""

    TITLE = "Integration can change the organization"
    MEANING = (
        "The integration can do more than read. A leaked secret can be used to change or delete objects."
    )
    WHAT_TO_DO = "Use the vendor's read-only integration if there is one and it is sufficient."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "The right to change objects weakens a control, even if it has no severe consequence."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such integration. An undocumented scope is rated by its name."""
        for each in org.integrations:
            writing = tuple(scope.text for scope in each.reach.scopes if scope.writes)
            if writing:
                yield cls.at(org, each.node, *writing)


class UnknownScopes(IntegrationFinding):
    """An integration holds scopes whose operations are not documented."""

    TITLE = "Integration holds scopes that Okta does not describe"
    MEANING = "The operations of these scopes are not documented, so other findings rate them by their names."
    WHAT_TO_DO = "Look up the scopes in Okta's documentation, or ask Okta for their operations."
    SEVERITY = Severity.LOW
    SEVERITY_REASON = "Missing documentation is not a weakness. The assumed powers are reported separately."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each integration with such scopes."""
        for each in org.integrations:
            if each.reach.unknown:
                states = each.reach.knowledge
                assumed = (f"{scope}: {states[scope].value}" for scope in each.reach.unknown)
                yield cls.at(
                    org, each.node, *(scope.text for scope in each.reach.unknown), assumptions=assumed
                )


class MoreScopesThanPublished(IntegrationFinding):
    """An integration holds scopes that its vendor does not publish."""

    TITLE = "Integration holds more scopes than its vendor publishes"
    MEANING = "The vendor's documentation does not list these scopes, so they may not be needed."
    WHAT_TO_DO = (
        "Ask the vendor for the purpose of the scopes. If they are not needed, replace the integration."
    )
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "Unneeded scopes increase the damage that a leaked secret can do."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such integration; none if the published scopes are not known."""
        for each in org.integrations:
            if each.scopes is None:
                continue
            integration = ApiServiceIntegration(
                id=each.node,
                name=each.name,
                app_type=each.app_type,
                oauth_scopes=tuple(OAuthScope(scope) for scope in each.scopes),
            )
            compared = compare_with_vendor(integration, org.vendor_lists)
            if compared.more:
                assumed = (compared.assumption,) if compared.assumption else ()
                evidence = (*compared.more, f"compared with {compared.published}")
                yield cls.at(org, each.node, *map(str, evidence), assumptions=assumed)


class IntegrationHoldsRole(IntegrationFinding):
    """An admin role is assigned to an API service integration, which does not need one."""

    TITLE = "Integration holds an admin role"
    MEANING = (
        "An integration works with its scopes alone. The vendor did not request the additional rights of the "
        "role, and anyone with the secret can use them."
    )
    WHAT_TO_DO = "Revoke the role assignment."
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "The role can give control over parts of the organization to anyone with the secret."
    READS = (ApiServiceIntegration, RoleAssignment)
    NEEDS_SNAPSHOT = True

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each integration with an active role."""
        for each in org.integrations:
            labels = sorted({row.label or row.type or row.id for row in org.roles(each.node)})
            if labels:
                yield cls.at(org, each.node, *(f"role: {label}" for label in labels))
