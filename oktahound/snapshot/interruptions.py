"""When a collection stood still, as data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import attrs

from oktahound.entities import camel

__all__ = ["Interruption"]


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


@attrs.frozen(kw_only=True)
class Interruption:
    """A time in which a collection was broken off, between one sitting and the next.

    Nothing was read in between. So of what was read before it, the youngest is as old as `stopped_at`, and
    the oldest as old as the snapshot's ``started_at``.

    Attributes:
        stopped_at: when the last thing before it was kept, UTC.
        resumed_at: when the collection was gone on with, UTC.
    """

    stopped_at: datetime = attrs.field(converter=_utc)
    resumed_at: datetime = attrs.field(converter=_utc)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready, but for the times, which orjson writes."""
        return {camel(name): moment for name, moment in attrs.asdict(self).items()}
