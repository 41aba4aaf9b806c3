"""Usage of machine clients according to the System Log, and right-sized grants."""

from __future__ import annotations

from oktahound.analysis.usage.answers import usage
from oktahound.analysis.usage.model import LIMITS, ClientUsage, ScopeUsage, UsageReport, UsageState
from oktahound.analysis.usage.right_sizing import RightSize, RightSizes, right_size
from oktahound.analysis.usage.write_events import WRITE_EVENTS, resources_written

__all__ = [
    "LIMITS",
    "WRITE_EVENTS",
    "ClientUsage",
    "RightSize",
    "RightSizes",
    "ScopeUsage",
    "UsageReport",
    "UsageState",
    "resources_written",
    "right_size",
    "usage",
]
