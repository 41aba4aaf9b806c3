"""Okta's OAuth scopes: their text, the catalogue of operations, powers, and the reach of a set of scopes.

This package depends on neither entities nor orgs.
"""

from __future__ import annotations

from oktahound.scopes.assumed import assumed_power, powers_of_permissions, powers_of_scopes
from oktahound.scopes.catalogue import (
    Knowledge,
    Operation,
    Scope,
    Source,
    catalogue,
    description_version,
    held_scopes,
    knowledge_of,
)
from oktahound.scopes.permissions import AdminPermission, admin_permissions, is_known_permission
from oktahound.scopes.powers import NO_ROLE, Power, all_powers, power, powers_among
from oktahound.scopes.reach import Reach, ScopeHolder, scope_reach
from oktahound.scopes.severity import Severity
from oktahound.scopes.text import OAuthScope
from oktahound.scopes.vendors import (
    ClientKind,
    PublishedScopes,
    VendorComparison,
    VendorVerdict,
    compare_with_vendor,
    read_vendor_lists,
    vendor_catalogue,
)

__all__ = [
    "NO_ROLE",
    "AdminPermission",
    "ClientKind",
    "Knowledge",
    "OAuthScope",
    "Operation",
    "Power",
    "PublishedScopes",
    "Reach",
    "Scope",
    "ScopeHolder",
    "Severity",
    "Source",
    "VendorComparison",
    "VendorVerdict",
    "admin_permissions",
    "all_powers",
    "assumed_power",
    "catalogue",
    "compare_with_vendor",
    "description_version",
    "held_scopes",
    "is_known_permission",
    "knowledge_of",
    "power",
    "powers_among",
    "powers_of_permissions",
    "powers_of_scopes",
    "read_vendor_lists",
    "scope_reach",
    "vendor_catalogue",
]
