"""API tokens (SSWS), which have the permissions of the user who created them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

import attrs

from oktahound.entities.schema import Derived, Entity, Wire
from oktahound.entities.sources import Endpoint
from oktahound.entities.values import type_name

__all__ = ["ApiToken", "token_window"]


_PERIOD = re.compile(
    r"P(?:(?P<weeks>\d{1,6})W)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,6})(?:\.\d*)?S)?)?"
)
_SECONDS = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


def token_window(value: object) -> str:
    """Convert a period to ``[d.]hh:mm:ss``. Text that is not a period of fixed length is returned unchanged.

    Years and months have no fixed length; Okta sends days and minutes.

        >>> token_window("P30D"), token_window("PT5M")
        ('30.00:00:00', '00:05:00')
    """
    if not isinstance(value, str):
        raise TypeError(f"expected a period as in P30D, got {type_name(value)}")
    found = _PERIOD.fullmatch(value)
    if found is None or not any(found.groups()):
        return value
    total = sum(int(number) * _SECONDS[unit] for unit, number in found.groupdict().items() if number)
    days, rest = divmod(total, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    return (f"{days}." if days else "") + f"{hours:02}:{minutes:02}:{seconds:02}"


@attrs.frozen(kw_only=True, repr=False)
class ApiToken(Entity):
    """Metadata of an API token. Okta shows the token itself only once, to its creator.

    A client authenticates with the credential of the same name, `oktahound.ApiToken`. The `repr` of this
    entity begins with ``entities.ApiToken``, that of the credential with ``oktahound.ApiToken``.
    """

    KIND = "Okta_ApiToken"
    PLURAL = "api_tokens"
    # Okta returns all tokens at once and ignores `limit`.
    SOURCES = (Endpoint("/api/v1/api-tokens", scope="okta.apiTokens.read"),)
    DERIVED = (Derived("displayName", "The name.", lambda token, context: token.name),)

    name: str | None = None
    """The name that its creator gave it."""
    user_id: str | None = None
    """The id of the `User` who created it. The token acts with this user's roles."""
    client_name: str | None = None
    """The client that the token was issued to, such as `Okta API`."""
    created: datetime | None = None
    """The time at which the token was created."""
    last_updated: datetime | None = None
    """The time at which Okta last updated its record of the token."""
    expires_at: datetime | None = None
    """The time at which the token expires, if it is not used before. Every use postpones it by
    `token_window`."""
    network_connection: Annotated[str | None, Wire("network.connection")] = None
    """The networks from which the token may be used: `ANYWHERE` or `ZONE`."""
    network_include: Annotated[tuple[str, ...] | None, Wire("network.include")] = None
    """The ids of the network zones from which it may be used, if `network_connection` is `ZONE`."""
    network_exclude: Annotated[tuple[str, ...] | None, Wire("network.exclude")] = None
    """The ids of the network zones from which it may not be used."""
    token_window: Annotated[str | None, Wire(read=token_window)] = None
    """The time without use after which the token expires, as `[d.]hh:mm:ss`."""

    def __repr__(self) -> str:
        return f"entities.{Entity.__repr__(self)}"
