"""What proves who one is: tokens, secrets and keys lead to whom they speak for."""

from __future__ import annotations

from collections.abc import Iterator

from oktahound.entities import ApiServiceIntegration, ApiToken, Application, ClientSecret, JsonWebKey
from oktahound.graph.model import Edge, EdgeKind, rule
from oktahound.graph.org_index import OrgIndex

__all__ = ["API_TOKEN_FOR", "KEY_OF", "RULES", "SECRET_OF"]

API_TOKEN_FOR = EdgeKind(
    "Okta_ApiTokenFor",
    starts={"Okta_ApiToken"},
    ends={"Okta_User"},
    traversable=True,
    why="Who holds the token acts as the user.",
)

SECRET_OF = EdgeKind(
    "Okta_SecretOf",
    starts={"Okta_ClientSecret"},
    ends={"Okta_Application", "Okta_ApiServiceIntegration"},
    traversable=True,
    why="Who knows the secret can act as the client.",
)

KEY_OF = EdgeKind(
    "Okta_KeyOf",
    starts={"Okta_JWK"},
    ends={"Okta_Application"},
    traversable=True,
    why="Who holds the private half of the key can act as the client.",
)


@rule(API_TOKEN_FOR, needs=(ApiToken,))
def api_token_for(view: OrgIndex) -> Iterator[Edge]:
    """Every API token leads to the user who made it; an expired one opens no path."""
    for token in view.rows(ApiToken):
        if token.user_id:
            yield API_TOKEN_FOR(token.id, token.user_id)


@rule(SECRET_OF, needs=(ClientSecret, ApiServiceIntegration, Application))
def secret_of(view: OrgIndex) -> Iterator[Edge]:
    """Every secret leads to its client; one that is not ACTIVE stays for inventory and opens no path."""
    for secret in view.rows(ClientSecret):
        yield SECRET_OF(secret.id, secret.owner_id)


_KEY_PAIRS = ("RSA", "EC", None)
"""The key types that Okta checks signatures of clients with; None where it was not read."""


@rule(KEY_OF, needs=(JsonWebKey, Application))
def key_of(view: OrgIndex) -> Iterator[Edge]:
    """Every signing key leads to its application. API service integrations have no keys."""
    for key in view.rows(JsonWebKey):
        node = key.node_id(view)
        if node is not None and key.is_signing_key and key.kty in _KEY_PAIRS:
            yield KEY_OF(node, key.app_id)


RULES = (api_token_for, secret_of, key_of)
