"""Findings about how integrations are looked after: secrets, creators, instances."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from oktahound.analysis.findings.inspection import Inspection, Integration
from oktahound.analysis.findings.model import Finding
from oktahound.scopes import Severity

__all__ = ["CreatorGone", "DuplicateIntegrations", "MoreScopesThanTwin", "OldSecret", "TwoActiveSecrets"]


class TwoActiveSecrets(Finding):
    """It has more than one active secret."""

    TITLE = "has more than one active secret"
    MEANING = "The old one outlived its rotation: deactivate and delete it."
    SEVERITY = Severity.MEDIUM

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each such integration."""
        for each in org.integrations:
            if len(each.active_secrets) > 1:
                names = tuple(secret.name for secret in each.active_secrets)
                yield cls(node=each.node, name=each.name, evidence=names)


class OldSecret(Finding):
    """An active secret has not been rotated for long."""

    TITLE = "has a secret that was not rotated"
    MEANING = "Secrets of integrations do not expire, and Okta does not say when one was used: rotate it."
    SEVERITY = Severity.MEDIUM

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each integration with active secrets older than the limit."""
        for each in org.integrations:
            ages = ((secret.name, _days(org, secret.created)) for secret in each.active_secrets)
            old = tuple(
                f"{name}: {days} days" for name, days in ages if days is not None and days > org.secret_days
            )
            if old:
                yield cls(node=each.node, name=each.name, evidence=old)


def _days(org: Inspection, created: datetime | None) -> int | None:
    return None if created is None else (org.now - created).days


class CreatorGone(Finding):
    """Whoever added it was deactivated, or is gone."""

    TITLE = "was added by somebody who is gone"
    MEANING = "The creator saw its secret. Rotate it, and find somebody who answers for the integration."
    SEVERITY = Severity.MEDIUM

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each such integration. A creator who is not listed is gone only if all users were read."""
        for each in org.integrations:
            if each.creator is not None and (reason := _gone(org, each.creator)) is not None:
                yield cls(node=each.node, name=each.name, evidence=(reason,))


def _gone(org: Inspection, creator: str) -> str | None:
    about = org.about(creator) if creator in org.graph else {"collected": False}
    if about.get("status") in ("DEPROVISIONED", "SUSPENDED"):
        return f"{about.get('name', creator)} is {about['status']}"
    if not about.get("collected", True) and org.knows_users:
        return f"{creator} is not among the users: deactivated or deleted"
    return None


class DuplicateIntegrations(Finding):
    """There are several integrations of its type."""

    TITLE = "is one of several of its type"
    MEANING = "One of them is often a leftover, and has secrets all the same: remove it."
    SEVERITY = Severity.LOW

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each of them."""
        for type_, twins in org.by_type.items():
            for each in twins:
                others = tuple(f"{other.name} ({other.node})" for other in twins if other is not each)
                yield cls(node=each.node, name=each.name, evidence=(f"type {type_}", *others))


class MoreScopesThanTwin(Finding):
    """It holds scopes that another integration of its type does without."""

    TITLE = "holds more scopes than another of its type"
    MEANING = "The other one works without them; or it was granted before the vendor asked for more."
    SEVERITY = Severity.MEDIUM

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each integration that holds all scopes of another one, and more."""
        for twins in org.by_type.values():
            for each in twins:
                more = tuple(line for other in twins if (line := _surplus(each, other)) is not None)
                if more:
                    yield cls(node=each.node, name=each.name, evidence=more)


def _surplus(one: Integration, other: Integration) -> str | None:
    if one.scopes is None or other.scopes is None or not set(one.scopes) > set(other.scopes):
        return None
    surplus = ", ".join(sorted(set(one.scopes) - set(other.scopes)))
    return f"{other.name} ({other.node}) does without {surplus}"
