"""The part of the System Log that a collection read."""

from __future__ import annotations

from datetime import datetime

import attrs

from oktahound.entities.schema import Entity
from oktahound.entities.sources import Endpoint, LogListing, Option
from oktahound.system_log import CoverageFold

__all__ = ["LOGS", "USAGE", "LogWindow"]

LOGS = "/api/v1/logs"
"""The path of the System Log."""

USAGE = Option("usage", any_text=True)
"""The choice to read the System Log, and how far back."""


@attrs.frozen(kw_only=True, repr=False)
class LogWindow(Entity):
    """The part of the System Log that was read, and the oldest event that it holds.

    Okta keeps events for 90 days and leaves older ones out without a word; an org may be younger, or its log
    shorter. Therefore only the time from `oldest_event_at` on counts as covered.
    """

    PLURAL = "log_windows"
    SOURCES = (
        Endpoint(
            LOGS,
            scope="okta.logs.read",
            params={"limit": 1, "sortOrder": "ASCENDING"},
            option=USAGE,
            log=LogListing(
                filter=lambda parent: "",
                fold=lambda parent, known, bounds: CoverageFold(bounds),
                # A run that goes on days later must not trust what the log held days before.
                always=True,
            ),
        ),
    )

    id: str
    """A fixed name: there is one window in a snapshot."""
    since: datetime | None = None
    """Where the part of the log that was read begins."""
    until: datetime | None = None
    """Where it ends: some minutes before the collection began, because events can be stored late."""
    oldest_event_at: datetime | None = None
    """When the oldest event of any kind in it happened; None if it holds none."""
