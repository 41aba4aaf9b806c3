"""A snapshot with the indexes that rules look things up in, each built once and only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar, cast

from oktahound.entities import ENTITIES, Entity, Key
from oktahound.snapshot import Gap, Snapshot

__all__ = ["OrgView"]

E = TypeVar("E", bound=Entity)
T = TypeVar("T")


class OrgView:
    """Read-only questions to a snapshot. No answer depends on the order of its rows.

    It is the `oktahound.entities.Context` of derived properties, and what every rule is handed.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.domain = snapshot.domain
        self.organization_id = snapshot.organization.id
        self._made: dict[Callable[[Any], Any], Any] = {}
        self._owned: dict[type[Entity], dict[Key, list[Entity]]] = {}
        self._by_id: dict[type[Entity], dict[str, Entity]] = {}
        self._losses: dict[type[Entity], tuple[Gap, ...]] = {}

    def rows(self, cls: type[E]) -> Sequence[E]:
        """All rows of an entity."""
        return self.snapshot.rows(cls)

    def by_id(self, cls: type[E]) -> dict[str, E]:
        """The rows of an entity by id."""
        if cls not in self._by_id:
            self._by_id[cls] = {row.id: row for row in self.rows(cls)}
        return cast("dict[str, E]", self._by_id[cls])

    def of(self, cls: type[E], owner: Key) -> Sequence[E]:
        """The rows of an entity whose `owner` is this key, in the order of their keys."""
        if cls not in self._owned:
            owned: dict[Key, list[Entity]] = {}
            for row in sorted(self.rows(cls), key=lambda row: row.key):
                owned.setdefault(row.owner, []).append(row)
            self._owned[cls] = owned
        return cast("Sequence[E]", self._owned[cls].get(owner, ()))

    def known(self, cls: type[Entity], owner: Key | None = None) -> bool:
        """Whether an entity was read whole: below this owner, or everywhere when there is None."""
        if cls.__name__ not in self.snapshot.asked:
            return False
        if cls not in self._losses:
            self._losses[cls] = tuple(gap for gap in self.snapshot.gaps_of(cls) if gap.loses_rows)
        losses = self._losses[cls]
        if owner is None:
            return not losses
        # Ids of parents can repeat across their own owners; taking one for another only errs to "not known".
        return not any(gap.parent is None or gap.parent in owner for gap in losses)

    def once(self, make: Callable[[Any], T]) -> T:
        """What `make` makes of this view: made when it is first asked for, and kept."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast("T", self._made[make])

    def label(self, node_id: str) -> str:
        """The name that Okta gives the object with this id; the id itself when it has none or was not read."""
        return self._names.get(node_id, node_id)

    @cached_property
    def _names(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for cls in ENTITIES:
            if cls.KIND is not None:
                field = next((name for name in ("name", "label", "login") if hasattr(cls, name)), None)
                if field is not None:
                    names.update((row.id, name) for row in self.rows(cls) if (name := getattr(row, field)))
        return names
