"""Compute the usage of each machine client and each of its scopes from the System Log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

import attrs

from oktahound.analysis.usage.model import ClientUsage, ScopeUsage, UsageReport, UsageState
from oktahound.analysis.usage.write_events import resources_written
from oktahound.entities import (
    USAGE,
    ApiServiceIntegration,
    ApiToken,
    Application,
    ClientActivity,
    ClientAdministration,
    ConsentGrant,
    Entity,
    EventCount,
    LogWindow,
    Network,
    may_be_service,
    time_text,
)
from oktahound.errors import ConfigurationError
from oktahound.graph import OrgIndex
from oktahound.scopes import OAuthScope
from oktahound.snapshot import Snapshot
from oktahound.system_log import LogRange, parse_duration

__all__ = ["TOLERANCE", "LogEvidence", "usage"]

TOLERANCE = timedelta(days=1)
"""The log counts as covering a window if its oldest event is at most this much younger than the window. Okta
keeps events for 90 days, and some minutes pass until a window of 90 days is read."""

_GRANTS = frozenset({"app.oauth2.admin.consent.grant", "integration.api_service.lifecycle.authorize"})

T = TypeVar("T")


def usage(snapshot: Snapshot, *, days: int | None = None) -> UsageReport:
    """Find the scopes that the machine clients of an org requested, and the changes that they made.

    Clients are API service integrations, service applications and API tokens. A scope that was not requested
    in the whole window cannot have been used. If the log does not cover the window for any reason, the result
    is *not enough log*, never *not asked for*.

    Args:
        snapshot: the snapshot of a collection with ``usage=``.
        days: length of the evaluated window in days, which ends where the log ends. The whole window of the
            collection if None. With a shorter window, clients that are younger than the whole window can be
            evaluated.

    Raises:
        ConfigurationError: the log was not read, or is shorter than `days`.
    """
    evidence = LogEvidence(snapshot, days)
    return UsageReport(
        items=tuple(evidence.clients()),
        since=evidence.since,
        until=evidence.until,
        missing=tuple(evidence.missing()),
    )


class LogEvidence:
    """The evaluated part of the log, and its data about each client.

    Args:
        snapshot: the snapshot of a collection with ``usage=``.
        days: see `usage`.

    Raises:
        ConfigurationError: the log was not read, or is shorter than `days`.
    """

    def __init__(self, snapshot: Snapshot, days: int | None = None) -> None:
        window = _window(snapshot)
        length = window.length.days
        if days is not None and not 1 <= days <= length:
            raise ConfigurationError(
                f"days= must be from 1 to {length}, the number of days that were read, not {days!r}"
            )
        self.until = window.until
        self.since = window.since if days is None else window.until - timedelta(days=days)
        self.days = (self.until - self.since).days
        self.index = OrgIndex(snapshot)
        self._oldest = next((row.oldest_event_at for row in snapshot.log_windows), None)

    def clients(self) -> Iterator[ClientUsage]:
        """Yield every machine client, by kind and name."""
        for cls in (ApiServiceIntegration, Application, ApiToken):
            rows = [row for row in self.index.snapshot.rows(cls) if self._is_client(row)]
            for row in sorted(rows, key=lambda each: (_name(each), each.id)):
                yield self.client(row)

    def missing(self) -> Iterator[str]:
        """Yield the reasons why there may be more clients."""
        for cls in (ApiServiceIntegration, Application, ConsentGrant, ApiToken):
            if not self.index.known(cls):
                yield f"{cls.__name__} was not read completely"

    def client(self, row: Entity) -> ClientUsage:
        """Return the usage of one client."""
        rows = self.rows(row.id)
        granted, scopes_unread = self._granted(row)
        because = tuple(self._gaps_in_log(row))
        requested = _scopes(rows, self.since)
        writes = _counts(rows, "writes", self.since)
        grants = sum(each.token_grants for each in rows)
        return ClientUsage(
            client=row.id,
            name=_name(row),
            kind=type(row).__name__,
            days=self.days,
            because=(*because, *scopes_unread),
            scopes=tuple(self._scope(row, scope, requested, writes, because) for scope in granted),
            former_scopes=tuple(sorted(OAuthScope(each) for each in requested.keys() - {*granted})),
            token_grants=grants,
            last_token_at=_latest(each.last_token_at for each in rows),
            last_event_at=_latest(each.last_event_at for each in rows),
            writes=writes,
            failures=_counts(rows, "failures", self.since),
            networks=_networks(rows, self.since),
            networks_left_out=sum(each.networks_left_out for each in rows),
            matched_by=tuple(sorted({path for each in rows for path in each.matched_by})),
            asks_for_everything=len(granted) > 1
            and grants > 0
            and all(scope in requested and requested[scope].count >= grants for scope in granted),
        )

    def rows(self, client: str) -> list[ClientActivity]:
        """Return the rows of a client in the window."""
        return [
            row
            for row in self.index.of(ClientActivity, (client,))
            if row.last_event_at is not None and row.last_event_at >= self.since
        ]

    def _scope(
        self,
        row: Entity,
        scope: OAuthScope,
        requested: Mapping[str, EventCount],
        writes: tuple[EventCount, ...],
        because: tuple[str, ...],
    ) -> ScopeUsage:
        found = requested.get(scope)
        if found is None:
            because = (*because, *self._reasons_of_recent_grant(row, scope))
            state = UsageState.NOT_ENOUGH_LOG if because else UsageState.NOT_ASKED_FOR
            return ScopeUsage(scope=scope, state=state, days=self.days, because=because)
        written = (
            tuple(each for each in writes if scope.resource in resources_written(each.name))
            if scope.writes
            else ()
        )
        return ScopeUsage(
            scope=scope,
            state=UsageState.ASKED_FOR_AND_WROTE if written else UsageState.ASKED_FOR,
            days=self.days,
            count=found.count,
            last_at=found.last_at,
            writes=written,
        )

    def _gaps_in_log(self, row: Entity) -> Iterator[str]:
        """Yield the reasons why the log does not cover the window of a client."""
        if not self.index.known(LogWindow):
            yield "the start of the log was not read"
        elif self._oldest is None:
            yield "the log contains no event of the window"
        elif self._oldest > self.since + TOLERANCE:
            yield f"the oldest event in the log is of {time_text(self._oldest)}"
        created = row.created_at if isinstance(row, ApiServiceIntegration) else getattr(row, "created", None)
        if created is None:
            yield "the creation time of the client is not known"
        elif created > self.since:
            yield f"the client was created inside the window, on {time_text(created)}"
        if not self.index.known(ClientActivity, (row.id,)):
            yield "the log of the client was not read completely"
        if any(each.scopes_left_out for each in self.rows(row.id)):
            yield "tokens had more scopes than are counted"

    def _reasons_of_recent_grant(self, row: Entity, scope: OAuthScope) -> Iterator[str]:
        """Yield the reasons why an unrequested scope may have been granted only inside the window."""
        for grant in self.index.of(ConsentGrant, (row.id,)):
            if grant.scope_id == scope and grant.created is not None and grant.created > self.since:
                yield f"it was granted inside the window, on {time_text(grant.created)}"
                return
        # The events of a consent do not always contain its scope.
        granted = [at for at in self._consents.get(row.id, ()) if at > self.since]
        if granted and isinstance(row, ApiServiceIntegration):
            yield f"scopes were granted inside the window, on {time_text(max(granted))}"
        elif isinstance(row, ApiServiceIntegration) and not self.index.known(ClientAdministration):
            yield "changes of scopes inside the window were not read"

    @cached_property
    def _consents(self) -> dict[str, list[datetime]]:
        found: dict[str, list[datetime]] = {}
        for row in self.index.rows(ClientAdministration):
            for change in row.changes:
                if change.event_type in _GRANTS and change.result in ("SUCCESS", None):
                    found.setdefault(row.client_id, []).append(change.last_at)
        return found

    def _is_client(self, row: Entity) -> bool:
        return may_be_service(row) if isinstance(row, Application) else True

    def _granted(self, row: Entity) -> tuple[tuple[OAuthScope, ...], tuple[str, ...]]:
        """Return the scopes of a client, and the reasons why there may be more."""
        unread = ("its scopes were not read",)
        if isinstance(row, ApiServiceIntegration):
            return (row.oauth_scopes or (), () if row.oauth_scopes is not None else unread)
        if not isinstance(row, Application):
            return (), ()
        grants = self.index.of(ConsentGrant, row.key)
        scopes = {grant.scope_id for grant in grants if grant.scope_id is not None and grant.is_active}
        return tuple(sorted(scopes)), () if self.index.known(ConsentGrant, row.key) else unread


def _window(snapshot: Snapshot) -> LogRange:
    """Return the requested part of the log, even if Okta refused it."""
    length = snapshot.options.get(USAGE.name)
    for row in snapshot.log_windows:
        if row.since is not None and row.until is not None:
            return LogRange(row.since, row.until)
    if not isinstance(length, str):
        raise ConfigurationError(
            "the System Log was not read: collect(client, usage=timedelta(days=90)) reads it, with the "
            "scope okta.logs.read"
        )
    return LogRange.before(snapshot.started_at, parse_duration(length))


def _name(row: Any) -> str:
    return str(getattr(row, "name", None) or getattr(row, "label", None) or row.id)


def _latest(times: Iterable[datetime | None]) -> datetime | None:
    return max((each for each in times if each is not None), default=None)


def _scopes(rows: Iterable[ClientActivity], since: datetime) -> dict[str, EventCount]:
    """Return the number of tokens that were granted with each scope."""
    found: dict[str, EventCount] = {}
    for row in rows:
        for each in row.scopes:
            if each.last_at >= since:
                _add(found, each.scope, each.count, each.last_at)
    return found


def _counts(rows: Iterable[ClientActivity], name: str, since: datetime) -> tuple[EventCount, ...]:
    found: dict[str, EventCount] = {}
    for row in rows:
        for each in getattr(row, name):
            if each.last_at >= since:
                _add(found, each.name, each.count, each.last_at)
    return tuple(found[each] for each in sorted(found))


def _add(found: dict[str, EventCount], name: str, count: int, last_at: datetime) -> None:
    before = found.get(name)
    if before is not None:
        count, last_at = count + before.count, max(last_at, before.last_at)
    found[name] = EventCount(name=name, count=count, last_at=last_at)


def _networks(rows: Iterable[ClientActivity], since: datetime) -> tuple[Network, ...]:
    found: dict[tuple[str, ...], Network] = {}
    for row in rows:
        for each in row.networks:
            if each.last_at >= since:
                key = tuple(map(str, (each.as_number, each.as_name, each.address, each.proxy)))
                before = found.get(key, attrs.evolve(each, count=0))
                found[key] = attrs.evolve(
                    each, count=each.count + before.count, last_at=max(each.last_at, before.last_at)
                )
    return tuple(found[key] for key in sorted(found))
