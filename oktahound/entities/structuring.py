"""Structure Okta's JSON into entities, and convert entities to lines of a snapshot and back.

Structuring is strict about types and lenient about presence: only the fields that a class requires (its id)
must be present. A field of a wrong type is left out and reported as a `Fault`; the record is kept. No value
is coerced: the hooks of `oktahound.entities.values` replace those of cattrs, which would turn ``42`` into
``"42"``. Fields that no class declares are dropped, and with them the secrets that Okta sends in clear text.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, TypeVar, cast, get_args

import attrs
import cattrs

from oktahound.entities.row_reader import Reader, make_reader
from oktahound.entities.schema import Entity, Field, fields_of, per_class
from oktahound.entities.shared_values import SharedValues
from oktahound.entities.sources import Embedded
from oktahound.entities.values import configure_converter, type_name

__all__ = ["Fault", "embedded_rows", "make_converter", "saved_form", "structure", "structure_saved"]

E = TypeVar("E", bound=Entity)
Row = dict[str, Any]


@attrs.frozen
class Fault:
    """A fault in a record: something that could not be read.

    Attributes:
        path: its place, with Okta's names (``profile.login``); empty for the whole record.
        problem: the expected and the actual type. Never the value, which may be a secret.
        fatal: whether the record was dropped.
    """

    path: str
    problem: str
    fatal: bool = False


def make_converter() -> cattrs.Converter:
    """Create a cattrs converter that reads Okta's values strictly."""
    converter = cattrs.Converter(detailed_validation=False)
    configure_converter(converter)
    return converter


def structure(
    cls: type[E], row: object, parent: Entity | str | None = None, shared: SharedValues | None = None
) -> tuple[E | None, tuple[Fault, ...]]:
    """Structure one row of Okta's JSON.

    Args:
        cls: the entity class.
        row: the row as it was parsed from JSON.
        parent: the object below which the row was listed, for classes with a `Parent` field. Its id is enough
            if they use nothing else of it.
        shared: shared values of earlier rows; None for no sharing.

    Returns:
        The entity and the faults. The entity is None if and only if one of the faults is fatal.
    """
    if row.__class__ is not dict:
        return None, (Fault("", f"expected an object, got {type_name(row)}", fatal=True),)
    try:
        return _reader(cls)(cast(Row, row), parent, shared or SharedValues()), ()
    except (ValueError, TypeError, KeyError):
        return _structure_by_field(cls, cast(Row, row), parent)


def embedded_rows(source: Embedded, row: object) -> tuple[Sequence[Any], tuple[Fault, ...]]:
    """Extract the rows that are embedded in a row of another entity.

    Returns:
        The rows, not yet structured, and the faults. A fault is fatal: rows may be lost.
    """
    path = tuple(source.path.split("."))
    where, found, problem = _follow_path(row, path)
    if found is not None and source.read is not None:
        try:
            found = source.read(found)
        except (ValueError, TypeError) as error:
            problem = str(error)
    if problem is not None:
        return (), (Fault(where, problem, fatal=True),)
    if found is None:
        return (), ()
    return (found if isinstance(found, list) else [found]), ()


def saved_form(entity: Entity) -> Row:
    """Convert an entity to the form of a snapshot: the fields that were read, by their Python names."""
    found = {
        field.name: value
        for field in fields_of(type(entity))
        if (value := getattr(entity, field.name)) is not None
    }
    for name in _nested(type(entity)):
        found[name] = [attrs.asdict(each) for each in found[name]]
    return found


@per_class
def _nested(cls: type[Entity]) -> tuple[str, ...]:
    """Return the fields with tuples of attrs objects, which orjson does not serialize."""
    items = {field.name: (*get_args(field.type), None)[0] for field in fields_of(cls)}
    return tuple(name for name, item in items.items() if isinstance(item, type) and attrs.has(item))


def structure_saved(cls: type[E], row: object, shared: SharedValues | None = None) -> E:
    """Structure a row that `saved_form` returned, after it was serialized and parsed as JSON.

    Args:
        cls: the entity class.
        row: the row as it was parsed from JSON.
        shared: shared values of earlier rows; None for no sharing.

    Raises:
        ValueError: the row does not have the form of the class. The message names the field.
    """
    if row.__class__ is not dict:
        raise ValueError(f"expected an object, got {type_name(row)}")
    saved = cast(Row, row)
    reader, names = _saved_reader(cls)
    if not names.issuperset(saved):
        raise ValueError(f"unknown field {min(saved.keys() - names)!r}")
    try:
        return reader(saved, None, shared or SharedValues())
    except (ValueError, TypeError, KeyError):
        return _structure_saved_by_field(cls, saved)


def _structure_saved_by_field(cls: type[E], saved: Row) -> E:
    """Structure each field separately, so that a fault names its field."""
    read: dict[str, Any] = {}
    for field in fields_of(cls):
        value = saved.get(field.name)
        if (problem := _problem(value, field)) is not None:
            raise ValueError(f"{field.name}: {problem}")
        if value is not None:
            read[field.name] = _converter().structure(value, field.type)
    return cls(**read)


@functools.cache
def _converter() -> cattrs.Converter:
    return make_converter()


@per_class
def _saved_reader(cls: type[E]) -> tuple[Reader[E], frozenset[str]]:
    """Return the reader of saved rows, and the names of their fields."""
    fields = [attrs.evolve(field, paths=((field.name,),), parent=None, read=None) for field in fields_of(cls)]
    reader = make_reader(cls, fields, _converter(), _of_parent)
    return reader, frozenset(field.name for field in fields)


@per_class
def _reader(cls: type[E]) -> Reader[E]:
    return make_reader(cls, fields_of(cls), _converter(), _of_parent)


def _of_parent(parent: Entity | str | None, of: str) -> Any:
    if isinstance(parent, str):
        return parent if of == "id" else None
    return getattr(parent, of, None)


def _structure_by_field(
    cls: type[E], row: Row, parent: Entity | str | None
) -> tuple[E | None, tuple[Fault, ...]]:
    """Structure each field separately, which is slow but gives the path of each fault."""
    read: dict[str, Any] = {}
    faults: dict[str, Fault] = {}
    for field in fields_of(cls):
        path, value, problem = _find_value(row, field, parent)
        if problem is None:
            value, problem = _structure_value(value, field)
        if problem is not None:
            fatal = field.required or (path in faults and faults[path].fatal)
            faults[path] = Fault(path, problem, fatal)
        elif value is not None:
            read[field.name] = value
    whole = not any(fault.fatal for fault in faults.values())
    return cls(**read) if whole else None, tuple(faults.values())


def _structure_value(value: object, field: Field) -> tuple[Any, str | None]:
    """Structure the value at the path of a field. Returns the value, or a description of the problem."""
    if value is not None and field.read is not None:
        try:
            found = field.read(value)
        except (ValueError, TypeError) as error:
            return None, str(error)
        return found, "required, and empty" if found is None and field.required else None
    if (problem := _problem(value, field)) is not None or value is None:
        return None, problem
    return _converter().structure(value, field.type), None


def _problem(value: object, field: Field) -> str | None:
    """Describe why a value does not have this field's type; None if it does."""
    if value is None:
        return "required, and missing" if field.required else None
    try:
        _converter().structure(value, field.type)
    except (ValueError, TypeError) as error:
        return str(error)
    return None


def _find_value(row: Row, field: Field, parent: Entity | str | None) -> tuple[str, Any, str | None]:
    """Find a field's value. Returns the path as far as it exists, the value, and the problem, if any."""
    if field.parent is not None:
        return f"the parent's {field.parent}", _of_parent(parent, field.parent), None
    walks = [_follow_path(row, path) for path in field.paths]
    found = next((walk for walk in walks if walk[1] is not None), None)
    return found or next((walk for walk in walks if walk[2] is not None), walks[0])


def _follow_path(row: object, path: tuple[str, ...]) -> tuple[str, Any, str | None]:
    value: Any = row
    for depth, key in enumerate(path):
        if value is None:
            break
        if value.__class__ is not dict:
            return ".".join(path[:depth]), None, f"expected an object, got {type_name(value)}"
        value = value.get(key)
    return ".".join(path), value, None
