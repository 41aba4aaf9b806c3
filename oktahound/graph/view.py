"""A snapshot with the indexes that rules look things up in, each built once and only when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TypeVar

from oktahound.entities import ENTITIES, Entity
from oktahound.snapshot import Snapshot

__all__ = ["OrgView"]

E = TypeVar("E", bound=Entity)


class OrgView:
    """Read-only questions to a snapshot. No answer depends on the order of its rows."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.domain = snapshot.domain
        self.organization_id = snapshot.organization.id

    def rows(self, cls: type[E]) -> Sequence[E]:
        """All rows of an entity."""
        return self.snapshot.rows(cls)

    def label(self, node_id: str) -> str:
        """The name that Okta gives the object with this id; the id itself when it has none or was not read."""
        return self._names.get(node_id, node_id)

    @cached_property
    def _names(self) -> dict[str, str]:
        named = (row for cls in ENTITIES if cls.KIND and hasattr(cls, "name") for row in self.snapshot.rows(cls))
        return {row.id: name for row in named if (name := getattr(row, "name", None))}
