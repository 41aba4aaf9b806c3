"""Findings about the keys that sign assertions of applications."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from oktahound.analysis.findings.controllers import controllers
from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.model import Finding
from oktahound.entities import SIGNED_SIGN_ON_MODES, Application, SamlSettings, SigningKey
from oktahound.graph.lifecycle import may_be_active, status_assumptions
from oktahound.graph.rules.signing_keys import CATALOGUE_SETTINGS
from oktahound.scopes import Severity

__all__ = ["SharedSigningKey", "SigningKeyExpires"]

_SHOWN = 3


def _signing(org: Inspection) -> Iterator[tuple[Application, str]]:
    """Yield the applications that may be active and sign assertions, each with the id of its key."""
    for app in org.rows(Application):
        if app.sign_on_mode in SIGNED_SIGN_ON_MODES and app.signing_key_id and may_be_active(app):
            yield app, app.signing_key_id


class SharedSigningKey(Finding):
    """An application shares its signing key with another one that has other administrators."""

    TITLE = "Application shares its signing key with an application of other administrators"
    MEANING = (
        "Service providers identify an application by its key. An attacker who controls this application can "
        "have Okta sign assertions that the other service provider accepts, for any of its accounts."
    )
    WHAT_TO_DO = (
        "Generate a key for each of the applications, and install its certificate at the service provider."
    )
    SEVERITY = Severity.HIGH
    SEVERITY_REASON = "A right over one application gives control of every account of another application."
    SUBJECT = "Applications"
    NEEDS_SCOPES = True
    READS = (Application, SamlSettings)

    @classmethod
    def undecided(cls, org: Inspection) -> Iterable[str]:
        """Return the rules whose edges may be missing."""
        return org.path_gaps

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such application and each other application that signs with its key."""
        by_key: dict[str, list[Application]] = {}
        for app, key_id in _signing(org):
            by_key.setdefault(key_id, []).append(app)
        for key_id, apps in by_key.items():
            holders = {app.id: _controllers(org, app.id) for app in apps} if len(apps) > 1 else {}
            for app in apps:
                for other in apps:
                    if lesser := _holders_of_one_only(org, holders, app.id, other.id):
                        shown = ", ".join(org.name(each) for each in lesser[:_SHOWN])
                        more = f" and {len(lesser) - _SHOWN} more" if len(lesser) > _SHOWN else ""
                        rights = {holders[app.id][each] for each in lesser}
                        assumed = () if None in rights else sorted(filter(None, rights))
                        yield cls.at(
                            org,
                            app.id,
                            f"signs with the key {key_id} of {org.name(other.id)}",
                            f"control it, but not {org.name(other.id)}: {shown}{more}",
                            assumptions=(*_assumed(org, app), *status_assumptions(other), *assumed),
                            part=other.id,
                        )


def _controllers(org: Inspection, app: str) -> dict[str, str | None]:
    """Return the holders of rights over an application, with the assumption of the most certain right."""
    found: dict[str, str | None] = {}
    for each in controllers(org, app):
        known = found.setdefault(each.node, each.assumption)
        sure = known is None or each.assumption is None
        found[each.node] = None if sure else min(known or "", each.assumption or "")
    return found


def _holders_of_one_only(
    org: Inspection, holders: Mapping[str, Mapping[str, str | None]], app: str, other: str
) -> list[str]:
    """Return the holders of rights over an application but not the other, directly or through a group."""
    if app == other or not holders:
        return []
    return sorted(
        each
        for each in holders[app].keys() - holders[other].keys() - org.super_administrators
        if holders[other].keys().isdisjoint(org.groups_of(each))
    )


def _assumed(org: Inspection, app: Application) -> tuple[str, ...]:
    by_hand = any(settings.is_made_by_hand for settings in org.of(SamlSettings, app.id))
    return () if by_hand else (CATALOGUE_SETTINGS,)


class SigningKeyExpires(Finding):
    """The signing key of an application has expired, or expires within ``expiry_days``."""

    TITLE = "Signing key of an application expires"
    MEANING = (
        "Service providers that check the certificate refuse sign-ins from that day on. Others trust a key "
        "that is not rotated."
    )
    WHAT_TO_DO = (
        "Generate a new key for the application, install its certificate at the service provider, and switch "
        "the application to it."
    )
    SEVERITY = Severity.LOW
    SEVERITY_REASON = "An expired key gives no right, but stops sign-ins or shows that it is not maintained."
    SUBJECT = "Applications"
    READS = (Application, SigningKey)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such application."""
        for app, key_id in _signing(org):
            for key in org.of(SigningKey, app.id):
                past = org.days_since(key.expires_at)
                if key.id == key_id and past is not None and past >= -org.limits.expiry_days:
                    when = f"expired {past} days ago" if past >= 0 else f"expires in {-past} days"
                    yield cls.at(org, app.id, f"key {key_id} {when}")
