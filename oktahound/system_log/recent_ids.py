"""A bounded set of the most recent event ids, to detect repeated events."""

from __future__ import annotations

__all__ = ["RecentIds"]


class RecentIds:
    """Stores at least the last `size` ids, and at most twice as many.

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
