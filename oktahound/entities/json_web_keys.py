"""JSON web keys: the public keys of applications that authenticate with a private key."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.applications import Application
from oktahound.entities.parsers import wrapped_keys
from oktahound.entities.schema import Context, Entity, Parent, Wire, titled
from oktahound.entities.sources import Embedded, Endpoint

__all__ = ["JsonWebKey"]


@attrs.frozen(kw_only=True, repr=False)
class JsonWebKey(Entity):
    """A key of an application, without its key material.

    Keys that were not created through Okta's key endpoints have no Okta id. Their `id` is the key id
    (``kid``), which is unique only within the application.
    """

    KIND = "Okta_JWK"
    PLURAL = "json_web_keys"
    OWNER = ("app_id",)
    # The listing of applications contains the keys of each application. Their own listing is needed only if
    # their ids are missing there.
    SOURCES = (
        Embedded(Application, "settings.oauthClient.jwks", read=wrapped_keys),
        Endpoint(
            "/api/v1/apps/{id}/credentials/jwks",
            scope="okta.apps.read",
            single=True,
            read=wrapped_keys,
            under=Application,
            when=lambda app, known: app.has_keys_without_ids is True,
        ),
    )
    DERIVED = titled("The key id; else Okta's id.", lambda key, context: key.kid or key.id)

    id: Annotated[str, Wire(("id", "kid"))]
    """Okta's id of the key; the key id (`kid`) if Okta gives it no id."""
    app_id: Annotated[str, Parent()]
    """The id of the `Application` that authenticates with the key."""
    kid: str | None = None
    """The key id, as in the header of a signed JWT."""
    kty: str | None = None
    """The type of key: `RSA` or `EC`."""
    use: str | None = None
    """The purpose of the key: `sig` to sign, `enc` to encrypt."""
    status: str | None = None
    """`ACTIVE` or `INACTIVE`."""
    created: datetime | None = None
    """The time at which the key was added."""
    last_updated: datetime | None = None
    """The time at which the key was last changed."""

    @property
    def is_signing_key(self) -> bool:
        """Whether it is used to authenticate. True without a `use`, which encryption keys always have."""
        return self.use in (None, "sig")

    def node_id(self, context: Context) -> str | None:
        """Return Okta's id, or key id and application; None if another row of the key has Okta's id."""
        if self.id != self.kid:
            return self.id
        rows = (key for key in context.of(JsonWebKey, self.owner) if key.kid == self.kid)
        return None if any(key.id != key.kid for key in rows) else f"{self.kid}_{self.app_id}"
