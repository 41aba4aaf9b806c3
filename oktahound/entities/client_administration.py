"""Administration of machine clients, aggregated from the System Log by client and day."""

from __future__ import annotations

from datetime import datetime

import attrs

from oktahound.entities.api_tokens import ApiToken
from oktahound.entities.applications import Application
from oktahound.entities.client_activity import quoted
from oktahound.entities.integrations import ApiServiceIntegration
from oktahound.entities.log_windows import LOGS, USAGE
from oktahound.entities.schema import Entity
from oktahound.entities.sources import Endpoint, Known, LogListing
from oktahound.system_log import ADMINISTRATIVE_EVENTS, AdministrationFold, LogRange

__all__ = ["ClientAdministration", "ClientChange"]

_FILTER = " or ".join(f"eventType eq {quoted(type_)}" for type_ in ADMINISTRATIVE_EVENTS)


@attrs.frozen(kw_only=True)
class ClientChange:
    """One kind of change to a client on one day.

    Attributes:
        event_type: such as ``app.oauth2.client.read_client_secret``.
        result: ``SUCCESS``, ``FAILURE``, …; None if the event has none.
        actor_id: id of the actor.
        actor_name: display name of the actor.
        actor_type: ``User``, ``PublicClientApp``, ….
        detail: the role that was granted, if the event contains it.
        count: the number of events.
        last_at: when the latest happened, UTC.
    """

    event_type: str
    result: str | None = None
    actor_id: str | None = None
    actor_name: str | None = None
    actor_type: str | None = None
    detail: str | None = None
    count: int
    last_at: datetime


def _fold(_: object, known: Known, bounds: LogRange) -> AdministrationFold:
    clients = {
        *(integration.id for integration in known.rows(ApiServiceIntegration)),
        *(id_ for app in known.rows(Application) for id_ in (app.id, app.client_id) if id_),
        *(token.id for token in known.rows(ApiToken)),
    }
    return AdministrationFold(clients, bounds)


@attrs.frozen(kw_only=True, repr=False)
class ClientAdministration(Entity):
    """Changes to one machine client on one day: authorization, revocation, consent, admin roles, settings,
    and secrets and keys that were created, switched, deleted or viewed.

    The client may have been deleted since. A day without events has no row.
    """

    PLURAL = "client_administrations"
    SOURCES = (
        Endpoint(
            LOGS,
            scope="okta.logs.read",
            params={
                "limit": 1000,
                "sortOrder": "ASCENDING",
                "filter": "eventType eq (administration of clients)",
            },
            after=(ApiServiceIntegration, Application, ApiToken),
            option=USAGE,
            log=LogListing(filter=lambda parent: _FILTER, fold=_fold),
        ),
    )

    id: str
    """The id of the client and the day, separated by a space."""
    client_id: str
    """The id of the client, which may no longer exist."""
    day: str
    """The day in UTC, as `2026-01-15`."""
    client_name: str | None = None
    """The name of the client in the events."""
    changes: tuple[ClientChange, ...] = ()
    """The changes, by type, result and actor; at most 500."""
    changes_left_out: int = 0
    """The number of events that are not in `changes`."""
