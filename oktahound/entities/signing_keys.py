"""Signing keys of SAML: keys with which Okta signs assertions, and keys of providers that it trusts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.applications import Application
from oktahound.entities.schema import Entity, Parent, Wire
from oktahound.entities.sources import Endpoint, Option

__all__ = ["SIGNED_SIGN_ON_MODES", "SIGNING_KEYS", "SigningKey", "TrustedKey"]

SIGNING_KEYS = Option("signing_keys")
"""Option to read the signing keys of applications, with one request for each application, and the keys of
all identity providers, with one request."""

SIGNED_SIGN_ON_MODES = frozenset({"SAML_2_0", "SAML_1_1", "WS_FEDERATION"})
"""Sign-on modes in which the service provider trusts signatures of the application's key.

Okta lists keys of OpenID Connect applications as well. They are left out, because clients verify tokens with
the key set that the issuer publishes, and not with a certificate that an administrator has installed."""


@attrs.frozen(kw_only=True, repr=False)
class SigningKey(Entity):
    """A key with which Okta can sign assertions of an application: id, expiry and thumbprint.

    The certificate is not kept, and Okta never sends the private key. `id` is the key id (``kid``). Several
    applications can have the same key: many organizations have a default key, and Okta can clone a key from
    one application to another.
    """

    PLURAL = "signing_keys"
    OWNER = ("app_id",)
    SOURCES = (
        Endpoint(
            "/api/v1/apps/{id}/credentials/keys",
            scope="okta.apps.read",
            under=Application,
            when=lambda app, known: app.sign_on_mode in SIGNED_SIGN_ON_MODES,
            option=SIGNING_KEYS,
        ),
    )

    id: Annotated[str, Wire("kid")]
    """The key id, as in the metadata of the application."""
    app_id: Annotated[str, Parent()]
    """The id of the `Application` that can sign with the key."""
    kty: str | None = None
    """The type of key: `RSA`."""
    use: str | None = None
    """The purpose of the key: `sig`."""
    thumbprint: Annotated[str | None, Wire("x5t#S256")] = None
    """The SHA-256 thumbprint of the certificate, in base64url."""
    created: datetime | None = None
    """The time at which the application received the key. For a shared key, each application has its own
    time."""
    last_updated: datetime | None = None
    """The time at which the key was last changed."""
    expires_at: datetime | None = None
    """The time at which the certificate expires."""


@attrs.frozen(kw_only=True, repr=False)
class TrustedKey(Entity):
    """A key of SAML identity providers: Okta accepts assertions that are signed with its private key.

    `IdentityProvider.trust_key_id` is the key of a provider. Several providers can refer to the same key.
    `id` is the key id (``kid``). The certificate is not kept, and Okta does not have the private key.
    """

    PLURAL = "trusted_keys"
    SOURCES = (
        Endpoint(
            "/api/v1/idps/credentials/keys",
            scope="okta.idps.read",
            params={"limit": 200},
            option=SIGNING_KEYS,
        ),
    )

    id: Annotated[str, Wire("kid")]
    """The key id, to which identity providers refer."""
    kty: str | None = None
    """The type of key: `RSA`."""
    use: str | None = None
    """The purpose of the key: `sig`."""
    thumbprint: Annotated[str | None, Wire("x5t#S256")] = None
    """The SHA-256 thumbprint of the certificate, in base64url."""
    created: datetime | None = None
    """The time at which the certificate was added."""
    last_updated: datetime | None = None
    """The time at which the key was last changed."""
    expires_at: datetime | None = None
    """The time at which the certificate expires."""
