"""Hypothesis strategy: the snapshot of the same org if some listings fail.

Rows are lost as in a collection: a listing of the org or of one parent fails at any point, a record is
malformed, or an entity was not requested. The rows below a lost row are lost too. Every loss leaves the same
gap as in a collection.
"""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import strategies as st

from oktahound import Gap, GapReason, Organization, Snapshot
from oktahound.collecting.gap_rules import gap_of_incomplete_parents, request_of
from oktahound.collecting.plan import Read, make_plan
from oktahound.entities import ENTITIES, Embedded, Endpoint, Entity
from oktahound.entities.schema import Field, fields_of

__all__ = ["unread_field", "with_losses", "without_field"]

_BREAKABLE = [cls for cls in ENTITIES if cls is not Organization]
_WAYS = ["listing", "record", "parent", "everything", "field"]


@st.composite
def with_losses(draw: st.DrawFn, whole: Snapshot) -> Snapshot:
    """Generate the snapshot of a collection that lost rows, or that requested fewer entities."""
    ask = draw(st.booleans())
    only = draw(st.lists(st.sampled_from(_BREAKABLE), min_size=1, unique=True)) if ask else None
    plan = make_plan(only, whole.options)
    broken = draw(
        st.dictionaries(st.sampled_from(plan.entities[1:] or [None]), st.sampled_from(_WAYS), max_size=4)
    )
    loss = _Loss(draw, whole)
    for cls in plan.entities:
        loss.take(cls, broken.get(cls))
    return attrs.evolve(
        whole,
        asked=frozenset(cls.__name__ for cls in plan.entities),
        gaps=tuple(loss.gaps),
        **{cls.PLURAL: tuple(loss.kept.get(cls, ())) for cls in ENTITIES},
    )


def without_field(row: Entity, field: Field) -> Entity:
    """Return the row without a field that could not be read."""
    default = attrs.fields_dict(type(row))[field.name].default
    return attrs.evolve(row, **{field.name: default})


def unread_field(row: Entity, field: Field, parent: Entity | None) -> Gap:
    """Return the gap of a field of a wrong type."""
    return Gap(
        entity=type(row).__name__,
        reason=GapReason.FIELD,
        request="GET …",
        parent=parent.id if parent else None,
        where=f"{type(row).PLURAL}[0].{'.'.join(field.paths[0])}",
        record=row.id,
        detail="expected something else",
    )


class _Loss:
    """A collection with failures: its rows and gaps so far. Endpoints choose parents from it."""

    def __init__(self, draw: st.DrawFn, whole: Snapshot) -> None:
        self.kept: dict[type[Entity], list[Any]] = {}
        self.gaps: list[Gap] = []
        self._draw = draw
        self._whole = whole

    def rows(self, cls: type[Entity]) -> list[Any]:
        return self.kept[cls]

    def take(self, cls: type[Entity], way: str | None) -> None:
        """Read an entity, with or without a failure."""
        sources = self._whole.sources(cls)
        # A row with several sources is kept if one of them still gives it.
        led = {
            row.key: row for row in self._whole.rows(cls) if any(self._leads(each, row) for each in sources)
        }
        for source in sources:
            for other in _through(source):
                if any(gap.loses_rows and gap.entity == other.__name__ for gap in self.gaps):
                    self.gaps.append(gap_of_incomplete_parents(cls, source, other))
        if way is not None:
            self._break(cls, way, self._draw(st.sampled_from(sources)), led)
        self.kept[cls] = list(led.values())

    def _break(
        self, cls: type[Entity], way: str, source: Endpoint | Embedded, led: dict[Any, Entity]
    ) -> None:
        rows = [row for row in led.values() if self._leads(source, row)]
        if way == "field":
            self._leave_unread(cls, source, rows, led)
            return
        parent = None
        if way == "parent" and (parents := [each for row in rows if (each := self._parent(source, row))]):
            parent = self._draw(st.sampled_from(parents))
            rows = [row for row in rows if self._parent(source, row) == parent]
        if way == "record":
            if not rows:
                return
            rows = [self._draw(st.sampled_from(rows))]
            parent = self._parent(source, rows[0])
        elif way != "everything" and rows:
            rows = self._draw(st.lists(st.sampled_from(rows), unique_by=lambda row: row.key))
        for row in rows:
            del led[row.key]
        endpoint = source if isinstance(source, Endpoint) else None
        self.gaps.append(
            Gap(
                entity=cls.__name__,
                reason=GapReason.RECORD if way == "record" or endpoint is None else GapReason.FORBIDDEN,
                request=request_of(Read(cls, endpoint)) if endpoint else "GET …",
                parent=parent.id if parent else None,
            )
        )

    def _leave_unread(
        self, cls: type[Entity], source: Endpoint | Embedded, rows: list[Entity], led: dict[Any, Entity]
    ) -> None:
        """Make a field of some rows unread; the rows are kept."""
        optional = [field for field in fields_of(cls) if not field.required and field.paths]
        if not optional or not rows:
            return
        field = self._draw(st.sampled_from(optional))
        for row in self._draw(st.lists(st.sampled_from(rows), unique_by=lambda row: row.key, min_size=1)):
            lossy = without_field(row, field)
            # A change of a key field would make another row.
            del led[row.key]
            led[lossy.key] = lossy
            parent = self._parent(source, row)
            self.gaps.append(unread_field(row, field, parent))

    def _leads(self, source: Endpoint | Embedded, row: Entity) -> bool:
        """Return whether this source gives the row, from the rows that were kept."""
        return not _through(source)[:1] or self._parent(source, row) is not None

    def _parent(self, source: Endpoint | Embedded, row: Entity) -> Entity | None:
        for parent in self.kept[_through(source)[0]] if _through(source)[:1] else ():
            if isinstance(source, Embedded):
                if parent.key == row.owner:
                    return parent
            elif (
                self._asks(source, parent)
                and row.owner in (parent.key, ())
                and (row.owner or source.ids(parent).get("id") == row.id)
            ):
                return parent
        return None

    def _asks(self, source: Endpoint, parent: Any) -> bool:
        chosen = None if source.among is None else source.among(self)
        return (source.when is None or source.when(parent, self)) and (chosen is None or parent.key in chosen)


def _through(source: Endpoint | Embedded) -> tuple[type[Entity], ...]:
    """Return the entities through which rows are found, the parent first."""
    if isinstance(source, Embedded):
        return (source.inside,)
    return ((source.under,) if source.under else ()) + tuple(source.after)
