"""Findings about the secrets and keys of applications."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.analysis.findings.inspection import Inspection
from oktahound.analysis.findings.model import Finding
from oktahound.analysis.findings.service_applications import (
    ServiceApplicationFinding,
    scopes_of,
    service_applications,
)
from oktahound.entities import Application, ClientSecret, ConsentGrant, JsonWebKey, RoleAssignment
from oktahound.graph.lifecycle import may_be_active, status_assumptions
from oktahound.scopes import Severity

__all__ = [
    "ApplicationOldKey",
    "ApplicationOldSecret",
    "ApplicationTwoActiveSecrets",
    "SecretInsteadOfKey",
]


class SecretInsteadOfKey(ServiceApplicationFinding):
    """A service application with a role or scopes authenticates with a client secret."""

    TITLE = "Service application authenticates with a secret instead of a key"
    MEANING = (
        "Okta shows secrets of applications in clear text to administrators and clients that read "
        "applications."
    )
    WHAT_TO_DO = (
        "Switch the application to private_key_jwt, store the key in hardware, and delete the secret."
    )
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "The secret can be copied from Okta, logs and configurations, and does not expire."
    READS = (Application, ConsentGrant, RoleAssignment)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such application."""
        for app in service_applications(org):
            method = app.token_endpoint_auth_method or ""
            rights = [f"roles: {org.role_names(app.id)}"] if org.roles(app.id) else []
            if scopes := scopes_of(org, app):
                rights.append(f"scopes: {', '.join(scopes)}")
            if method.startswith("client_secret") and rights:
                yield cls.at(org, app.id, f"authentication method {method}", *rights)


class ApplicationOldSecret(ServiceApplicationFinding):
    """An application has an active secret that is older than ``secret_days``."""

    TITLE = "Secret of an application was not rotated"
    MEANING = "The secret does not expire. Anyone who ever saw it can still authenticate as the application."
    WHAT_TO_DO = (
        "Switch the application to a key. Or create a new secret, replace the old one where it is used, and "
        "delete it."
    )
    SEVERITY = Severity.MEDIUM
    SEVERITY_REASON = "Age alone grants nothing, but extends how long a leaked secret is useful."
    SUBJECT = "Applications"
    READS = (Application, ClientSecret)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each application with such secrets."""
        for app, secrets in _with_secrets(org):
            old = {
                secret: days
                for secret in secrets
                if (days := org.days_since(secret.created)) is not None and days > org.limits.secret_days
            }
            if old:
                seen = (f"{org.name(secret.id)}: {days} days" for secret, days in old.items())
                yield cls.at(org, app.id, *seen, assumptions=status_assumptions(*old))


class ApplicationTwoActiveSecrets(ServiceApplicationFinding):
    """An application has more than one active secret."""

    TITLE = "Application has more than one active secret"
    MEANING = (
        "Each active secret can be used to authenticate. The older one usually remained after a rotation."
    )
    WHAT_TO_DO = "Deactivate the older secret, check that nothing fails, and delete it."
    SEVERITY = Severity.LOW
    SEVERITY_REASON = (
        "An additional secret doubles the places from which access can leak, but grants no more."
    )
    SUBJECT = "Applications"
    READS = (Application, ClientSecret)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each such application."""
        for app, secrets in _with_secrets(org):
            if len(secrets) > 1:
                names = (org.name(secret.id) for secret in secrets)
                yield cls.at(org, app.id, *names, assumptions=status_assumptions(*secrets))


class ApplicationOldKey(ServiceApplicationFinding):
    """An application has an active signing key that is older than ``key_days``."""

    TITLE = "Key of an application was not rotated"
    MEANING = "Anyone who copied the private key can authenticate as the application until it is removed."
    WHAT_TO_DO = "Add a new key, switch the application to it, and remove the old one."
    SEVERITY = Severity.LOW
    SEVERITY_REASON = "A private key leaks less easily than a secret, because Okta never shows it."
    READS = (Application, JsonWebKey)

    @classmethod
    def look(cls, org: Inspection) -> Iterator[Finding]:
        """Yield one for each application with such keys."""
        keys: dict[str, dict[JsonWebKey, int]] = {}
        for key in org.rows(JsonWebKey):
            days = org.days_since(key.created)
            active = may_be_active(key) and key.is_signing_key
            if active and days is not None and days > org.limits.key_days:
                keys.setdefault(key.app_id, {})[key] = days
        for app in org.rows(Application):
            if app.id in keys and may_be_active(app):
                old = keys[app.id]
                seen = (f"key {key.kid or key.id}: {days} days" for key, days in old.items())
                yield cls.at(org, app.id, *seen, assumptions=status_assumptions(*old))


def _with_secrets(org: Inspection) -> Iterator[tuple[Application, list[ClientSecret]]]:
    for app in org.rows(Application):
        secrets = [each for each in org.of(ClientSecret, app.id) if may_be_active(each)]
        if secrets and may_be_active(app):
            yield app, secrets
