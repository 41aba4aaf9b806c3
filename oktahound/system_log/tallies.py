"""Counters of bounded size whose content does not depend on the order of counting."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Generic, TypeVar

__all__ = ["Tallies"]

K = TypeVar("K", bound=Hashable)


class Tallies(Generic[K]):
    """Counts for at most `limit` keys, each with its latest time. Other keys are counted together.

    The keys that sort first are kept, so the result does not depend on the order of events: a key that is
    kept at the end was kept since its first event.

    Args:
        limit: maximum number of kept keys.

    Attributes:
        counts: count and latest time of each kept key.
        left_out: number of events of other keys.
    """

    __slots__ = ("_largest", "counts", "left_out", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.counts: dict[K, list[Any]] = {}
        self.left_out = 0
        self._largest: Any = None

    def add(self, key: K, at: str, count: int = 1) -> None:
        """Count events of a key, the latest of which happened at this time."""
        entry = self.counts.get(key)
        if entry is None:
            self._admit(key, at, count)
            return
        entry[0] += count
        entry[1] = max(entry[1], at)

    def _admit(self, key: K, at: str, count: int) -> None:
        if len(self.counts) < self.limit:
            self.counts[key] = [count, at]
            self._largest = None
            return
        if self._largest is None:
            self._largest = max(self.counts, key=_order)
        if _order(key) > _order(self._largest):
            self.left_out += count
            return
        self.left_out += self.counts.pop(self._largest)[0]
        self.counts[key] = [count, at]
        self._largest = None

    def items(self) -> list[tuple[K, int, str]]:
        """Return key, count and latest time of the kept keys, in the order of the keys."""
        return [(key, *self.counts[key]) for key in sorted(self.counts, key=_order)]


def _order(key: Any) -> tuple[tuple[bool, str], ...]:
    """Sort key for keys that contain None, which comes first."""
    parts = key if isinstance(key, tuple) else (key,)
    return tuple((part is not None, str(part)) for part in parts)
