"""Findings about identity providers and other organizations that can sign users in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from oktahound.analysis.findings.administrators import ROLES
from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.model import Finding
from oktahound.entities import Application, Entity, IdentityProvider, IdentityProviderUser
from oktahound.graph.lifecycle import may_be_active
from oktahound.scopes import Severity

__all__ = [
    "ProviderCreatesUsers",
    "ProviderLinksAnybody",
    "ProviderOfAdministrators",
    "TrustToOtherOrganization",
    "TrustedOrganization",
]

_SHOWN = 10


class _ProviderFinding(Finding):
    """Base class of findings about active identity providers."""

    SUBJECT = "Identity providers"
    READS: ClassVar[tuple[type[Entity], ...]] = (IdentityProvider,)


def _active(org: Inspection) -> Iterator[IdentityProvider]:
    return (each for each in org.rows(IdentityProvider) if may_be_active(each))


class ProviderOfAdministrators(_ProviderFinding):
    """Users who hold a role are linked to an active identity provider."""

    TITLE = "Identity provider can sign in as administrators"
    MEANING = (
        "The provider's operator, or an attacker with its signing key, can sign in as the administrators "
        "shown."
    )
    WHAT_TO_DO = "Unlink administrators from the provider, or require an Okta factor after it."
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "Control of an external system gives the roles of the linked administrators."
    READS = (IdentityProvider, IdentityProviderUser, *ROLES)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such provider."""
        administrators = frozenset(org.administrators)
        for provider in _active(org):
            linked = [
                each.id for each in org.of(IdentityProviderUser, provider.id) if each.id in administrators
            ]
            if linked:
                named = [f"{org.name(each)}{_super_admin_note(org, each)}" for each in linked[:_SHOWN]]
                more = [f"and {len(linked) - _SHOWN} more"] if len(linked) > _SHOWN else []
                yield cls.at(org, provider.id, *named, *more, rests_on=linked)


def _super_admin_note(org: Inspection, user: str) -> str:
    return " (super administrator)" if user in org.super_administrators else ""


class ProviderLinksAnybody(_ProviderFinding):
    """An identity provider links its accounts to existing users automatically, without a filter."""

    TITLE = "Identity provider links its accounts to any existing user"
    MEANING = (
        "An account of the provider is linked to the user with the matching name at its first sign-in, also "
        "if the user is an administrator."
    )
    WHAT_TO_DO = (
        "Limit account linking to groups without administrators, exclude administrators, or switch it off."
    )
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = (
        "Anyone who can choose a user name at the provider can sign in as that user of the organization."
    )

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each provider with link action AUTO, no group filter and no exclusion of admins."""
        for provider in _active(org):
            filtered = provider.account_link_group_ids or provider.account_link_excludes_admins
            if provider.account_link_action == "AUTO" and not filtered and not org.unread(provider):
                matched = f"users are matched by {provider.subject_match_type}"
                yield cls.at(org, provider.id, "account link action AUTO without a filter", matched)


class ProviderCreatesUsers(_ProviderFinding):
    """An identity provider creates users as they sign in."""

    TITLE = "Identity provider creates users at sign-in"
    MEANING = "Everyone who signs in through the provider becomes a user, in the groups that it assigns."
    WHAT_TO_DO = "Disable just-in-time provisioning if another system creates the users."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "A new account has only the rights of the assigned groups."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each provider with provisioning action AUTO."""
        for provider in _active(org):
            if provider.provisioning_action == "AUTO":
                groups = sorted(org.name(each) for each in provider.governed_group_ids)
                assigned = f"groups: {', '.join(groups)}" if groups else "no groups are assigned"
                yield cls.at(org, provider.id, "provisioning action AUTO", assigned)


class TrustedOrganization(_ProviderFinding):
    """Another organization signs users in through an identity provider."""

    TITLE = "Another organization can sign users in"
    MEANING = "Administrators of the other organization can sign in as any linked user of this organization."
    WHAT_TO_DO = (
        "Confirm that the trust is needed, exclude administrators from it, and disable automatic linking."
    )
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = (
        "The other organization controls the linked users. Administrators among them are reported separately."
    )
    SUBJECT = "Trusts between organizations"

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each provider that is another Okta organization or an Entra tenant."""
        for provider in _active(org):
            other = provider.okta_idp_org_url or (
                f"Entra tenant {provider.entra_tenant_id}" if provider.entra_tenant_id else None
            )
            if other is not None:
                yield cls.at(org, provider.id, other)


class TrustToOtherOrganization(Finding):
    """An application connects this organization to another Okta organization."""

    TITLE = "Users are sent to another Okta organization"
    MEANING = "The application signs users in to, and may create them in, another Okta organization."
    WHAT_TO_DO = (
        "Review who can change the application, and what its API token can do in the other organization."
    )
    SEVERITY = Severity.LOW
    SEVERITY_REASON = "Such connections are common, and the risk is mainly that of the other organization."
    SUBJECT = "Trusts between organizations"
    READS = (Application,)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each active Org2Org application."""
        for app in org.rows(Application):
            if app.app_type == "okta_org2org" and may_be_active(app):
                features = ", ".join(app.features or ()) or "no provisioning features"
                yield cls.at(org, app.id, f"features: {features}")
