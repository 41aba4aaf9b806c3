"""Events of the System Log of a simulated org."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from oktahound.sim.ids import stamp
from oktahound.sim.logs.behaviours import Behaviour
from oktahound.sim.logs.events import ADMIN_OFFICE, VENDOR_CLOUD, Origin
from oktahound.sim.mixin import Mixin
from oktahound.sim.world import Json

__all__ = ["LogMixin"]

_MILLISECOND = timedelta(milliseconds=1)


class LogMixin(Mixin):
    """Mixin for events of the System Log, and for regular activity of clients."""

    def add_log_event(
        self,
        event_type: str,
        *,
        actor: Json | str,
        target: Iterable[Json | str] = (),
        days_ago: float = 0.0,
        client_id: str | None = None,
        origin: Origin = ADMIN_OFFICE,
        result: str = "SUCCESS",
        reason: str | None = None,
        debug: Mapping[str, Any] | None = None,
        detail: Mapping[str, Any] | None = None,
        late: timedelta = timedelta(0),
    ) -> str:
        """Add one event and return its uuid.

        Args:
            event_type: the type, such as ``user.lifecycle.create``.
            actor: the id of an object in the org, or a complete actor.
            target: the targets, each as an id or a complete target.
            days_ago: the time of the event, in days before now by the org's clock.
            client_id: the OAuth client that made the request.
            origin: the network from which the request came.
            result: ``SUCCESS``, ``FAILURE``, ….
            reason: the reason of a failure.
            debug: ``debugContext.debugData``.
            detail: ``transaction.detail``.
            late: the delay from the event until it can be read.
        """
        now = datetime.fromtimestamp(self.world.log.now / 1000, UTC)
        return self._log(
            event_type,
            actor,
            target,
            published=stamp(now - timedelta(days=days_ago)),
            client_id=client_id,
            origin=origin,
            result=result,
            reason=reason,
            debug=debug,
            detail=detail,
            late=late // _MILLISECOND,
        )

    def add_client_behaviour(
        self,
        client: str,
        *,
        every: timedelta = timedelta(hours=1),
        scopes: Iterable[str] | None = None,
        fails: str | None = None,
        writes: Iterable[str] = (),
        targets: Iterable[str] = (),
        from_days_ago: float = 400.0,
        to_days_ago: float | None = None,
        origin: Origin = VENDOR_CLOUD,
        late: timedelta = timedelta(seconds=1),
        actor_is_client: bool = True,
    ) -> Behaviour:
        """Let a client do something at regular intervals. Call it again for further behaviours of the same
        client.

        A client that moved to another network has two behaviours, one after the other. A dormant one has a
        behaviour that ended.

        Args:
            client: id of an integration, an OAuth client or an API token of the org.
            every: the interval.
            scopes: the scopes of the token that it requests each time; None for no token request.
            fails: the reason with which each token request fails; None if the requests succeed.
            writes: event types that it causes each time, such as ``user.lifecycle.suspend``.
            targets: ids of the targets of those events.
            from_days_ago: the beginning, in days before now by the org's clock.
            to_days_ago: the end, in days before now by the org's clock; None for no end.
            origin: the network from which the requests come.
            late: the delay from each event until it can be read.
            actor_is_client: whether ``actor.id`` of the events is the client's id. If False, only
                ``client.id`` is. Okta does not document it for API service integrations.
        """
        now = self.world.log.now
        tokens = self.world["api_tokens"]
        owner = tokens[client]["userId"] if client in tokens else None
        behaviour = Behaviour(
            client=client,
            name=self._principal(owner or client)["displayName"],
            every=every // _MILLISECOND,
            begins=now - round(from_days_ago * 86_400_000),
            ends=None if to_days_ago is None else now - round(to_days_ago * 86_400_000),
            scopes=None if scopes is None else tuple(scopes),
            fails=fails,
            writes=tuple(writes),
            targets=tuple((id_, self._principal(id_)["type"]) for id_ in targets),
            origin=origin,
            delay=late // _MILLISECOND,
            api_token=owner,
            actor_is_client=actor_is_client,
            number=len(self.world.log.behaviours),
        )
        self.world.log.behaviours.append(behaviour)
        return behaviour
