"""Pause Python's cyclic garbage collector while a large data structure grows."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

__all__ = ["without_gc"]


@contextlib.contextmanager
def without_gc() -> Iterator[None]:
    """Pause the cyclic garbage collector in this process.

    A structure that only grows contains no garbage, but the collector traverses it again and again.
    ``docs/explanation/speed.md`` has the measured cost. Use it only around code that does not wait: the
    switch is global to all threads. If two threads use it at once, the collector ends in the state in which
    the first thread found it, or enabled.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
