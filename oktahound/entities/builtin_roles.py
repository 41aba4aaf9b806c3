"""Table of Okta's built-in admin roles. Their permissions are the same in every org and need no request.

Okta does not publish the permissions of these roles in terms of its permission catalogue. This is the
approximation that the open-source Okta collectors share. ``USER_ADMIN`` is, despite its name, the Group
Administrator.
"""

from __future__ import annotations

import enum
from types import MappingProxyType

import attrs

__all__ = ["BUILT_IN_ROLES", "BuiltInRole", "RoleScope", "built_in_role"]


class RoleScope(enum.Enum):
    """The kind of targets that limit an assignment of a role. Without a target it covers the whole org."""

    ORGANIZATION = "no target: it always covers the organization"
    GROUPS = "target groups"
    APPS = "target applications"
    RESOURCE_SET = "a resource set: the role is assigned in the form of a custom one"


@attrs.frozen
class BuiltInRole:
    """A role that Okta defines.

    Attributes:
        type: Okta's type (``SUPER_ADMIN``).
        label: the display name.
        scope: the kind of targets that limit an assignment; None for a type that is not in the table.
        permissions: the permissions; ``*`` means all.
    """

    type: str
    label: str
    scope: RoleScope | None
    permissions: tuple[str, ...]

    def node_id(self, domain: str) -> str:
        """Return the key of its node. It contains the domain, because the type is the same in every org."""
        return f"{self.type}@{domain}"


def built_in_role(type_: str) -> BuiltInRole:
    """Return the role of a type. An unknown type gives a role with unknown permissions.

    >>> built_in_role("HELP_DESK_ADMIN").label
    'Help Desk Administrator'
    """
    role = BUILT_IN_ROLES.get(type_)
    return role or BuiltInRole(type_, type_, None, ())


def _role(type_: str, label: str, scope: RoleScope, permissions: str) -> BuiltInRole:
    return BuiltInRole(type_, label, scope, tuple(permissions.split()))


_TABLE = (
    _role(
        "SUPER_ADMIN",
        "Super Administrator",
        RoleScope.ORGANIZATION,
        "*",
    ),
    _role(
        "ORG_ADMIN",
        "Organization Administrator",
        RoleScope.ORGANIZATION,
        """
        okta.reports.read okta.customizations.read okta.customizations.manage okta.logs.read
        okta.authzServers.read okta.authzServers.manage okta.users.read okta.users.create
        okta.users.manage okta.users.lifecycle.manage okta.users.lifecycle.clearSessions
        okta.users.credentials.manage okta.users.risk.manage okta.groups.read okta.groups.create
        okta.groups.manage okta.groups.members.manage okta.policies.read okta.devices.read
        okta.devices.manage okta.eventhooks.read okta.eventhooks.manage okta.inlinehooks.read
        okta.inlinehooks.manage okta.identityProviders.read okta.identityProviders.manage
        okta.agents.register okta.users.apitokens.manage okta.users.apitokens.read
        okta.users.apitokens.clear okta.realms.read okta.realms.manage okta.workflows.read
        okta.support.cases.manage
        """,
    ),
    _role(
        "USER_ADMIN",
        "Group Administrator",
        RoleScope.GROUPS,
        """
        okta.users.read okta.users.create okta.users.lifecycle.delete
        okta.users.lifecycle.suspend okta.users.lifecycle.deactivate
        okta.users.lifecycle.activate okta.users.manage okta.users.lifecycle.clearSessions
        okta.users.userprofile.manage okta.users.credentials.resetPassword
        okta.users.credentials.resetFactors okta.users.risk.manage okta.groups.read
        okta.groups.members.manage okta.users.groupMembership.manage okta.groups.manage
        """,
    ),
    _role(
        "GROUP_MEMBERSHIP_ADMIN",
        "Group Membership Administrator",
        RoleScope.GROUPS,
        """
        okta.users.read okta.groups.read okta.groups.members.manage
        okta.users.groupMembership.manage okta.groups.manage okta.users.apitokens.read
        okta.users.apitokens.manage okta.users.apitokens.clear okta.realms.read
        """,
    ),
    _role(
        "HELP_DESK_ADMIN",
        "Help Desk Administrator",
        RoleScope.GROUPS,
        """
        okta.users.read okta.users.lifecycle.clearSessions okta.users.credentials.resetPassword
        okta.users.credentials.resetFactors okta.users.risk.manage okta.groups.read
        okta.users.apitokens.clear okta.realms.read
        """,
    ),
    _role(
        "APP_ADMIN",
        "Application Administrator",
        RoleScope.APPS,
        """
        okta.apps.manage okta.apps.read okta.apps.assignment.manage
        okta.apps.clientCredentials.read okta.users.appAssignment.manage
        okta.groups.appAssignment.manage okta.policies.manage okta.policies.read okta.users.read
        okta.groups.read okta.users.userprofile.manage okta.users.userprofile.read
        okta.profilesources.import.run okta.agents.register okta.realms.read
        """,
    ),
    _role(
        "API_ACCESS_MANAGEMENT_ADMIN",
        "API Access Management Administrator",
        RoleScope.ORGANIZATION,
        """
        okta.authzServers.manage okta.authzServers.read okta.profileMappings.manage
        okta.profileMappings.read okta.users.read okta.userTypes.read okta.groups.read
        okta.apps.manage okta.apps.read okta.apps.assignment.manage
        okta.users.appAssignment.manage okta.groups.appAssignment.manage
        okta.apps.clientCredentials.read okta.realms.read
        """,
    ),
    _role(
        "READ_ONLY_ADMIN",
        "Read-only Administrator",
        RoleScope.ORGANIZATION,
        """
        okta.reports.read okta.customizations.read okta.authzServers.read okta.logs.read
        okta.devices.read okta.users.read okta.users.risk.read okta.userTypes.read
        okta.groups.read okta.apps.read okta.policies.read okta.eventhooks.read
        okta.inlinehooks.read okta.agents.register okta.users.apitokens.manage
        okta.users.apitokens.read okta.users.apitokens.clear okta.apps.clientCredentials.read
        okta.workflows.read okta.realms.read
        """,
    ),
    _role(
        "MOBILE_ADMIN",
        "Mobile Administrator",
        RoleScope.ORGANIZATION,
        """
        okta.devices.read okta.devices.manage okta.devices.lifecycle.manage okta.policies.read
        okta.policies.manage okta.users.read okta.groups.read okta.apps.read okta.logs.read
        okta.users.apitokens.read okta.agents.register okta.realms.read
        """,
    ),
    _role(
        "REPORT_ADMIN",
        "Report Administrator",
        RoleScope.ORGANIZATION,
        """
        okta.reports.read okta.logs.read
        """,
    ),
    _role(
        "API_ADMIN",
        "API Administrator",
        RoleScope.ORGANIZATION,
        """
        okta.users.apitokens.manage okta.users.apitokens.read okta.users.apitokens.clear
        """,
    ),
    _role(
        "WORKFLOWS_ADMIN",
        "Workflows Administrator",
        RoleScope.RESOURCE_SET,
        """
        okta.workflows.flows.invoke okta.workflows.flows.manage
        okta.workflows.flows.folders.manage okta.workflows.tables.manage
        okta.workflows.connections.manage okta.workflows.connectors.manage
        """,
    ),
    _role(
        "ACCESS_CERTIFICATIONS_ADMIN",
        "Access Certifications Administrator",
        RoleScope.RESOURCE_SET,
        """
        okta.governance.accessCertifications.manage okta.governance.collections.read
        okta.apps.read okta.users.read okta.groups.read
        """,
    ),
    _role(
        "ACCESS_REQUESTS_ADMIN",
        "Access Requests Administrator",
        RoleScope.RESOURCE_SET,
        """
        okta.governance.accessRequests.manage okta.apps.assignment.manage
        okta.governance.collections.read okta.groups.appAssignment.manage
        okta.apps.manageFirstPartyApps okta.apps.manage okta.users.appAssignment.manage
        """,
    ),
)

BUILT_IN_ROLES = MappingProxyType({role.type: role for role in _TABLE})
"""The built-in roles by type."""
