"""Activity of machine clients, aggregated from the System Log by client and day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any

import attrs

from oktahound.entities.api_tokens import ApiToken
from oktahound.entities.applications import Application
from oktahound.entities.integrations import ApiServiceIntegration
from oktahound.entities.log_windows import LOGS, USAGE, LogWindow
from oktahound.entities.schema import Context, Derived, Entity, Parent
from oktahound.entities.sources import Endpoint, Known, LogListing
from oktahound.entities.values import time_text
from oktahound.scopes import OAuthScope
from oktahound.system_log import ActivityFold, LogRange

__all__ = ["ClientActivity", "EventCount", "Network", "ScopeUse", "may_be_service", "quoted"]


@attrs.frozen(kw_only=True)
class ScopeUse:
    """Number of tokens that were granted with a scope.

    Attributes:
        scope: the scope.
        count: the number of tokens.
        last_at: the time at which the latest was granted, UTC.
    """

    scope: OAuthScope
    count: int
    last_at: datetime


@attrs.frozen(kw_only=True)
class EventCount:
    """Number of events of one kind.

    Attributes:
        name: an event type, or the reason of a failure.
        count: the number of events.
        last_at: when the latest happened, UTC.
    """

    name: str
    count: int
    last_at: datetime


@attrs.frozen(kw_only=True)
class Network:
    """A network that requests came from.

    Attributes:
        address: IP address.
        as_number: number of the autonomous system.
        as_name: name of its organization.
        proxy: whether Okta classifies the address as a proxy.
        count: the number of events.
        last_at: when the latest happened, UTC.
    """

    address: str | None = None
    as_number: int | None = None
    as_name: str | None = None
    proxy: bool | None = None
    count: int
    last_at: datetime

    @property
    def place(self) -> str:
        """The autonomous system if it is known, else the address."""
        if self.as_number is None:
            return self.address or "an unknown address"
        return f"AS{self.as_number}" + (f" {self.as_name}" if self.as_name else "")


def quoted(text: str) -> str:
    """Quote a text for a filter expression."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _by_client(ids: Iterable[str]) -> str:
    return " or ".join(f"actor.id eq {quoted(id_)} or client.id eq {quoted(id_)}" for id_ in ids)


def _ids_of_application(app: Application) -> tuple[str, ...]:
    return (app.id,) if app.client_id in (None, app.id) else (app.id, str(app.client_id))


def may_be_service(app: Application) -> bool:
    """Whether an application is a machine client, or its type is unknown."""
    return app.is_oauth_client and app.client_type in (None, "service")


def _fold_integration(integration: ApiServiceIntegration, _: Known, bounds: LogRange) -> ActivityFold:
    return ActivityFold((integration.id,), bounds)


def _fold_application(app: Application, _: Known, bounds: LogRange) -> ActivityFold:
    return ActivityFold(_ids_of_application(app), bounds)


def _fold_token(token: ApiToken, _: Known, bounds: LogRange) -> ActivityFold:
    return ActivityFold((token.id,), bounds, api_token=True)


# Placeholders in the names of listings and gaps.
_CLIENT_FILTER = 'actor.id eq "{id}" or client.id eq "{id}"'
_TOKEN_FILTER = 'transaction.detail.requestApiTokenId eq "{id}"'  # noqa: S105 - a filter


def _window(client: Any, context: Context) -> LogWindow | None:
    """Return the log window if the log of this client was read to its end."""
    if isinstance(client, Application) and not may_be_service(client):
        return None
    if not context.known(ClientActivity, (client.id,)):
        return None
    return next(iter(context.rows(LogWindow)), None)


def _since(client: Any, context: Context) -> str | None:
    window = _window(client, context)
    if window is None or window.since is None or window.oldest_event_at is None:
        return None
    return time_text(max(window.since, window.oldest_event_at))


def _until(client: Any, context: Context) -> str | None:
    window = _window(client, context)
    return None if window is None or window.until is None else time_text(window.until)


def _latest(client: Any, context: Context, name: str) -> str | None:
    if _window(client, context) is None:
        return None
    times = [getattr(row, name) for row in context.of(ClientActivity, (client.id,))]
    return max(map(time_text, filter(None, times)), default=None)


def _tokens(client: Any, context: Context) -> int | None:
    if _window(client, context) is None:
        return None
    return sum(row.token_grants for row in context.of(ClientActivity, (client.id,)))


_SINCE = Derived("usageSince", "Beginning of the System Log that was read, or its oldest event.", _since)
_UNTIL = Derived("usageUntil", "End of the System Log that was read.", _until)
_LAST_EVENT = Derived(
    "lastEventAt",
    "The latest event of the client in the System Log.",
    lambda client, context: _latest(client, context, "last_event_at"),
)
_TOKEN_PROPERTIES = (
    _SINCE,
    _UNTIL,
    _LAST_EVENT,
    Derived(
        "lastTokenAt",
        "When the latest access token was granted to the client, by the System Log.",
        lambda client, context: _latest(client, context, "last_token_at"),
    ),
    Derived("tokenGrants", "Access tokens that were granted to the client, by the System Log.", _tokens),
)


@attrs.frozen(kw_only=True, repr=False)
class ClientActivity(Entity):
    """Activity of one machine client on one day, as far as the System Log shows it.

    A client is an API service integration, a service application, or an API token. A day without events has
    no row. Okta does not log reads or refused calls. So a row shows which scopes were requested and what was
    written, but never which scopes were used to read.

    Numbers count events. Each of `scopes`, `failures`, `writes` and `networks` is bounded; the
    ``…_left_out`` next to it is the number of events (for scopes: of mentions) beyond the bound.
    """

    PLURAL = "client_activities"
    OWNER = ("client_id",)
    SOURCES = (
        Endpoint(
            LOGS,
            scope="okta.logs.read",
            params={"limit": 1000, "sortOrder": "ASCENDING", "filter": _CLIENT_FILTER},
            under=ApiServiceIntegration,
            option=USAGE,
            log=LogListing(filter=lambda integration: _by_client([integration.id]), fold=_fold_integration),
        ),
        Endpoint(
            LOGS,
            scope="okta.logs.read",
            params={"limit": 1000, "sortOrder": "ASCENDING", "filter": _CLIENT_FILTER},
            under=Application,
            when=lambda app, known: may_be_service(app),
            option=USAGE,
            log=LogListing(filter=lambda app: _by_client(_ids_of_application(app)), fold=_fold_application),
        ),
        Endpoint(
            LOGS,
            scope="okta.logs.read",
            params={"limit": 1000, "sortOrder": "ASCENDING", "filter": _TOKEN_FILTER},
            under=ApiToken,
            option=USAGE,
            log=LogListing(
                filter=lambda token: f"transaction.detail.requestApiTokenId eq {quoted(token.id)}",
                fold=_fold_token,
            ),
        ),
    )

    LENDS = MappingProxyType(
        {
            ApiServiceIntegration: _TOKEN_PROPERTIES,
            Application: _TOKEN_PROPERTIES,
            ApiToken: (_SINCE, _UNTIL, _LAST_EVENT),
        }
    )

    id: str
    """The day in UTC, as `2026-01-15`."""
    client_id: Annotated[str, Parent()]
    """The id of the integration, application or API token."""
    matched_by: tuple[str, ...] = ()
    """The paths in the events that contained the client's id: `actor.id`, `client.id`,
    `transaction.detail.requestApiTokenId`. Okta does not document the path for integrations."""
    events: int = 0
    """The number of events of the client."""
    last_event_at: datetime | None = None
    """The time at which the latest of them happened."""
    token_grants: int = 0
    """The number of access tokens that the org's authorization server granted."""
    last_token_at: datetime | None = None
    """The time at which the latest of them was granted."""
    scopes: tuple[ScopeUse, ...] = ()
    """The scopes of those tokens."""
    scopes_left_out: int = 0
    """The number of mentions of scopes that are not in `scopes`."""
    failures: tuple[EventCount, ...] = ()
    """Token requests that failed, by reason, and requests from outside of allowed zones, by event type."""
    failures_left_out: int = 0
    """The number of events that are not in `failures`."""
    writes: tuple[EventCount, ...] = ()
    """Events that record a change, by event type."""
    writes_left_out: int = 0
    """The number of events that are not in `writes`."""
    networks: tuple[Network, ...] = ()
    """The networks that the requests came from."""
    networks_left_out: int = 0
    """The number of events that are not in `networks`."""
