"""The fast way from a row of Okta's JSON to an entity: a function written out for each class.

A collection structures millions of rows of some thirty fields. cattrs' generated functions know nothing of
nested paths, and spreading a row out for them costs more than reading it; so the function is generated
here, with cattrs' hooks for every value that is not a plain text or time. It only says yes: for a row with
any fault it raises, and `oktahound.entities.structuring` goes through the row again, field by field.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

import cattrs

from oktahound.entities.fast_init import blank_of
from oktahound.entities.schema import Entity, Field, fields_of

__all__ = ["Reader", "make_reader"]

E = TypeVar("E", bound=Entity)
Row: TypeAlias = dict[str, Any]
Reader: TypeAlias = Callable[[Row, Any], E]


def _refuse() -> Any:
    raise TypeError("not a row that can be read without a word")


def make_reader(cls: type[E], converter: cattrs.Converter, of_parent: Callable[[Any, str], Any]) -> Reader[E]:
    """The function that makes an entity of a row.

    Args:
        cls: the entity class.
        converter: has the hooks for single values.
        of_parent: from the parent object and the name of an attribute to its value.
    """
    source = _Source()
    fields = fields_of(cls)
    for field in fields:
        source.read(field, converter)
    blank = blank_of(cls)
    lines = ["def reader(row, parent):", *source.lines, *_made(fields, plainly=blank is not None)]
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
    made: Reader[E] = scope["reader"]
    return made


def _made(fields: Sequence[Field], *, plainly: bool) -> list[str]:
    """The lines that make the entity of what was read."""
    if not plainly:
        return [f"    return cls({', '.join(f'{field.name}={field.name}_' for field in fields)})"]
    assigned = [f"    made.{field.name} = {field.name}_" for field in fields]
    return ["    made = blank()", *assigned, "    made.__class__ = cls", "    return made"]


class _Source:
    """The lines of a reader, and the names that they use."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.scope: dict[str, Any] = {}
        self._nests: dict[tuple[str, ...], str] = {(): "row"}

    def read(self, field: Field, converter: cattrs.Converter) -> None:
        """Add what reads one field into a variable of its name with an underscore behind it."""
        value = f"{field.name}_"
        if field.parent is not None:
            self._add(f"{value} = of_parent(parent, {field.parent!r})")
        else:
            for index, path in enumerate(field.paths):
                look_up = f"{value} = {self._nest(path[:-1])}.get({path[-1]!r})"
                self._add(f"if {value} is None: {look_up}" if index else look_up)
        self._check(field, value, converter)

    def _nest(self, path: tuple[str, ...]) -> str:
        """The variable that holds the object at a path; an object that is missing counts as an empty one."""
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
            self._add(f"if {value} is not None: {value} = read_{field.name}({value})")
            if field.required:
                self._add("else: refuse()")
        elif field.type is str:
            self._add(f"if {value}.__class__ is not str or not {value}: refuse()")
        elif field.type == str | None:
            self._add(f"if {value}.__class__ is not str and {value} is not None: refuse()")
        elif field.type == datetime | None:
            self._add(f"if {value} is not None:")
            self._add(f"    {value} = parse({value})")
            self._add(f"    if {value}.tzinfo is not UTC: refuse()")
        else:
            # At call time, since a hook may only be known once its class is.
            self.scope[f"read_{field.name}"] = functools.partial(_structured, converter, field.type)
            condition = "" if field.required else f"if {value} is not None: "
            self._add(f"{condition}{value} = read_{field.name}({value})")

    def _add(self, line: str) -> None:
        self.lines.append(f"    {line}")


def _structured(converter: cattrs.Converter, type_: Any, value: Any) -> Any:
    return converter.structure(value, type_)
