"""The rows of a running collection: structured as they come, each object once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from oktahound.collecting.plan import Plan, Read
from oktahound.collecting.refusals import request_of
from oktahound.entities import Entity, Fault, Key, embedded_rows, structure
from oktahound.snapshot import Gap, GapReason

__all__ = ["Shelf"]

E = TypeVar("E", bound=Entity)

_NEVER = datetime.min.replace(tzinfo=UTC)


class Shelf:
    """Takes rows of Okta's JSON, keeps entities and gaps.

    It is the `oktahound.entities.Known` that endpoints choose by.
    """

    def __init__(self, plan: Plan) -> None:
        self.gaps: list[Gap] = []
        self._rows: dict[type[Entity], dict[Key, Entity]] = {cls: {} for cls in plan.entities}
        self._sorted: dict[type[Entity], tuple[Entity, ...]] = {}
        self._embedded = {cls: plan.embedded_in(cls) for cls in plan.entities}
        self._gaps_of: Counter[str] = Counter()
        self._losers: set[str] = set()
        self._contradicted: set[tuple[type[Entity], Key]] = set()

    def rows(self, cls: type[E]) -> tuple[E, ...]:
        """What was read of an entity so far, in an order that does not depend on the order of the answers."""
        # Kept, because an endpoint may ask once for each of its parents.
        if cls not in self._sorted:
            kept = self._rows[cls]
            self._sorted[cls] = tuple([kept[key] for key in sorted(kept)])
        return cast("tuple[E, ...]", self._sorted[cls])

    def count(self, cls: type[Entity]) -> int:
        """How many rows of an entity were kept so far."""
        return len(self._rows[cls])

    def miss(self, gap: Gap) -> None:
        """Keep a gap."""
        self.gaps.append(gap)
        self._gaps_of[gap.entity] += 1
        if gap.loses_rows:
            self._losers.add(gap.entity)

    def count_gaps(self, cls: type[Entity]) -> int:
        """How many gaps there are in an entity so far."""
        return self._gaps_of[cls.__name__]

    def loses(self, cls: type[Entity]) -> bool:
        """Whether rows of an entity are known to be missing."""
        return cls.__name__ in self._losers

    def take(self, read: Read, rows: Sequence[Any], first: int, parent: Entity | None) -> None:
        """Take a page of rows; `first` is the index of its first row in the listing."""
        for index, row in enumerate(rows, first):
            self._take_row(read, read.cls, row, f"{read.cls.PLURAL}[{index}]", parent)

    def _take_row(self, read: Read, cls: type[Entity], row: Any, where: str, parent: Entity | None) -> None:
        entity, faults = structure(cls, row, parent)
        if faults:
            self._fault(read, cls, where, faults, parent)
        if entity is None:
            return
        kept, key = self._rows[cls], entity.key
        known = kept.setdefault(key, entity)
        self._sorted.pop(cls, None)
        if known is not entity and known != entity:
            self._settle(read, known, entity, parent)
        for inner, source in self._embedded[cls]:
            found, lost = embedded_rows(source, row)
            if lost:
                self._fault(read, inner, where, lost, entity)
            for index, each in enumerate(found):
                self._take_row(read, inner, each, f"{where}.{source.path}[{index}]", entity)

    def _fault(
        self, read: Read, cls: type[Entity], where: str, faults: Sequence[Fault], parent: Entity | None
    ) -> None:
        for fault in faults:
            self.miss(
                Gap(
                    entity=cls.__name__,
                    reason=GapReason.RECORD if fault.fatal else GapReason.FIELD,
                    request=request_of(read),
                    parent=parent.id if parent else None,
                    where=f"{where}.{fault.path}".removesuffix("."),
                    detail=fault.problem,
                )
            )

    def _settle(self, read: Read, one: Entity, other: Entity, parent: Entity | None) -> None:
        """A listing that changes while it is read can give an object twice. The later state is kept."""
        cls, key = type(one), one.key
        self._rows[cls][key] = max(one, other, key=_lateness)
        # Told once: how often it came, and in which order, must not make two snapshots differ.
        if (cls, key) not in self._contradicted:
            self._contradicted.add((cls, key))
            self.miss(
                Gap(
                    entity=cls.__name__,
                    reason=GapReason.CONFLICT,
                    request=request_of(read),
                    parent=parent.id if parent else None,
                    detail=f"{one.id} came more than once with different content; the later state was kept",
                )
            )


def _lateness(entity: Entity) -> tuple[datetime, str]:
    # Where no time decides, any order will do that is not the order of the answers.
    changed = getattr(entity, "last_updated", None)
    return changed if isinstance(changed, datetime) else _NEVER, repr(entity)
