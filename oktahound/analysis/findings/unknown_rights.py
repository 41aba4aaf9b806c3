"""Findings about admin roles and permissions that oktahound does not know."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.model import Finding
from oktahound.entities import CustomRole, RoleAssignment, RolePermission
from oktahound.graph.unknown_rights import unknown_permissions, unknown_roles
from oktahound.scopes import Severity, powers_of_permissions

__all__ = ["UnknownPermission", "UnknownRole"]


class UnknownRole(Finding):
    """Somebody holds a built-in role that is not in the table of roles."""

    TITLE = "Admin role whose rights are unknown"
    MEANING = (
        "Okta added the role after this version of oktahound. The graph has no edge for it, so that paths of "
        "its holders may be missing."
    )
    WHAT_TO_DO = "Read in Okta's help what the role permits, and revoke it where it is not needed."
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "An unknown right is rated like other admin roles."
    SUBJECT = "Administrators"
    READS = (RoleAssignment,)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each holder and role."""
        for role in unknown_roles(org.rows_index):
            assumed = f"what the role {role['type']} permits is not documented"
            for holder in role["holders"]:
                if holder in org.graph:
                    yield cls.at(
                        org, holder, f"role: {role['type']}", assumptions=(assumed,), part=role["type"]
                    )


class UnknownPermission(Finding):
    """A custom role has a permission that no source describes and that may change something."""

    TITLE = "Permission of a custom role whose rights are unknown"
    MEANING = (
        "Okta added the permission after this version of oktahound. The graph has no edge for it, so that "
        "paths of the role's holders may be missing."
    )
    WHAT_TO_DO = "Read in Okta's help what the permission allows, and remove it from the role if unneeded."
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "Its name says that it controls its resource, and nothing says how far."
    SUBJECT = "Administrators"
    READS = (CustomRole, RolePermission)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each role and permission, unless the name says that it only reads."""
        for each in unknown_permissions(org.rows_index):
            permission = each["permission"]
            severity, assumed = _assumed_rights(permission)
            if severity.weight < Severity.HIGH.weight:
                continue
            for role in each["roles"]:
                if role in org.graph:
                    seen = f"permission: {permission}"
                    yield cls.at(org, role, seen, assumptions=assumed, part=permission)


def _assumed_rights(permission: str) -> tuple[Severity, tuple[str, ...]]:
    """Return how severe an unknown permission is by its name, and the assumptions in words."""
    try:
        (power,) = powers_of_permissions([permission])
    except ValueError:  # Text with white space is not a permission, so it is ignored.
        return Severity.HIGH, (f"what {permission} permits is not documented",)
    return power.severity, (power.assumption,) if power.assumption else ()
