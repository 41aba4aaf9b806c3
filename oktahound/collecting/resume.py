"""Going on with a collection that was interrupted: what it had finished is answered from the disk.

The unit is a *listing*: one `oktahound.collecting.Read`, for the org or for one parent. It is finished when
it was walked to its end, with whatever gaps its rows caused: asking again would give the same rows. A
listing that failed (refused, broken off, timed out, gone) is not finished, and is asked for again: the next
token may have the right, and the next hour the server. That costs little where all is refused alike, since
`oktahound.collecting.circuit_breaker` stops asking then as it does in any run.

The run itself does not know that it goes on with something. It asks for every listing in its usual order,
and those that are kept are answered from here. So a resumed run ends like one that was not interrupted, and
what was kept below a parent that is gone by now is left out as it would be then.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import attrs

from oktahound.clock import Clock
from oktahound.collecting.fingerprint import difference, listing_of, name_of, shape_of
from oktahound.collecting.plan import Plan, Read
from oktahound.collecting.row_store import RowStore, Taken
from oktahound.entities import (
    Embedded,
    Entity,
    Key,
    SharedValues,
    fields_of,
    structure_saved,
    time_text,
)
from oktahound.errors import SnapshotError
from oktahound.snapshot import Gap, GapReason, Interruption
from oktahound.snapshot.draft_folder import DraftFolder
from oktahound.snapshot.journal import Contents, Journal, begin_journal, read_journal
from oktahound.snapshot.journal_lines import Header, Listing, Page, Sitting, saved_rows

__all__ = ["Draft", "Ledger"]

_log = logging.getLogger("oktahound.collecting")


class Ledger:
    """What a collection into a folder has finished, in this sitting and in those before.

    Args:
        folder: where it is written.
        domain: host of the org's URL.
        plan: what to read.
        clock: tells the time.

    Attributes:
        kept: how many rows of each entity were kept from an earlier sitting and are on the shelf again.

    Raises:
        SnapshotError: the folder holds a collection of another org or with other choices, or a damaged one.
    """

    def __init__(self, folder: DraftFolder, domain: str, plan: Plan, clock: Clock) -> None:
        self.kept: Counter[type[Entity]] = Counter()
        self._folder = folder
        self._plan = plan
        self._clock = clock
        self._journal: Journal | None = None
        self._earlier = read_journal(folder.journal)
        self._begun = {name for name, _ in self._earlier.finished} if self._earlier else set()
        self._walks = self._earlier.walks if self._earlier else 0
        self._header = Header(
            domain=domain,
            organization="",
            started_at=self._earlier.header.started_at if self._earlier else self.now(),
            asked=tuple(sorted(cls.__name__ for cls in plan.entities)),
            options=dict(plan.options),
            shape=shape_of(plan),
        )
        if self._earlier is not None:
            _refuse_another(folder, self._earlier.header, self._header)

    @property
    def started_at(self) -> datetime:
        """When the first sitting began, UTC."""
        return self._header.started_at

    @property
    def kept_from(self) -> datetime | None:
        """When the collection began that this run goes on with; None when it goes on with none."""
        return self._earlier.header.started_at if self._earlier else None

    @property
    def interruptions(self) -> tuple[Interruption, ...]:
        """The times between the sittings, up to this one."""
        return tuple(self._earlier.interruptions) if self._earlier else ()

    def now(self) -> datetime:
        """What time it is, UTC."""
        return datetime.fromtimestamp(self._clock.time(), UTC)

    def open(self, organization: str) -> None:
        """Begin to write, now that it is known which org it is.

        Raises:
            SnapshotError: it is not the one that was collected before, or the disk refuses.
        """
        self._header = attrs.evolve(self._header, organization=organization)
        sitting = Sitting.now(self.now())
        if self._earlier is None:
            self._journal = begin_journal(self._folder.journal, self._header, sitting)
            return
        _refuse_another(self._folder, self._earlier.header, self._header)
        self._journal = Journal(self._folder.journal, self._earlier.end, sitting)
        self._say(self._earlier)
        self._earlier.sit_down(sitting)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the journal. An error of the run takes precedence over one of the disk."""
        if self._journal is not None:
            with contextlib.nullcontext() if kind is None else contextlib.suppress(SnapshotError):
                self._journal.close()

    def has_begun(self, read: Read) -> bool:
        """Whether any listing of a read is kept."""
        return name_of(read) in self._begun

    def knows(self, read: Read, parent: Entity | None) -> bool:
        """Whether a listing is kept."""
        return self._earlier is not None and listing_of(read, parent) in self._earlier.finished

    def put_back(self, read: Read, parent: Entity | None, store: RowStore) -> Iterator[None]:
        """Put a listing that is kept on the shelf, a page at each step.

        Raises:
            SnapshotError: a page is damaged in a way that its digest hides.
        """
        if self._earlier is None or self._journal is None:
            return
        for span in self._earlier.finished[listing_of(read, parent)]:
            page = self._journal.read(span)
            rows = self._rows(page, store.shared)
            for cls in rows:
                before = store.count(cls)
                for holder, group in self._by_parent(read, parent, cls, rows):
                    store.keep(read, cls, group, holder)
                self.kept[cls] += store.count(cls) - before
            for gap in page.gaps:
                store.miss(gap)
            store.shared.trim()
            yield

    def folded(
        self, read: Read, parent: Entity | None, shared: SharedValues
    ) -> tuple[bool, list[Entity], list[Gap], Draft]:
        """What is kept of a listing of the System Log, of which finished days are written as they are closed.

        Returns:
            Whether the listing was read to its end; the rows, in the latest version of each; the gaps; and
            what takes the rest of the listing.

        Raises:
            SnapshotError: a page is damaged in a way that its digest hides.
        """
        listing = listing_of(read, parent)
        finished = self._earlier.finished.get(listing) if self._earlier else None
        walk, spans = self._earlier.unfinished(listing) if self._earlier else (None, ())
        latest: dict[Key, Entity] = {}
        gaps: list[Gap] = []
        for span in finished or spans:
            page = self._journal.read(span) if self._journal is not None else None
            if page is not None:
                latest.update((row.key, row) for row in self._rows(page, shared).get(read.cls, ()))
                gaps += page.gaps
        self.kept[read.cls] += len(latest)
        draft = self.begin(read, parent) if walk is None else Draft(self, listing, walk, index=len(spans))
        return finished is not None, list(latest.values()), gaps, draft

    def begin(self, read: Read, parent: Entity | None) -> Draft:
        """A listing is asked for."""
        self._walks += 1
        return Draft(self, listing_of(read, parent), self._walks - 1)

    def write(self, page: Page) -> None:
        """Keep a page."""
        if self._journal is not None:
            self._journal.write(page)

    def _rows(self, page: Page, shared: SharedValues) -> Taken:
        classes = {cls.PLURAL: cls for cls in self._plan.entities}
        try:
            return {
                classes[name]: [structure_saved(classes[name], row, shared) for row in rows]
                for name, rows in page.rows.items()
            }
        except (ValueError, TypeError, KeyError) as error:
            message = f"{self._folder.journal} is damaged: {str(error)[:200]}. Delete it to begin anew"
            raise SnapshotError(message) from None

    def _by_parent(
        self, read: Read, parent: Entity | None, cls: type[Entity], rows: Taken
    ) -> list[tuple[Entity | None, list[Entity]]]:
        """The rows of an entity, by the object that they were listed below of or stood inside of."""
        if cls is read.cls:
            return [(parent, rows[cls])]
        links = [(field.name, field.parent) for field in fields_of(cls) if field.parent is not None]
        holders = {
            tuple([getattr(each, of) for _, of in links]): each
            for source in self._plan.sources(cls)
            if isinstance(source, Embedded)
            for each in rows.get(source.inside, ())
        }
        groups = itertools.groupby(
            rows[cls], key=lambda entity: tuple([getattr(entity, name) for name, _ in links])
        )
        return [(holders.get(link), list(group)) for link, group in groups]

    def _say(self, earlier: Contents) -> None:
        """Tell at the beginning what is kept and how old it is."""
        _log.info(
            "%s: going on with the collection that began %s and stood still since %s; %d listings are kept",
            self._folder.target,
            time_text(earlier.header.started_at),
            time_text(earlier.last_at),
            len(earlier.finished),
        )
        if earlier.spoiled:
            _log.warning(
                "%s: %d lines are damaged; the listings that they belong to are read again",
                self._folder.journal,
                earlier.spoiled,
            )


class Draft:
    """A listing on its way into the ledger.

    A page is written when the next one comes: only then is it known that it is not the last.
    """

    def __init__(self, ledger: Ledger, listing: Listing, walk: int, *, index: int = 0) -> None:
        self._ledger = ledger
        self._listing = listing
        self._walk = walk
        self._index = index
        self._held: tuple[Taken, Sequence[Gap]] | None = None

    def add(self, taken: Taken, gaps: Sequence[Gap]) -> None:
        """Another page: what it gave, and what could not be read of it."""
        if self._held is not None:
            self._write(*self._held, last=False)
        self._held = taken, gaps

    def keep(self, taken: Taken, gaps: Sequence[Gap]) -> None:
        """Write a page at once that is not the last."""
        self._write(taken, gaps, last=False)

    def finish(self) -> None:
        """The listing has come to its end."""
        self._write(*(self._held or ({}, ())), last=True)

    def _write(self, taken: Taken, gaps: Sequence[Gap], *, last: bool) -> None:
        page = Page(
            walk=self._walk,
            listing=self._listing,
            index=self._index,
            last=last,
            at=self._ledger.now(),
            rows=saved_rows(taken),
            # Objects that came twice are found out again when they are put back on a shelf.
            gaps=tuple(gap for gap in gaps if gap.reason is not GapReason.CONFLICT),
        )
        self._index += 1
        self._ledger.write(page)


def _refuse_another(folder: DraftFolder, there: Header, here: Header) -> None:
    """Refuse to go on with a collection that is not this one."""
    if (differs := difference(there, here)) is None:
        return
    raise SnapshotError(
        f"{folder.target} holds a collection that was not finished and is not this one: {differs}. "
        f"Finish it as it was begun, or delete {folder.journal} to begin anew"
    )
