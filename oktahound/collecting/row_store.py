"""In-memory store of the rows collected so far. Structures rows as pages arrive and drops duplicates."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias, TypeVar, cast

import attrs

from oktahound.collecting.gap_rules import request_of, requests_below
from oktahound.collecting.plan import Plan, Read
from oktahound.entities import Embedded, Entity, Fault, Key, SharedValues, embedded_rows, structure
from oktahound.gc_control import without_gc
from oktahound.snapshot import Gap, GapReason

__all__ = ["EntitiesByClass", "RowStore"]

E = TypeVar("E", bound=Entity)
EntitiesByClass: TypeAlias = dict[type[Entity], list[Entity]]
"""The entities of one page, by class: those that it lists, and those that are embedded in them."""

_NEVER = datetime.min.replace(tzinfo=UTC)


@attrs.frozen
class _Page:
    """Rows of one entity from one response, or embedded in one row of another entity.

    Attributes:
        read: the listing to which they belong.
        cls: the entity.
        parent: the object below which they were listed.
        rows: the rows as parsed JSON.
        place: maps the index of a row to its place, such as ``users[17]``. A function, because only rows with
            faults need it.
    """

    read: Read
    cls: type[Entity]
    parent: Entity | None
    rows: Sequence[Any]
    place: Callable[[int], str]

    def place_inside(self, index: int, source: Embedded, inner: int) -> str:
        """Return the place of a row that is embedded in a row of this page."""
        return f"{self.place(index)}.{source.path}[{inner}]"


class RowStore:
    """Structures rows of Okta's JSON, and stores the entities and the gaps.

    It implements `oktahound.entities.Known`, with which endpoints choose their parents.

    Attributes:
        gaps: the gaps so far.
        shared: values that equal fields of different rows share.
    """

    def __init__(self, plan: Plan) -> None:
        self.gaps: list[Gap] = []
        self.shared = SharedValues()
        self._tables = {cls: _Table() for cls in plan.entities}
        self._embedded = {cls: plan.embedded_in(cls) for cls in plan.entities}
        self._gaps_of: Counter[str] = Counter()
        self._lost_requests: defaultdict[str, set[str]] = defaultdict(set)
        self._contradicted: set[tuple[type[Entity], Key]] = set()

    def rows(self, cls: type[E]) -> tuple[E, ...]:
        """Return the rows of an entity so far, in an order independent of the order of the responses."""
        return cast("tuple[E, ...]", self._tables[cls].sorted())

    def count(self, cls: type[Entity]) -> int:
        """Return the number of rows of an entity so far."""
        return self._tables[cls].count

    def total(self) -> int:
        """Return the number of rows of all entities so far."""
        return sum(table.count for table in self._tables.values())

    def end_listing(self, cls: type[Entity], parent: Entity | None) -> None:
        """Store the rows of a finished listing in less memory. Further rows can still be added."""
        self._tables[cls].close(() if parent is None else parent.key)

    def take(self) -> dict[str, tuple[Entity, ...]]:
        """Return all rows by the `PLURAL` of their entity, and empty the store.

        The store may outlive the collection in a reference cycle, and its indexes are as large as the rows.
        """
        rows = {cls.PLURAL: self.rows(cls) for cls in self._tables}
        self._tables.clear()
        self.shared = SharedValues()
        return rows

    def add_gap(self, gap: Gap) -> None:
        """Record a gap."""
        self.gaps.append(gap)
        self._gaps_of[gap.entity] += 1
        # Members of Okta Administrators are admins. Okta also lists them elsewhere, so that no row is lost.
        if gap.loses_rows and gap.reason is not GapReason.NOT_LISTED:
            self._lost_requests[gap.entity].add(gap.request)

    def count_gaps(self, cls: type[Entity]) -> int:
        """Return the number of gaps of an entity so far."""
        return self._gaps_of[cls.__name__]

    def is_incomplete(self, cls: type[Entity], regardless_of: tuple[type[Entity], ...] = ()) -> bool:
        """Whether rows of an entity are known to be missing.

        Args:
            cls: the entity.
            regardless_of: parents whose listings are ignored, for an entity that is listed below several.
        """
        return bool(self._lost_requests[cls.__name__] - requests_below(cls, regardless_of))

    def add_page(self, read: Read, rows: list[Any], first: int, parent: Entity | None) -> EntitiesByClass:
        """Structure and store a page of rows, and the rows that are embedded in them.

        Args:
            read: the listing to which the page belongs.
            rows: the rows as parsed JSON. The list is empty afterwards.
            first: the index of the first row in the listing.
            parent: the object that the listing is below.

        Returns:
            The entities of the page, including those that were stored before.
        """
        by_class: EntitiesByClass = {}
        with without_gc():
            plural = read.cls.PLURAL
            self._add_page(
                _Page(read, read.cls, parent, rows, lambda index: f"{plural}[{first + index}]"), by_class
            )
            # Freed before the garbage collector runs again: otherwise they trigger a pass over all rows.
            rows.clear()
        self.shared.trim()
        return by_class

    def add_entities(
        self, read: Read, cls: type[Entity], entities: Iterable[Entity], parent: Entity | None
    ) -> None:
        """Store entities, each object once. Of two different states the later one is kept."""
        table = self._tables[cls]
        owner, rows = None, {}
        for entity in entities:
            *first, last = entity.key
            if first != owner:
                owner, rows = first, table.open(tuple(first))
            known = rows.setdefault(last, entity)
            if known is entity:
                table.count += 1
            elif known != entity:
                rows[last] = max(known, entity, key=_age_key)
                self._note_conflict(read, known, parent)

    def _add_page(self, page: _Page, by_class: EntitiesByClass) -> None:
        cls, parent, embedded = page.cls, page.parent, self._embedded[page.cls]
        entities = by_class.setdefault(cls, [])
        first = len(entities)
        for index, row in enumerate(page.rows):
            entity, faults = structure(cls, row, parent, self.shared)
            if faults:
                self._add_faults(page, index, faults, entity)
            if entity is None:
                continue
            entities.append(entity)
            for inner, source in embedded:
                found, lost = embedded_rows(source, row)
                if lost:
                    self._add_faults(_Page(page.read, inner, entity, found, page.place), index, lost, None)
                if found:
                    place = partial(page.place_inside, index, source)
                    self._add_page(_Page(page.read, inner, entity, found, place), by_class)
        self.add_entities(page.read, cls, entities[first:], parent)

    def _add_faults(self, page: _Page, index: int, faults: Sequence[Fault], kept: Entity | None) -> None:
        """Record gaps for the faults of a row, which is lost or kept without some fields."""
        for fault in faults:
            self.add_gap(
                Gap(
                    entity=page.cls.__name__,
                    reason=GapReason.RECORD if fault.fatal else GapReason.FIELD,
                    request=request_of(page.read),
                    parent=page.parent.id if page.parent else None,
                    where=f"{page.place(index)}.{fault.path}".removesuffix("."),
                    record=None if kept is None else kept.id,
                    detail=fault.problem,
                )
            )

    def _note_conflict(self, read: Read, one: Entity, parent: Entity | None) -> None:
        """Record that a listing returned an object twice in different states: it changed meanwhile."""
        cls, key = type(one), one.key
        # One gap for each object: the number and order of duplicates must not make two snapshots differ.
        if (cls, key) not in self._contradicted:
            self._contradicted.add((cls, key))
            self.add_gap(
                Gap(
                    entity=cls.__name__,
                    reason=GapReason.CONFLICT,
                    request=request_of(read),
                    parent=parent.id if parent else None,
                    detail=f"{one.id} was returned twice with different content; the later state was kept",
                )
            )


class _Table:
    """The rows of one entity, by the first parts of their keys and the last one.

    Rows below one object arrive together. While they arrive they are in a dict; then in a sorted tuple, which
    takes an eighth of the memory. A dict by whole keys takes more than a membership itself.

    Attributes:
        count: the number of rows.
    """

    def __init__(self) -> None:
        self.count = 0
        self._open: dict[Key, dict[str, Entity]] = {}
        self._closed: dict[Key, tuple[Entity, ...]] = {}
        self._sorted: tuple[Entity, ...] | None = None

    def open(self, owner: Key) -> dict[str, Entity]:
        """Return the rows below an object by the last part of their keys, to add some."""
        self._sorted = None
        if owner not in self._open:
            self._open[owner] = {row.key[-1]: row for row in self._closed.pop(owner, ())}
        return self._open[owner]

    def close(self, owner: Key) -> None:
        """Sort the rows below an object, to which none are being added at the moment."""
        if (rows := self._open.pop(owner, None)) is not None:
            self._closed[owner] = _by_key(rows)

    def sorted(self) -> tuple[Entity, ...]:
        """Return all rows, sorted by key."""
        # Cached, because an endpoint may call this once for each of its parents.
        if self._sorted is None:
            owners = sorted({*self._open, *self._closed})
            parts = (self._closed.get(owner) or _by_key(self._open[owner]) for owner in owners)
            self._sorted = tuple(itertools.chain.from_iterable(parts))
        return self._sorted


def _by_key(rows: dict[str, Entity]) -> tuple[Entity, ...]:
    return tuple([rows[key] for key in sorted(rows)])


def _age_key(entity: Entity) -> tuple[datetime, str]:
    # Without a time, any order works that does not depend on the order of the responses.
    changed = getattr(entity, "last_updated", None)
    return changed if isinstance(changed, datetime) else _NEVER, repr(attrs.astuple(entity, recurse=False))
