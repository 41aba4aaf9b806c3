"""Credentials that a simulated organization accepts: API tokens, OAuth clients, and access tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs
from joserfc.jwk import ECKey, JWKRegistry, Key

from oktahound.clock import Clock
from oktahound.sim.ids import Ids

__all__ = ["TOKEN_LIFETIME", "AccessToken", "Client", "Credentials", "ServiceApp", "covers", "import_jwk"]

TOKEN_LIFETIME = 3600
"""Lifetime of an access token in seconds. Okta's org authorization server has no other value."""


def covers(granted: Iterable[str], scope: str) -> bool:
    """Return whether `granted` contains `scope`, or the manage scope that includes it."""
    held = set(granted)
    return scope in held or (scope.endswith(".read") and scope.removesuffix("read") + "manage" in held)


@attrs.frozen
class ServiceApp:
    """An OAuth service app that is registered with a simulated org, and its private key.

    Attributes:
        client_id: the client id, for ``iss`` and ``sub``.
        private_key: the JWK with its private members. It is not in the `repr`.
        scopes: the granted scopes.
        dpop: whether the org requires a proof of possession, as Okta does by default.
    """

    client_id: str
    private_key: dict[str, Any] = attrs.field(repr=False)
    scopes: tuple[str, ...]
    dpop: bool = True


@attrs.define
class Client:
    """The org's data about an OAuth client: public keys and secrets, never a private key."""

    id: str
    scopes: frozenset[str]
    dpop: bool
    keys: tuple[Key, ...] = ()
    secrets: dict[str, str] = attrs.field(factory=dict, repr=False)
    assertions: set[str] = attrs.field(factory=set)


@attrs.frozen
class AccessToken:
    """An issued access token. `proof_key` is the thumbprint of the DPoP key to which it is bound."""

    client_id: str
    scopes: frozenset[str]
    expires: float
    proof_key: str | None

    @property
    def scheme(self) -> str:
        """The authorization scheme for which the token is valid."""
        return "Bearer" if self.proof_key is None else "DPoP"


class Credentials:
    """All credentials that a simulated org accepts."""

    def __init__(self, ids: Ids, clock: Clock) -> None:
        self._ids = ids
        self._clock = clock
        self._api_tokens: dict[str, str] = {}
        self._access_tokens: dict[str, AccessToken] = {}
        self._proofs: set[str] = set()
        self._nonces = [ids.opaque("nonce")]
        self.clients: dict[str, Client] = {}

    # API tokens

    def register_api_token(self, text: str, token_id: str) -> None:
        """Accept an API token."""
        self._api_tokens[text] = token_id

    def api_token_id(self, text: str) -> str | None:
        """Return the id of an API token; None if the token is not accepted."""
        return self._api_tokens.get(text)

    def revoke_api_token(self, text_or_id: str) -> None:
        """Revoke an API token, given its text or its id."""
        self._api_tokens = {t: i for t, i in self._api_tokens.items() if text_or_id not in (t, i)}

    # OAuth clients

    def register_app(
        self,
        client_id: str,
        scopes: Iterable[str],
        key: Mapping[str, Any] | None,
        dpop: bool,
    ) -> ServiceApp:
        """Register a service app with the given key, or with a key derived from the seed."""
        private = import_jwk(key) if key is not None else self.make_key(client_id)
        granted = tuple(dict.fromkeys(scopes))
        public = import_jwk(private.as_dict(private=False))
        self.clients[client_id] = Client(client_id, frozenset(granted), dpop, keys=(public,))
        return ServiceApp(client_id, private.as_dict(private=True), granted, dpop)

    def register_integration(self, client_id: str, scopes: Iterable[str], secrets: Mapping[str, str]) -> None:
        """Register an API service integration: secrets (by their id) instead of keys, and no DPoP."""
        self.clients[client_id] = Client(client_id, frozenset(scopes), dpop=False, secrets=dict(secrets))

    def make_key(self, label: str) -> Key:
        """Create an EC key (P-256) that depends only on the seed and on `label`."""
        # RSA is more common with Okta, but generating an RSA key from a seed takes too long.
        return ECKey.derive_key(
            self._ids.key_secret(label), "P-256", {"kid": self._ids.opaque("kid"), "use": "sig"}
        )

    # access tokens

    def issue(self, client: Client, scopes: Iterable[str], proof_key: str | None) -> str:
        """Issue an access token."""
        text = self._ids.secret("access token", prefix="eyJ")
        expires = self._clock.time() + TOKEN_LIFETIME
        self._access_tokens[text] = AccessToken(client.id, frozenset(scopes), expires, proof_key)
        return text

    def access_token(self, text: str) -> AccessToken | None:
        """Return the data of an access token, even if it is expired or revoked; None if never issued."""
        return self._access_tokens.get(text)

    def revoke_access_tokens(self, client_id: str | None = None) -> None:
        """Revoke the access tokens of one client, or of all clients."""
        for text, token in self._access_tokens.items():
            if client_id in (None, token.client_id):
                self._access_tokens[text] = attrs.evolve(token, expires=float("-inf"))

    # nonces and proofs

    @property
    def nonce(self) -> str:
        """The nonce that a DPoP proof for the token endpoint must contain."""
        return self._nonces[-1]

    def rotate_nonce(self) -> None:
        """Replace the nonce. Proofs with an older nonce are refused with the new one."""
        self._nonces.append(self._ids.opaque("nonce"))

    def first_use(self, proof_id: str) -> bool:
        """Return whether this ``jti`` is new, and store it."""
        fresh = proof_id not in self._proofs
        self._proofs.add(proof_id)
        return fresh


def import_jwk(key: Mapping[str, Any]) -> Key:
    """Read a JWK."""
    return JWKRegistry.import_key(dict(key))
