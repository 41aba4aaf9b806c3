"""When to stop asking: a listing below objects that is refused for one object after the other."""

from __future__ import annotations

from collections.abc import Callable

from oktahound.collecting.refusals import stopped_asking
from oktahound.snapshot import Gap, GapReason

__all__ = ["IN_A_ROW", "Streak"]

IN_A_ROW = 10
"""After so many objects in a row a listing below objects is taken for refused altogether."""

_REFUSALS = frozenset({GapReason.FORBIDDEN, GapReason.NOT_LICENSED})


class Streak:
    """Watches the outcomes of one listing below objects, in the order in which they come.

    A role or a licence that is missing refuses every object alike; asking on would spend thousands of
    requests to learn nothing. Then one gap stands for all. Who asks about many objects at once asks `over`
    before each, and still brings the outcomes of those that were on their way.

    Args:
        keep: what keeps a gap.

    Attributes:
        over: whether to stop asking.
    """

    def __init__(self, keep: Callable[[Gap], object]) -> None:
        self.over = False
        self._keep = keep
        self._not_asked = 0
        self._refused: list[Gap] = []

    def add(self, gap: Gap | None) -> None:
        """The outcome of one more object: the gap that it left, or None when it was read."""
        if gap is not None and gap.reason in _REFUSALS:
            self._refuse(gap)
            return
        if not self.over:
            self._flush()
        if gap is not None:
            self._keep(gap)

    def skip(self) -> None:
        """One more object that was not asked about because it is `over`."""
        self._not_asked += 1

    def close(self) -> None:
        """There are no more objects."""
        if self.over:
            self._keep(stopped_asking(self._refused[-1], len(self._refused), self._not_asked))
        else:
            self._flush()

    def _refuse(self, gap: Gap) -> None:
        if not self.over and self._refused and _cause(self._refused[-1]) != _cause(gap):
            self._flush()
        self._refused.append(gap)
        # A missing scope is missing for every object: there is no use in asking for a second.
        self.over = self.over or bool(gap.missing_scopes) or len(self._refused) >= IN_A_ROW

    def _flush(self) -> None:
        for gap in self._refused:
            self._keep(gap)
        self._refused.clear()


def _cause(gap: Gap) -> tuple[GapReason, int | None, str | None]:
    return gap.reason, gap.status, gap.error_code
