"""How far a collection has come."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import attrs

from oktahound.errors import ConfigurationError

__all__ = ["Progress", "ProgressCallback", "callback_of", "check_callback", "refuse_coroutine"]


@attrs.frozen(kw_only=True)
class Progress:
    """How much of one entity was read: sent after every page and every parent object, and at the end.

    Attributes:
        domain: host of the organization's URL.
        entity: name of the entity class.
        rows: rows read so far.
        gaps: gaps met so far.
        finished: whether nothing more of this entity will come.
        parents_done: for an entity that is listed below other objects (roles below users), how many of these
            objects are done.
        parents: how many there are; None where that is not known yet, or the entity is listed by itself.
        kept: how many of the rows were not read now, but kept from an earlier run that was interrupted.
        covered: how much time of the System Log was read, summed over the listings, for entities that are
            read from it.
        to_cover: how much there is to read, as far as is known. None for other entities, as `covered`.
        kept_from: when that collection began, UTC: no kept row is older. None when it was not interrupted.
    """

    domain: str = ""

    entity: str
    rows: int
    gaps: int
    finished: bool
    parents_done: int = 0
    parents: int | None = None
    kept: int = 0
    kept_from: datetime | None = None
    covered: timedelta | None = None
    to_cover: timedelta | None = None


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
    if progress is None or isinstance(progress, bool):
        return
    if not callable(progress):
        raise ConfigurationError(
            f"progress= must be True, False or a function of one Progress, not {type(progress).__name__}"
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


@contextmanager
def callback_of(progress: ProgressCallback | bool | None) -> Iterator[ProgressCallback | None]:
    """Yield the callback that a caller's ``progress=`` means; a bar that True makes is closed at the end.

    Raises:
        ConfigurationError: True was given and tqdm is not installed.
    """
    if progress is None or progress is False:
        yield None
    elif progress is True:
        # Imported by name: tqdm is optional.
        bar = importlib.import_module("oktahound.collecting.progress_bar").ProgressBar()
        with bar:
            yield bar
    else:
        yield progress
