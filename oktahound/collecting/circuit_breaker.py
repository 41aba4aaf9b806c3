"""Circuit breaker for per-object listings: after ten failures in a row, stop and record one gap."""

from __future__ import annotations

from collections.abc import Callable

from oktahound.collecting.gap_rules import gap_of_open_circuit
from oktahound.snapshot import Gap, GapReason

__all__ = ["FAILURES_TO_OPEN", "CircuitBreaker"]

FAILURES_TO_OPEN = 10
"""Failures in a row after which no further object of a per-object listing is requested."""

_REFUSALS = frozenset({GapReason.FORBIDDEN, GapReason.NOT_LICENSED})
_TRANSIENT = frozenset({GapReason.SERVER, GapReason.TRANSPORT, GapReason.RATE_LIMITED})


class CircuitBreaker:
    """Counts the failures of one per-object listing, in the order in which the responses arrive.

    If a role or a license is missing, Okta refuses every object alike, and further requests would return
    nothing new. If a server hangs, every request takes a whole timeout. A failure counts only after the
    client has spent its retry budget. One gap then covers all objects. Concurrent tasks check `is_open`
    before each request, and still add the outcomes of requests that were in flight.

    Args:
        add_gap: records a gap.

    Attributes:
        is_open: whether to stop sending requests.
    """

    def __init__(self, add_gap: Callable[[Gap], object]) -> None:
        self.is_open = False
        self._add_gap = add_gap
        self._skipped = 0
        self._failed: list[Gap] = []

    def add(self, gap: Gap | None) -> None:
        """Add the outcome of one object: its gap, or None if it was read."""
        if gap is not None and gap.reason in _REFUSALS | _TRANSIENT:
            self._fail(gap)
            return
        if not self.is_open:
            self._flush()
        if gap is not None:
            self._add_gap(gap)

    def skip(self) -> None:
        """Count an object that was not requested because the circuit is open."""
        self._skipped += 1

    def close(self) -> None:
        """Record the gaps after the last object."""
        if self.is_open:
            self._add_gap(gap_of_open_circuit(self._failed[-1], len(self._failed), self._skipped))
        else:
            self._flush()

    def _fail(self, gap: Gap) -> None:
        if not self.is_open and self._failed and _cause(self._failed[-1]) != _cause(gap):
            self._flush()
        self._failed.append(gap)
        # A missing scope is missing for every object, so one failure is enough.
        self.is_open = self.is_open or bool(gap.missing_scopes) or len(self._failed) >= FAILURES_TO_OPEN

    def _flush(self) -> None:
        for gap in self._failed:
            self._add_gap(gap)
        self._failed.clear()


def _cause(gap: Gap) -> object:
    # All transient errors count as one cause: a failing server may reset a connection or answer 503.
    return gap.reason in _TRANSIENT or (gap.reason, gap.status, gap.error_code)
