"""Findings about admin roles of API service integrations."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.integration_scopes import IntegrationFinding
from oktahound.analysis.findings.model import Finding
from oktahound.entities import ApiServiceIntegration, RoleAssignment
from oktahound.scopes import Severity

__all__ = ["IntegrationHoldsRole"]


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
