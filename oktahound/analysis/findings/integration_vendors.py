"""Findings that compare the scopes of API service integrations with those that their vendors publish."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.integration_scopes import IntegrationFinding
from oktahound.analysis.findings.model import Finding
from oktahound.entities import ApiServiceIntegration, OAuthScope
from oktahound.scopes import Severity, compare_with_vendor

__all__ = ["MoreScopesThanPublished"]


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
