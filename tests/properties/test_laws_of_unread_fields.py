"""What a field of a wrong type costs, field by field: a record that rules do not see, and no edge added."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from oktahound import attack_view
from oktahound.entities import ENTITIES, Entity, fields_of
from properties.graphs import active, edges_of, graph_of, reach
from properties.losses import unread_field, without_field
from properties.test_laws_of_collections import GRAPH, REACH, WHOLE

FIELDS = [
    (cls, field)
    for cls in ENTITIES
    for field in fields_of(cls)
    if not field.required and field.paths and any(getattr(row, field.name) for row in WHOLE.rows(cls))
]
EDGES = edges_of(GRAPH)


@pytest.mark.parametrize(
    ("cls", "field"), FIELDS, ids=lambda each: getattr(each, "name", None) or each.__name__
)
def test_a_field_that_could_not_be_read_adds_nothing(cls: type[Entity], field: Any) -> None:
    rows = [row for row in WHOLE.rows(cls) if getattr(row, field.name) is not None]
    for chosen in (rows, rows[:1]):
        lossy = {row.key: without_field(row, field) for row in chosen}
        kept = tuple(lossy.get(row.key, row) for row in WHOLE.rows(cls))
        gaps = tuple(unread_field(row, field, None) for row in chosen)
        org = attrs.evolve(WHOLE, gaps=gaps, **{cls.PLURAL: kept})
        graph = graph_of(org)
        found = edges_of(graph)
        assert set(found) <= set(EDGES)
        assert active(graph) <= active(GRAPH)
        assert set(attack_view(graph).edges(keys=True)) <= set(attack_view(GRAPH).edges(keys=True))
        for key in active(graph):
            assert found[key].keys() >= EDGES[key].keys() & {"assumption", "conditional", "usable"}
        reached = reach(graph_of(org, "targets"))
        assert all(each <= REACH[node] for node, each in reached.items() if each)
