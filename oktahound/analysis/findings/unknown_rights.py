"""Findings about admin roles and permissions that are unknown to oktahound."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.model import Finding
from oktahound.entities import CustomRole, RoleAssignment, RolePermission
from oktahound.graph.unknown_rights import unknown_permissions, unknown_roles
from oktahound.scopes import Severity, powers_of_permissions

__all__ = ["UnknownPermission", "UnknownRole"]


class UnknownRole(Finding):
    """A principal holds a built-in role that is not in the table of roles."""

    TITLE = "Admin role whose rights are unknown"
    MEANING = (
        "Okta added the role after this version of oktahound. The graph has no edge for it, so paths of its "
        "holders may be missing."
    )
    WHAT_TO_DO = "Read about the role's permissions in Okta's help, and revoke it if it is not needed."
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "An unknown right is rated like other admin roles."
    SUBJECT = "Administrators"
    READS = (RoleAssignment,)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each holder and role."""
        for role in unknown_roles(org.rows_index):
            assumed = f"the permissions of the role {role['type']} are not documented"
            for holder in role["holders"]:
                if holder in org.graph:
                    yield cls.at(
                        org, holder, f"role: {role['type']}", assumptions=(assumed,), part=role["type"]
                    )


class UnknownPermission(Finding):
    """A custom role has an undocumented permission that may allow changes."""

    TITLE = "Permission of a custom role whose rights are unknown"
    MEANING = (
        "Okta added the permission after this version of oktahound. The graph has no edge for it, so paths "
        "of the role's holders may be missing."
    )
    WHAT_TO_DO = "Read about the permission in Okta's help, and remove it from the role if unneeded."
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "Its name suggests control of its resource, to an unknown extent."
    SUBJECT = "Administrators"
    READS = (CustomRole, RolePermission)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each role and permission, unless its name is that of read access."""
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
    """Return the severity of an unknown permission by its name, and the assumptions as texts."""
    try:
        (power,) = powers_of_permissions([permission])
    except ValueError:  # Text with white space is not a permission, so it is ignored.
        return Severity.HIGH, (f"the operations of {permission} are not documented",)
    return power.severity, (power.assumption,) if power.assumption else ()
