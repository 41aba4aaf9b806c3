"""Find how far back the log goes: the oldest event of a range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oktahound.system_log.event_repair import Problem, repair_event
from oktahound.system_log.ranges import LogRange

__all__ = ["CoverageFold"]


class CoverageFold:
    """Finds the oldest event of a range, of any type. Okta omits expired events without an error.

    Args:
        bounds: the part of the log that is read.

    Attributes:
        newest: always empty.
        complete: whether the oldest event was found. Then no further page is needed.
    """

    def __init__(self, bounds: LogRange) -> None:
        self.newest = ""
        self.complete = False
        self._bounds = bounds
        self._oldest: str | None = None

    def add(self, events: Sequence[Any]) -> list[Problem]:
        """Add a page of events, the oldest first.

        Returns:
            The problems of unreadable events, with the index of each event.
        """
        problems: list[Problem] = []
        for index, raw in enumerate(events):
            event, found = repair_event(raw)
            problems += (Problem(index, *problem) for problem in found if problem[2])
            if event is not None:
                self._oldest = min(event["published"], self._oldest or "~")
                self.complete = True
        return problems

    def rows(self, since_day: str = "", before_day: str = "~") -> list[dict[str, Any]]:  # noqa: ARG002
        """Return the single row."""
        since, until = self._bounds.texts
        return [{"id": "System Log", "since": since, "until": until, "oldestEventAt": self._oldest}]
