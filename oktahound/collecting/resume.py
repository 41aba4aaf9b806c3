"""Resume an interrupted collection: restore its finished listings from the journal.

The unit is a *listing*: one `oktahound.collecting.Read`, for the org or for one parent object. It is finished
when it was read to its end, even if some of its rows caused gaps: reading it again would give the same rows.
A listing that failed (refused, interrupted, timed out, not found) is not finished and is requested again: the
next token may have the permission, and the server may work again. This is cheap even if Okta refuses every
object, because `oktahound.collecting.circuit_breaker` stops the requests.

A resumed run reads all listings in the usual order, and restores those that are finished instead of
requesting them. So it has the same result as a run without interruption. Saved rows of a parent that no
longer exists are left out.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import attrs
import orjson

from oktahound.clock import Clock
from oktahound.collecting.gap_rules import request_of
from oktahound.collecting.plan import Plan, Read
from oktahound.collecting.row_store import EntitiesByClass, RowStore
from oktahound.entities import (
    Embedded,
    Endpoint,
    Entity,
    Key,
    SharedValues,
    fields_of,
    structure_saved,
    time_text,
)
from oktahound.errors import SnapshotError
from oktahound.snapshot import Gap, GapReason, Interruption
from oktahound.snapshot.disk import DraftFolder
from oktahound.snapshot.display import printable
from oktahound.snapshot.journal import Contents, Journal, begin_journal, read_journal
from oktahound.snapshot.journal_lines import Header, Listing, Page, Session, saved_rows

__all__ = ["Checkpoint", "ListingWriter", "listing_key", "mismatch", "plan_digest", "read_name"]


_log = logging.getLogger("oktahound.collecting")


class Checkpoint:
    """The finished listings of a collection into a folder, of this run and earlier ones.

    Args:
        folder: the folder with the journal.
        domain: host of the org's URL.
        plan: the listings to read.
        clock: the source of the current time.

    Attributes:
        kept: the number of rows of each entity that were restored from an earlier run.

    Raises:
        SnapshotError: the folder contains a collection of another org or with other options, or a damaged
            one.
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
            shape=plan_digest(plan),
        )
        if self._earlier is not None:
            _check_same_collection(folder, self._earlier.header, self._header)

    @property
    def started_at(self) -> datetime:
        """The time at which the first run began, UTC."""
        return self._header.started_at

    @property
    def kept_from(self) -> datetime | None:
        """The time at which the resumed collection began, UTC; None if this run does not resume one."""
        return self._earlier.header.started_at if self._earlier else None

    @property
    def interruptions(self) -> tuple[Interruption, ...]:
        """The periods between the runs, up to this one."""
        return tuple(self._earlier.interruptions) if self._earlier else ()

    def now(self) -> datetime:
        """Return the current time, UTC."""
        return datetime.fromtimestamp(self._clock.time(), UTC)

    def open(self, organization: str) -> None:
        """Start writing to the journal, once the id of the org is known.

        Raises:
            SnapshotError: the journal is of another org, or the disk fails.
        """
        self._header = attrs.evolve(self._header, organization=organization)
        session = Session.now(self.now())
        if self._earlier is None:
            self._journal = begin_journal(self._folder.journal, self._header, session)
            return
        _check_same_collection(self._folder, self._earlier.header, self._header)
        self._journal = Journal(self._folder.journal, self._earlier.end, session)
        self._log_resumption(self._earlier)
        self._earlier.start_session(session)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the journal. An error of the run takes precedence over one of the disk."""
        if self._journal is not None:
            with contextlib.nullcontext() if kind is None else contextlib.suppress(SnapshotError):
                self._journal.close()

    def has_any_listing(self, read: Read) -> bool:
        """Whether an earlier run has finished any listing of a read."""
        return read_name(read) in self._begun

    def has_finished(self, read: Read, parent: Entity | None) -> bool:
        """Whether an earlier run has finished a listing."""
        return self._earlier is not None and listing_key(read, parent) in self._earlier.finished

    def restore(self, read: Read, parent: Entity | None, store: RowStore) -> Iterator[None]:
        """Restore a finished listing to the store, one page at each step.

        Raises:
            SnapshotError: a page is damaged although its digest matches.
        """
        if self._earlier is None or self._journal is None:
            return
        for span in self._earlier.finished[listing_key(read, parent)]:
            page = self._journal.read(span)
            rows = self._rows(page, store.shared)
            for cls in rows:
                before = store.count(cls)
                for holder, group in self._by_parent(read, parent, cls, rows):
                    store.add_entities(read, cls, group, holder)
                self.kept[cls] += store.count(cls) - before
            for gap in page.gaps:
                store.add_gap(gap)
            store.shared.trim()
            yield

    def restore_folded(
        self, read: Read, parent: Entity | None, shared: SharedValues
    ) -> tuple[bool, list[Entity], list[Gap], ListingWriter]:
        """Restore a listing of the System Log, which is saved day by day and may be incomplete.

        Returns:
            Whether the listing is finished; its rows in their latest state; its gaps; and the writer for the
            rest of the listing.

        Raises:
            SnapshotError: a page is damaged although its digest matches.
        """
        listing = listing_key(read, parent)
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
        writer = (
            self.begin(read, parent) if walk is None else ListingWriter(self, listing, walk, index=len(spans))
        )
        return finished is not None, list(latest.values()), gaps, writer

    def begin(self, read: Read, parent: Entity | None) -> ListingWriter:
        """Return a writer for a listing that will be requested."""
        self._walks += 1
        return ListingWriter(self, listing_key(read, parent), self._walks - 1)

    def write(self, page: Page) -> None:
        """Write a page to the journal."""
        if self._journal is not None:
            self._journal.write(page)

    def _rows(self, page: Page, shared: SharedValues) -> EntitiesByClass:
        classes = {cls.PLURAL: cls for cls in self._plan.entities}
        try:
            return {
                classes[name]: [structure_saved(classes[name], row, shared) for row in rows]
                for name, rows in page.rows.items()
            }
        except (ValueError, TypeError, KeyError) as error:
            message = f"{self._folder.journal} is damaged: {str(error)[:200]}. Delete it to start over"
            raise SnapshotError(message) from None

    def _by_parent(
        self, read: Read, parent: Entity | None, cls: type[Entity], rows: EntitiesByClass
    ) -> list[tuple[Entity | None, list[Entity]]]:
        """Group the rows of an entity by the object under which they were listed or embedded."""
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

    def _log_resumption(self, earlier: Contents) -> None:
        """Log the number and the age of the restored listings."""
        _log.info(
            "%s: resuming the collection that began %s and stopped %s; %d listings are restored",
            self._folder.target,
            time_text(earlier.header.started_at),
            time_text(earlier.last_at),
            len(earlier.finished),
        )
        if earlier.damaged_lines:
            _log.warning(
                "%s: %d lines are damaged; their listings are read again",
                self._folder.journal,
                earlier.damaged_lines,
            )


class ListingWriter:
    """Writes the pages of one listing to the journal.

    A page is written when the next one arrives, because only then it is known not to be the last.
    """

    def __init__(self, checkpoint: Checkpoint, listing: Listing, walk: int, *, index: int = 0) -> None:
        self._checkpoint = checkpoint
        self._listing = listing
        self._walk = walk
        self._index = index
        self._pending: tuple[EntitiesByClass, Sequence[Gap]] | None = None

    def add(self, entities: EntitiesByClass, gaps: Sequence[Gap]) -> None:
        """Add a page: its entities and its gaps."""
        if self._pending is not None:
            self._write(*self._pending, last=False)
        self._pending = entities, gaps

    def keep(self, entities: EntitiesByClass, gaps: Sequence[Gap]) -> None:
        """Write a page that is not the last at once."""
        self._write(entities, gaps, last=False)

    def finish(self) -> None:
        """Write the last page, which marks the listing as finished."""
        self._write(*(self._pending or ({}, ())), last=True)

    def _write(self, entities: EntitiesByClass, gaps: Sequence[Gap], *, last: bool) -> None:
        page = Page(
            walk=self._walk,
            listing=self._listing,
            index=self._index,
            last=last,
            at=self._checkpoint.now(),
            rows=saved_rows(entities),
            # Duplicate objects are detected again when they are restored.
            gaps=tuple(gap for gap in gaps if gap.reason is not GapReason.CONFLICT),
        )
        self._index += 1
        self._checkpoint.write(page)


def _check_same_collection(folder: DraftFolder, saved: Header, current: Header) -> None:
    """Refuse to resume a collection that is not this one.

    Raises:
        SnapshotError: the journal is of another org, or was started with other options.
    """
    if (difference := mismatch(saved, current)) is None:
        return
    raise SnapshotError(
        f"cannot resume: {folder.target} contains another unfinished collection: {difference}. "
        f"Finish it with the call that started it, use another folder, or delete {folder.journal}"
    )


def read_name(read: Read) -> str:
    """Return the name of a read in the journal. It is unique within a plan."""
    endpoint, name = read.endpoint, f"{read.cls.__name__} {request_of(read)}"
    # Listings of the System Log have the same path. They differ in the entity whose events they return.
    if endpoint.log is not None and endpoint.under is not None:
        name += f" of {endpoint.under.__name__}"
    # The rules of some policies are always listed, and those of others only with an option.
    return name if endpoint.option is None else f"{name} with {endpoint.option.name}"


def plan_digest(plan: Plan) -> str:
    """Compute a digest of the requests and the stored fields of each entity."""
    shape = [
        [cls.__name__, [(field.name, str(field.type), field.paths) for field in fields_of(cls)], sources]
        for cls in plan.entities
        if (sources := [_source_shape(source) for source in plan.sources(cls)])
    ]
    return hashlib.sha256(orjson.dumps(shape)).hexdigest()


def _source_shape(source: Endpoint | Embedded) -> list[Any]:
    if isinstance(source, Embedded):
        return [source.inside.__name__, source.path]
    empty = [[answer.status, answer.code, answer.words] for answer in source.empty_answers]
    return [source.path, dict(source.params), source.rows_key, source.single, empty]


def listing_key(read: Read, parent: Entity | None) -> Listing:
    """Return the key of a listing in the journal: the name of its read and the key of its parent object."""
    return read_name(read), None if parent is None else parent.key


def mismatch(saved: Header, current: Header) -> str | None:
    """Explain why two runs do not belong to the same collection; None if they do.

    A `current` header without an organization id matches any organization.
    """
    if saved.domain != current.domain:
        return f"it is of {saved.domain!r}, but this client is for {current.domain!r}"
    if current.organization and saved.organization != current.organization:
        return f"it is of the organization {saved.organization!r}, but this one is {current.organization!r}"
    if saved.asked != current.asked:
        without = sorted(set(current.asked) - set(saved.asked))
        besides = sorted(set(saved.asked) - set(current.asked))
        differences = [f"does not include {printable(', '.join(without))}"] if without else []
        differences += [f"also includes {printable(', '.join(besides))}"] if besides else []
        return f"it {' and '.join(differences)}"
    for name, value in current.options.items():
        if saved.options.get(name) != value:
            return f"it has {name}={saved.options.get(name)!r}, but this call has {name}={value!r}"
    if saved.shape != current.shape:
        return "it was started by a version of oktahound that reads or stores other fields"
    return None
