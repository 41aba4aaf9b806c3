"""Laws of unread fields: a field of a wrong type leaves a gap and adds no edge, for each field and entity."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from oktahound.entities import ENTITIES, Entity, fields_of
from properties.graphs import active, edges_of
from properties.losses import unread_field, without_field
from properties.test_laws_of_collections import EDGES, WHOLE, assert_nothing_is_added

FIELDS = [
    (cls, field)
    for cls in ENTITIES
    for field in fields_of(cls)
    if not field.required and field.paths and any(getattr(row, field.name) for row in WHOLE.rows(cls))
]


@pytest.mark.parametrize(
    ("cls", "field"), FIELDS, ids=lambda each: getattr(each, "name", None) or each.__name__
)
def test_a_field_that_could_not_be_read_adds_nothing(cls: type[Entity], field: Any) -> None:
    rows = [row for row in WHOLE.rows(cls) if getattr(row, field.name) is not None]
    for chosen in [rows] if len(rows) == 1 else [rows, rows[:1]]:
        lossy = {row.key: without_field(row, field) for row in chosen}
        kept = tuple(lossy.get(row.key, row) for row in WHOLE.rows(cls))
        gaps = tuple(unread_field(row, field, None) for row in chosen)
        graph = assert_nothing_is_added(attrs.evolve(WHOLE, gaps=gaps, **{cls.PLURAL: kept}))
        found = edges_of(graph)
        for key in active(graph):
            assert found[key].keys() >= EDGES[key].keys() & {"assumption", "conditional", "usable"}
