"""Collections of bounded size: the most recent event ids, and counters."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Generic, TypeVar

__all__ = ["RecentIds", "Tallies"]

K = TypeVar("K", bound=Hashable)


class RecentIds:
    """The most recent event ids, to detect repeated events: at least the last `size`, at most twice as many.

    Overlapping pages, a resumed read and a busy log can repeat an event. Events are ordered by time, so a
    repetition follows soon. Storing all ids would need unbounded memory. With this bound, an event counts
    once unless `size` other events are between its two occurrences.

    Args:
        size: minimum number of stored ids.

    Attributes:
        newer: the ids of the current generation. When it has `size` ids, it becomes `older`.
        older: the ids of the previous generation.
    """

    __slots__ = ("newer", "older", "size")

    def __init__(self, size: int = 10_000) -> None:
        self.size = size
        self.newer: set[str] = set()
        self.older: set[str] = set()

    def add(self, id_: str) -> bool:
        """Add an id. Returns whether it is new."""
        if id_ in self.newer or id_ in self.older:
            return False
        self.newer.add(id_)
        if len(self.newer) >= self.size:
            self.older, self.newer = self.newer, set()
        return True

    def __len__(self) -> int:
        return len(self.newer) + len(self.older)


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
