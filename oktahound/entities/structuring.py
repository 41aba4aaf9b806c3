"""From Okta's JSON to entities, and from entities to the lines of a snapshot and back.

Structuring is strict about types and lenient about presence: only what a class requires (its id) must
be there. A field of a wrong type is left unread and reported as a `Fault`; the record is kept. Nothing
is coerced: the hooks of `oktahound.entities.values` replace cattrs' own readiness to turn ``42`` into
``"42"``. What a class does not declare is dropped, and this is where secrets that Okta sends in clear
text stop: no class declares a field for them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn

from oktahound.entities.row_reader import Reader, make_reader
from oktahound.entities.schema import Entity, Field, fields_of, per_class
from oktahound.entities.sources import Embedded
from oktahound.entities.values import configure_converter, type_name

__all__ = ["Fault", "embedded_rows", "make_converter", "saved_form", "structure", "structure_saved"]

E = TypeVar("E", bound=Entity)
Row = dict[str, Any]


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


def structure(
    cls: type[E], row: object, parent: Entity | str | None = None
) -> tuple[E | None, tuple[Fault, ...]]:
    """Read one row of Okta's JSON.

    Args:
        cls: the entity class.
        row: the row as it was parsed from JSON.
        parent: the object under which the row was listed, for classes with a `Parent` field. Its id is
            enough for those that take nothing else from it.

    Returns:
        The entity and the faults. The entity is None exactly when one of the faults is fatal.
    """
    if row.__class__ is not dict:
        return None, (Fault("", f"expected an object, got {type_name(row)}", fatal=True),)
    try:
        return _reader(cls)(cast(Row, row), parent), ()
    except (ValueError, TypeError, KeyError):
        return _structure_by_field(cls, cast(Row, row), parent)


def embedded_rows(source: Embedded, row: object) -> tuple[Sequence[Any], tuple[Fault, ...]]:
    """The rows that stand inside a row of another entity.

    Returns:
        The rows, not yet structured, and the faults. A fault is fatal: rows may be lost.
    """
    path = tuple(source.path.split("."))
    where, found, problem = _walk(row, path)
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


@per_class
def _saved_reader(cls: type[E]) -> Callable[[Row, type[E]], E]:
    return make_dict_structure_fn(cls, _converter(), _cattrs_detailed_validation=False)


@per_class
def _reader(cls: type[E]) -> Reader[E]:
    return make_reader(cls, _converter(), _of_parent)


def _of_parent(parent: Entity | str | None, of: str) -> Any:
    if isinstance(parent, str):
        return parent if of == "id" else None
    return getattr(parent, of, None)


def _structure_by_field(
    cls: type[E], row: Row, parent: Entity | str | None
) -> tuple[E | None, tuple[Fault, ...]]:
    """The slow way, for a record with faults: each field on its own, so that each fault has its path."""
    read: dict[str, Any] = {}
    faults: dict[str, Fault] = {}
    for field in fields_of(cls):
        path, value, problem = _dig(row, field, parent)
        if problem is None:
            value, problem = _settle(value, field)
        if problem is not None:
            fatal = field.required or (path in faults and faults[path].fatal)
            faults[path] = Fault(path, problem, fatal)
        elif value is not None:
            read[field.name] = value
    whole = not any(fault.fatal for fault in faults.values())
    return cls(**read) if whole else None, tuple(faults.values())


def _settle(value: object, field: Field) -> tuple[Any, str | None]:
    """A field's value from what stands at its path, or what keeps it from being that."""
    if value is not None and field.read is not None:
        try:
            return field.read(value), None
        except (ValueError, TypeError) as error:
            return None, str(error)
    if (problem := _problem(value, field)) is not None or value is None:
        return None, problem
    return _converter().structure(value, field.type), None


def _problem(value: object, field: Field) -> str | None:
    """What keeps a value from being of this field's type; None when nothing does."""
    if value is None:
        return "required, and missing" if field.required else None
    try:
        _converter().structure(value, field.type)
    except (ValueError, TypeError) as error:
        return str(error)
    return None


def _dig(row: Row, field: Field, parent: Entity | str | None) -> tuple[str, Any, str | None]:
    """Find a field's value: the path as far as it goes, the value, and what is in the way."""
    if field.parent is not None:
        return f"the parent's {field.parent}", _of_parent(parent, field.parent), None
    walks = [_walk(row, path) for path in field.paths]
    found = next((walk for walk in walks if walk[1] is not None), None)
    return found or next((walk for walk in walks if walk[2] is not None), walks[0])


def _walk(row: object, path: tuple[str, ...]) -> tuple[str, Any, str | None]:
    value: Any = row
    for depth, key in enumerate(path):
        if value is None:
            break
        if value.__class__ is not dict:
            return ".".join(path[:depth]), None, f"expected an object, got {type_name(value)}"
        value = value.get(key)
    return ".".join(path), value, None
