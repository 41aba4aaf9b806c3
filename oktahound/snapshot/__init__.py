"""Snapshots of an organization: the rows and gaps of one collection, and their saved form."""

from __future__ import annotations

from oktahound.snapshot.gaps import Gap, GapReason
from oktahound.snapshot.interruptions import Interruption
from oktahound.snapshot.snapshot import Snapshot

__all__ = ["Gap", "GapReason", "Interruption", "Snapshot"]


def __dir__() -> list[str]:
    return sorted(__all__)
