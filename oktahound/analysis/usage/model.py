"""Results about the usage of machine clients: per scope, per client, and for an org."""

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
    "Asking for a scope is not using it. Okta logs no reads and no refused calls, so the log shows which "
    "scopes were asked for and what was written, and never that a scope was used to read."
)
"""What no answer from the System Log can show."""


class UsageState(enum.StrEnum):
    """What the log says about a scope that a client was granted."""

    ASKED_FOR_AND_WROTE = "asked for, and wrote"
    """Tokens were granted with it, and events tell that the client wrote to its resource."""

    ASKED_FOR = "asked for"
    """Tokens were granted with it."""

    NOT_ASKED_FOR = "not asked for"
    """No token was granted with it in the whole window, which the log covers."""

    NOT_ENOUGH_LOG = "not enough log"
    """No token with it is in the log, and the log does not cover the window."""


@attrs.frozen(kw_only=True)
class ScopeUsage:
    """What the log says about one scope of a client.

    Attributes:
        scope: the scope that was granted.
        state: what the log says.
        days: length of the window in whole days.
        count: tokens that were granted with it in the window.
        last_at: the latest of them, UTC.
        writes: events in the window that tell of writes to the scope's resource by the client.
        because: why there is not enough log; empty otherwise.
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
        """Whether it allows writing, was asked for, and no write is in the log that would hold it."""
        return self.state is UsageState.ASKED_FOR and self.scope.writes and described(self.scope)

    def __str__(self) -> str:
        match self.state:
            case UsageState.NOT_ASKED_FOR:
                told = f"not asked for in {_days(self.days)}"
            case UsageState.NOT_ENOUGH_LOG:
                told = f"not enough log ({'; '.join(self.because)})"
            case _:
                last = "" if self.last_at is None else f", last {time_text(self.last_at)}"
                told = f"{self.state} ({_times(self.count)} in {_days(self.days)}{last})"
        if self.writes:
            told += ": " + ", ".join(f"{each.name} {_times(each.count)}" for each in self.writes)
        elif self.no_logged_write:
            told += ", no logged write"
        return f"{self.scope}: {told}"


@attrs.frozen(kw_only=True)
class ClientUsage:
    """What the log says about one machine client.

    Attributes:
        client: id of the integration, application or API token.
        name: its name.
        kind: ``ApiServiceIntegration``, ``Application`` or ``ApiToken``.
        days: length of the window in whole days.
        because: why there is not enough log about the client; empty when the log covers the window.
        scopes: its granted scopes. An API token has none.
        former_scopes: scopes that tokens were granted with and that are not in its grant now.
        token_grants: tokens that were granted in the window.
        last_token_at: the latest of them, UTC.
        last_event_at: the latest event of the client, UTC.
        writes: event types that tell of a change by the client.
        failures: token requests that failed, by reason.
        networks: where its requests came from.
        networks_left_out: events from networks beyond the bound of a day.
        matched_by: the paths in events that held the client's id.
        asks_for_everything: whether every token had every scope of the grant. Then the log cannot tell which
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
        """Whether the log covers the window and holds no event of the client in it.

        Never true of an API token: it asks for no tokens, and what it reads leaves no event.
        """
        return self.enough and self.last_event_at is None and self.kind != "ApiToken"

    def scope(self, scope: str) -> ScopeUsage:
        """What the log says about one granted scope.

        Raises:
            KeyError: the client was not granted it.
        """
        for each in self.scopes:
            if each.scope == scope:
                return each
        raise KeyError(scope)

    def of_state(self, state: UsageState) -> tuple[OAuthScope, ...]:
        """The scopes about which the log says this."""
        return tuple(each.scope for each in self.scopes if each.state is state)

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON-ready values; the id is that of the client, and the same in every run."""
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
            told = f"{_count(self.token_grants, 'token')} in {_days(self.days)}"
        elif self.last_event_at is not None:
            told = f"last event {time_text(self.last_event_at)}"
        elif not self.enough:
            told = "not enough log"
        else:
            told = f"no {'write' if self.kind == 'ApiToken' else 'event'} in {_days(self.days)}"
        lines = [f"{self.name} ({self.client}): {told}", *(f"  {each}" for each in self.scopes)]
        if not self.enough:
            lines.insert(1, f"  not enough log: {'; '.join(self.because)}")
        if self.asks_for_everything:
            lines.append("  asks for every scope with every token: the log cannot tell which it needs")
        return "\n".join(spelled_out(line) for line in lines)


@attrs.frozen(kw_only=True, repr=False)
class UsageReport(Sequence[ClientUsage]):
    """What the log says about the machine clients of an org; a sequence, by kind and name.

    Attributes:
        items: the clients.
        since: beginning of the window, UTC.
        until: its end.
        missing: what could not be read, so that there may be more clients.
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
        """What the log says about one client.

        Raises:
            KeyError: it is not among them.
        """
        for each in self.items:
            if each.client == client:
                return each
        raise KeyError(client)

    def to_dict(self) -> dict[str, Any]:
        """The answers about all clients as JSON-ready values."""
        return record(
            self, *sorted(each.client for each in self.items), meaning=LIMITS, what_to_do="",
            since=self.since, until=self.until, clients=self.items, missing=self.missing,
        )  # fmt: skip

    def to_dataframe(self) -> Any:
        """Convert to a pandas DataFrame, one row for each client and scope; clients without scopes have one
        row.

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
        head = ("client", "kind", "scope", "the log says", "tokens", "last", "wrote", "because")
        missing = "".join(paragraph(f"there may be more: {each}") for each in self.missing)
        caption = f"{_count(len(self.items), 'client')} in {_days(self.days)}"
        return f"{table(caption, head, rows)}{paragraph(LIMITS)}{missing}"


def _rows(client: ClientUsage) -> list[list[Any]]:
    told = [client.client, client.name, client.kind]
    if not client.scopes:
        last = None if client.last_event_at is None else time_text(client.last_event_at)
        writes = [each.name for each in client.writes]
        return [[*told, None, None, client.token_grants, last, writes, client.days, list(client.because)]]
    return [
        [
            *told,
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
