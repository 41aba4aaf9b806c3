"""A bounded memory of the events that were folded last."""

from __future__ import annotations

__all__ = ["RecentIds"]


class RecentIds:
    """Remembers at least the last `size` ids, and at most twice as many.

    Okta promises no event twice, but pages that overlap, a resumed read and a busy log can repeat one. Events
    are ordered by time, so a repetition is near. Remembering every id of a log of any length would need
    memory of any size; with this bound, an event counts once unless `size` others came between its two
    appearances.

    Args:
        size: how many ids are remembered at least.

    Attributes:
        newer: the ids of the present generation. It is filled up to `size` and then becomes `older`.
        older: those of the generation before.
    """

    __slots__ = ("newer", "older", "size")

    def __init__(self, size: int = 10_000) -> None:
        self.size = size
        self.newer: set[str] = set()
        self.older: set[str] = set()

    def add(self, id_: str) -> bool:
        """Remember an id; whether it is new."""
        if id_ in self.newer or id_ in self.older:
            return False
        self.newer.add(id_)
        if len(self.newer) >= self.size:
            self.older, self.newer = self.newer, set()
        return True

    def __len__(self) -> int:
        return len(self.newer) + len(self.older)
