"""Documents that are made when they are read, with the changes of the caller on top."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from itertools import chain
from typing import Any, Protocol

import orjson

__all__ = ["GeneratedDocuments", "Source"]


MOST_STORED = 20_000
"""The greatest number of documents of a source that are stored after they were made."""


class Source(Protocol):
    """The documents of one collection in a fixed order, each made from a few bytes.

    The same key always gives an equal, new document.
    """

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[str]:
        """Yield the keys, in the order in which Okta lists the documents."""
        ...

    def __contains__(self, key: object) -> bool: ...

    def document(self, key: str) -> dict[str, Any]:
        """Make the document with this key, which the source contains."""
        ...


class GeneratedDocuments(MutableMapping[str, bytes]):
    """The encoded documents of a source, as a mapping.

    Those of a small source are stored when they were made. Of a greater one only what was written is stored:
    the five million assignments of a million users would take gigabytes. The order is that of a dict: a
    replaced document keeps its place, a removed one that is added again comes last.

    Args:
        source: creates the documents that were not written.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._is_small = len(source) <= MOST_STORED
        self._replaced: dict[str, bytes] = {}
        self._removed: set[str] = set()
        self._added: dict[str, bytes] = {}

    def document(self, key: str) -> dict[str, Any]:
        """Return a new copy of a document, decoded.

        Raises:
            KeyError: there is no such document.
        """
        if key in self._replaced or key in self._added:
            found: dict[str, Any] = orjson.loads(self[key])
            return found
        if not self._generates(key):
            raise KeyError(key)
        return self._source.document(key)

    def _generates(self, key: object) -> bool:
        return key in self._source and key not in self._removed

    def __getitem__(self, key: str) -> bytes:
        held = self._replaced.get(key) or self._added.get(key)
        if held is None:
            # A copy, because orjson's own bytes keep the kilobyte that they were first given.
            held = memoryview(orjson.dumps(self.document(key))).tobytes()
            if self._is_small:
                self._replaced[key] = held
        return held

    def __setitem__(self, key: str, document: bytes) -> None:
        (self._replaced if self._generates(key) else self._added)[key] = document

    def __delitem__(self, key: str) -> None:
        if self._generates(key):
            self._replaced.pop(key, None)
            self._removed.add(key)
        else:
            del self._added[key]

    def __iter__(self) -> Iterator[str]:
        own = iter(self._source)
        if self._removed:
            own = (key for key in own if key not in self._removed)
        return chain(own, self._added)

    def __len__(self) -> int:
        return len(self._source) - len(self._removed) + len(self._added)

    def __contains__(self, key: object) -> bool:
        return self._generates(key) or key in self._added
