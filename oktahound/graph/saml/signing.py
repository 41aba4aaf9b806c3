"""Which applications can sign assertions with which key."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import SIGNED_SIGN_ON_MODES, Application, SigningKey
from oktahound.graph.org_index import OrgIndex

__all__ = ["SIGNING_KEY", "key_node", "key_uses", "signing_key_ids"]

SIGNING_KEY = "OktaHound_SigningKey"
"""The node kind of signing keys."""


def key_node(key_id: str, org: OrgIndex) -> str:
    """The key of a signing key's node: the key id and the org's domain. Applications share keys."""
    return f"{key_id}@{org.domain}"


def key_uses(org: OrgIndex) -> Iterator[tuple[Application, str, bool]]:
    """Each application with each key that it can sign with, and whether it signs with that key now.

    Okta says with the application which key it signs with. The others are known where keys were read.
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
    """The ids of all keys, sorted."""
    return sorted({key_id for _, key_id, _ in key_uses(org)})
