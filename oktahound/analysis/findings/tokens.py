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


def _unexpired(org: Inspection) -> Iterator[ApiToken]:
    """Return the tokens that have not expired."""
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
        "Replace it with an OAuth service application with few scopes and a custom role, and revoke it."
    )
    SEVERITY = Severity.CRITICAL
    SEVERITY_REASON = "Anyone who reads the token from a file, log or variable controls the organization."
    READS = (ApiToken, RoleAssignment)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such token."""
        for token in _unexpired(org):
            if token.user_id in org.super_administrators and not org.why_inactive(token.user_id):
                owner = token.user_id
                yield cls.at(org, token.id, f"owner: {org.name(owner)}", rests_on=(owner,))


class TokenWithoutNetworkLimit(_TokenFinding):
    """A token works from any network."""

    TITLE = "API token works from any network"
    MEANING = "A stolen token can be used from anywhere in the world."
    WHAT_TO_DO = "Limit the token to the network zones of the servers that use it."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "The limit would stop most uses of a stolen token, but a token must be stolen first."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each token with network connection ANYWHERE; none if Okta does not return it."""
        for token in _unexpired(org):
            if token.network_connection == "ANYWHERE":
                yield cls.at(org, token.id, _owner(org, token))


class OldToken(_TokenFinding):
    """A token that has not expired is older than ``token_days``."""

    TITLE = "API token was not rotated"
    MEANING = "A token stays valid as long as it is used. Anyone who ever saw it can still use it."
    WHAT_TO_DO = "Create a new token, replace the old one where it is used, and revoke it."
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "Age alone grants nothing, but extends how long a leaked token is useful."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such token."""
        for token in _unexpired(org):
            days = org.days_since(token.created)
            if days is not None and days > org.limits.token_days:
                yield cls.at(org, token.id, f"{days} days old", _owner(org, token))


class TokenOwnerGone(_TokenFinding):
    """The owner of a token was suspended, deactivated or deleted."""

    TITLE = "Owner of an API token has left"
    MEANING = "The token has no responsible user, and works again if the user is reactivated."
    WHAT_TO_DO = (
        "Revoke the token. If a program still needs one, give it a separate account or service application."
    )
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "The token does not work now, but works again, unnoticed, after a reactivation."
    READS = (ApiToken, User)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such token. An owner without a user counts only if all users were read."""
        for token in org.rows(ApiToken):
            if token.user_id is not None and (reason := org.why_inactive(token.user_id)) is not None:
                yield cls.at(org, token.id, reason)


class ExpiredToken(_TokenFinding):
    """A token has expired but is still listed."""

    TITLE = "Expired API token is still listed"
    MEANING = "The token no longer works, but makes it harder to see which tokens do."
    WHAT_TO_DO = "Revoke the token."
    SEVERITY = Severity.LOW
    SEVERITY_REASON = "An expired token grants nothing."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such token."""
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
    MEANING = (
        "Each use extends the expiry of a token. This token still expires one window after its creation."
    )
    WHAT_TO_DO = "Ask the owner for the purpose of the token, and revoke it if there is no answer."
    SEVERITY = Severity.LOW
    SEVERITY_REASON = "An unused token is unneeded access."

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each token older than a day whose expiry is its creation plus its window."""
        for token in _unexpired(org):
            window = _span(token.token_window)
            if window is None or token.created is None or token.expires_at is None:
                continue
            used = token.expires_at - window - token.created
            if used < timedelta(minutes=5) and org.now - token.created > timedelta(days=1):
                days = org.days_since(token.created)
                yield cls.at(org, token.id, f"created {days} days ago", f"window {token.token_window}")


_SPAN = re.compile(r"(?:(\d+)\.)?(\d{2}):(\d{2}):(\d{2})")


def _span(text: str | None) -> timedelta | None:
    """Parse a window in the format ``[d.]hh:mm:ss``; None for a period without a fixed length."""
    found = _SPAN.fullmatch(text or "")
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
