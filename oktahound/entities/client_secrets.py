"""Client secrets of OAuth clients. Their values are never read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.applications import Application
from oktahound.entities.integrations import ApiServiceIntegration
from oktahound.entities.schema import Context, Derived, Entity, Parent, Wire
from oktahound.entities.sources import Endpoint

__all__ = ["ClientSecret"]


_ID_SHOWN = 9


def _label(secret: ClientSecret, context: Context) -> str:
    # Okta's own label is the hash, which is unreadable and allows offline guessing of weak secrets. All ids
    # of one org have the same ending, so only their beginning distinguishes two secrets.
    shown = secret.id if len(secret.id) <= _ID_SHOWN else f"{secret.id[:_ID_SHOWN]}…"
    return f"secret {shown} of {context.label(secret.owner_id)}"


@attrs.frozen(kw_only=True, repr=False)
class ClientSecret(Entity):
    """A client secret of an API service integration or an application: its id, state and hash.

    `owner_id` is the id of the client that the secret belongs to.
    """

    KIND = "Okta_ClientSecret"
    PLURAL = "client_secrets"
    OWNER = ("owner_id",)
    SOURCES = (
        Endpoint(
            "/integrations/api/v1/api-services/{id}/credentials/secrets",
            scope="okta.oauthIntegrations.read",
            under=ApiServiceIntegration,
        ),
        Endpoint(
            "/api/v1/apps/{id}/credentials/secrets",
            scope="okta.apps.read",
            under=Application,
            when=lambda app, known: app.may_have_secrets,
        ),
    )
    DERIVED = (
        Derived("name", "The first nine characters of the id, and the name of the client.", _label),
        Derived("displayName", "The name.", _label),
    )

    owner_id: Annotated[str, Parent()]
    """The id of the `ApiServiceIntegration` or `Application` that the secret belongs to."""
    status: str | None = None
    """`ACTIVE` or `INACTIVE`. An inactive secret is refused and can be activated again."""
    created: datetime | None = None
    """The time at which the secret was created."""
    last_updated: datetime | None = None
    """The time at which the secret was last changed."""
    secret_hash: Annotated[str | None, Wire("secret_hash")] = None
    """Okta's hash of the secret. The secret itself is never kept."""
