"""Findings about the maintenance of API service integrations: secrets, creators and duplicates."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.integration_rights import IntegrationFinding
from oktahound.analysis.findings.integration_rows import Integration
from oktahound.analysis.findings.model import Finding
from oktahound.entities import ApiServiceIntegration, ClientSecret, User
from oktahound.scopes import Severity

__all__ = ["CreatorGone", "DuplicateIntegrations", "MoreScopesThanTwin", "OldSecret", "TwoActiveSecrets"]


class TwoActiveSecrets(IntegrationFinding):
    """An integration has more than one active secret."""

    TITLE = "Integration has more than one active secret"
    MEANING = (
        "Each active secret can be used to authenticate. The older one usually remained after a rotation."
    )
    WHAT_TO_DO = "Deactivate the older secret, check that nothing fails, and delete it."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = (
        "An additional secret doubles the places from which access can leak, but grants no more."
    )
    READS = (ApiServiceIntegration, ClientSecret)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such integration."""
        for each in org.integrations:
            if len(each.active_secrets) > 1:
                yield cls.at(org, each.node, *(secret.name for secret in each.active_secrets))


class OldSecret(IntegrationFinding):
    """An integration has an active secret that is older than ``secret_days``."""

    TITLE = "Secret of an integration was not rotated"
    MEANING = (
        "Secrets of integrations do not expire, and Okta does not report when one was last used. "
        "Anyone who ever saw the secret can still use it."
    )
    WHAT_TO_DO = "Create a new secret, give it to the vendor, and delete the old one."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "Age alone grants nothing, but extends how long a leaked secret is useful."
    READS = (ApiServiceIntegration, ClientSecret)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each integration with such secrets."""
        for each in org.integrations:
            ages = ((secret.name, org.days_since(secret.created)) for secret in each.active_secrets)
            old = tuple(
                f"{name}: {days} days"
                for name, days in ages
                if days is not None and days > org.limits.secret_days
            )
            if old:
                yield cls.at(org, each.node, *old)


class CreatorGone(IntegrationFinding):
    """The user who added an integration was suspended, deactivated or deleted."""

    TITLE = "Creator of an integration has left"
    MEANING = (
        "The creator saw the secret when the integration was added, and it may have no responsible owner now."
    )
    WHAT_TO_DO = "Rotate the secret and name a new owner, or remove the integration."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "A person outside the organization may have a secret that still works."
    READS = (ApiServiceIntegration, User)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such integration. An unlisted creator counts only if all users were read."""
        for each in org.integrations:
            if each.creator is not None and (reason := org.why_inactive(each.creator)) is not None:
                yield cls.at(org, each.node, reason)


class DuplicateIntegrations(IntegrationFinding):
    """Several integrations have the same type."""

    TITLE = "Several integrations of the same type"
    MEANING = "One of them is often left over from a test or a migration, and its secrets still work."
    WHAT_TO_DO = "Find out which one the vendor uses and remove the others."
    SEVERITY = Severity.LOW
    SEVERITY_REASON = "A duplicate is not a weakness by itself, but it may be unused access."
    READS = (ApiServiceIntegration,)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each of them."""
        for type_, twins in org.integrations_by_type.items():
            for each in twins:
                others = tuple(f"{other.name} ({other.node})" for other in twins if other is not each)
                yield cls.at(org, each.node, f"type {type_}", *others)


class MoreScopesThanTwin(IntegrationFinding):
    """An integration holds all scopes of another integration of its type, and more."""

    TITLE = "Integration holds more scopes than another of its type"
    MEANING = "The other integration works with fewer scopes, so the additional ones may not be needed."
    WHAT_TO_DO = "Ask the vendor for the current list of scopes, and add the integration again with fewer."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "Unneeded scopes increase the damage that a leaked secret can do."
    READS = (ApiServiceIntegration,)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such integration."""
        for twins in org.integrations_by_type.values():
            for each in twins:
                more = tuple(line for other in twins if (line := _surplus_scopes(each, other)) is not None)
                if more:
                    yield cls.at(org, each.node, *more)


def _surplus_scopes(larger: Integration, smaller: Integration) -> str | None:
    if larger.scopes is None or smaller.scopes is None or not set(larger.scopes) > set(smaller.scopes):
        return None
    surplus = ", ".join(sorted(set(larger.scopes) - set(smaller.scopes)))
    return f"{smaller.name} ({smaller.node}) works without {surplus}"
