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
    # Users may paste the whole header.
    text = re.sub(r"^(Authorization:\s*)?SSWS(\s+|$)", "", text, flags=re.IGNORECASE)
    text = unwrap(text)
    if not text:
        raise ConfigurationError(
            "the API token is empty; create one in the admin console, under Security > API"
        )
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ConfigurationError("the API token contains a space, a line break or another invalid character")
    return text


@attrs.frozen(repr=False)
class ApiToken(Unpicklable):
    """The credential for a client: an API token, created in the admin console.

    It has the permissions of the admin who created it. The entity of the same name,
    `oktahound.entities.ApiToken`, is Okta's metadata of a token of the org, without the token itself.

    Attributes:
        token: the token. Surrounding whitespace, quotes, a byte-order mark and a leading ``SSWS`` are
            removed.

    Raises:
        ConfigurationError: the token is empty or contains an invalid character.
    """

    token: str = attrs.field(repr=False, converter=_token_text)

    def __repr__(self) -> str:
        return "oktahound.ApiToken(<token not shown>)"


KeySource: TypeAlias = "Mapping[str, Any] | str | bytes | os.PathLike[str] | SigningKey"


def _signing_key(source: KeySource) -> SigningKey:
    # Imported here because cryptography takes a third of the time of `import oktahound`, and an API token
    # does not need it.
    from oktahound.client._keys import load_key  # noqa: PLC0415

    return load_key(source)


def _scope_set(scopes: Iterable[str] | None) -> tuple[str, ...] | None:
    if scopes is None:
        return None
    given = scopes.replace(",", " ").split() if isinstance(scopes, str) else list(scopes)
    for scope in given:
        if not isinstance(scope, str) or not scope or not scope.isascii() or len(scope.split()) != 1:
            raise ConfigurationError(
                "scopes= contains an invalid scope; a scope is one word such as okta.users.read"
            )
    if not given:
        raise ConfigurationError("scopes= is empty; leave it out to request the required scopes")
    return tuple(sorted({scope.strip() for scope in given}))


def _client_id_text(client_id: object) -> str:
    text = unwrap(client_id) if isinstance(client_id, str) else ""
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise ConfigurationError("client_id is empty or is not a client id like 0oa1b2c3d4e5f6g7h8i9")
    return text


@attrs.frozen
class PrivateKeyJwt(Unpicklable):
    """A service application of the org, authenticated by its private key (``private_key_jwt``).

    Attributes:
        client_id: the client id of the application, which begins with ``0oa``.
        key: its private key: a JWK as a dict or as JSON text, PEM text, or the path of a file with
            either. RSA of 2048 bits or more (RS256, or the JWK's own RS384 or RS512), or EC on P-256,
            P-384 or P-521 (ES256, ES384, ES512). The ``kid`` of a JWK is sent with the assertion.
        scopes: the scopes to request. All of them must be granted. None: request the scopes passed to
            `AsyncOktaClient.authorize` (`oktahound.collect` calls it), and use those that are granted.
        dpop: bind the access token to a key of this client (RFC 9449), which Okta requires of new
            applications by default. It also works if the org does not require it.
        kid: the key id, for a PEM key of an application that has several keys.

    Raises:
        ConfigurationError: Okta does not accept such a key. The message contains the reason, never the key.
    """

    client_id: str = attrs.field(converter=_client_id_text)
    key: SigningKey = attrs.field(repr=False, converter=_signing_key)
    scopes: tuple[str, ...] | None = attrs.field(default=None, converter=_scope_set)
    dpop: bool = True
    kid: str | None = attrs.field(default=None, kw_only=True)


Auth: TypeAlias = ApiToken | PrivateKeyJwt
