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
"""Option to read the System Log. Its value is the length of the period to read."""


@attrs.frozen(kw_only=True, repr=False)
class LogWindow(Entity):
    """The part of the System Log that was read, and its oldest event.

    Okta keeps events for 90 days and omits older ones without an error. An org may also be younger, or its
    log shorter. Therefore only the time since `oldest_event_at` counts as covered.
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
                # A run that is resumed days later must read the window again.
                always=True,
            ),
        ),
    )

    id: str
    """A fixed name: there is one window in a snapshot."""
    since: datetime | None = None
    """The time at which the part of the log that was read begins."""
    until: datetime | None = None
    """The time at which it ends: some minutes before the collection, because events can be stored late."""
    oldest_event_at: datetime | None = None
    """The time of its oldest event of any kind; None if it contains no event."""
