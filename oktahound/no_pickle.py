"""Base class for objects that hold secrets: refuses pickling and copying."""

from __future__ import annotations

from typing import NoReturn

__all__ = ["Unpicklable"]


class Unpicklable:
    """Refuses pickling and copying. A pickle could write the secret into a file, a cache or a queue."""

    __slots__ = ()

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds a secret and cannot be pickled or copied")
