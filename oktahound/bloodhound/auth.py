"""Authentication methods of a BloodHound server: API token (request signatures) and JWT."""

from __future__ import annotations

import re
from typing import TypeAlias

import attrs

from oktahound.client._text import unwrap
from oktahound.errors import ConfigurationError
from oktahound.no_pickle import Unpicklable

__all__ = ["BearerToken", "ServerAuth", "SignedToken"]


def _one_word(value: object, name: str) -> str:
    text = unwrap(value) if isinstance(value, str) else ""
    if not text:
        raise ConfigurationError(f"{name} is empty")
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ConfigurationError(f"{name} contains a space, a line break or another invalid character")
    return text


def _token_id(value: object) -> str:
    return _one_word(value, "the id of the BloodHound token")


def _token_key(value: object) -> str:
    return _one_word(value, "the key of the BloodHound token")


def _jwt(value: object) -> str:
    # Users may paste the whole header.
    text = unwrap(value) if isinstance(value, str) else ""
    text = re.sub(r"^(Authorization:\s*)?Bearer(\s+|$)", "", text, flags=re.IGNORECASE)
    return _one_word(text, "the BloodHound JWT")


@attrs.frozen
class SignedToken(Unpicklable):
    """An API token of BloodHound (an id and a key), created in the profile of a user.

    The key is never sent. It signs each request including the body, so that a file is read twice: once to
    sign it and once to send it. The clocks of client and server may differ by an hour at most.

    Attributes:
        id: the token's id, a UUID.
        key: the token's key, as BloodHound shows it.

    Raises:
        ConfigurationError: the id or the key is empty or contains an invalid character.
    """

    id: str = attrs.field(converter=_token_id)
    key: str = attrs.field(repr=False, converter=_token_key)


@attrs.frozen
class BearerToken(Unpicklable):
    """A JWT of BloodHound, as returned by its login. It is sent with each request.

    Attributes:
        token: the JWT. Surrounding whitespace and quotes and a leading ``Bearer`` are removed.

    Raises:
        ConfigurationError: the token is empty or contains an invalid character.
    """

    token: str = attrs.field(repr=False, converter=_jwt)


ServerAuth: TypeAlias = SignedToken | BearerToken
