"""Findings about the roles and scopes of service applications."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.model import Finding
from oktahound.entities import (
    Application,
    ConsentGrant,
    Entity,
    OAuthScope,
    RoleAssignment,
    RolePermission,
    built_in_role,
)
from oktahound.graph.lifecycle import may_be_active
from oktahound.scopes import Severity

__all__ = [
    "RoleAndScopeTogether",
    "ScopesBeyondRole",
    "ServiceApplicationFinding",
    "ServiceApplicationIsSuperAdministrator",
    "ServiceApplicationTakesOverOrganization",
    "UnusableRole",
    "scopes_of",
    "service_applications",
]


class ServiceApplicationFinding(Finding):
    """Base class of findings about applications that use client credentials or hold a role."""

    SUBJECT = "Service applications"
    READS: ClassVar[tuple[type[Entity], ...]] = (Application, RoleAssignment, ConsentGrant)


def service_applications(org: Inspection) -> Iterator[Application]:
    """Yield the active applications that are services or hold a role, by id."""
    for app in org.rows(Application):
        if may_be_active(app) and (app.is_service or org.roles(app.id)):
            yield app


def scopes_of(org: Inspection, app: Application) -> list[OAuthScope]:
    """Return the scopes of Okta's APIs that were granted to an application, sorted."""
    grants = org.of(ConsentGrant, app.id)
    return sorted({each.scope_id for each in grants if each.is_active and each.scope_id is not None})


class ServiceApplicationIsSuperAdministrator(ServiceApplicationFinding):
    """A service application holds a usable super administrator role."""

    TITLE = "Service application is a super administrator"
    MEANING = "Its key or secret controls the organization, without a user, a session or a factor."
    WHAT_TO_DO = "Replace the role with a custom role over the resources that the application needs."
    SEVERITY = Severity.CRITICAL
    SEVERITY_REASON = "Anyone with one of its credentials controls the organization."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such application."""
        for app in service_applications(org):
            if app.id in org.super_administrators:
                yield cls.at(org, app.id, f"scopes: {', '.join(scopes_of(org, app)) or 'not read'}")


class ServiceApplicationTakesOverOrganization(ServiceApplicationFinding):
    """A service application with a lesser role has an attack path to the organization."""

    TITLE = "Service application can take control of the organization"
    MEANING = (
        "Its role is meant to be limited, but the path shown leads from it to control of the organization."
    )
    WHAT_TO_DO = "Remove the first step of the path that the application does not need."
    SEVERITY = Severity.CRITICAL
    SEVERITY_REASON = "The path ends in control of the whole organization."
    NEEDS_SCOPES = True

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such application, with the shortest path."""
        for app in service_applications(org):
            if app.id in org.paths_to_organization.nodes and app.id not in org.super_administrators:
                yield cls.along(org, app.id, org.paths_to_organization.path(app.id))

    @classmethod
    def undecided(cls, org: Inspection) -> Iterable[str]:
        """Return the rules whose edges may be missing."""
        return org.path_gaps


class RoleAndScopeTogether(ServiceApplicationFinding):
    """A service application holds a role and a scope with which it can use the role."""

    TITLE = "Service application can use an admin role"
    MEANING = "The scope permits using the role, so its credentials have the rights of an administrator."
    WHAT_TO_DO = (
        "Narrow the role to the needed resources, and revoke scopes that the application does not use."
    )
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = (
        "A leaked key or secret gives the rights of an administrator over a part of the organization."
    )

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such application that is not a super administrator."""
        for app in service_applications(org):
            usable = [
                end
                for _, end, kind, attributes in org.graph.out_edges(app.id, keys=True, data=True)
                if kind == "Okta_HasRole"
                and attributes.get("active", True)
                and attributes.get("usable") is True
            ]
            if usable and app.id not in org.super_administrators:
                roles = ", ".join(sorted(map(org.name, usable)))
                yield cls.at(org, app.id, f"roles: {roles}", f"scopes: {', '.join(scopes_of(org, app))}")


class UnusableRole(ServiceApplicationFinding):
    """A service application holds a role, but no scope that permits using it."""

    TITLE = "Service application holds a role that it cannot use"
    MEANING = (
        "The role takes effect as soon as a scope is granted, probably without a new review of the role."
    )
    WHAT_TO_DO = "Revoke the role, or grant the missing scope."
    SEVERITY = Severity.LOW
    SEVERITY_REASON = "The role grants nothing now."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each application with a role and without scopes, if all its grants were read."""
        for app in service_applications(org):
            roles = org.role_names(app.id)
            if roles and org.known(ConsentGrant, app.id) and not scopes_of(org, app):
                yield cls.at(org, app.id, f"roles: {roles}", "no scope of Okta's APIs was granted")


_PERMISSION_NAMES = {
    "apps": "apps",
    "authorizationServers": "authzServers",
    "devices": "devices",
    "eventHooks": "eventhooks",
    "groups": "groups",
    "idps": "identityProviders",
    "inlineHooks": "inlinehooks",
    "policies": "policies",
    "realms": "realms",
    "users": "users",
}
"""The name that permissions of roles use for the resource of a scope. Other scopes are not checked."""


class ScopesBeyondRole(ServiceApplicationFinding):
    """A service application holds write scopes that none of its roles permits it to use."""

    TITLE = "Service application was granted scopes beyond its role"
    MEANING = (
        "The scopes take effect as soon as a wider role is assigned, probably without a new review of them."
    )
    WHAT_TO_DO = "Revoke the scopes that the application does not use."
    SEVERITY = Severity.LOW
    SEVERITY_REASON = "The scopes grant nothing without a role."
    READS = (Application, RoleAssignment, ConsentGrant, RolePermission)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such application, if all its roles and permissions were read."""
        for app in service_applications(org):
            permitted = _permissions(org, app)
            if permitted is None or "*" in permitted or not app.is_service:
                continue
            beyond = [scope for scope in scopes_of(org, app) if _is_beyond(scope, permitted)]
            if beyond:
                yield cls.at(org, app.id, *beyond, f"roles: {org.role_names(app.id) or 'none'}")


def _permissions(org: Inspection, app: Application) -> frozenset[str] | None:
    """Return the permissions of the application's roles; None if they were not read."""
    if not org.known(RoleAssignment, app.id):
        return None
    found: set[str] = set()
    for role in org.roles(app.id):
        if not role.is_custom and role.type is not None:
            permissions = built_in_role(role.type).permissions
            if not permissions:
                return None
            found.update(permissions)
        elif role.role_id is None or not org.known(RolePermission, role.role_id):
            return None
        else:
            found.update(each.id for each in org.of(RolePermission, role.role_id))
    return frozenset(found)


def _is_beyond(scope: OAuthScope, permitted: frozenset[str]) -> bool:
    name = _PERMISSION_NAMES.get(scope.resource)
    if name is None or not scope.writes:
        return False
    prefix = f"okta.{name}."
    return not any(each.startswith(prefix) and not each.endswith(".read") for each in permitted)
