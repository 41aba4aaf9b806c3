"""Prevent pickling and copying of objects with secrets."""

from __future__ import annotations

from typing import NoReturn

__all__ = ["Unpicklable"]


class Unpicklable:
    """A base class that refuses pickling and copying: a pickle could put a secret into a file or a queue."""

    __slots__ = ()

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} contains a secret and cannot be pickled or copied")
