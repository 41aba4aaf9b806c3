"""How far a collection has come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import attrs

__all__ = ["Progress", "ProgressCallback"]


@attrs.frozen(kw_only=True)
class Progress:
    """The state of one entity's reading, told after every page and every parent object, and at its end.

    Attributes:
        entity: name of the entity class.
        rows: rows read so far.
        gaps: gaps met so far.
        finished: nothing more of this entity will come.
        kept: how many of the rows were not read now, but kept from an earlier sitting that was interrupted.
        kept_from: when that collection began, UTC: no kept row is older. None when it was not interrupted.
    """

    entity: str
    rows: int
    gaps: int
    finished: bool
    kept: int = 0
    kept_from: datetime | None = None


ProgressCallback = Callable[[Progress], object]
"""Called with each `Progress`, on the client's own loop: it should return soon.

An exception of any class ends the run: `collect` raises it, keeps the journal and publishes nothing. Python
itself turns one of them into another: a ``StopIteration`` leaves a coroutine as a ``RuntimeError``.
"""
