"""From Okta's JSON to entities, and from entities to the lines of a snapshot and back.

Structuring is strict about types and lenient about presence: only what a class requires (its id) must
be there. A field of a wrong type is left unread and reported as a `Fault`; the record is kept. Nothing
is coerced: the hooks of `oktahound.entities.values` replace cattrs' own readiness to turn ``42`` into
``"42"``. What a class does not declare is dropped, and this is where secrets that Okta sends in clear
text stop: no class declares a field for them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn, override

from oktahound.entities.declare import Entity, Field, fields_of
from oktahound.entities.values import configure_converter, type_name

__all__ = ["Fault", "make_converter", "saved_form", "structure", "structure_saved"]

E = TypeVar("E", bound=Entity)
Row = dict[str, Any]

# Nested values are spread out under joined keys. A dot would collide with Okta's custom attributes,
# whose names may hold one; a control character cannot stand in an attribute's name.
_JOIN = "\x1f"
_PARENT = _JOIN + "parent"


@attrs.frozen
class Fault:
    """One thing in a record that could not be read.

    Attributes:
        path: where, in Okta's own words (``profile.login``); empty for the record as a whole.
        problem: what was expected and which type came. Never the value: it may be a secret.
        fatal: the record could not be kept.
    """

    path: str
    problem: str
    fatal: bool = False


def make_converter() -> cattrs.Converter:
    """A cattrs converter that reads Okta's values strictly."""
    converter = cattrs.Converter(detailed_validation=False)
    configure_converter(converter)
    return converter


def structure(cls: type[E], row: object, parent_id: str | None = None) -> tuple[E | None, tuple[Fault, ...]]:
    """Read one row of Okta's JSON.

    Args:
        cls: the entity class.
        row: the row as it was parsed from JSON.
        parent_id: id of the object under whose path the row was listed, for classes with a `Parent` field.

    Returns:
        The entity and the faults. The entity is None exactly when one of the faults is fatal.
    """
    if row.__class__ is not dict:
        return None, (Fault("", f"expected an object, got {type_name(row)}", fatal=True),)
    try:
        return _reader(cls)(cast(Row, row), parent_id), ()
    except (ValueError, TypeError, KeyError):
        return _structure_by_field(cls, cast(Row, row), parent_id)


def saved_form(entity: Entity) -> Row:
    """What a snapshot keeps of an entity: the fields that were read, by their Python names."""
    return {
        field.name: value
        for field in fields_of(type(entity))
        if (value := getattr(entity, field.name)) is not None
    }


def structure_saved(cls: type[E], row: object) -> E:
    """Read back what `saved_form` gave, after a trip through JSON.

    Raises:
        ValueError: the row does not have the class's form; the words name the field.
    """
    if row.__class__ is not dict:
        raise ValueError(f"expected an object, got {type_name(row)}")
    saved = cast(Row, row)
    fields = {field.name: field for field in fields_of(cls)}
    if unknown := saved.keys() - fields.keys():
        raise ValueError(f"unknown field {min(unknown)!r}")
    try:
        return _saved_reader(cls)(saved, cls)
    except (ValueError, TypeError, KeyError):
        for name, field in fields.items():
            if (problem := _problem(saved.get(name), field)) is not None:
                raise ValueError(f"{name}: {problem}") from None
        raise


@functools.cache
def _converter() -> cattrs.Converter:
    return make_converter()


@functools.cache
def _saved_reader(cls: type[E]) -> Callable[[Row, type[E]], E]:
    return make_dict_structure_fn(cls, _converter(), _cattrs_detailed_validation=False)


@functools.cache
def _reader(cls: type[E]) -> Callable[[Row, str | None], E]:
    """The fast way for a record without faults: cattrs' generated function over a flattened row."""
    renames = {
        field.name: override(rename=_JOIN.join(field.path) if field.path else _PARENT) for field in fields_of(cls)
    }
    read = make_dict_structure_fn(cls, _converter(), _cattrs_detailed_validation=False, **renames)
    nests = sorted({field.path[:-1] for field in fields_of(cls) if len(field.path) > 1})

    def reader(row: Row, parent_id: str | None) -> E:
        flat = dict(row)
        for nest in nests:
            inner: Any = row
            for key in nest:
                if inner is not None:
                    inner = inner.get(key) if inner.__class__ is dict else _misplaced(inner)
            if inner is not None:
                prefix = _JOIN.join(nest) + _JOIN
                for key, value in inner.items() if inner.__class__ is dict else _misplaced(inner):
                    flat[prefix + key] = value
        if parent_id is not None:
            flat[_PARENT] = parent_id
        return read(flat, cls)

    return reader


def _misplaced(value: object) -> Any:
    raise TypeError(f"expected an object, got {type_name(value)}")


def _structure_by_field(cls: type[E], row: Row, parent_id: str | None) -> tuple[E | None, tuple[Fault, ...]]:
    """The slow way, for a record with faults: each field on its own, so that each fault has its path."""
    read: dict[str, Any] = {}
    faults: dict[str, Fault] = {}
    for field in fields_of(cls):
        path, value, problem = _dig(row, field, parent_id)
        problem = problem or _problem(value, field)
        if problem is None and value is not None:
            read[field.name] = _converter().structure(value, field.type)
        elif problem is not None:
            fatal = field.required or (path in faults and faults[path].fatal)
            faults[path] = Fault(path, problem, fatal)
    whole = not any(fault.fatal for fault in faults.values())
    return cls(**read) if whole else None, tuple(faults.values())


def _problem(value: object, field: Field) -> str | None:
    """What keeps a value from being this field's; None when nothing does."""
    if value is None:
        return "required, and missing" if field.required else None
    try:
        _converter().structure(value, field.type)
    except (ValueError, TypeError) as error:
        return str(error)
    return None


def _dig(row: Row, field: Field, parent_id: str | None) -> tuple[str, Any, str | None]:
    """Walk to a field's value: the path as far as it goes, the value, and what is in the way."""
    if not field.path:
        return "the parent's id", parent_id, None
    value: Any = row
    for depth, key in enumerate(field.path):
        if value is None:
            break
        if value.__class__ is not dict:
            return ".".join(field.path[:depth]), None, f"expected an object, got {type_name(value)}"
        value = value.get(key)
    return ".".join(field.path), value, None
