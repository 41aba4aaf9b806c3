"""Read listings of the System Log: each is folded to rows as its pages come, and its events are not kept.

One listing is one bounded read of Okta's log, followed by its ``next`` links. Events come in the order in
which they happened, so a day is closed as soon as an event of a later day was seen. The rows of closed days
go into the journal with every page; a run that goes on with an interrupted listing asks for the days after
them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from oktahound.client import AsyncOktaClient
from oktahound.collecting.gap_rules import gap_of, request_of
from oktahound.collecting.plan import Read
from oktahound.collecting.resume import Draft, Ledger
from oktahound.collecting.row_store import RowStore
from oktahound.entities import Entity, Fold, LogListing, structure
from oktahound.errors import AuthenticationError, ConfigurationError, RequestError
from oktahound.snapshot import Gap, GapReason
from oktahound.system_log import LogRange
from oktahound.system_log.ranges import OLDEST
from oktahound.system_log.tolerant import Problem

__all__ = ["LogReader", "check_usage"]

MAX_PROBLEMS = 20
"""Events of one listing that could not be read and are told one by one."""

_DAY = timedelta(days=1)


def check_usage(usage: timedelta | None) -> None:
    """Check how far back the log is to be read.

    Raises:
        ConfigurationError: it is not a duration that Okta answers.
    """
    if usage is None:
        return
    if not isinstance(usage, timedelta):
        raise ConfigurationError(
            f"usage= takes a datetime.timedelta such as timedelta(days=90), not {type(usage).__name__}"
        )
    if not timedelta(seconds=1) <= usage <= OLDEST - _DAY:
        raise ConfigurationError(
            f"usage={usage!r}: the System Log can be read from a second up to {OLDEST.days - 1} days back; "
            "Okta keeps 90 days"
        )


class LogReader:
    """Reads the listings of the System Log of one run.

    Args:
        client: sends the requests.
        store: takes rows and gaps.
        ledger: keeps closed days, and knows those of an earlier run; None for a collection that is not kept.
        bounds: the part of the log to read; None when none is read.
        tell: is called after every page with the entity class.

    Attributes:
        covered: how much time of the log was read, by entity, summed over the listings.
        to_cover: how much there is to read.
    """

    def __init__(
        self,
        client: AsyncOktaClient,
        store: RowStore,
        ledger: Ledger | None,
        bounds: LogRange | None,
        tell: Callable[[type[Entity]], object],
    ) -> None:
        self.covered: dict[type[Entity], timedelta] = {}
        self.to_cover: dict[type[Entity], timedelta] = {}
        self._client = client
        self._store = store
        self._ledger = ledger
        self._bounds = bounds
        self._tell = tell

    def expect(self, read: Read, listings: int) -> None:
        """Count listings that will be read, for the progress."""
        if read.endpoint.log is not None and self._bounds is not None:
            before = self.to_cover.get(read.cls, timedelta(0))
            self.to_cover[read.cls] = before + listings * self._bounds.length

    async def walk(self, read: Read, parent: Entity | None, listing: LogListing) -> Gap | None:
        """Read one listing to its end.

        Returns:
            The gap that it left, if it broke. The rows of what was read before are kept.

        Raises:
            AuthenticationError: the credential was refused.
            ConfigurationError: the plan reads the log, and nobody said how far back.
        """
        if self._bounds is None:
            raise ConfigurationError("the System Log is read only with usage=, which says how far back")
        kept = _Kept(self._store, read, parent)
        ledger = None if listing.always else self._ledger
        if ledger is not None and kept.put_back(ledger):
            self._advance(read, self._bounds.since, self._bounds.until)
            return None
        since = max(self._bounds.since, kept.resumed_at or self._bounds.since)
        self._advance(read, self._bounds.since, since)
        part = _Part(read, parent, listing.fold(parent, self._store, self._bounds))
        try:
            await self._follow(part, listing, since, kept)
        except AuthenticationError:
            # The credential is dead: what is left would all fail alike.
            raise
        except RequestError as error:
            kept.take(part.fold.rows(), part.problems())
            return gap_of(read, error, parent, part.count)
        kept.take(part.fold.rows(), part.problems())
        kept.finish()
        return None

    async def _follow(self, part: _Part, listing: LogListing, since: datetime, kept: _Kept) -> None:
        read, reached = part.read, since
        params = {**read.endpoint.params, **self._bounded(since)}
        params.pop("filter", None)
        if expression := listing.filter(part.parent):
            params["filter"] = expression
        pages = self._client.pages(read.endpoint.path, params)
        async with aclosing(pages):
            async for page in pages:
                part.add(page.rows)
                # Freed at once: of a log of any length, only one page is held.
                page.rows.clear()
                kept.close_days(part.fold, part.problems())
                reached = self._advance(read, reached, _moment(part.fold.newest) or reached)
                self._tell(read.cls)
                if part.fold.complete:
                    break
        if self._bounds is not None:
            self._advance(read, reached, self._bounds.until)

    def _bounded(self, since: datetime) -> dict[str, str]:
        if self._bounds is None:
            return {}
        first, last = attrs.evolve(self._bounds, since=since).texts
        return {"since": first, "until": last}

    def _advance(self, read: Read, before: datetime, now: datetime) -> datetime:
        """Note that a listing was read from one moment to another; the later of both."""
        later = max(before, now)
        self.covered[read.cls] = self.covered.get(read.cls, timedelta(0)) + (later - before)
        return later


class _Part:
    """One listing while it is read: its fold, and what of it could not be read."""

    def __init__(self, read: Read, parent: Entity | None, fold: Fold) -> None:
        self.read = read
        self.parent = parent
        self.fold = fold
        self.count = 0
        self._problems: list[Gap] = []
        self._seen: Counter[bool] = Counter()

    def add(self, events: Sequence[Any]) -> None:
        for problem in self.fold.add(events):
            self._seen[problem.fatal] += 1
            if self._seen[problem.fatal] <= MAX_PROBLEMS:
                where = f"events[{self.count + problem.event}].{problem.path}".removesuffix(".")
                self._problems.append(self._gap(problem, where))
            elif self._seen[problem.fatal] == MAX_PROBLEMS + 1:
                more = problem._replace(problem=f"more than {MAX_PROBLEMS} events could not be read whole")
                self._problems.append(self._gap(more, None))
        self.count += len(events)

    def problems(self) -> list[Gap]:
        """The gaps since this was last called."""
        found, self._problems = self._problems, []
        return found

    def _gap(self, problem: Problem, where: str | None) -> Gap:
        return Gap(
            entity=self.read.cls.__name__,
            reason=GapReason.RECORD if problem.fatal else GapReason.FIELD,
            request=request_of(self.read),
            parent=self.parent.id if self.parent else None,
            where=where,
            detail=problem.problem,
        )


class _Kept:
    """The rows of one listing on their way into the store and the journal."""

    def __init__(self, store: RowStore, read: Read, parent: Entity | None) -> None:
        self.resumed_at: datetime | None = None
        self._store = store
        self._read = read
        self._parent = parent
        self._draft: Draft | None = None
        self._closed = ""
        self._written: dict[Any, Any] = {}

    def put_back(self, ledger: Ledger) -> bool:
        """Take what an earlier run kept of the listing; whether that is all of it."""
        read, parent = self._read, self._parent
        finished, rows, gaps, self._draft = ledger.folded(read, parent, self._store.shared)
        self._store.keep(read, read.cls, rows, parent)
        for gap in gaps:
            self._store.miss(gap)
        if rows and not finished:
            last = max(row.id for row in rows)
            self.resumed_at = datetime.fromisoformat(last).replace(tzinfo=UTC) + _DAY
        return finished

    def close_days(self, fold: Fold, problems: Iterable[Gap]) -> None:
        """Write the days to the journal that are over."""
        gaps = self._miss(problems)
        newest = fold.newest[:10]
        if self._draft is None or newest <= self._closed:
            if self._draft is not None and gaps:
                self._draft.keep({}, gaps)
            return
        rows = fold.rows(self._closed, newest)
        self._closed = newest
        if rows or gaps:
            self._draft.keep({self._read.cls: self._changed(rows)}, gaps)

    def take(self, rows: Sequence[Any], problems: Iterable[Gap]) -> None:
        """Put the rows of the whole listing into the store."""
        gaps = self._miss(problems)
        if self._draft is not None:
            self._draft.keep({self._read.cls: self._changed(rows)}, gaps)
        self._store.take(self._read, list(rows), 0, self._parent)

    def finish(self) -> None:
        """Note that the listing was read to its end."""
        if self._draft is not None:
            self._draft.finish()

    def _miss(self, problems: Iterable[Gap]) -> list[Gap]:
        gaps = list(problems)
        for gap in gaps:
            self._store.miss(gap)
        return gaps

    def _changed(self, rows: Sequence[Any]) -> list[Entity]:
        """The entities of rows that the journal does not hold yet, or holds otherwise."""
        found: list[Entity] = []
        for row in rows:
            entity, _ = structure(self._read.cls, row, self._parent)
            if entity is not None and self._written.get(entity.key) != entity:
                self._written[entity.key] = entity
                found.append(entity)
        return found


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
