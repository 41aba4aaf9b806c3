"""Keys of SAML trust: those that Okta signs assertions with, and those whose assertions it accepts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.applications import Application
from oktahound.entities.schema import Entity, Parent, Wire
from oktahound.entities.sources import Endpoint, Option

__all__ = ["SIGNED_SIGN_ON_MODES", "SIGNING_KEYS", "SigningKey", "TrustedKey"]

SIGNING_KEYS = Option("signing_keys")
"""The choice to read the signing keys of applications, at a request for each, and the keys of identity
providers, at one request in all."""

SIGNED_SIGN_ON_MODES = frozenset({"SAML_2_0", "SAML_1_1", "WS_FEDERATION"})
"""Sign-on modes in which the service provider believes what is signed with the application's key.

Okta lists keys of OpenID Connect applications as well. They are left out: clients check tokens against the
key set that the issuer publishes, and not against a certificate that an administrator has installed."""


@attrs.frozen(kw_only=True, repr=False)
class SigningKey(Entity):
    """A key that Okta can sign assertions of an application with: id, expiry and thumbprint.

    The certificate is not kept, and Okta never sends the private half. `id` is the key id (``kid``). Several
    applications can hold the same key: many organizations have a default one, and Okta can clone a key from
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
    """The key id, as it stands in the metadata of the application."""
    app_id: Annotated[str, Parent()]
    """The id of the `Application` that can sign with the key."""
    kty: str | None = None
    """The type of key: `RSA`."""
    use: str | None = None
    """What the key is for: `sig`."""
    thumbprint: Annotated[str | None, Wire("x5t#S256")] = None
    """The SHA-256 thumbprint of the certificate, in base64url."""
    created: datetime | None = None
    """When the application got the key; of a shared key each application has its own time."""
    last_updated: datetime | None = None
    """When the key was last changed."""
    expires_at: datetime | None = None
    """When the certificate expires."""


@attrs.frozen(kw_only=True, repr=False)
class TrustedKey(Entity):
    """A key of SAML identity providers: Okta accepts assertions that are signed with its private half.

    `IdentityProvider.trust_key_id` names the key of a provider, and several providers can name the same.
    `id` is the key id (``kid``). The certificate is not kept, and Okta never has the private half.
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
    """The key id, which identity providers refer to."""
    kty: str | None = None
    """The type of key: `RSA`."""
    use: str | None = None
    """What the key is for: `sig`."""
    thumbprint: Annotated[str | None, Wire("x5t#S256")] = None
    """The SHA-256 thumbprint of the certificate, in base64url."""
    created: datetime | None = None
    """When the certificate was added."""
    last_updated: datetime | None = None
    """When the key was last changed."""
    expires_at: datetime | None = None
    """When the certificate expires."""
