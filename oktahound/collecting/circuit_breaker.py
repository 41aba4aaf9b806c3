"""When to stop asking: a listing below objects that fails for one object after the other."""

from __future__ import annotations

from collections.abc import Callable

from oktahound.collecting.gap_rules import stopped_asking
from oktahound.snapshot import Gap, GapReason

__all__ = ["FAILURES_TO_OPEN", "CircuitBreaker"]

FAILURES_TO_OPEN = 10
"""After so many objects in a row a listing below objects is taken for refused or out of order altogether."""

_REFUSALS = frozenset({GapReason.FORBIDDEN, GapReason.NOT_LICENSED})
_TROUBLE = frozenset({GapReason.SERVER, GapReason.TRANSPORT, GapReason.RATE_LIMITED})


class CircuitBreaker:
    """Watches the outcomes of one listing below objects, in the order in which they come.

    A role or a licence that is missing refuses every object alike; asking on would spend thousands of
    requests to learn nothing. And a server that hangs takes a whole timeout for each. It was asked again
    until the retry budget was spent before it counts here. Then one gap stands for all. Who asks about many
    objects at once asks `over` before each, and still brings the outcomes of those that were on their way.

    Args:
        keep: what keeps a gap.

    Attributes:
        over: whether to stop asking.
    """

    def __init__(self, keep: Callable[[Gap], object]) -> None:
        self.over = False
        self._keep = keep
        self._not_asked = 0
        self._failed: list[Gap] = []

    def add(self, gap: Gap | None) -> None:
        """The outcome of one more object: the gap that it left, or None when it was read."""
        if gap is not None and gap.reason in _REFUSALS | _TROUBLE:
            self._fail(gap)
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
            self._keep(stopped_asking(self._failed[-1], len(self._failed), self._not_asked))
        else:
            self._flush()

    def _fail(self, gap: Gap) -> None:
        if not self.over and self._failed and _cause(self._failed[-1]) != _cause(gap):
            self._flush()
        self._failed.append(gap)
        # A missing scope is missing for every object: there is no use in asking for a second.
        self.over = self.over or bool(gap.missing_scopes) or len(self._failed) >= FAILURES_TO_OPEN

    def _flush(self) -> None:
        for gap in self._failed:
            self._keep(gap)
        self._failed.clear()


def _cause(gap: Gap) -> object:
    # Trouble has many faces: a server that is down resets one connection and answers 503 to the next.
    return gap.reason in _TROUBLE or (gap.reason, gap.status, gap.error_code)
