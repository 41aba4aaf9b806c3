"""Progress of a collection, and the callback that receives it."""

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
    """Progress of one entity: reported after every page and every parent object, and at the end.

    Attributes:
        domain: host of the organization's URL.
        entity: name of the entity class.
        rows: rows read so far.
        gaps: gaps recorded so far.
        finished: whether the entity is complete.
        parents_done: for an entity that is listed below other objects (roles below users), the number of
            these objects that are done.
        parents: the number of these objects; None if it is not known yet, or the entity has one listing.
        kept: the number of rows that were restored from an earlier, interrupted run.
        covered: for entities read from the System Log, the time span read so far, summed over the listings.
        to_cover: the time span to read, as far as it is known. None for other entities, like `covered`.
        kept_from: the time at which the interrupted collection began, UTC. No restored row is older. None if
            the collection was not interrupted.
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
"""Called with each `Progress` on the client's event loop. It should return quickly.

An exception of any class ends the run: `collect` raises it, keeps the journal and publishes no snapshot.
Python turns a ``StopIteration`` in a coroutine into a ``RuntimeError``.
"""

_NOT_AWAITED = "progress= must be a plain function: a coroutine function (async def) would never be awaited"


def check_callback(progress: object) -> None:
    """Check that a callback can be called without ``await``.

    Raises:
        ConfigurationError: the callback cannot be called, or is a coroutine function.
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
    """Check that a callback did not return a coroutine, which would never be awaited.

    Raises:
        ConfigurationError: the result is a coroutine.
    """
    if inspect.iscoroutine(result):
        result.close()
        raise ConfigurationError(_NOT_AWAITED)


@contextmanager
def callback_of(progress: ProgressCallback | bool | None) -> Iterator[ProgressCallback | None]:
    """Yield the callback for the option ``progress``. A progress bar that True creates is closed at the end.

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
