"""Laws of unread fields: a field of a wrong type leaves a gap and adds no edge, for each field and entity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import attrs
import pytest

from oktahound.entities import ENTITIES, Entity, fields_of
from oktahound.graph.decisive_fields import DECISIVE_FIELDS
from properties.graphs import active, edges_of
from properties.losses import unread_field, without_field
from properties.test_laws_of_collections import EDGES, WHOLE, assert_nothing_is_added

AT_ONCE = 24


def readable_fields(cls: type[Entity]) -> list[Any]:
    """Return the fields that may be unread, and that some row of the org has."""
    return [
        field
        for field in fields_of(cls)
        if not field.required and field.paths and any(getattr(row, field.name) for row in WHOLE.rows(cls))
    ]


def losses(*, each_alone: bool = True) -> Iterator[Any]:
    """Yield fields that are unread together, each with its entity.

    An unread decisive field hides its row, and with it what another unread field would do. So each of them is
    unread alone, and the others in groups. With `each_alone`, ``nox -s deep`` tries each of them alone too.
    """
    others = []
    for cls in ENTITIES:
        for field in readable_fields(cls):
            if field.name in DECISIVE_FIELDS.get(cls, ()):
                yield pytest.param([(cls, field)], id=name_of(cls, field))
                continue
            others.append((cls, field))
            if each_alone:
                yield pytest.param([(cls, field)], id=f"only-{name_of(cls, field)}", marks=pytest.mark.deep)
    for start in range(0, len(others), AT_ONCE):
        group = others[start : start + AT_ONCE]
        yield pytest.param(group, id=f"{name_of(*group[0])} to {name_of(*group[-1])}")


def name_of(cls: type[Entity], field: Any) -> str:
    return f"{cls.__name__}-{field.name}"


def assert_unread_fields_add_nothing(fields: Iterable[tuple[type[Entity], Any]], *, first_row: bool) -> None:
    """Check the law for all rows that have such a field, or for the first of them."""
    changed = {cls: {row.key: row for row in WHOLE.rows(cls)} for cls, _ in fields}
    gaps = []
    for cls, field in fields:
        rows = changed[cls]
        chosen = [row for row in WHOLE.rows(cls) if getattr(row, field.name) is not None]
        for row in chosen[:1] if first_row else chosen:
            rows[row.key] = without_field(rows[row.key], field)
            gaps.append(unread_field(row, field, None))
    lossy = attrs.evolve(
        WHOLE, gaps=tuple(gaps), **{cls.PLURAL: tuple(rows.values()) for cls, rows in changed.items()}
    )
    graph = assert_nothing_is_added(lossy)
    found = edges_of(graph)
    for key in active(graph):
        assert found[key].keys() >= EDGES[key].keys() & {"assumption", "conditional", "usable"}


@pytest.mark.parametrize("fields", list(losses()))
def test_a_field_that_could_not_be_read_adds_nothing(fields: list[Any]) -> None:
    assert_unread_fields_add_nothing(fields, first_row=False)


@pytest.mark.deep
@pytest.mark.parametrize("fields", list(losses(each_alone=False)))
def test_a_field_of_one_row_that_could_not_be_read_adds_nothing(fields: list[Any]) -> None:
    assert_unread_fields_add_nothing(fields, first_row=True)
