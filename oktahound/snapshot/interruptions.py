"""Interruptions: the times between the runs of a resumed collection."""

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
    """A period between two runs of a resumed collection, in which nothing was read.

    Everything that the earlier runs read dates from between the snapshot's ``started_at`` and `stopped_at`.

    Attributes:
        stopped_at: the time at which the earlier run last saved something, UTC.
        resumed_at: the time at which the later run began, UTC.
    """

    stopped_at: datetime = attrs.field(converter=_utc)
    resumed_at: datetime = attrs.field(converter=_utc)

    def as_dict(self) -> dict[str, Any]:
        """Convert to a dict with camelCase keys. orjson serializes the times."""
        return {camel(name): moment for name, moment in attrs.asdict(self).items()}
