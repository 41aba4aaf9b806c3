"""Collect an org: read the endpoints that the entities declare, through a client, into a snapshot."""

from __future__ import annotations

from oktahound.collecting.plan import Plan, Read, make_plan
from oktahound.collecting.progress import Progress, ProgressCallback
from oktahound.collecting.run import collect, collect_async

__all__ = ["Plan", "Progress", "ProgressCallback", "Read", "collect", "collect_async", "make_plan"]


def __dir__() -> list[str]:
    return sorted(__all__)
