"""Read listings of the System Log. Events are aggregated to rows page by page, and are not kept.

One listing is one bounded query of Okta's log, followed by its ``next`` links. Events arrive in the order in
which they happened, so that a day is complete as soon as an event of a later day arrives. The rows of
complete days are written to the journal with every page. A resumed run requests only the days after them.
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
from oktahound.collecting.resume import Checkpoint, ListingWriter
from oktahound.collecting.row_store import RowStore
from oktahound.entities import Entity, Fold, LogListing, structure
from oktahound.errors import AuthenticationError, ConfigurationError, RequestError
from oktahound.snapshot import Gap, GapReason
from oktahound.system_log import LogRange
from oktahound.system_log.event_repair import Problem
from oktahound.system_log.ranges import OLDEST

__all__ = ["LogReader", "check_usage"]

MAX_PROBLEMS = 20
"""Maximum number of unreadable events of one listing that get their own gap."""

_DAY = timedelta(days=1)


def check_usage(usage: timedelta | None) -> None:
    """Check the option `usage`: the length of the log to read.

    Raises:
        ConfigurationError: the value is not a duration that Okta supports.
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
        store: stores rows and gaps.
        checkpoint: saves complete days, and restores those of an earlier run; None for a collection that is
            not written to disk.
        bounds: the part of the log to read; None if the log is not read.
        report: called after every page with the entity class.

    Attributes:
        covered: the time span of the log read so far, by entity, summed over the listings.
        to_cover: the time span to read.
    """

    def __init__(
        self,
        client: AsyncOktaClient,
        store: RowStore,
        checkpoint: Checkpoint | None,
        bounds: LogRange | None,
        report: Callable[[type[Entity]], object],
    ) -> None:
        self.covered: dict[type[Entity], timedelta] = {}
        self.to_cover: dict[type[Entity], timedelta] = {}
        self._client = client
        self._store = store
        self._checkpoint = checkpoint
        self._bounds = bounds
        self._report = report

    def expect(self, read: Read, listings: int) -> None:
        """Announce listings that will be read, for the progress."""
        if read.endpoint.log is not None and self._bounds is not None:
            before = self.to_cover.get(read.cls, timedelta(0))
            self.to_cover[read.cls] = before + listings * self._bounds.length

    async def read_listing(self, read: Read, parent: Entity | None, listing: LogListing) -> Gap | None:
        """Read one listing to its end.

        Returns:
            A gap if it failed. The rows read before the failure are kept.

        Raises:
            AuthenticationError: the credential was refused.
            ConfigurationError: the plan reads the log, but the option for the length of the log is missing.
        """
        if self._bounds is None:
            raise ConfigurationError("reading the System Log needs usage=, such as timedelta(days=90)")
        output = _ListingOutput(self._store, read, parent)
        checkpoint = None if listing.always else self._checkpoint
        if checkpoint is not None and output.restore(checkpoint):
            self._advance(read, self._bounds.since, self._bounds.until)
            return None
        since = max(self._bounds.since, output.resumed_at or self._bounds.since)
        self._advance(read, self._bounds.since, since)
        listing_rows = _FoldedListing(read, parent, listing.fold(parent, self._store, self._bounds))
        try:
            await self._read_pages(listing_rows, listing, since, output)
        except AuthenticationError:
            # The credential is invalid, so all remaining requests would fail in the same way.
            raise
        except RequestError as error:
            output.take(listing_rows.fold.rows(), listing_rows.problems())
            return gap_of(read, error, parent, listing_rows.count)
        output.take(listing_rows.fold.rows(), listing_rows.problems())
        output.finish()
        return None

    async def _read_pages(
        self, listing_rows: _FoldedListing, listing: LogListing, since: datetime, output: _ListingOutput
    ) -> None:
        read, reached = listing_rows.read, since
        params = {**read.endpoint.params, **self._time_parameters(since)}
        params.pop("filter", None)
        if expression := listing.filter(listing_rows.parent):
            params["filter"] = expression
        pages = self._client.pages(read.endpoint.path, params)
        async with aclosing(pages):
            async for page in pages:
                listing_rows.add(page.rows)
                # Freed at once, so that only one page of the log is in memory.
                page.rows.clear()
                output.close_days(listing_rows.fold, listing_rows.problems())
                reached = self._advance(read, reached, _moment(listing_rows.fold.newest) or reached)
                self._report(read.cls)
                if listing_rows.fold.complete:
                    break
        if self._bounds is not None:
            self._advance(read, reached, self._bounds.until)

    def _time_parameters(self, since: datetime) -> dict[str, str]:
        if self._bounds is None:
            return {}
        first, last = attrs.evolve(self._bounds, since=since).texts
        return {"since": first, "until": last}

    def _advance(self, read: Read, before: datetime, now: datetime) -> datetime:
        """Add a time span that was read to the progress. Returns the later of both moments."""
        later = max(before, now)
        self.covered[read.cls] = self.covered.get(read.cls, timedelta(0)) + (later - before)
        return later


class _FoldedListing:
    """One listing while it is read: its aggregation, and gaps for events that could not be read."""

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
                more = problem._replace(
                    problem=f"more than {MAX_PROBLEMS} events could not be read completely"
                )
                self._problems.append(self._gap(more, None))
        self.count += len(events)

    def problems(self) -> list[Gap]:
        """Return the gaps since the last call."""
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


class _ListingOutput:
    """Writes the rows of one listing to the store and to the journal."""

    def __init__(self, store: RowStore, read: Read, parent: Entity | None) -> None:
        self.resumed_at: datetime | None = None
        self._store = store
        self._read = read
        self._parent = parent
        self._writer: ListingWriter | None = None
        self._closed = ""
        self._written: dict[Any, Any] = {}

    def restore(self, checkpoint: Checkpoint) -> bool:
        """Restore the part of the listing that an earlier run saved. Returns whether it is complete."""
        read, parent = self._read, self._parent
        finished, rows, gaps, self._writer = checkpoint.restore_folded(read, parent, self._store.shared)
        self._store.add_entities(read, read.cls, rows, parent)
        for gap in gaps:
            self._store.add_gap(gap)
        if rows and not finished:
            last = max(row.id for row in rows)
            self.resumed_at = datetime.fromisoformat(last).replace(tzinfo=UTC) + _DAY
        return finished

    def close_days(self, fold: Fold, problems: Iterable[Gap]) -> None:
        """Write the days that are complete to the journal."""
        gaps = self._add_gaps(problems)
        newest = fold.newest[:10]
        if self._writer is None or newest <= self._closed:
            if self._writer is not None and gaps:
                self._writer.keep({}, gaps)
            return
        rows = fold.rows(self._closed, newest)
        self._closed = newest
        if rows or gaps:
            self._writer.keep({self._read.cls: self._changed(rows)}, gaps)

    def take(self, rows: Sequence[Any], problems: Iterable[Gap]) -> None:
        """Put the rows of the whole listing into the store."""
        gaps = self._add_gaps(problems)
        if self._writer is not None:
            self._writer.keep({self._read.cls: self._changed(rows)}, gaps)
        self._store.add_page(self._read, list(rows), 0, self._parent)

    def finish(self) -> None:
        """Mark the listing as complete in the journal."""
        if self._writer is not None:
            self._writer.finish()

    def _add_gaps(self, problems: Iterable[Gap]) -> list[Gap]:
        gaps = list(problems)
        for gap in gaps:
            self._store.add_gap(gap)
        return gaps

    def _changed(self, rows: Sequence[Any]) -> list[Entity]:
        """Structure the rows, and return those that the journal does not contain in this state."""
        found: list[Entity] = []
        for row in rows:
            entity, _ = structure(self._read.cls, row, self._parent)
            if entity is not None and self._written.get(entity.key) != entity:
                self._written[entity.key] = entity
                found.append(entity)
        return found


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
