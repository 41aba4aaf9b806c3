"""Findings about API tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar

from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.model import Finding
from oktahound.entities import ApiToken, Entity, RoleAssignment, User
from oktahound.scopes import Severity

__all__ = [
    "ExpiredToken",
    "OldToken",
    "TokenOfSuperAdministrator",
    "TokenOwnerGone",
    "TokenWithoutNetworkLimit",
    "UnusedToken",
]


class _TokenFinding(Finding):
    """Base class of findings about API tokens."""

    SUBJECT = "API tokens"
    READS: ClassVar[tuple[type[Entity], ...]] = (ApiToken,)


def _live(org: Inspection) -> Iterator[ApiToken]:
    """The tokens that have not expired."""
    return (token for token in org.rows(ApiToken) if not _expired(token, org))


def _expired(token: ApiToken, org: Inspection) -> bool:
    return token.expires_at is not None and token.expires_at <= org.now


def _owner(org: Inspection, token: ApiToken) -> str:
    return f"owner: {org.name(token.user_id) if token.user_id else 'not read'}"


class TokenOfSuperAdministrator(_TokenFinding):
    """A token that has not expired belongs to a super administrator."""

    TITLE = "API token acts as a super administrator"
    MEANING = "The token alone controls the organization: it needs no password, factor or session."
    WHAT_TO_DO = (
        "Replace it by an OAuth service application with few scopes and a custom role, and revoke it."
    )
    SEVERITY = Severity.CRITICAL
    SEVERITY_REASON = "Whoever reads the token from a file, log or variable controls the organization."
    READS = (ApiToken, RoleAssignment)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each such token."""
        for token in _live(org):
            if token.user_id in org.super_administrators and not org.gone(token.user_id):
                owner = token.user_id
                yield cls.at(org, token.id, f"owner: {org.name(owner)}", rests_on=(owner,))


class TokenWithoutNetworkLimit(_TokenFinding):
    """Okta says that a token works from anywhere."""

    TITLE = "API token works from any network"
    MEANING = "A stolen token can be used from anywhere in the world."
    WHAT_TO_DO = "Limit the token to the network zones of the servers that use it."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "The limit would stop most uses of a stolen token, but a token must be stolen first."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each token with network connection ANYWHERE; none where Okta does not say."""
        for token in _live(org):
            if token.network_connection == "ANYWHERE":
                yield cls.at(org, token.id, _owner(org, token))


class OldToken(_TokenFinding):
    """A token that has not expired is older than ``token_days``."""

    TITLE = "API token was not rotated"
    MEANING = "A token stays valid as long as it is used. Everybody who ever saw it can still use it."
    WHAT_TO_DO = "Create a new token, replace the old one where it is used, and revoke it."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "Age alone grants nothing, but extends how long a leaked token is useful."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each such token."""
        for token in _live(org):
            days = org.days_since(token.created)
            if days is not None and days > org.limits.token_days:
                yield cls.at(org, token.id, f"{days} days old", _owner(org, token))


class TokenOwnerGone(_TokenFinding):
    """The owner of a token was suspended, deactivated or deleted."""

    TITLE = "Owner of an API token has left"
    MEANING = "The token is listed without a responsible user, and works again if the user is reactivated."
    WHAT_TO_DO = "Revoke the token. Give what still needs one an account or service application of its own."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "The token is dormant, but nobody watches it and a reactivation brings it back."
    READS = (ApiToken, User)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each such token. An unlisted owner counts as gone only if all users were read."""
        for token in org.rows(ApiToken):
            if token.user_id is not None and (reason := org.gone(token.user_id)) is not None:
                yield cls.at(org, token.id, reason)


class ExpiredToken(_TokenFinding):
    """A token has expired and is still listed."""

    TITLE = "Expired API token is still listed"
    MEANING = "The token does not work any more, but makes it harder to see which tokens do."
    WHAT_TO_DO = "Revoke the token."
    SEVERITY = Severity.LOW
    SEVERITY_REASON = "An expired token grants nothing."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each such token."""
        for token in org.rows(ApiToken):
            if token.expires_at is not None and _expired(token, org):
                yield cls.at(
                    org,
                    token.id,
                    f"expired {(org.now - token.expires_at).days} days before the org was read",
                    _owner(org, token),
                )


class UnusedToken(_TokenFinding):
    """A token's expiry shows that it was never used since it was created."""

    TITLE = "API token was never used"
    MEANING = "Each use moves a token's expiry; this one still expires one window after it was created."
    WHAT_TO_DO = "Ask the owner what the token is for, and revoke it if there is no answer."
    SEVERITY = Severity.LOW
    SEVERITY_REASON = "An unused token grants access that nobody needs."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """One for each token older than a day whose expiry is its creation plus its window."""
        for token in _live(org):
            window = _span(token.token_window)
            if window is None or token.created is None or token.expires_at is None:
                continue
            used = token.expires_at - window - token.created
            if used < timedelta(minutes=5) and org.now - token.created > timedelta(days=1):
                days = org.days_since(token.created)
                yield cls.at(org, token.id, f"created {days} days ago", f"window {token.token_window}")


_SPAN = re.compile(r"(?:(\d+)\.)?(\d{2}):(\d{2}):(\d{2})")


def _span(text: str | None) -> timedelta | None:
    """A window written as ``[d.]hh:mm:ss``; None for a period without a fixed length."""
    found = _SPAN.fullmatch(text or "")
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
