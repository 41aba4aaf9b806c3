"""Shared fixtures of the tests of entities: a simple context."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from oktahound.entities import Entity, Key


@attrs.define
class PlainContext:
    """A context over a few rows. All entities are known except those in `unknown`."""

    all_rows: tuple[Entity, ...] = ()
    unknown: frozenset[tuple[type[Entity], Key | None]] = frozenset()
    domain: str = "contoso.okta.com"

    def label(self, node_id: str) -> str:
        names = {row.id: getattr(row, "name", None) or getattr(row, "label", None) for row in self.all_rows}
        return names.get(node_id) or node_id

    def rows(self, cls: type[Any]) -> list[Any]:
        return [row for row in self.all_rows if type(row) is cls]

    def of(self, cls: type[Any], owner: Key) -> list[Any]:
        return [row for row in self.rows(cls) if row.owner == owner]

    def known(
        self, cls: type[Entity], owner: Key | None = None, *, under: type[Entity] | None = None
    ) -> bool:
        if owner is None:
            return all(unknown is not cls for unknown, _ in self.unknown)
        return (cls, None) not in self.unknown and (cls, owner) not in self.unknown

    def once(self, make: Callable[[Any], Any]) -> Any:
        return make(self)


@pytest.fixture
def context() -> Callable[..., PlainContext]:
    """`context(row, …, unknown={(Cls, key or None), …})`."""

    def make(*rows: Entity, unknown: set[tuple[type[Entity], Key | None]] = frozenset()) -> PlainContext:
        return PlainContext(rows, frozenset(unknown))

    return make


@pytest.fixture
def property_of() -> Callable[..., Any]:
    """`property_of(row, name, context)`: the value of a graph property, declared or derived."""
    from oktahound.entities import derived_of, fields_of

    def read(row: Entity, name: str, context: PlainContext) -> Any:
        for derived in derived_of(type(row)):
            if derived.name == name:
                return derived.of(row, context)
        (field,) = [field for field in fields_of(type(row)) if field.prop == name]
        return getattr(row, field.name)

    return read
