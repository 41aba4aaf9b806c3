"""Okta's OAuth scopes: their text, the catalogue of operations, powers, and the reach of a set of scopes.

Below the entities: no module here knows an entity or an org.
"""

from __future__ import annotations

from oktahound.scopes.catalogue import Operation, Scope, catalogue, description_version, held_scopes
from oktahound.scopes.powers import NO_ROLE, Power, all_powers, power, powers_among
from oktahound.scopes.reach import Reach, ScopeHolder, scope_reach
from oktahound.scopes.severity import Severity
from oktahound.scopes.text import OAuthScope

__all__ = [
    "NO_ROLE",
    "OAuthScope",
    "Operation",
    "Power",
    "Reach",
    "Scope",
    "ScopeHolder",
    "Severity",
    "all_powers",
    "catalogue",
    "description_version",
    "held_scopes",
    "power",
    "powers_among",
    "scope_reach",
]
