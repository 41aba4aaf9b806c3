"""The keys with which applications can sign assertions, and the keys of trusted identity providers."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import SIGNED_SIGN_ON_MODES, Application, IdentityProvider, SigningKey, TrustedKey
from oktahound.graph.org_index import OrgIndex

__all__ = [
    "SIGNING_KEY",
    "TRUSTED_KEY",
    "key_node",
    "key_uses",
    "signing_key_ids",
    "trusted_key_ids",
    "trusted_key_node",
]

SIGNING_KEY = "OktaHound_SigningKey"
"""The node kind of signing keys."""

TRUSTED_KEY = "OktaHound_TrustedKey"
"""The node kind of keys of identity providers."""


def key_node(key_id: str, org: OrgIndex) -> str:
    """Return the node key of a signing key: the key id and the org's domain. Applications can share it."""
    return f"{key_id}@{org.domain}"


def key_uses(org: OrgIndex) -> Iterator[tuple[Application, str, bool]]:
    """Yield each application with each key that it can use, and whether it currently signs with that key.

    The listing of applications contains the current key. The others are known only if keys were read.
    """
    applications = {app.id: app for app in org.rows(Application) if app.sign_on_mode in SIGNED_SIGN_ON_MODES}
    for app in applications.values():
        if app.signing_key_id:
            yield app, app.signing_key_id, True
    for key in org.rows(SigningKey):
        app_of_key = applications.get(key.app_id)
        if app_of_key is not None and app_of_key.signing_key_id != key.id:
            yield app_of_key, key.id, False


def signing_key_ids(org: OrgIndex) -> list[str]:
    """Return the ids of all keys, sorted."""
    return sorted({key_id for _, key_id, _ in key_uses(org)})


def trusted_key_node(key_id: str, org: OrgIndex) -> str:
    """Return the node key of an identity provider's key. A signing key can have the same id."""
    return f"trusted:{key_id}@{org.domain}"


def trusted_key_ids(org: OrgIndex) -> list[str]:
    """Return the ids of all keys that were read or to which an identity provider refers, sorted."""
    named = {idp.trust_key_id for idp in org.rows(IdentityProvider) if idp.trust_key_id}
    return sorted(named | {key.id for key in org.rows(TrustedKey)})
