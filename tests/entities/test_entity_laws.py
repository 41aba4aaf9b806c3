"""Laws that hold for every entity and any JSON."""

from __future__ import annotations

import orjson
import pytest
from example_counts import examples
from hypothesis import given
from hypothesis import strategies as st

from oktahound.entities import (
    ENTITIES,
    Embedded,
    Entity,
    embedded_rows,
    fields_of,
    saved_form,
    structure,
    structure_saved,
)

PARENT = Entity(id="parent")

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(["2026-01-15T12:25:42.000Z", "P30D", "PT5M", "00u1", "https://[", "a b", "ACTIVE"])
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


class FullParent:
    """A parent that has every attribute that any entity reads from its parent."""

    def __getattr__(self, name: str) -> str:
        return f"parent's {name}"


@st.composite
def rows(draw, cls: type[Entity]) -> dict[str, object]:
    """Generate a row with values at the paths of an entity: mostly valid ones, sometimes any value."""
    row: dict[str, object] = {}
    for field in fields_of(cls):
        for path in field.paths[: draw(st.integers(0, len(field.paths)))]:
            place = row
            for key in path[:-1]:
                inner = place.setdefault(key, {})
                if not isinstance(inner, dict):
                    break
                place = inner
            else:
                place[path[-1]] = draw(json_values)
    if draw(st.booleans()):
        row["id"] = draw(st.text(min_size=1, max_size=5))
    if draw(st.integers(0, 9)) == 0 and row:
        row[draw(st.sampled_from(sorted(row)))] = draw(json_values)
    return row


@pytest.mark.parametrize("cls", ENTITIES, ids=lambda cls: cls.__name__)
@examples(2)
@given(data=st.data())
def test_any_row_gives_an_entity_or_a_fatal_fault_and_never_an_error(cls, data):
    row = data.draw(rows(cls) | json_values)
    before = orjson.dumps(row)
    entity, faults = structure(cls, row, FullParent())
    assert (entity is None) == any(fault.fatal for fault in faults)
    assert orjson.dumps(row) == before, "structuring changed the row"
    for source in cls.SOURCES:
        if isinstance(source, Embedded):
            inner, losses = embedded_rows(source, row)
            assert not (inner and losses)
    if entity is not None:
        assert entity.id in entity.key
        assert entity.key[: len(cls.OWNER)] == entity.owner
        assert structure_saved(cls, orjson.loads(orjson.dumps(saved_form(entity)))) == entity


@pytest.mark.parametrize("cls", ENTITIES, ids=lambda cls: cls.__name__)
@examples(2)
@given(data=st.data())
def test_the_order_of_keys_and_unknown_fields_do_not_matter(cls, data):
    row = data.draw(rows(cls))
    shuffled = dict(data.draw(st.permutations(list(row.items()))), somethingNew={"clientSecret": "x"})
    assert structure(cls, row, FullParent()) == structure(cls, shuffled, FullParent())
