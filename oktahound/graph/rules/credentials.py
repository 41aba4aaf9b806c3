"""What proves who one is: secrets lead to the client that they belong to."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import ApiServiceIntegration, ClientSecret
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.view import OrgView

__all__ = ["RULES", "SECRET_OF"]

SECRET_OF = EdgeKind(
    "Okta_SecretOf",
    starts={"Okta_ClientSecret"},
    ends={"Okta_Application", "Okta_ApiServiceIntegration"},
    traversable=True,
    why="Who knows the secret can act as the client.",
)


@rule(SECRET_OF, needs=(ClientSecret, ApiServiceIntegration))
def secret_of(view: OrgView) -> Iterator[Edge]:
    """Every secret leads to its client; one that is not ACTIVE stays for inventory and opens no path."""
    for secret in view.rows(ClientSecret):
        usable = secret.status in ("ACTIVE", None)
        yield SECRET_OF(secret.id, secret.owner_id, inactive=None if usable else f"the secret is {secret.status}")


RULES = (secret_of,)
