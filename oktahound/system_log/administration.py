"""Aggregate administrative events about machine clients to one row for each client and day."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Any

from oktahound.system_log.activity import MAX_NAMES
from oktahound.system_log.bounded import RecentIds, Tallies
from oktahound.system_log.event_repair import Problem, repair_event
from oktahound.system_log.ranges import LogRange

__all__ = ["ADMINISTRATIVE_EVENTS", "AdministrationFold"]

ADMINISTRATIVE_EVENTS = (
    "integration.api_service.lifecycle.authorize",
    "integration.api_service.lifecycle.revoke",
    "app.oauth2.admin.consent.grant",
    "app.oauth2.admin.consent.revoke",
    "app.oauth2.client.lifecycle.activate",
    "app.oauth2.client.lifecycle.create",
    "app.oauth2.client.lifecycle.deactivate",
    "app.oauth2.client.lifecycle.delete",
    "app.oauth2.client.lifecycle.update",
    "app.oauth2.client.privilege.grant",
    "app.oauth2.client.privilege.revoke",
    "app.oauth2.client.read_client_secret",
    "app.oauth2.credentials.lifecycle.activate",
    "app.oauth2.credentials.lifecycle.create",
    "app.oauth2.credentials.lifecycle.deactivate",
    "app.oauth2.credentials.lifecycle.delete",
    "system.api_token.create",
    "system.api_token.enable",
    "system.api_token.revoke",
    "system.api_token.update",
)
"""The event types that are read: clients that were authorized, revoked or changed; consent; admin roles;
credentials and secrets that were created, enabled, disabled, deleted or viewed. Source: Okta's catalogue of
event types."""

_CLIENT_TYPES = frozenset({"PublicClientApp", "PublicClientAppEntity", "AppInstance", "Token", "ApiToken"})


class AdministrationFold:
    """Aggregates administrative events by the client that they concern.

    An event concerns every target that is a known client. If there is none, it concerns the targets whose
    type is that of a client, or else its first target: a client that was revoked exists only in the log.

    Args:
        clients: ids of the known clients.
        bounds: the part of the log that is read. Events outside of it are ignored. None for no bounds.

    Attributes:
        newest: the time of the latest event so far, as Okta writes times; empty before the first.
        complete: always False: the listing must be read to its end.
    """

    complete = False

    def __init__(self, clients: Container[str], bounds: LogRange | None = None) -> None:
        self.newest = ""
        self._clients = clients
        self._since, self._until = ("", "~") if bounds is None else bounds.texts
        self._ids = RecentIds()
        self._types = frozenset(ADMINISTRATIVE_EVENTS)
        self._tallies: dict[tuple[str, str], Tallies[tuple[Any, ...]]] = {}
        self._names: dict[str, str] = {}

    def add(self, events: Sequence[Any]) -> list[Problem]:
        """Add a page of events, in any order.

        Returns:
            The problems of unreadable events, with the index of each event.
        """
        return [problem for index, event in enumerate(events) for problem in self._fold(index, event)]

    def rows(self, since_day: str = "", before_day: str = "~") -> list[dict[str, Any]]:
        """Return the rows of the days from `since_day` to before `before_day`, by client and day."""
        return [
            {
                "id": f"{client} {day}",
                "clientId": client,
                "day": day,
                "clientName": self._names.get(client),
                "changes": [
                    {
                        "event_type": event_type,
                        "result": result,
                        "actor_id": actor_id,
                        "actor_name": actor_name,
                        "actor_type": actor_type,
                        "detail": detail,
                        "count": count,
                        "last_at": last,
                    }
                    for (
                        event_type,
                        result,
                        actor_id,
                        actor_name,
                        actor_type,
                        detail,
                    ), count, last in tallies.items()
                ],
                "changesLeftOut": tallies.left_out,
            }
            for (client, day), tallies in sorted(self._tallies.items())
            if since_day <= day < before_day
        ]

    def _fold(self, index: int, raw: Any) -> Iterator[Problem]:
        # There are few such events, so all of them take the slow path, which repairs malformed events.
        event, problems = repair_event(raw)
        yield from (Problem(index, *problem) for problem in problems)
        if event is None or event["eventType"] not in self._types:
            return
        published = event["published"]
        if not self._since <= published < self._until or not self._ids.add(event["uuid"]):
            return
        clients = self._concerned_clients(event["target"] or ())
        if not clients:
            yield Problem(index, "target", "expected the client that the event concerns", True)
            return
        self.newest = max(self.newest, published)
        actor, outcome = event["actor"], event["outcome"]
        key = (
            event["eventType"],
            outcome["result"],
            actor["id"],
            actor["displayName"],
            actor["type"],
            event["debugContext"]["debugData"]["privilegeGranted"],
        )
        for client, name in clients.items():
            tallies = self._tallies.setdefault((client, published[:10]), Tallies(MAX_NAMES))
            tallies.add(key, published)
            if name is not None:
                self._names[client] = max(name, self._names.get(client, ""))

    def _concerned_clients(self, targets: Sequence[dict[str, Any]]) -> dict[str, str | None]:
        by_id = {
            target["id"]: (target.get("type"), _text(target.get("displayName")))
            for target in targets
            if target.get("id").__class__ is str and target["id"]
        }
        known = {id_: name for id_, (_, name) in by_id.items() if id_ in self._clients}
        typed = {id_: name for id_, (type_, name) in by_id.items() if type_ in _CLIENT_TYPES}
        first = {id_: name for id_, (_, name) in list(by_id.items())[:1]}
        return known or typed or first


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
