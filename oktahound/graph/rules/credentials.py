"""Credentials: API tokens, client secrets and keys lead to the identity that they authenticate."""

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
    why="The holder of the token acts as the user.",
    abuse="Send the token with API requests and use all rights of the user, without a factor or a session.",
    cut=(
        "Revoke the token and use an OAuth service application with few scopes, or limit the token to "
        "network zones."
    ),
    same_tier=True,
)

SECRET_OF = EdgeKind(
    "Okta_SecretOf",
    starts={"Okta_ClientSecret"},
    ends={"Okta_Application", "Okta_ApiServiceIntegration"},
    traversable=True,
    why="Anyone with the secret can authenticate as the client.",
    abuse=("Request access tokens with the client id and the secret, and use all rights of the client."),
    cut="Delete the secret, rotate it, or switch the client to a private key.",
    same_tier=True,
)

KEY_OF = EdgeKind(
    "Okta_KeyOf",
    starts={"Okta_JWK"},
    ends={"Okta_Application"},
    traversable=True,
    why="The holder of the private key can authenticate as the client.",
    abuse="Sign a client assertion with the private key, request access tokens and act as the client.",
    cut="Remove the public key from the client, or rotate it and keep the private key in a hardware store.",
    same_tier=True,
)


@rule(API_TOKEN_FOR, needs=(ApiToken,))
def api_token_for(org: OrgIndex) -> Iterator[Edge]:
    """Every API token leads to the user who created it. The edge of an expired token is inactive."""
    for token in org.rows(ApiToken):
        if token.user_id:
            yield API_TOKEN_FOR(token.id, token.user_id)


@rule(SECRET_OF, needs=(ClientSecret, ApiServiceIntegration, Application))
def secret_of(org: OrgIndex) -> Iterator[Edge]:
    """Every client secret leads to its client. The edge of a secret that is not ACTIVE is inactive."""
    for secret in org.rows(ClientSecret):
        yield SECRET_OF(secret.id, secret.owner_id)


_KEY_PAIRS = ("RSA", "EC", None)
"""Key types that Okta accepts for client signatures; None if the type was not read."""


@rule(KEY_OF, needs=(JsonWebKey, Application))
def key_of(org: OrgIndex) -> Iterator[Edge]:
    """Every signing key leads to its application. API service integrations have no keys."""
    for key in org.rows(JsonWebKey):
        node = key.node_id(org)
        if node is not None and key.is_signing_key and key.kty in _KEY_PAIRS:
            yield KEY_OF(node, key.app_id)


RULES = (api_token_for, secret_of, key_of)
