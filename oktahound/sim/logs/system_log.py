"""The System Log: recorded events and events of behaviours, filtered, ordered and split into pages."""

from __future__ import annotations

import base64
import heapq
from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import islice
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import attrs
import orjson

from oktahound.clock import Clock
from oktahound.sim.errors import bad_request, invalid_cursor
from oktahound.sim.ids import Ids, stamp
from oktahound.sim.logs.behaviours import ACCESS_TOKEN, FAILED_REQUEST, Behaviour, Entry
from oktahound.sim.logs.events import VENDOR_CLOUD, log_event, principal
from oktahound.sim.logs.filter_language import LogFilter, parse_log_filter
from oktahound.sim.routing import Page
from oktahound.sim.world import Json

__all__ = ["RETENTION_DAYS", "SystemLog"]

RETENTION_DAYS = 90.0
"""The number of days for which Okta keeps events."""

_DAY = 86_400_000
_OLDEST_SINCE_DAYS = 180
_DEFAULT_WINDOW_DAYS = 7
_MOST_WORDS, _LONGEST_WORD = 10, 40
_ANY = LogFilter(lambda event: True)


class SystemLog:
    """The System Log of one org.

    Args:
        ids: the generator of cursors, which no other org accepts, and of uuids.
        clock: the clock of the org.

    Attributes:
        retention_days: days after which events are deleted.
        behaviours: the regular activities of clients.
        page_size: maximum page size; None for the requested size.
    """

    def __init__(self, ids: Ids, clock: Clock) -> None:
        self.retention_days = RETENTION_DAYS
        self.behaviours: list[Behaviour] = []
        self.page_size: int | None = None
        self._ids = ids
        self._clock = clock
        self._recorded: list[tuple[int, str, int, bytes]] = []

    @property
    def now(self) -> int:
        """Return the current time in milliseconds since the epoch."""
        return int(self._clock.time() * 1000)

    def record(self, event: Json, *, late: int = 0) -> None:
        """Add one event.

        Args:
            event: the event in Okta's format.
            late: milliseconds from its `published` until it can be read.
        """
        published = _milliseconds("published", event["published"])
        insort(self._recorded, (published, event["uuid"], published + late, orjson.dumps(event)))

    def record_token_request(
        self, client: str, asked: Sequence[str], granted: Sequence[str], reason: str | None
    ) -> None:
        """Add a token request of this moment.

        Args:
            client: id of the client.
            asked: the requested scopes.
            granted: the granted scopes.
            reason: the reason of a refusal; None for a successful request.
        """
        target = [principal(f"AT.{self._ids.opaque('token event')}", "access_token", "Access Token")]
        debug = {
            "grantType": "client_credentials",
            "requestedScopes": ", ".join(asked),
            **({"grantedScopes": ", ".join(granted)} if granted else {}),
            "requestUri": "/oauth2/v1/token",
        }
        self.record(
            log_event(
                uuid=self.new_uuid(),
                published=stamp(datetime.fromtimestamp(self._clock.time(), UTC)),
                event_type=ACCESS_TOKEN if granted else FAILED_REQUEST,
                actor=principal(client, "PublicClientApp", client),
                origin=VENDOR_CLOUD,
                transaction=self._ids.opaque("transaction"),
                client_id=client,
                target=target if granted else (),
                result="SUCCESS" if granted else "FAILURE",
                reason=reason,
                debug=debug,
                severity="INFO" if granted else "WARN",
            )
        )

    def new_uuid(self) -> str:
        """Return a new uuid that depends only on the seed of the org."""
        digest = blake2b(self._ids.opaque("uuid", 40).encode(), digest_size=16).digest()
        return str(UUID(bytes=digest, version=4))

    def page(self, query: Mapping[str, str], url: str) -> Page:
        """Return the response to ``GET /api/v1/logs``.

        Raises:
            Refusal: 400 that names the parameter.
        """
        asked = _Query.parse(query, self.now)
        start = self._position(query["after"], asked.mark) if "after" in query else None
        size = asked.limit if self.page_size is None else min(asked.limit, self.page_size)
        found = list(islice(self._matching(asked, start), size + 1))
        rows, more = found[:size], len(found) > size
        links = [f'<{url}?{urlencode(query)}>; rel="self"' if query else f'<{url}>; rel="self"']
        if asked.polls or more:
            here = _place(rows[-1], asked) if rows else start or (asked.since, "")
            after = self._cursor(here, asked.mark)
            rest = {**query, "after": after}
            links.append(f'<{url}?{urlencode(rest)}>; rel="next"')
        return Page(orjson.dumps([entry.event for entry in rows]), tuple(links))

    def _matching(self, asked: _Query, start: tuple[int, str] | None) -> Iterator[Entry]:
        for entry in self._entries(asked, start):
            if start is not None:
                place = _place(entry, asked)
                if place >= start if asked.newest_first else place <= start:
                    continue
            if asked.fits(entry.event):
                yield entry

    def _entries(self, asked: _Query, start: tuple[int, str] | None) -> Iterator[Entry]:
        """Yield all events of the requested time range in the requested order."""
        now = self.now
        since = max(asked.since, now - int(self.retention_days * _DAY))
        until = asked.until
        if start is not None and not asked.polls:
            since, until = (
                (since, min(until, start[0] + 1)) if asked.newest_first else (max(since, start[0]), until)
            )
        sources = [
            each.entries(since, until, newest_first=asked.newest_first)
            for each in self.behaviours
            if asked.filter.required_texts is None or not asked.filter.required_texts.isdisjoint(each.texts)
        ]
        recorded = [each for each in self._recorded if since <= each[0] < until]
        sources.append(_decoded(reversed(recorded) if asked.newest_first else recorded))
        merged = heapq.merge(*sources, key=lambda entry: entry[:2], reverse=asked.newest_first)
        readable = (entry for entry in merged if entry.stored <= now)
        return (
            iter(sorted(readable, key=lambda entry: (entry.stored, entry.uuid))) if asked.polls else readable
        )

    def _cursor(self, place: tuple[int, str], mark: str) -> str:
        number, uuid = place
        text = f"{self._ids.check(mark, str(number), uuid)}{number}.{uuid}"
        return base64.urlsafe_b64encode(text.encode()).decode()

    def _position(self, cursor: str, mark: str) -> tuple[int, str]:
        try:
            text = base64.urlsafe_b64decode(cursor.encode()).decode()
        except ValueError:
            raise invalid_cursor("E0000031") from None
        check, (number, _, uuid) = text[:8], text[8:].partition(".")
        if not number.isdigit() or check != self._ids.check(mark, number, uuid):
            raise invalid_cursor("E0000031")
        return int(number), uuid


@attrs.frozen(kw_only=True)
class _Query:
    """The parameters of a request.

    Attributes:
        since: first moment, in milliseconds since the epoch.
        until: moment after the last one.
        polls: whether the listing never ends: without ``until``, oldest first.
        filter: the filter for events.
        words: texts that an event must contain, in lower case.
        mark: a checksum of the listing, so that the cursor of another listing is refused.
    """

    since: int
    until: int
    polls: bool
    newest_first: bool
    limit: int
    filter: LogFilter
    words: tuple[str, ...]
    mark: str

    @classmethod
    def parse(cls, query: Mapping[str, str], now: int) -> _Query:
        order = query.get("sortOrder", "ASCENDING").upper()
        if order not in ("ASCENDING", "DESCENDING"):
            raise bad_request("sortOrder", "sortOrder: must be ASCENDING or DESCENDING.")
        until = _milliseconds("until", query["until"]) if "until" in query else now + 1
        since = (
            _milliseconds("since", query["since"])
            if "since" in query
            else until - _DEFAULT_WINDOW_DAYS * _DAY
        )
        if since > until:
            raise bad_request("since", "since: must be before until.")
        if since < now - _OLDEST_SINCE_DAYS * _DAY:
            raise bad_request("since", f"since: must be within the last {_OLDEST_SINCE_DAYS} days.")
        return cls(
            since=since,
            until=until,
            polls="until" not in query and order == "ASCENDING",
            newest_first=order == "DESCENDING",
            limit=_limit(query.get("limit", "100")),
            filter=parse_log_filter(query["filter"]) if query.get("filter") else _ANY,
            words=_words(query.get("q", "")),
            mark=urlencode([(name, query[name]) for name in sorted(query) if name not in ("after", "limit")]),
        )

    def fits(self, event: Json) -> bool:
        if not self.filter.matches(event):
            return False
        if not self.words:
            return True
        text = orjson.dumps(list(_leaves(event))).decode().lower()
        return all(word in text for word in self.words)


def _place(entry: Entry, asked: _Query) -> tuple[int, str]:
    return (entry.stored if asked.polls else entry.published), entry.uuid


def _decoded(recorded: Iterable[tuple[int, str, int, bytes]]) -> Iterator[Entry]:
    return (
        Entry(published, uuid, stored, orjson.loads(event)) for published, uuid, stored, event in recorded
    )


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    else:
        yield value


def _limit(text: str) -> int:
    try:
        limit = int(text)
    except ValueError:
        limit = -1
    if not 0 <= limit <= 1000:
        raise bad_request("limit", "limit: must be a number from 0 to 1000.")
    return limit


def _words(text: str) -> tuple[str, ...]:
    words = tuple(text.lower().split())
    if len(words) > _MOST_WORDS or any(len(word) > _LONGEST_WORD for word in words):
        raise bad_request("q", f"q: at most {_MOST_WORDS} words of at most {_LONGEST_WORD} characters.")
    return words


def _milliseconds(name: str, text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise bad_request(name, f"{name}: must be a time in ISO 8601, such as {stamp(_EXAMPLE)}.") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXAMPLE = datetime(2026, 1, 15, 12, 25, 42, tzinfo=UTC)
