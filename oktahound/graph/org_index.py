"""`OrgIndex`: a snapshot with indexes for rules, each built on first use."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from functools import cached_property
from typing import Any, TypeVar, cast

from oktahound.entities import ENTITIES, Embedded, Endpoint, Entity, Key
from oktahound.graph.decisive_fields import unread
from oktahound.snapshot import Gap, GapReason, Snapshot

__all__ = ["OrgIndex"]

E = TypeVar("E", bound=Entity)
T = TypeVar("T")

_EVERYWHERE = ""
"""The parent id for rows that may be missing below any parent. No object has an empty id."""


class OrgIndex:
    """Read-only lookups in a snapshot. No result depends on the order of its rows.

    It is the argument of every rule, and the `oktahound.entities.Context` of derived properties.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.domain = snapshot.domain
        self.organization_id = snapshot.organization.id
        self._doubtful: dict[type[Entity], frozenset[str]] = {}
        self._lost: dict[type[Entity], Sequence[Gap]] = {}
        self.drop_indexes()

    def drop_indexes(self) -> None:
        """Release the indexes of rows, which are built again when they are needed. Those of gaps stay."""
        self._computed: dict[Callable[[Any], Any], Any] = {}
        self._owned: dict[type[Entity], dict[Key, list[Entity]]] = {}
        self._by_id: dict[type[Entity], dict[str, Entity]] = {}
        self._losses: dict[tuple[type[Entity], type[Entity] | None], frozenset[str]] = {}
        self._incomplete_parents: dict[tuple[type[Entity], type[Entity] | None], frozenset[type[Entity]]] = {}
        self._keys: dict[type[Entity], frozenset[Key]] = {}
        self._selected_parents: dict[type[Entity], Container[Key] | None] = {}
        self._rows: dict[type[Entity], Sequence[Entity]] = {}
        self.__dict__.pop("_names", None)

    def rows(self, cls: type[E]) -> Sequence[E]:
        """Return the rows of an entity that rules may use: those that are not `doubtful`."""
        if cls not in self._rows:
            rows, doubtful = self.snapshot.rows(cls), self.doubtful(cls)
            self._rows[cls] = [row for row in rows if row.id not in doubtful] if doubtful else rows
        return cast("Sequence[E]", self._rows[cls])

    def doubtful(self, cls: type[Entity]) -> frozenset[str]:
        """Return the ids of rows with an unread decisive field (`oktahound.graph.decisive_fields`)."""
        if cls not in self._doubtful:
            self._doubtful[cls] = frozenset(
                gap.record for gap in self._gaps_of(cls) if gap.record and unread(cls, gap)
            )
        return self._doubtful[cls]

    def lost(self, cls: type[Entity]) -> Sequence[Gap]:
        """Return the gaps that hide rows of an entity from rules."""
        if cls not in self._lost:
            self._lost[cls] = tuple(gap for gap in self._gaps_of(cls) if gap.loses_rows or unread(cls, gap))
        return self._lost[cls]

    def _gaps_of(self, cls: type[Entity]) -> Sequence[Gap]:
        return self._gaps_by_entity.get(cls.__name__, ())

    @cached_property
    def _gaps_by_entity(self) -> dict[str, list[Gap]]:
        found: dict[str, list[Gap]] = {}
        for gap in self.snapshot.gaps:
            found.setdefault(gap.entity, []).append(gap)
        return found

    def by_id(self, cls: type[E]) -> dict[str, E]:
        """Return the rows of an entity by id."""
        if cls not in self._by_id:
            self._by_id[cls] = {row.id: row for row in self.rows(cls)}
        return cast("dict[str, E]", self._by_id[cls])

    def of(self, cls: type[E], owner: Key) -> Sequence[E]:
        """Return the rows of an entity whose `owner` is this key, in the order of their keys."""
        if cls not in self._owned:
            owned: dict[Key, list[Entity]] = {}
            for row in self.rows(cls):
                owned.setdefault(row.owner, []).append(row)
            for rows in owned.values():
                rows.sort(key=lambda row: row.key)
            self._owned[cls] = owned
        return cast("Sequence[E]", self._owned[cls].get(owner, ()))

    def known(
        self, cls: type[Entity], owner: Key | None = None, *, under: type[Entity] | None = None
    ) -> bool:
        """Whether an entity was read completely; see `oktahound.entities.Context.known`."""
        if (cls, under) not in self._losses:
            self._losses[cls, under], self._incomplete_parents[cls, under] = self._find_losses(cls, under)
        if cls not in self._selected_parents:
            self._selected_parents[cls] = self._find_selected_parents(cls)
        losses, selected_parents = self._losses[cls, under], self._selected_parents[cls]
        incomplete_parents = self._incomplete_parents[cls, under]
        if owner is None:
            return not losses and not incomplete_parents and selected_parents is None
        if selected_parents is not None and owner not in selected_parents:
            return False
        # If the owner was read, gaps of other owners do not matter.
        if not all(owner in self._keys_of(parent) for parent in incomplete_parents):
            return False
        # Ids of parents can repeat below different owners. Confusing them only gives "not known" too often.
        return not losses or losses.isdisjoint((_EVERYWHERE, *owner))

    def _keys_of(self, cls: type[Entity]) -> frozenset[Key]:
        if cls not in self._keys:
            self._keys[cls] = frozenset(row.key for row in self.snapshot.rows(cls))
        return self._keys[cls]

    def _find_selected_parents(self, cls: type[Entity]) -> Container[Key] | None:
        """Return the parents that an option selected, computed as in the collection; None for all."""
        endpoints = [source for source in self.snapshot.sources(cls) if isinstance(source, Endpoint)]
        # Without an option, `among` only skips objects that have no rows.
        picks = [
            source.among for source in endpoints if source.among is not None and source.option is not None
        ]
        return picks[0](self) if picks and len(picks) == len(endpoints) else None

    def _find_losses(
        self, cls: type[Entity], under: type[Entity] | None
    ) -> tuple[frozenset[str], frozenset[type[Entity]]]:
        """Find missing rows of an entity: ids of parents, and parent entities that are incomplete."""
        if cls.__name__ not in self.snapshot.asked:
            return frozenset({_EVERYWHERE}), frozenset()
        below_others = {
            f"GET {source.path}"
            for source in cls.SOURCES
            if under is not None and isinstance(source, Endpoint) and source.under is not under
        }
        parents: set[str] = set()
        through_unread: set[type[Entity]] = set()
        for gap in self.lost(cls):
            if gap.request not in below_others:
                through = _unread_parent(cls, gap)
                if through is None:
                    parents.add(gap.parent or _EVERYWHERE)
                else:
                    through_unread.add(through)
        return frozenset(parents), frozenset(through_unread)

    def once(self, compute: Callable[[Any], T]) -> T:
        """Return the result of `compute` for this index. It is computed on first use, and cached."""
        if compute not in self._computed:
            self._computed[compute] = compute(self)
        return cast("T", self._computed[compute])

    def label(self, node_id: str) -> str:
        """Return the name of the object with this id, or the id if no name was read."""
        return self._names.get(node_id, node_id)

    @cached_property
    def _names(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for cls in ENTITIES:
            if cls.KIND is not None:
                field = next((name for name in ("name", "label", "login") if hasattr(cls, name)), None)
                if field is not None:
                    names.update(
                        (row.id, name) for row in self.snapshot.rows(cls) if (name := getattr(row, field))
                    )
        return names


def _unread_parent(cls: type[Entity], gap: Gap) -> type[Entity] | None:
    """Return the entity whose unread objects are the only ones that a gap concerns; None for other gaps."""
    if gap.reason is not GapReason.PARENT:
        return None
    for source in cls.SOURCES:
        if isinstance(source, Embedded):
            if gap.request == f"{source.path} of {source.inside.__name__}":
                return source.inside
        elif gap.request == f"GET {source.path}" and not source.after:
            return source.under
    return None
