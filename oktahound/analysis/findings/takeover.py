"""Findings about users who can take control of the organization."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from oktahound.analysis.findings.administrators import ROLES, AdministratorFinding, administrators
from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.model import Finding
from oktahound.entities import Entity, Group, GroupMembership, IdentityProvider, IdentityProviderUser
from oktahound.graph.lifecycle import may_be_active, status_assumptions
from oktahound.scopes import Severity

__all__ = [
    "AdministratorTakesOverOrganization",
    "AdministratorThroughImportedGroup",
    "SuperAdministratorFromDirectory",
    "SuperAdministratorThroughProvider",
    "UserTakesOverOrganization",
]


class _PathFinding(Finding):
    NEEDS_SCOPES = True

    @classmethod
    def undecided(cls, org: Inspection) -> Iterable[str]:
        """Return the rules whose edges may be missing."""
        return org.path_gaps


class AdministratorTakesOverOrganization(_PathFinding, AdministratorFinding):
    """An administrator without the super administrator role has an attack path to the organization."""

    TITLE = "Administrator can become super administrator"
    MEANING = (
        "The role is meant to be limited, but the path shown leads from it to control of the organization."
    )
    WHAT_TO_DO = "Remove the first step of the path that the administrator does not need."
    SEVERITY = Severity.CRITICAL
    SEVERITY_REASON = "The path ends in control of the whole organization."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such administrator who can sign in, with the shortest path."""
        for user in administrators(org):
            if user.id in org.paths_to_organization.nodes and user.id not in org.super_administrators:
                yield cls.along(org, user.id, org.paths_to_organization.path(user.id))


class UserTakesOverOrganization(_PathFinding):
    """A user without any role has an attack path to the organization."""

    TITLE = "User without a role can become super administrator"
    MEANING = "The user does not count as an administrator, so the account has only ordinary protection."
    WHAT_TO_DO = "Remove a step of the path shown, or protect the account like an administrator's."
    SEVERITY = Severity.CRITICAL
    SEVERITY_REASON = "The path ends in control of the whole organization."
    SUBJECT = "Users"
    READS: ClassVar[tuple[type[Entity], ...]] = ROLES

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such user, with the shortest path."""
        privileged = frozenset(org.administrators) | org.super_administrators
        for user in org.nodes_of("Okta_User"):
            if user in org.paths_to_organization.nodes and user not in privileged:
                yield cls.along(org, user, org.paths_to_organization.path(user))


class AdministratorThroughImportedGroup(AdministratorFinding):
    """A user is an administrator only as a member of an imported group."""

    TITLE = "Admin role comes from an imported group"
    MEANING = (
        "Anyone who manages the group in the directory or application can create administrators of Okta."
    )
    WHAT_TO_DO = "Assign the role to the user, or to a group that Okta itself manages."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "Users without a role in Okta can assign the role in another system."
    READS = (*ROLES, Group, GroupMembership)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such administrator who can sign in."""
        groups = org.by_id(Group)
        for user in administrators(org):
            privileged = [each for each in org.groups_of(user.id) if each in org.privileged_groups]
            imported = [each for each in privileged if each in groups and groups[each].type == "APP_GROUP"]
            if imported:
                seen = (f"{org.role_names(each) or 'a role'} through {org.name(each)}" for each in imported)
                yield cls.at(org, user.id, *sorted(seen))


class SuperAdministratorFromDirectory(AdministratorFinding):
    """A super administrator's password is checked outside Okta."""

    TITLE = "Super administrator signs in with a password of another system"
    MEANING = (
        "An attacker who controls that directory or provider can set the password, and control the "
        "organization."
    )
    WHAT_TO_DO = (
        "Use an account for super administration that exists only in Okta, with a phishing-resistant factor."
    )
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = (
        "Control of the other system gives control of the organization unless a factor stops it."
    )

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each super administrator with another credential provider than Okta."""
        for user in administrators(org):
            provider = user.credential_provider_type
            if user.id in org.super_administrators and provider not in (None, "OKTA"):
                yield cls.at(org, user.id, f"credentials: {provider} ({user.credential_provider_name})")


class SuperAdministratorThroughProvider(AdministratorFinding):
    """A super administrator with an Okta password is linked to an active identity provider."""

    TITLE = "Super administrator can also sign in through an identity provider"
    MEANING = (
        "The account has an Okta password, but the operator of the provider can sign in as it without the "
        "password."
    )
    WHAT_TO_DO = "Unlink the user from the provider, and exclude administrators from account linking."
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "Control of the provider gives control of the organization unless a factor stops it."
    READS = (*ROLES, IdentityProvider, IdentityProviderUser)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such super administrator."""
        linked: dict[str, list[IdentityProvider]] = {}
        for provider in org.rows(IdentityProvider):
            if may_be_active(provider):
                for link in org.of(IdentityProviderUser, provider.id):
                    linked.setdefault(link.id, []).append(provider)
        for user in administrators(org):
            has_okta_password = user.credential_provider_type == "OKTA"
            if user.id in org.super_administrators and has_okta_password and user.id in linked:
                providers = linked[user.id]
                seen = (f"{each.name or each.id} ({each.type})" for each in providers)
                yield cls.at(org, user.id, *seen, assumptions=status_assumptions(*providers))
