"""The fast constructor of entities gives the same result as the class's own constructor."""

from __future__ import annotations

import copy
import pickle

import attrs
import pytest
from each_case import for_each

from oktahound.entities import ENTITIES, Entity, User
from oktahound.entities.row_reader import blank_of

every_entity = for_each(ENTITIES)


def filled(cls: type[Entity]) -> Entity:
    blank = blank_of(cls)
    assert blank is not None
    instance = blank()
    for field in attrs.fields(cls):
        setattr(instance, field.name, f"a {field.name}")
    instance.__class__ = cls
    return instance


@every_entity
def test_fast_init_equals_the_constructor(cls: type[Entity]) -> None:
    instance = filled(cls)
    built = cls(**{field.name: f"a {field.name}" for field in attrs.fields(cls)})
    assert type(instance) is cls
    assert instance == built
    assert hash(instance) == hash(built)
    assert repr(instance) == repr(built)
    assert pickle.loads(pickle.dumps(instance)) == copy.deepcopy(instance) == built


@every_entity
def test_an_instance_of_fast_init_is_frozen(cls: type[Entity]) -> None:
    instance = filled(cls)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        instance.id = "another"  # type: ignore[misc]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        del instance.id


def test_a_class_with_a_custom_constructor_has_no_fast_init() -> None:
    @attrs.frozen(kw_only=True)
    class Shouting(Entity):
        name: str = attrs.field(converter=str.upper)

    @attrs.frozen(kw_only=True)
    class Checked(Entity):
        name: str = attrs.field(validator=attrs.validators.min_len(1))

    @attrs.frozen(kw_only=True)
    class Hooked(Entity):
        def __attrs_post_init__(self) -> None:
            raise ValueError("never")

    @attrs.frozen(kw_only=True, slots=False)
    class Open(Entity):
        name: str = ""

    assert [blank_of(cls) for cls in (Shouting, Checked, Hooked, Open, int)] == [None] * 5
    assert blank_of(User) is not None
