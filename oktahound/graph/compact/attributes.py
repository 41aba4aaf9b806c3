"""Read-only attributes of nodes and edges of compact graphs."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping
from typing import Any, NoReturn

from oktahound.entities import Entity
from oktahound.errors import ConfigurationError
from oktahound.graph.nodes import property_readers
from oktahound.graph.org_index import OrgIndex

__all__ = ["FixedAttributes", "RowAttributes", "attributes_of_row"]


def _refuse_change(*_: object, **__: object) -> NoReturn:
    """Refuse the change."""
    raise ConfigurationError("a compact graph cannot be changed: change a copy of it, graph.copy()")


# The signatures of the replaced methods do not matter.
_refuse: Any = _refuse_change


class FixedAttributes(dict[str, Any]):
    """A dict that cannot be changed, because many edges can share it."""

    __slots__ = ()

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[type[FixedAttributes], tuple[dict[str, Any]]]:
        return FixedAttributes, (dict(self),)


class RowAttributes(Mapping[str, Any]):
    """The attributes of the node of a row, read from the row when they are needed.

    They are the same as in a graph of `oktahound.build_graph`.
    """

    __slots__ = ("_org", "_row")

    def __init__(self, row: Entity, org: OrgIndex) -> None:
        self._row, self._org = row, org

    def __getitem__(self, name: str) -> Any:
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def get(self, name: str, default: Any = None) -> Any:
        """Return one attribute, without reading the others."""
        read = property_readers(type(self._row)).get(name)
        value = None if read is None else read(self._row, self._org)
        return default if value is None else value

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.copy())

    def __len__(self) -> int:
        return len(self.copy())

    def items(self) -> ItemsView[str, Any]:
        """Return names with values."""
        return self.copy().items()

    def copy(self) -> dict[str, Any]:
        """Return all attributes as a new dict."""
        return attributes_of_row(self._row, self._org)

    def __repr__(self) -> str:
        return repr(self.copy())


def attributes_of_row(row: Entity, org: OrgIndex) -> dict[str, Any]:
    """Return the attributes of a row's node."""
    readers = property_readers(type(row)).items()
    return {name: value for name, read in readers if (value := read(row, org)) is not None}
