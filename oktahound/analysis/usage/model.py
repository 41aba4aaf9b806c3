"""Results about the usage of machine clients: for each scope, for each client, and for an org."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Any, overload

import attrs

from oktahound.analysis.usage.write_events import described
from oktahound.entities import EventCount, Network, time_text
from oktahound.scopes import OAuthScope
from oktahound.scopes.display import cell, frame, paragraph, table
from oktahound.scopes.records import record
from oktahound.snapshot.display import printable, spelled_out

__all__ = ["LIMITS", "ClientUsage", "ScopeUsage", "UsageReport", "UsageState"]

LIMITS = (
    "Requesting a scope is not using it. Okta logs no reads and no refused calls, so the log shows which "
    "scopes were requested and what was changed, but never that a scope was used to read."
)
"""The limits of every result from the System Log."""


class UsageState(enum.StrEnum):
    """The result of the log for a granted scope of a client."""

    ASKED_FOR_AND_WROTE = "asked for, and wrote"
    """Tokens were granted with it, and events show that the client changed its resource."""

    ASKED_FOR = "asked for"
    """Tokens were granted with it."""

    NOT_ASKED_FOR = "not asked for"
    """No token was granted with it in the whole window, which the log covers."""

    NOT_ENOUGH_LOG = "not enough log"
    """No token with it is in the log, but the log does not cover the window."""


@attrs.frozen(kw_only=True)
class ScopeUsage:
    """The usage of one scope of a client, according to the log.

    Attributes:
        scope: the scope that was granted.
        state: the result.
        days: length of the window in whole days.
        count: number of tokens that were granted with it in the window.
        last_at: time of the latest of them, UTC.
        writes: events in the window that show changes of the scope's resource by the client.
        because: the reasons why there is not enough log; empty otherwise.
    """

    scope: OAuthScope
    state: UsageState
    days: int
    count: int = 0
    last_at: datetime | None = None
    writes: tuple[EventCount, ...] = ()
    because: tuple[str, ...] = ()

    @property
    def no_logged_write(self) -> bool:
        """Whether it allows writing and was requested, but the log, which would show writes, has none."""
        return self.state is UsageState.ASKED_FOR and self.scope.writes and described(self.scope)

    def __str__(self) -> str:
        match self.state:
            case UsageState.NOT_ASKED_FOR:
                result = f"not requested in {_days(self.days)}"
            case UsageState.NOT_ENOUGH_LOG:
                result = f"not enough log ({'; '.join(self.because)})"
            case _:
                last = "" if self.last_at is None else f", last {time_text(self.last_at)}"
                state = self.state.replace("asked for", "requested")
                result = f"{state} ({_times(self.count)} in {_days(self.days)}{last})"
        if self.writes:
            result += ": " + ", ".join(f"{each.name} {_times(each.count)}" for each in self.writes)
        elif self.no_logged_write:
            result += ", no logged write"
        return f"{self.scope}: {result}"


@attrs.frozen(kw_only=True)
class ClientUsage:
    """The usage of one machine client, according to the log.

    Attributes:
        client: id of the integration, application or API token.
        name: its name.
        kind: ``ApiServiceIntegration``, ``Application`` or ``ApiToken``.
        days: length of the window in whole days.
        because: the reasons why there is not enough log about the client; empty if the log covers the window.
        scopes: its granted scopes. An API token has none.
        former_scopes: scopes with which tokens were granted, and that are not in its grant now.
        token_grants: number of tokens that were granted in the window.
        last_token_at: time of the latest of them, UTC.
        last_event_at: time of the latest event of the client, UTC.
        writes: event types of changes by the client.
        failures: failed token requests, by reason.
        networks: the networks of its requests.
        networks_left_out: number of events from networks that exceed the limit for a day.
        matched_by: the paths in events at which the client's id occurs.
        asks_for_everything: whether every token had every scope of the grant. Then the log cannot show which
            of them the client needs.
    """

    client: str
    name: str
    kind: str
    days: int
    because: tuple[str, ...] = ()
    scopes: tuple[ScopeUsage, ...] = ()
    former_scopes: tuple[OAuthScope, ...] = ()
    token_grants: int = 0
    last_token_at: datetime | None = None
    last_event_at: datetime | None = None
    writes: tuple[EventCount, ...] = ()
    failures: tuple[EventCount, ...] = ()
    networks: tuple[Network, ...] = ()
    networks_left_out: int = 0
    matched_by: tuple[str, ...] = ()
    asks_for_everything: bool = False

    @property
    def enough(self) -> bool:
        """Whether the log covers the window of this client."""
        return not self.because

    @property
    def dormant(self) -> bool:
        """Whether the log covers the window and contains no event of the client in it.

        It is always False for an API token, which requests no tokens and can read without an event.
        """
        return self.enough and self.last_event_at is None and self.kind != "ApiToken"

    def scope(self, scope: str) -> ScopeUsage:
        """Return the usage of one granted scope.

        Raises:
            KeyError: the scope was not granted to the client.
        """
        for each in self.scopes:
            if each.scope == scope:
                return each
        raise KeyError(scope)

    def of_state(self, state: UsageState) -> tuple[OAuthScope, ...]:
        """Return the scopes with this state."""
        return tuple(each.scope for each in self.scopes if each.state is state)

    def to_dict(self) -> dict[str, Any]:
        """Return the usage as JSON-ready values, with an id that depends only on the client."""
        unused = self.of_state(UsageState.NOT_ASKED_FOR)
        return record(
            self,
            self.client,
            meaning=f"{str(self).partition(chr(10))[0]}. {LIMITS}",
            what_to_do=f"Revoke scopes that are not needed: {', '.join(unused)}." if unused else "",
            enough=self.enough,
            dormant=self.dormant,
            **{each.name: getattr(self, each.name) for each in attrs.fields(ClientUsage)},
        )

    def __str__(self) -> str:
        if self.token_grants:
            summary = f"{_count(self.token_grants, 'token')} in {_days(self.days)}"
        elif self.last_event_at is not None:
            summary = f"last event {time_text(self.last_event_at)}"
        elif not self.enough:
            summary = "not enough log"
        else:
            summary = f"no {'write' if self.kind == 'ApiToken' else 'event'} in {_days(self.days)}"
        lines = [f"{self.name} ({self.client}): {summary}", *(f"  {each}" for each in self.scopes)]
        if not self.enough:
            lines.insert(1, f"  not enough log: {'; '.join(self.because)}")
        if self.asks_for_everything:
            lines.append("  requests every scope with every token: the log cannot show which it needs")
        return "\n".join(spelled_out(line) for line in lines)


@attrs.frozen(kw_only=True, repr=False)
class UsageReport(Sequence[ClientUsage]):
    """The usage of the machine clients of an org, according to the log: a sequence, by kind and name.

    Attributes:
        items: the clients.
        since: beginning of the window, UTC.
        until: end of the window, UTC.
        missing: reasons why there may be more clients.
    """

    items: tuple[ClientUsage, ...]
    since: datetime
    until: datetime
    missing: tuple[str, ...] = ()

    @property
    def days(self) -> int:
        """Length of the window in whole days."""
        return (self.until - self.since).days

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> ClientUsage: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ClientUsage]: ...
    def __getitem__(self, index: int | slice) -> ClientUsage | Sequence[ClientUsage]:
        return self.items[index]

    def of(self, client: str) -> ClientUsage:
        """Return the usage of one client.

        Raises:
            KeyError: there is no such client.
        """
        for each in self.items:
            if each.client == client:
                return each
        raise KeyError(client)

    def to_dict(self) -> dict[str, Any]:
        """Return the usage of all clients as JSON-ready values."""
        return record(
            self, *sorted(each.client for each in self.items), meaning=LIMITS, what_to_do="",
            since=self.since, until=self.until, clients=self.items, missing=self.missing,
        )  # fmt: skip

    def to_dataframe(self) -> Any:
        """Convert to a pandas DataFrame, one row for each client and scope, or for a client without scopes.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        names = ("client", "name", "kind", "scope", "state", "count", "last_at", "writes", "days", "because")
        return frame(names, (row for each in self.items for row in _rows(each)))

    def __repr__(self) -> str:
        lines = [line for each in self.items for line in str(each).split("\n")]
        lines += [f"there may be more: {each}" for each in self.missing]
        head = f"<usage of {_count(len(self.items), 'client')} in {_days(self.days)}"
        return "\n".join([head, *(f"  {printable(line)}" for line in lines), f"  {LIMITS}"]) + ">"

    def _repr_html_(self) -> str:
        rows = (
            tuple(map(cell, (name, kind, scope, state, count, last, ", ".join(writes), "; ".join(because))))
            for _, name, kind, scope, state, count, last, writes, _, because in (
                row for each in self.items for row in _rows(each)
            )
        )
        head = ("client", "kind", "scope", "result", "tokens", "last", "writes", "reasons")
        missing = "".join(paragraph(f"there may be more: {each}") for each in self.missing)
        caption = f"{_count(len(self.items), 'client')} in {_days(self.days)}"
        return f"{table(caption, head, rows)}{paragraph(LIMITS)}{missing}"


def _rows(client: ClientUsage) -> list[list[Any]]:
    head = [client.client, client.name, client.kind]
    if not client.scopes:
        last = None if client.last_event_at is None else time_text(client.last_event_at)
        writes = [each.name for each in client.writes]
        return [[*head, None, None, client.token_grants, last, writes, client.days, list(client.because)]]
    return [
        [
            *head,
            str(each.scope),
            each.state.value,
            each.count,
            None if each.last_at is None else time_text(each.last_at),
            [write.name for write in each.writes],
            each.days,
            list(each.because),
        ]
        for each in client.scopes
    ]


def _days(number: int) -> str:
    return _count(number, "day")


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
