"""Time ranges for reads of the System Log, and durations as text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import attrs

__all__ = ["LOG_DELAY", "OLDEST", "LogRange", "duration_text", "parse_duration"]

LOG_DELAY = timedelta(minutes=10)
"""How long before now a read ends. Okta's bounded reads are ordered by event time, and can miss events that
are stored late."""

OLDEST = timedelta(days=180)
"""The greatest age of ``since`` that Okta accepts. It keeps events for 90 days."""

_DURATION = re.compile(r"P(\d+)D(?:T(\d+)S)?")


@attrs.frozen
class LogRange:
    """The part of the log that is read: from `since` to before `until`, both UTC."""

    since: datetime
    until: datetime

    @classmethod
    def before(cls, moment: datetime, length: timedelta) -> LogRange:
        """Return the range of this length that ends `LOG_DELAY` before a moment."""
        until = moment.astimezone(UTC) - LOG_DELAY
        return cls(until - length, until)

    @property
    def length(self) -> timedelta:
        """The length of the range."""
        return self.until - self.since

    @property
    def texts(self) -> tuple[str, str]:
        """Both bounds as text in Okta's time format."""
        return _text(self.since), _text(self.until)


def _text(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def duration_text(length: timedelta) -> str:
    """Format a duration in ISO 8601: ``P90D``, ``P0DT3600S``. Fractions of a second are dropped."""
    return f"P{length.days}D" + (f"T{length.seconds}S" if length.seconds else "")


def parse_duration(text: str) -> timedelta:
    """Parse the result of `duration_text`.

    Raises:
        ValueError: the text has another format.
    """
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"expected a duration such as P90D, got {text!r}")
    return timedelta(days=int(found[1]), seconds=int(found[2] or 0))
