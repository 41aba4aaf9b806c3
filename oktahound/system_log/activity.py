"""Aggregate the events that one client caused to one row for each day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from oktahound.system_log.bounded import RecentIds, Tallies
from oktahound.system_log.event_repair import Problem, check_network, repair_event
from oktahound.system_log.event_types import REFUSALS, TOKEN_GRANT, is_write
from oktahound.system_log.ranges import LogRange

__all__ = ["MAX_NAMES", "MAX_NETWORKS", "ActivityFold"]

MAX_NETWORKS = 50
"""Maximum number of networks in a row."""

MAX_NAMES = 500
"""Maximum number of scopes, of failure reasons, and of event types in a row."""

_MAX_SCOPE_TEXTS = 64
_FAILED = frozenset({"FAILURE", "DENY", "RATE_LIMIT"})
_SEPARATORS = re.compile(r"[,\s]+")
_API_TOKEN = "transaction.detail.requestApiTokenId"  # noqa: S105 - a path


class ActivityFold:
    """Aggregates the events that one client caused.

    Args:
        subjects: the ids of the client, as they occur in ``actor.id`` or ``client.id``, or, for an API token,
            in ``transaction.detail.requestApiTokenId``. Other events are ignored.
        bounds: the part of the log that is read. Events outside of it are ignored. None for no bounds.
        api_token: whether the client is an API token.

    Attributes:
        newest: the time of the latest event so far, as Okta writes times; empty before the first.
        complete: always False: the listing must be read to its end.
    """

    complete = False

    def __init__(
        self, subjects: Iterable[str], bounds: LogRange | None = None, *, api_token: bool = False
    ) -> None:
        self.newest = ""
        self._subjects = frozenset(subjects)
        self._since, self._until = ("", "~") if bounds is None else bounds.texts
        self._api_token = api_token
        self._ids = RecentIds()
        self._days: dict[str, _Day] = {}
        self._writes: dict[str, bool] = {}

    def add(self, events: Sequence[Any]) -> list[Problem]:
        """Add a page of events, in any order.

        Returns:
            The problems of unreadable events, with the index of each event.
        """
        problems: list[Problem] = []
        fold = self._fold
        for index, event in enumerate(events):
            try:
                fold(event)
            except (KeyError, TypeError, AttributeError, ValueError, IndexError):
                problems += self._fold_repaired(index, event)
        return problems

    def rows(self, since_day: str = "", before_day: str = "~") -> list[dict[str, Any]]:
        """Return the rows of the days from `since_day` to before `before_day`, in order."""
        return [self._days[day].row(day) for day in sorted(self._days) if since_day <= day < before_day]

    def _fold_repaired(self, index: int, event: Any) -> Iterator[Problem]:
        """Add a malformed event without its invalid values, if it can be repaired."""
        repaired, problems = repair_event(event)
        if repaired is not None:
            try:
                self._fold(repaired)
            except (KeyError, TypeError, AttributeError, ValueError, IndexError):
                problems = [*problems, ("", "expected an event", True)]
        for path, problem, fatal in problems:
            yield Problem(index, path, problem, fatal)

    def _fold(self, event: Any) -> None:  # noqa: C901, PLR0912 - one function, since calls would double its cost
        # Read every value that can raise an error before counting anything, because `_fold_repaired` then
        # adds the event again.
        uuid, published, kind = event["uuid"], event["published"], event["eventType"]
        if uuid.__class__ is not str or not uuid or published[23:] != "Z":
            raise TypeError
        ids = self._ids
        if uuid in ids.newer or uuid in ids.older or not self._since <= published < self._until:
            return
        actor, client, outcome = event["actor"], event["client"], event["outcome"]
        subjects = self._subjects
        if self._api_token:
            matched = 4 if event["transaction"]["detail"].get("requestApiTokenId") in subjects else 0
        else:
            matched = (1 if actor.get("id") in subjects else 0) | (2 if client.get("id") in subjects else 0)
        if not matched:
            return
        day = self._days.get(published[:10]) or self._new_day(published[:10])
        result, security = outcome.get("result"), event["securityContext"]
        network = (
            client.get("ipAddress"),
            security.get("asNumber"),
            security.get("asOrg"),
            security.get("isProxy"),
        )
        networks = day.networks.counts.get(network)
        if networks is None:
            check_network(network)
        scopes = None
        if kind.startswith(TOKEN_GRANT) and result not in _FAILED:
            scopes = event["debugContext"]["debugData"].get("grantedScopes") or ""
            texts = day.texts.get((kind, scopes)) or day.text(kind, scopes, published)
            texts[0] += 1
            if published > texts[1]:  # noqa: PLR1730 - max() costs more
                texts[1] = published
        elif kind in REFUSALS or kind.startswith(TOKEN_GRANT):
            day.failures.add(_name(outcome.get("reason"), kind), published)
        elif result not in _FAILED and self._changes(kind, matched, actor):
            day.writes.add(kind, published)
        if networks is None:
            day.networks.add(network, published)
        else:
            networks[0] += 1
            if published > networks[1]:  # noqa: PLR1730 - max() costs more
                networks[1] = published
        day.events += 1
        day.matched |= matched
        if published > day.last:
            day.last = published
            if published > self.newest:  # noqa: PLR1730 - max() costs more
                self.newest = published
        newer = ids.newer
        newer.add(uuid)
        if len(newer) >= ids.size:
            ids.older, ids.newer = newer, set()

    def _changes(self, kind: str, matched: int, actor: dict[str, Any]) -> bool:
        # When a user signs in through the client, the user is the actor, not the client.
        if matched == 2 and actor.get("type") == "User":
            return False
        known = self._writes.get(kind)
        if known is None:
            if len(self._writes) > MAX_NAMES:
                self._writes.clear()
            known = self._writes[kind] = is_write(kind)
        return known

    def _new_day(self, text: str) -> _Day:
        """Create the counters of a day. Raises ValueError if the text is not a date."""
        date.fromisoformat(text)
        day = self._days[text] = _Day()
        return day


def _name(reason: Any, kind: str) -> str:
    """Return the name under which a failure is counted: its reason, or else its event type."""
    if reason is not None and reason.__class__ is not str:
        raise TypeError
    return reason or kind


class _Day:
    """The counters of one day."""

    __slots__ = ("_scopes", "events", "failures", "last", "matched", "networks", "texts", "writes")

    def __init__(self) -> None:
        self.events = 0
        self.matched = 0
        self.last = ""
        # Tokens mostly have the same text of scopes, so that texts are counted and split at the end.
        self.texts: dict[tuple[str, str], list[Any]] = {}
        self._scopes: dict[str, Tallies[str]] = {}
        self.failures: Tallies[str] = Tallies(MAX_NAMES)
        self.writes: Tallies[str] = Tallies(MAX_NAMES)
        self.networks: Tallies[tuple[Any, ...]] = Tallies(MAX_NETWORKS)

    def text(self, kind: str, scopes: str, published: str) -> list[Any]:
        """Return the counter of a text of granted scopes: a list of count and latest time."""
        if scopes.__class__ is not str:
            raise TypeError
        if len(self.texts) >= _MAX_SCOPE_TEXTS:
            self._split_scopes()
        entry = self.texts[kind, scopes] = [0, published]
        return entry

    def _split_scopes(self) -> None:
        for (kind, text), (count, last) in self.texts.items():
            scopes = self._scopes.setdefault(kind, Tallies(MAX_NAMES))
            # The empty scope is the number of tokens.
            scopes.add("", last, count)
            for scope in {*_SEPARATORS.split(text)} - {""}:
                scopes.add(scope, last, count)
        self.texts.clear()

    def row(self, day: str) -> dict[str, Any]:
        """Return the row of this day, in the wire form of the entity."""
        self._split_scopes()
        # One request can cause events of several types, so use the largest count, not the sum.
        scopes: dict[str, tuple[int, str]] = {}
        for tallies in self._scopes.values():
            for scope, count, last in tallies.items():
                before = scopes.get(scope, (0, ""))
                scopes[scope] = (max(count, before[0]), max(last, before[1]))
        grants, last_token = scopes.pop("", (0, None))
        names = {1: "actor.id", 2: "client.id", 4: _API_TOKEN}
        return {
            "id": day,
            "matchedBy": [name for bit, name in names.items() if self.matched & bit],
            "events": self.events,
            "lastEventAt": self.last,
            "tokenGrants": grants,
            "lastTokenAt": last_token,
            "scopes": [
                {"scope": scope, "count": scopes[scope][0], "last_at": scopes[scope][1]}
                for scope in sorted(scopes)
            ],
            "failures": _counts(self.failures),
            "writes": _counts(self.writes),
            "networks": [
                {
                    "address": address,
                    "as_number": as_number,
                    "as_name": as_name,
                    "proxy": proxy,
                    "count": count,
                    "last_at": last,
                }
                for (address, as_number, as_name, proxy), count, last in self.networks.items()
            ],
            "scopesLeftOut": sum(tallies.left_out for tallies in self._scopes.values()),
            "failuresLeftOut": self.failures.left_out,
            "writesLeftOut": self.writes.left_out,
            "networksLeftOut": self.networks.left_out,
        }


def _counts(tallies: Tallies[str]) -> list[dict[str, Any]]:
    return [{"name": name, "count": count, "last_at": last} for name, count, last in tallies.items()]
