"""How bad something is: five levels, with what each of them means."""

from __future__ import annotations

import enum

__all__ = ["Severity"]


class Severity(enum.Enum):
    """How bad a power, or a finding, is. Compares by weight: ``Severity.LOW < Severity.HIGH``."""

    INFO = "info"
    """Worth knowing; harms nobody by itself."""

    LOW = "low"
    """Disturbs, or tells an attacker what is worth attacking."""

    MEDIUM = "medium"
    """Weakens a control, or exposes data that people would miss."""

    HIGH = "high"
    """Takes over ordinary users, groups or applications, or the proof of what was done."""

    CRITICAL = "critical"
    """Leads to control of the organization, or of everybody in it."""

    @property
    def weight(self) -> int:
        """0 for INFO up to 4 for CRITICAL."""
        return list(Severity).index(self)

    def __lt__(self, other: object) -> bool:
        return self.weight < other.weight if isinstance(other, Severity) else NotImplemented

    def __le__(self, other: object) -> bool:
        return self.weight <= other.weight if isinstance(other, Severity) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return self.weight > other.weight if isinstance(other, Severity) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return self.weight >= other.weight if isinstance(other, Severity) else NotImplemented
