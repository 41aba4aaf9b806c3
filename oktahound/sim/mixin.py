"""Define the base class of the mixins that add objects to a simulated organization."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from oktahound.sim.credentials import Credentials
from oktahound.sim.ids import stamp
from oktahound.sim.logs.events import ADMIN_OFFICE, Origin, log_event, principal
from oktahound.sim.world import Json, World

__all__ = ["Mixin", "link"]

_NAMED = (
    ("api_services", "PublicClientApp", "name"),
    ("apps", "AppInstance", "label"),
    ("api_tokens", "Token", "name"),
)
"""Collections whose documents can be actors or targets: their type in the log, and the path of the name."""


class Mixin:
    """Methods that add, change and remove objects of one topic.

    `SimulatedOrg` inherits from all of these classes. A method that adds an object returns its id, unless
    its documentation describes another result.
    """

    world: World
    credentials: Credentials

    def _log(
        self,
        event_type: str,
        actor: Json | str,
        target: Iterable[Json | str] = (),
        *,
        published: str | None = None,
        origin: Origin = ADMIN_OFFICE,
        late: int = 0,
        **more: Any,
    ) -> str:
        """Write an event to the System Log and return its uuid. None for `published` is the current time."""
        log = self.world.log
        uuid = log.new_uuid()
        event = log_event(
            uuid=uuid,
            published=published or stamp(datetime.fromtimestamp(log.now / 1000, UTC)),
            event_type=event_type,
            actor=self._principal(actor),
            origin=origin,
            transaction=uuid.replace("-", "")[:27],
            target=[self._principal(each) for each in target],
            **more,
        )
        log.record(event, late=late)
        return uuid

    def _principal(self, who: Json | str) -> Json:
        """Return an actor or a target: the given one, or that of the object with an id."""
        if not isinstance(who, str):
            return who
        if who in (users := self.world["users"]):
            profile = users[who]["profile"]
            return principal(who, "User", f"{profile['firstName']} {profile['lastName']}", profile["login"])
        for collection, type_, name in _NAMED:
            if who in (held := self.world[collection]):
                return principal(who, type_, str(held[who][name]))
        return principal(who, "PublicClientApp" if who in self.credentials.clients else "unknown", who)

    def _href(self, path: str, *allow: str, name: str | None = None) -> Json:
        return link(self.world.url + path, *allow, name=name)


def link(href: str, *allow: str, name: str | None = None) -> Json:
    """Return a member of ``_links``: a URL, its name, and the allowed methods."""
    document: Json = {} if name is None else {"name": name}
    document["href"] = href
    if allow:
        document["hints"] = {"allow": list(allow)}
    return document
