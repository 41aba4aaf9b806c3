"""What Okta's OAuth scopes permit, and what that is worth to whoever holds them: tables, and no org."""

from __future__ import annotations

from oktahound.knowledge import clients, combinations, people, reading, trust
from oktahound.knowledge.powers import NO_ROLE, Power, powers_among
from oktahound.knowledge.scopes import Operation, Scope, catalogue, description_version, held_scopes
from oktahound.knowledge.severity import Severity

__all__ = [
    "NO_ROLE",
    "POWERS",
    "Operation",
    "Power",
    "Scope",
    "Severity",
    "catalogue",
    "description_version",
    "held_scopes",
    "powers_among",
]

POWERS: tuple[Power, ...] = (
    *people.POWERS,
    *clients.POWERS,
    *trust.POWERS,
    *reading.POWERS,
    *combinations.POWERS,
)
"""Every power, by family."""
