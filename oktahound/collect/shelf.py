"""The rows of a running collection: structured as they come, each object once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from oktahound.collect.plan import Plan, Read
from oktahound.entities import Embedded, Entity, Fault, structure
from oktahound.snapshot import Gap, GapReason

__all__ = ["Shelf"]

E = TypeVar("E", bound=Entity)


class Shelf:
    """Takes rows of Okta's JSON, keeps entities and gaps."""

    def __init__(self, plan: Plan) -> None:
        self.gaps: list[Gap] = []
        self._plan = plan
        self._rows: dict[type[Entity], dict[tuple[str, ...], Entity]] = {cls: {} for cls in plan.entities}
        self._embedded = {cls: plan.embedded_in(cls) for cls in plan.entities}

    def rows(self, cls: type[E]) -> Sequence[E]:
        """What was read of an entity so far, in an order that does not depend on the order of the answers."""
        kept = self._rows[cls]
        return cast("list[E]", [kept[key] for key in sorted(kept)])

    def count(self, cls: type[Entity]) -> int:
        """How many rows of an entity were kept so far."""
        return len(self._rows[cls])

    def loses(self, cls: type[Entity]) -> bool:
        """Whether rows of an entity are known to be missing."""
        return any(gap.entity == cls.__name__ and gap.loses_rows for gap in self.gaps)

    def take(self, read: Read, rows: Sequence[Any], first: int, parent: str | None) -> None:
        """Take a page of rows; `first` is the index of its first row in the listing."""
        cls, kept, embedded = read.cls, self._rows[read.cls], self._embedded[read.cls]
        for index, row in enumerate(rows, first):
            entity, faults = structure(cls, row, parent)
            if faults:
                self._fault(read, cls, f"{cls.PLURAL}[{index}]", faults, parent)
            if entity is not None:
                known = kept.setdefault(entity.key, entity)
                if known is not entity and known != entity:
                    self._settle(read, known, entity, parent)
                for inner, source in embedded:
                    self._take_embedded(read, inner, source, row, f"{cls.PLURAL}[{index}]", entity.id)

    def _take_embedded(
        self, read: Read, cls: type[Entity], source: Embedded, row: Any, where: str, parent: str
    ) -> None:
        found: Any = row
        for key in source.path.split("."):
            found = found.get(key) if isinstance(found, dict) else None
        if found is None:
            return
        for index, inner in enumerate(found if isinstance(found, list) else [found]):
            entity, faults = structure(cls, inner, parent)
            if faults:
                self._fault(read, cls, f"{where}.{source.path}[{index}]", faults, parent)
            if entity is not None:
                known = self._rows[cls].setdefault(entity.key, entity)
                if known != entity:
                    self._settle(read, known, entity, parent)

    def _fault(
        self, read: Read, cls: type[Entity], where: str, faults: tuple[Fault, ...], parent: str | None
    ) -> None:
        self.gaps.extend(
            Gap(
                entity=cls.__name__,
                reason=GapReason.RECORD if fault.fatal else GapReason.FIELD,
                request=f"GET {read.endpoint.path}",
                parent=parent,
                where=f"{where}.{fault.path}".removesuffix("."),
                detail=fault.problem,
            )
            for fault in faults
        )

    def _settle(self, read: Read, one: Entity, other: Entity, parent: str | None) -> None:
        """A listing that changes while it is read can give an object twice. The later state is kept."""
        # The order of the answers must not decide; where no time does, the text is as good as any.
        kept = max(one, other, key=lambda entity: (str(getattr(entity, "last_updated", None) or ""), repr(entity)))
        self._rows[type(one)][one.key] = kept
        self.gaps.append(
            Gap(
                entity=type(one).__name__,
                reason=GapReason.CONFLICT,
                request=f"GET {read.endpoint.path}",
                parent=parent,
                detail=f"{one.id} came twice with different content; the later state was kept",
            )
        )
