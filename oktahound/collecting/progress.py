"""How far a collection has come."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import datetime

import attrs

from oktahound.errors import ConfigurationError

__all__ = ["Progress", "ProgressCallback", "check_callback", "refuse_coroutine"]


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

_NOT_AWAITED = "progress= must be a plain function: a coroutine function (async def) would never be awaited"


def check_callback(progress: object) -> None:
    """Check that a callback can be called without ``await``.

    Raises:
        ConfigurationError: it cannot be called, or is a coroutine function.
    """
    if progress is None:
        return
    if not callable(progress):
        raise ConfigurationError(
            f"progress= must be a function of one Progress, not {type(progress).__name__}"
        )
    call = progress if inspect.isroutine(progress) else getattr(progress, "func", progress.__call__)
    if inspect.iscoroutinefunction(progress) or inspect.iscoroutinefunction(call):
        raise ConfigurationError(_NOT_AWAITED)


def refuse_coroutine(result: object) -> None:
    """Check what a callback returned: a coroutine would never be awaited.

    Raises:
        ConfigurationError: it is a coroutine.
    """
    if inspect.iscoroutine(result):
        result.close()
        raise ConfigurationError(_NOT_AWAITED)
