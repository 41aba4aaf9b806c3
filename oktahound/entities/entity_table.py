"""`EntityTable`: the rows of one entity, as a tuple with lookup, filters and table output."""

from __future__ import annotations

import difflib
import importlib
import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Generic, SupportsIndex, TypeVar, get_args, get_type_hints, overload

import attrs

from oktahound.entities.schema import Entity, fields_of
from oktahound.entities.values import time_text
from oktahound.errors import ConfigurationError
from oktahound.scopes.display import cell, frame, printable, table

__all__ = ["EntityTable"]

E = TypeVar("E", bound=Entity)

_ROWS_SHOWN = 10
_COLUMNS_SHOWN = 8
_CELL_WIDTH = 28
_CANDIDATES_NAMED = 5


class EntityTable(tuple[E, ...], Generic[E]):
    """The rows of one entity: an immutable sequence, equal to a tuple of the same rows.

    Args:
        entity: the class of the rows.
        rows: the rows.

    Attributes:
        entity: the class of the rows, also for an empty table.
    """

    entity: type[E]

    def __new__(cls, entity: type[E], rows: Iterable[E] = ()) -> EntityTable[E]:
        """Create a table. An existing table of the same entity is returned unchanged."""
        if isinstance(rows, EntityTable) and rows.entity is entity:
            return rows
        created = super().__new__(cls, rows)
        created.entity = entity
        return created

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.entity, tuple(self))

    @overload
    def __getitem__(self, index: SupportsIndex) -> E: ...
    @overload
    def __getitem__(self, index: slice) -> EntityTable[E]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> E | EntityTable[E]:
        if isinstance(index, slice):
            return EntityTable(self.entity, super().__getitem__(index))
        return super().__getitem__(index)

    @property
    def by_id(self) -> Mapping[str, E]:
        """The rows by id.

        Raises:
            ConfigurationError: several rows have the same id, such as the memberships of one user in several
                        groups. Use `find_all`.
        """
        found: Mapping[str, E] | None = self.__dict__.get("_by_id")
        if found is None:
            rows = {row.id: row for row in self}
            if len(rows) != len(self):
                raise ConfigurationError(
                    f"several {self.entity.PLURAL} have the same id: use find_all(id=…), or "
                    f"find with {' and '.join(self.entity.OWNER) or 'another field'} too"
                )
            found = self.__dict__["_by_id"] = MappingProxyType(rows)
        return found

    def find(self, **values: Any) -> E | None:
        """Find the row whose fields have these values; None if there is none.

        Text is compared without regard to letter case and Unicode form, as Okta compares logins. If several
        rows match that way and one of them matches exactly, that one is returned. ``name`` and
        ``label`` mean `Entity.display_text` if the entity has no field of that name: the login of a user, the
        label of an application.

        Args:
            **values: values by field name: ``find(login="ann@contoso.com")``.

        Raises:
            ConfigurationError: several rows match; or the entity has no such field. The message lists the
                candidates.
        """
        found = self.find_all(**values)
        if len(found) > 1:
            exact = [
                row for row in found if all(self._value(row, name) == each for name, each in values.items())
            ]
            if len(exact) == 1:
                return exact[0]
            named = "; ".join(repr(row) for row in found[:_CANDIDATES_NAMED])
            more = f"; and {len(found) - _CANDIDATES_NAMED} more" if len(found) > _CANDIDATES_NAMED else ""
            wanted = ", ".join(f"{name}={value!r}" for name, value in values.items())
            raise ConfigurationError(f"{len(found)} {self.entity.PLURAL} match {wanted}: {named}{more}")
        return found[0] if found else None

    def find_all(self, **values: Any) -> EntityTable[E]:
        """Find all rows whose fields have these values, compared as in `find`.

        Raises:
            ConfigurationError: the entity has no such field.
        """
        for name in values:
            self._check_field(name)
        wanted = [(name, _comparable(value)) for name, value in values.items()]
        rows = (
            row for row in self if all(_comparable(self._value(row, name)) == value for name, value in wanted)
        )
        return EntityTable(self.entity, rows)

    def to_dicts(self, *, wire_names: bool = False) -> list[dict[str, Any]]:
        """Convert the rows to JSON-ready dicts; see `Entity.to_dict`."""
        return [row.to_dict(wire_names=wire_names) for row in self]

    def to_dataframe(self) -> Any:
        """Convert the rows to a pandas DataFrame: one row for each entity, one column for each field.

        Times are pandas timestamps in UTC, texts and lists are objects. Fields not read are None or NaT.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        names = self.columns
        return frame(names, ([_cell_value(getattr(row, name)) for name in names] for row in self))

    def to_arrow(self) -> Any:
        """Convert the rows to a pyarrow Table: one row for each entity, one column for each field.

        Times are timestamps in UTC with microseconds. Fields not read are null. Every library that supports
        Arrow can read it (Polars, DuckDB, pandas).

        Raises:
            ConfigurationError: pyarrow is not installed.
        """
        try:
            arrow = importlib.import_module("pyarrow")
        except ImportError as error:
            raise ConfigurationError(
                "an Arrow table needs pyarrow: pip install 'oktahound[arrow]'"
            ) from error
        columns = {}
        for field in fields_of(self.entity):
            values = [_cell_value(getattr(row, field.name)) for row in self]
            columns[field.name] = arrow.array(values, type=_arrow_type(arrow, field.type))
        return arrow.table(columns)

    @property
    def columns(self) -> tuple[str, ...]:
        """The field names of the entity, in the order of the class."""
        return tuple(field.name for field in fields_of(self.entity))

    def _check_field(self, name: str) -> None:
        known = (*self.columns, "name", "label")
        if name not in known:
            close = difflib.get_close_matches(name, known, n=3)
            hint = f"; did you mean {' or '.join(close)}?" if close else f"; it has {', '.join(self.columns)}"
            raise ConfigurationError(f"{self.entity.__name__} has no field {name!r}{hint}")

    @staticmethod
    def _value(row: E, name: str) -> Any:
        return getattr(row, name) if hasattr(row, name) else row.display_text

    def _shown(self) -> tuple[str, ...]:
        """Return the fields that get a column in a short table, the most distinctive first."""
        used = [name for name in self.columns if any(getattr(row, name) is not None for row in self[:200])]
        return tuple(used[:_COLUMNS_SHOWN])

    def __repr__(self) -> str:
        title = f"<{len(self)} {self.entity.PLURAL}"
        if not self:
            return f"{title}>"
        names = self._shown()
        lines = [list(names), *([_short(getattr(row, name)) for name in names] for row in self[:_ROWS_SHOWN])]
        widths = [max(len(line[place]) for line in lines) for place in range(len(names))]
        rows = ("  " + "  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
        more = [f"  … and {len(self) - _ROWS_SHOWN} more"] if len(self) > _ROWS_SHOWN else []
        return "\n".join([title, *rows, *more]) + ">"

    def _repr_html_(self) -> str:
        names = self._shown()
        rows = ([cell(_short(getattr(row, name), 60)) for name in names] for row in self)
        return table(f"{len(self)} {self.entity.PLURAL.replace('_', ' ')}", names, rows)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002 - IPython's signature
        # Otherwise IPython prints a subclass of tuple row by row.
        printer.text(repr(self))


def _comparable(value: Any) -> Any:
    return unicodedata.normalize("NFKC", value).casefold() if isinstance(value, str) else value


def _cell_value(value: Any) -> Any:
    """Convert a value for a column: tuples to lists, attrs objects to dicts, str subclasses to str."""
    if isinstance(value, tuple):
        return [_cell_value(each) for each in value]
    if attrs.has(type(value)):
        return {each.name: _cell_value(getattr(value, each.name)) for each in attrs.fields(type(value))}
    return str(value) if isinstance(value, str) else value


def _arrow_type(arrow: Any, type_: Any) -> Any:
    text = str(type_)
    item = next(iter(get_args(type_)), None)
    if isinstance(item, type) and attrs.has(item):
        hints = get_type_hints(item)
        return arrow.list_(
            arrow.struct([(each.name, _arrow_type(arrow, hints[each.name])) for each in attrs.fields(item)])
        )
    if text.startswith("tuple"):
        return arrow.list_(arrow.string())
    if "datetime" in text:
        return arrow.timestamp("us", tz="UTC")
    if "bool" in text:
        return arrow.bool_()
    return arrow.int64() if "int" in text else arrow.string()


def _short(value: Any, width: int = _CELL_WIDTH) -> str:
    """Format a value for a cell of a short table, on one line and cut to the width."""
    if value is None:
        return ""
    if hasattr(value, "tzinfo"):
        return time_text(value)[:16].replace("T", " ")
    if isinstance(value, tuple) and not all(isinstance(each, str) for each in value):
        return f"{len(value)} items"
    text = printable(" ".join(value) if isinstance(value, tuple) else str(value))
    return text if len(text) <= width else f"{text[: width - 1]}…"
