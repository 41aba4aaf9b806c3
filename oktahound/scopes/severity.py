"""The five severities of powers and findings."""

from __future__ import annotations

import enum

__all__ = ["Severity"]


class Severity(enum.Enum):
    """The severity of a power or a finding. Severities are ordered: ``Severity.LOW < Severity.HIGH``."""

    INFO = "info"
    """Useful to know; no harm by itself."""

    LOW = "low"
    """Causes disruption, or shows an attacker where to attack."""

    MEDIUM = "medium"
    """Weakens a security control, or exposes sensitive data."""

    HIGH = "high"
    """Gives control over ordinary users, groups or applications, or over the audit trail."""

    CRITICAL = "critical"
    """Leads to control of the organization, or of all its users."""

    @property
    def weight(self) -> int:
        """The rank: 0 for INFO up to 4 for CRITICAL."""
        return list(Severity).index(self)

    def __lt__(self, other: object) -> bool:
        return self.weight < other.weight if isinstance(other, Severity) else NotImplemented

    def __le__(self, other: object) -> bool:
        return self.weight <= other.weight if isinstance(other, Severity) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return self.weight > other.weight if isinstance(other, Severity) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return self.weight >= other.weight if isinstance(other, Severity) else NotImplemented
