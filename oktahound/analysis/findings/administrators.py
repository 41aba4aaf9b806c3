"""Findings about the accounts of administrators: factors, sign-ins, passwords and status."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.model import Finding
from oktahound.entities import (
    AdminAssignee,
    Entity,
    Factor,
    Group,
    GroupMembership,
    RoleAssignment,
    User,
)
from oktahound.graph.lifecycle import may_be_active, status_assumptions
from oktahound.scopes import Severity

__all__ = [
    "AdministratorFinding",
    "AdministratorWithoutFactor",
    "AdministratorWithoutStrongFactor",
    "IdleAdministrator",
    "InactiveAdministrator",
    "OldPasswordOfAdministrator",
    "administrators",
]

ROLES: tuple[type[Entity], ...] = (AdminAssignee, RoleAssignment, Group, GroupMembership, User)

_CANNOT_SIGN_IN = frozenset({"SUSPENDED", "DEPROVISIONED"})
_STRONG = frozenset({"webauthn", "u2f", "signed_nonce"})
"""Factor types that resist phishing: FIDO2, its predecessor U2F, and Okta FastPass."""

_VISIBLE = "Okta lists only the factors that its policies make visible to the network zone of the caller"


class AdministratorFinding(Finding):
    """Base class of findings about users who hold or inherit an admin role."""

    SUBJECT = "Administrators"
    READS: ClassVar[tuple[type[Entity], ...]] = ROLES


def administrators(org: Inspection, *, able_to_sign_in: bool = True) -> Iterator[User]:
    """Yield the collected users who hold or inherit a role, by id."""
    users = org.by_id(User)
    for user_id in org.administrators:
        user = users.get(user_id)
        if user is not None and (not able_to_sign_in or user.status not in _CANNOT_SIGN_IN):
            yield user


def _roles(org: Inspection, user: User) -> str:
    """Return the user's own roles and those of the user's groups, as text."""
    own = org.role_names(user.id)
    groups = sorted(set(org.groups_of(user.id)) & set(org.privileged_groups))
    inherited = [f"{org.role_names(group) or 'a role'} through {org.name(group)}" for group in groups]
    return ", ".join(filter(None, (own, *inherited))) or "listed as an administrator"


class _FactorFinding(AdministratorFinding):
    READS = (*ROLES, Factor)

    @classmethod
    def undecided(cls, org: Inspection) -> Iterable[str]:
        """Return the number of administrators whose factors were not read, as text."""
        unknown = [user for user in administrators(org) if not org.known(Factor, user.id)]
        return [f"factors of {len(unknown)} administrators were not read"] if unknown else []


class AdministratorWithoutFactor(_FactorFinding):
    """An administrator has no active factor."""

    TITLE = "Administrator has no second factor"
    MEANING = "Only a password protects the account, unless a policy forces an enrollment at sign-in."
    WHAT_TO_DO = (
        "Have the administrator enroll a phishing-resistant factor, and require one for the admin console."
    )
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "A guessed, reused or phished password is enough to act with the role."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each administrator who can sign in and whose factors were read."""
        for user in administrators(org):
            enrolled = org.of(Factor, user.id)
            if org.known(Factor, user.id) and not _active(enrolled):
                states = ", ".join(f"{each.type} is {each.status}" for each in enrolled)
                seen = (states,) if states else ()
                assumptions = (_VISIBLE, *_doubts(enrolled))
                yield cls.at(org, user.id, f"roles: {_roles(org, user)}", *seen, assumptions=assumptions)


class AdministratorWithoutStrongFactor(_FactorFinding):
    """An administrator has active factors, but none of them resists phishing."""

    TITLE = "Administrator has no phishing-resistant factor"
    MEANING = "A fake sign-in page can capture the password and relay the code or push approval."
    WHAT_TO_DO = (
        "Have the administrator enroll a FIDO2 key or Okta FastPass, and require it for the admin console."
    )
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "The factor stops stolen passwords, but not an attacker in the middle of a sign-in."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such administrator."""
        for user in administrators(org):
            enrolled = org.of(Factor, user.id) if org.known(Factor, user.id) else ()
            active = _active(enrolled)
            types = sorted({each.type or "of an unread type" for each in active})
            if types and not any(each.type is None or each.type in _STRONG for each in active):
                seen = f"factors: {', '.join(types)}"
                assumptions = (_VISIBLE, *_doubts(each for each in enrolled if each.type in _STRONG))
                yield cls.at(org, user.id, seen, f"roles: {_roles(org, user)}", assumptions=assumptions)


def _active(factors: Iterable[Factor]) -> list[Factor]:
    # A factor with an unread status counts as active. One with an unknown status does not prove protection.
    return [each for each in factors if may_be_active(each) and not status_assumptions(each)]


def _doubts(factors: Iterable[Factor]) -> list[str]:
    """Return the assumption that each factor with an unknown status does not work."""
    return [
        f"the {each.type} factor does not work: its status {each.status!r} is unknown to oktahound"
        for each in factors
        if status_assumptions(each)
    ]


class IdleAdministrator(AdministratorFinding):
    """An administrator has not signed in for ``idle_days`` or more, or never."""

    TITLE = "Administrator does not use the account"
    MEANING = "Use of the account by an attacker would go unnoticed, and the role seems not to be needed."
    WHAT_TO_DO = "Revoke the role. Keep emergency accounts, but watch their sign-ins and factors."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "The role grants nothing new, but an unwatched account is easier to take over."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such administrator."""
        for user in administrators(org):
            if org.unread(user):
                continue
            days = org.days_since(user.last_login)
            age = org.days_since(user.created)
            if days is None and age is not None and age > org.limits.idle_days:
                yield cls.at(org, user.id, f"never signed in, created {age} days ago", _roles(org, user))
            elif days is not None and days > org.limits.idle_days:
                yield cls.at(org, user.id, f"last sign-in {days} days ago", f"roles: {_roles(org, user)}")


class OldPasswordOfAdministrator(AdministratorFinding):
    """The Okta password of an administrator is older than ``password_days``."""

    TITLE = "Administrator has an old password"
    MEANING = "The password may have been reused elsewhere and leaked since it was set."
    WHAT_TO_DO = "Have the password changed, or replace it with phishing-resistant sign-in."
    SEVERITY = Severity.LOW
    SEVERITY_REASON = "Age alone grants nothing, and a second factor limits the value of the password."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each administrator whose password is stored in Okta."""
        for user in administrators(org):
            days = org.days_since(user.password_changed)
            if (
                user.credential_provider_type == "OKTA"
                and days is not None
                and days > org.limits.password_days
            ):
                yield cls.at(org, user.id, f"password set {days} days ago", f"roles: {_roles(org, user)}")


class InactiveAdministrator(AdministratorFinding):
    """A suspended or deactivated user still holds a role."""

    TITLE = "Suspended user still holds an admin role"
    MEANING = (
        "Reactivating the user restores an administrator, with an old password and old factors. The right to "
        "reactivate users is enough for that."
    )
    WHAT_TO_DO = "Revoke the role, and remove the user from groups with roles."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "The account cannot sign in now, but one API call reactivates it."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such user."""
        for user in administrators(org, able_to_sign_in=False):
            if user.status in _CANNOT_SIGN_IN:
                yield cls.at(org, user.id, f"status {user.status}", f"roles: {_roles(org, user)}")
