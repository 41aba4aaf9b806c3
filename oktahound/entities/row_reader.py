"""Generate a function for each entity class that creates an entity from a row of Okta's JSON.

A collection structures millions of rows of some thirty fields. A loop over the fields takes several times
as long, and cattrs' generated functions do not read nested paths. The generated function uses cattrs' hooks
for every value that is not plain text or a time. It accepts only rows without faults. For others it raises,
and `oktahound.entities.structuring` reads the row again, field by field.

Instances are created without a call of the constructor, which for a frozen attrs class calls
`object.__setattr__` for every field. Plain assignment is faster.

``docs/explanation/speed.md`` has the measured gain of both.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

import attrs
import cattrs

from oktahound.entities.schema import Entity, Field
from oktahound.entities.shared_values import SharedValues

__all__ = ["Reader", "blank_of", "make_reader"]


def blank_of(cls: type) -> type | None:
    """Create a class whose instances are filled by plain assignment and then turned into instances of `cls`.

    Use it as follows::

        entity = blank()
        entity.id = "00u1"
        ...
        entity.__class__ = cls

    After the last line the object equals that of ``cls(...)`` and is frozen. Every field must have been
    assigned.

    Returns:
        The class, which has the slots of `cls` but not its methods. None if the constructor of `cls` does
        more than assign: it has converters, validators or ``__attrs_post_init__``.
    """
    if not attrs.has(cls) or "__slots__" not in cls.__dict__ or hasattr(cls, "__attrs_post_init__"):
        return None
    if any(each.converter is not None or each.validator is not None for each in attrs.fields(cls)):
        return None
    body: dict[str, Any] = {
        "__slots__": cls.__dict__["__slots__"],
        "__init__": object.__init__,
        # Both are set, because otherwise Python looks up the other one at every assignment.
        "__setattr__": object.__setattr__,
        "__delattr__": object.__delattr__,
    }
    return type(f"_Blank{cls.__name__}", cls.__bases__, body)


E = TypeVar("E", bound=Entity)
Row: TypeAlias = dict[str, Any]
Reader: TypeAlias = Callable[[Row, Any, SharedValues], E]
"""Takes a row, the object that it was listed below, and the shared values."""


def _refuse() -> Any:
    raise TypeError("the row has a fault")


def make_reader(
    cls: type[E], fields: Sequence[Field], converter: cattrs.Converter, of_parent: Callable[[Any, str], Any]
) -> Reader[E]:
    """Generate the function that creates an entity from a row.

    Args:
        cls: the entity class.
        fields: its fields, with where in the row their values are.
        converter: has the hooks for single values.
        of_parent: returns the value of an attribute of the parent object.
    """
    source = _Source()
    for field in fields:
        source.read(field, converter)
    blank = blank_of(cls)
    shared = ["    text = shared.text", "    times = shared.times"]
    constructor = _constructor_lines(fields, with_blank=blank is not None)
    lines = ["def reader(row, parent, shared):", *shared, *source.lines, *constructor]
    scope: dict[str, Any] = {
        "cls": cls,
        "blank": blank,
        "of_parent": of_parent,
        "refuse": _refuse,
        "nothing": MappingProxyType({}),
        "parse": datetime.fromisoformat,
        "UTC": UTC,
        **source.scope,
    }
    exec("\n".join(lines), scope)  # noqa: S102 - the text is made of this package's own declarations
    reader: Reader[E] = scope["reader"]
    return reader


def _constructor_lines(fields: Sequence[Field], *, with_blank: bool) -> list[str]:
    """Generate the lines that create the entity from the values."""
    if not with_blank:
        return [f"    return cls({', '.join(f'{field.name}={field.name}_' for field in fields)})"]
    assigned = [f"    entity.{field.name} = {field.name}_" for field in fields]
    return ["    entity = blank()", *assigned, "    entity.__class__ = cls", "    return entity"]


class _Source:
    """The lines of a generated function and the names that they use."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.scope: dict[str, Any] = {}
        self._nests: dict[tuple[str, ...], str] = {(): "row"}

    def read(self, field: Field, converter: cattrs.Converter) -> None:
        """Add the lines that read one field into the variable ``<name>_``."""
        value = f"{field.name}_"
        if field.parent is not None:
            self._add(f"{value} = of_parent(parent, {field.parent!r})")
        else:
            for index, path in enumerate(field.paths):
                look_up = f"{value} = {self._nest(path[:-1])}.get({path[-1]!r})"
                self._add(f"if {value} is None: {look_up}" if index else look_up)
        self._check(field, value, converter)
        if field.default is not None:
            self.scope[f"default_{field.name}"] = field.default
            self._add(f"if {value} is None: {value} = default_{field.name}")

    def _nest(self, path: tuple[str, ...]) -> str:
        """Return the variable of the object at a path. A missing object counts as empty."""
        if path not in self._nests:
            outer, name = self._nest(path[:-1]), f"nest{len(self._nests)}"
            self._nests[path] = name
            self._add(f"{name} = {outer}.get({path[-1]!r})")
            self._add(f"if {name} is None: {name} = nothing")
            self._add(f"elif {name}.__class__ is not dict: refuse()")
        return self._nests[path]

    def _check(self, field: Field, value: str, converter: cattrs.Converter) -> None:
        if field.read is not None:
            self.scope[f"read_{field.name}"] = field.read
            self._add(f"if {value} is not None:")
            self._add(f"    {value} = read_{field.name}({value})")
            self._add(f"    if {value}.__class__ is str: {value} = text({value}, {value})")
            if field.required:
                # Missing, or a text without a value.
                self._add(f"if {value} is None: refuse()")
        elif field.type is str:
            self._add(f"if {value}.__class__ is not str or not {value}: refuse()")
            self._add(f"{value} = text({value}, {value})")
        elif field.type == str | None:
            self._add(f"if {value}.__class__ is str: {value} = text({value}, {value})")
            self._add(f"elif {value} is not None: refuse()")
        elif field.type == datetime | None:
            self._add(f"if {value} is not None:")
            self._add(f"    time = times.get({value})")
            self._add("    if time is None:")
            self._add(f"        time = times[{value}] = parse({value})")
            self._add("        if time.tzinfo is not UTC:")
            self._add(f"            del times[{value}]")
            self._add("            refuse()")
            self._add(f"    {value} = time")
        else:
            # Resolved at call time, because a hook may be registered after its class is defined.
            self.scope[f"read_{field.name}"] = functools.partial(_structured, converter, field.type)
            condition = "" if field.required else f"if {value} is not None: "
            self._add(f"{condition}{value} = read_{field.name}({value})")

    def _add(self, line: str) -> None:
        self.lines.append(f"    {line}")


def _structured(converter: cattrs.Converter, type_: Any, value: Any) -> Any:
    return converter.structure(value, type_)
