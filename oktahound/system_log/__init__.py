"""Aggregate events of Okta's System Log to rows, in bounded memory. Pure: no I/O, no clock, no entities.

An aggregation (fold) takes pages of events as parsed JSON, and returns rows in the wire form of an entity:
one row for each client and day. Events are not stored. The rows do not depend on the order of the events or
on page boundaries, and a repeated event counts once (see `RecentIds` for the limit).
"""

from __future__ import annotations

from oktahound.system_log.activity import ActivityFold
from oktahound.system_log.administration import ADMINISTRATIVE_EVENTS, AdministrationFold
from oktahound.system_log.bounded import RecentIds, Tallies
from oktahound.system_log.coverage import CoverageFold
from oktahound.system_log.ranges import LogRange, duration_text, parse_duration

__all__ = [
    "ADMINISTRATIVE_EVENTS",
    "ActivityFold",
    "AdministrationFold",
    "CoverageFold",
    "LogRange",
    "RecentIds",
    "Tallies",
    "duration_text",
    "parse_duration",
]
