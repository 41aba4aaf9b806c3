"""Authentication methods: API token (SSWS) and private key JWT."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from oktahound.client._text import unwrap
from oktahound.errors import ConfigurationError
from oktahound.no_pickle import Unpicklable

if TYPE_CHECKING:
    from oktahound.client._keys import SigningKey

__all__ = ["ApiToken", "Auth", "KeySource", "PrivateKeyJwt"]


def _token_text(token: object) -> str:
    text = unwrap(token) if isinstance(token, str) else ""
    # People paste what they see in a header.
    text = re.sub(r"^(Authorization:\s*)?SSWS(\s+|$)", "", text, flags=re.IGNORECASE)
    text = unwrap(text)
    if not text:
        raise ConfigurationError("the API token is empty")
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ConfigurationError("the API token holds a space, a line break or another foreign character")
    return text


@attrs.frozen
class ApiToken(Unpicklable):
    """An API token, made in the admin console; it can do what the admin who made it can.

    Attributes:
        token: the token. Blanks, quotes and a byte-order mark around it and a leading ``SSWS`` are dropped.

    Raises:
        ConfigurationError: it is empty, or holds what no token holds.
    """

    token: str = attrs.field(repr=False, converter=_token_text)


KeySource: TypeAlias = "Mapping[str, Any] | str | bytes | os.PathLike[str] | SigningKey"


def _signing_key(source: KeySource) -> SigningKey:
    # Imported here because cryptography is a third of what `import oktahound` would cost, and an
    # API token has no use for it.
    from oktahound.client._keys import load_key  # noqa: PLC0415

    return load_key(source)


def _scope_set(scopes: Iterable[str] | None) -> tuple[str, ...] | None:
    if scopes is None:
        return None
    given = scopes.replace(",", " ").split() if isinstance(scopes, str) else list(scopes)
    for scope in given:
        if not isinstance(scope, str) or not scope or not scope.isascii() or len(scope.split()) != 1:
            raise ConfigurationError("a scope is one word like okta.users.read")
    if not given:
        raise ConfigurationError("scopes is empty; leave it out to have the collection ask for what it needs")
    return tuple(sorted({scope.strip() for scope in given}))


def _client_id_text(client_id: object) -> str:
    text = unwrap(client_id) if isinstance(client_id, str) else ""
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise ConfigurationError("client_id is empty or is not a client id")
    return text


@attrs.frozen
class PrivateKeyJwt(Unpicklable):
    """A service application of the org, proved by its private key (``private_key_jwt``).

    Attributes:
        client_id: the client id of the application, which begins with ``0oa``.
        key: its private key: a JWK as a dict or as JSON text, PEM text, or the path of a file with
            either. RSA of 2048 bits or more (RS256, or the JWK's own RS384 or RS512), or EC on P-256,
            P-384 or P-521 (ES256, ES384, ES512). A JWK's ``kid`` is sent along.
        scopes: ask for exactly these, and fail if the org does not grant them all. None: whoever uses
            the client says what is needed (`AsyncOktaClient.authorize`), and gets what is granted.
        dpop: bind the access token to a key of this client (RFC 9449), which Okta asks of new
            applications by default. Does no harm where the org does not ask for it.
        kid: the key id, for a PEM key of an application that has several keys.

    Raises:
        ConfigurationError: the key cannot sign for Okta; says why, and never prints it.
    """

    client_id: str = attrs.field(converter=_client_id_text)
    key: SigningKey = attrs.field(repr=False, converter=_signing_key)
    scopes: tuple[str, ...] | None = attrs.field(default=None, converter=_scope_set)
    dpop: bool = True
    kid: str | None = attrs.field(default=None, kw_only=True)


Auth: TypeAlias = ApiToken | PrivateKeyJwt
