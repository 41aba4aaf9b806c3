"""Generate the events of regular activities of clients when they are read.

A behaviour is a rule such as "a token every hour", without stored events. The events of any period
are computed from it, so a log of a hundred million events takes no memory, and a period always has the same
events.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

import attrs

from oktahound.sim.ids import stamp
from oktahound.sim.logs.events import VENDOR_CLOUD, Origin, log_event, principal
from oktahound.sim.world import Json

__all__ = ["ACCESS_TOKEN", "FAILED_REQUEST", "Behaviour", "Entry"]

ACCESS_TOKEN = "app.oauth2.token.grant.access_token"  # noqa: S105 - an event type
"""The type of the events about access tokens of the org's own authorization server."""

FAILED_REQUEST = "app.oauth2.token.grant"
"""The type of the events about failed token requests."""


class Entry(NamedTuple):
    """An event in the log with its sort key: milliseconds since the epoch."""

    published: int
    uuid: str
    stored: int
    event: Json


@attrs.frozen(kw_only=True, slots=False)
class Behaviour:
    """A regular activity of one client.

    Attributes:
        client: id of an OAuth client or, with `api_token`, of an API token.
        name: display name of the client.
        every: the interval in milliseconds.
        begins: first moment, in milliseconds since the epoch.
        ends: moment after the last one; None for no end.
        scopes: the scopes of each token. None for no token request.
        fails: the reason with which each token request fails; None if the requests succeed.
        writes: event types that the client causes each time.
        targets: id and type of the targets of those events.
        origin: the network from which the requests come.
        delay: milliseconds from an event until it can be read in the log.
        api_token: id of the user whose API token this is; None for an OAuth client.
        actor_is_client: whether ``actor.id`` is the client's id, which is not documented for integrations.
            If False, only ``client.id`` is.
        number: the number of the behaviour of its client, so that all events have different uuids.
    """

    client: str
    name: str
    every: int = attrs.field(default=3_600_000, validator=attrs.validators.ge(1))
    begins: int
    ends: int | None = None
    scopes: tuple[str, ...] | None = None
    fails: str | None = None
    writes: tuple[str, ...] = ()
    targets: tuple[tuple[str, str], ...] = ()
    origin: Origin = VENDOR_CLOUD
    delay: int = 1000
    api_token: str | None = None
    actor_is_client: bool = True
    number: int = 0

    @cached_property
    def texts(self) -> frozenset[str]:
        """The ids and event types in its events, in lower case, to skip it if a filter has others."""
        ids = (self.client, self.api_token or "", self._actor_id, *(id_ for id_, _ in self.targets))
        return frozenset(text.lower() for text in (*ids, ACCESS_TOKEN, FAILED_REQUEST, *self.writes))

    @property
    def _actor_id(self) -> str:
        if self.api_token is not None:
            return self.api_token
        return self.client if self.actor_is_client else f"app.{self.client}"

    def entries(self, since: int, until: int, *, newest_first: bool = False) -> Iterator[Entry]:
        """Yield its events from `since` to before `until`, in milliseconds, in order."""
        first = max(0, -(-(since - self.begins) // self.every))
        end = until if self.ends is None else min(until, self.ends)
        last = -(-(end - self.begins) // self.every)
        ticks = range(first, max(first, last))
        for tick in reversed(ticks) if newest_first else ticks:
            entries = [self._entry(tick, number, type_) for number, type_ in enumerate(self._types)]
            yield from reversed(entries) if newest_first else entries

    @cached_property
    def _types(self) -> tuple[str, ...]:
        if self.scopes is None:
            return self.writes
        return (ACCESS_TOKEN if self.fails is None else FAILED_REQUEST, *self.writes)

    def _entry(self, tick: int, number: int, event_type: str) -> Entry:
        moment = self.begins + tick * self.every
        digest = blake2b(f"{self.client} {self.number} {tick} {number}".encode(), digest_size=16).digest()
        # At the same moment in the order of their numbers: a token comes before the changes made with it.
        uuid = str(UUID(bytes=bytes([number % 256]) + digest[1:]))
        published = stamp(datetime.fromtimestamp(moment / 1000, UTC))
        event = self._token_request(uuid, published, digest) if self._is_token(event_type) else None
        if event is None:
            event = self._write(uuid, published, event_type, digest)
        return Entry(moment, uuid, moment + self.delay, event)

    def _is_token(self, event_type: str) -> bool:
        return self.scopes is not None and event_type == self._types[0]

    def _token_request(self, uuid: str, published: str, digest: bytes) -> Json:
        scopes = ", ".join(self.scopes or ())
        granted = {} if self.fails else {"grantedScopes": scopes}
        return log_event(
            uuid=uuid,
            published=published,
            event_type=self._types[0],
            actor=self._actor,
            origin=self.origin,
            transaction=digest.hex()[:27],
            client_id=self.client,
            target=()
            if self.fails
            else [principal(f"AT.{digest.hex()[:20]}", "access_token", "Access Token")],
            result="FAILURE" if self.fails else "SUCCESS",
            reason=self.fails,
            message="OIDC access token is granted" if not self.fails else "OIDC token request",
            severity="WARN" if self.fails else "INFO",
            debug={
                "requestId": digest.hex()[:27],
                "grantType": "client_credentials",
                "clientAuthType": "client_secret_basic",
                "requestedScopes": scopes,
                **granted,
                "requestUri": "/oauth2/v1/token",
                "url": "/oauth2/v1/token?",
            },
        )

    def _write(self, uuid: str, published: str, event_type: str, digest: bytes) -> Json:
        return log_event(
            uuid=uuid,
            published=published,
            event_type=event_type,
            actor=self._actor,
            origin=self.origin,
            transaction=digest.hex()[:27],
            client_id=None if self.api_token is not None else self.client,
            target=[principal(id_, type_, id_) for id_, type_ in self.targets],
            detail={"requestApiTokenId": self.client} if self.api_token is not None else None,
            debug={"requestId": digest.hex()[:27]},
        )

    @property
    def _actor(self) -> Json:
        if self.api_token is not None:
            return principal(self.api_token, "User", self.name)
        return principal(self._actor_id, "PublicClientApp", self.name)
