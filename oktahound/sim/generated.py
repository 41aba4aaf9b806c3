"""Create documents when they are read, and store only changes."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from itertools import chain
from typing import Any, Protocol

import orjson

__all__ = ["GeneratedDocuments", "Source"]


MOST_STORED = 20_000
"""The largest source whose documents are stored after they are first read."""


class Source(Protocol):
    """The documents of one collection in a fixed order, each created from a few bytes.

    The same key always gives an equal, new document.
    """

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[str]:
        """Yield the keys, in the order in which Okta lists the documents."""
        ...

    def __contains__(self, key: object) -> bool: ...

    def document(self, key: str) -> dict[str, Any]:
        """Create the document with this key of the source."""
        ...


class GeneratedDocuments(MutableMapping[str, bytes]):
    """The encoded documents of a source, as a mapping.

    Documents of a small source are stored when they are first read. For a larger source, only written
    documents are stored: the five million assignments of a million users would take gigabytes. The order is
    that of a dict: a replaced document keeps its position, and a document that is removed and added again
    comes last.

    Args:
        source: the source of the documents that were not written.
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
            KeyError: no document has this key.
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
        encoded = self._replaced.get(key) or self._added.get(key)
        if encoded is None:
            # A copy, because orjson's own bytes keep the kilobyte that they were first given.
            encoded = memoryview(orjson.dumps(self.document(key))).tobytes()
            if self._is_small:
                self._replaced[key] = encoded
        return encoded

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
