"""Keeping Python's cyclic garbage collector still while something big grows."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

__all__ = ["without_gc"]


@contextlib.contextmanager
def without_gc() -> Iterator[None]:
    """Keep the cyclic garbage collector still, in this whole process.

    Nothing of what grows is garbage before it is done, and looking through all of it again and again as it
    grows costs a third of the time. Only for work that does not wait: the switch is one for all threads.
    Two that work at once leave it as the first of them found it, or on.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
