"""What was read of an org at one time, and what was not: a value that can be saved and loaded."""

from __future__ import annotations

from oktahound.snapshot.gaps import Gap, GapReason
from oktahound.snapshot.interruptions import Interruption
from oktahound.snapshot.snapshot import Snapshot

__all__ = ["Gap", "GapReason", "Interruption", "Snapshot"]


def __dir__() -> list[str]:
    return sorted(__all__)
