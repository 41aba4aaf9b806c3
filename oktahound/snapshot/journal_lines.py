"""The line format of a journal: three kinds of line, each with a digest that shows that it is complete."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Self, TypeAlias, TypeVar

import attrs
import orjson

from oktahound.entities import Entity, Key, camel, saved_form, type_name
from oktahound.errors import SnapshotError
from oktahound.snapshot.gaps import Gap
from oktahound.snapshot.manifest import make_reader

__all__ = [
    "DIGITS",
    "FORMAT",
    "VERSION",
    "Header",
    "Listing",
    "Page",
    "Session",
    "content_of",
    "line_of",
    "saved_rows",
]

T = TypeVar("T")

FORMAT = "oktahound collection"
VERSION = 1

_DIGEST_BYTES = 16
DIGITS = 2 * _DIGEST_BYTES
"""Length of the digest at the start of a line, in hexadecimal digits."""

Listing: TypeAlias = tuple[str, Key | None]
"""The key of a listing: its name, and the key of the object that it is below."""


@attrs.frozen(kw_only=True)
class Header:
    """The parameters of a collection. Runs with equal parameters belong to the same collection.

    Attributes:
        domain: host of the org's URL.
        organization: the org's id.
        started_at: the time at which the first session began, UTC.
        asked: names of the requested entity classes, sorted.
        options: every option with its value.
        shape: digest of the requests and stored fields of each entity. Another version of oktahound may store
            more fields, which would look empty in rows that an older version stored.
    """

    domain: str
    organization: str
    started_at: datetime
    asked: tuple[str, ...]
    options: dict[str, str | bool]
    shape: str
    format: str = FORMAT
    version: int = VERSION

    @classmethod
    def from_dict(cls, saved: object) -> Self:
        """Parse the dict of `as_dict`.

        Raises:
            ValueError: a key is missing, or a value has a wrong type.
        """
        return _structured(cls, saved)

    def as_dict(self) -> dict[str, Any]:
        """Convert to a dict for JSON. orjson serializes the time."""
        return {camel(name): value for name, value in attrs.asdict(self).items()}


@attrs.frozen(kw_only=True)
class Session:
    """One run of a process that writes to the journal: its start time and its process."""

    at: datetime
    process: int
    host: str

    @classmethod
    def now(cls, at: datetime) -> Self:
        """Create the session of this process."""
        return cls(at=at, process=os.getpid(), host=platform.node())

    @classmethod
    def from_dict(cls, saved: object) -> Self:
        """Parse the dict of `as_dict`.

        Raises:
            ValueError: a key is missing, or a value has a wrong type.
        """
        return _structured(cls, saved)

    def as_dict(self) -> dict[str, Any]:
        """Convert to a dict for JSON. orjson serializes the time."""
        return attrs.asdict(self)


@attrs.frozen(kw_only=True)
class Page:
    """One page of a listing in the journal.

    Attributes:
        walk: the number of the pass through the listing. All its pages have the same number.
        listing: the key of the listing.
        index: the number of the page in its walk, from 0.
        last: whether it is the last page of the listing.
        at: the time at which it was written, UTC.
        rows: entities in their saved form, by the `PLURAL` of their class.
        gaps: the gaps of these rows.
    """

    walk: int
    listing: Listing
    index: int
    last: bool
    at: datetime
    rows: Mapping[str, Sequence[Any]]
    gaps: tuple[Gap, ...]

    @classmethod
    def from_dict(cls, saved: Any) -> Self:
        """Parse the dict of `as_dict`.

        Raises:
            ValueError: a key is missing, or a value has a wrong type.
        """
        try:
            parent = saved["parent"]
            return cls(
                walk=int(saved["walk"]),
                listing=(str(saved["listing"]), None if parent is None else tuple(map(str, parent))),
                index=int(saved["index"]),
                last=saved["last"] is True,
                at=datetime.fromisoformat(saved["at"]).astimezone(UTC),
                rows={name: list(rows) for name, rows in saved["rows"].items()},
                gaps=tuple(Gap.from_dict(gap) for gap in saved["gaps"]),
            )
        except (KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ValueError(f"not a page: {error}") from None

    def as_dict(self) -> dict[str, Any]:
        """Convert to a dict for JSON. orjson serializes the time."""
        listing, parent = self.listing
        return {
            "walk": self.walk,
            "listing": listing,
            "parent": parent,
            "index": self.index,
            "last": self.last,
            "at": self.at,
            "rows": self.rows,
            "gaps": [gap.as_dict() for gap in self.gaps],
        }


def saved_rows(entities: Mapping[type[Entity], Sequence[Entity]]) -> dict[str, list[Any]]:
    """Convert entities to the form of `Page.rows`."""
    return {cls.PLURAL: [saved_form(entity) for entity in rows] for cls, rows in entities.items() if rows}


def line_of(content: Mapping[str, Any]) -> bytes:
    """Serialize a line of the journal, with its digest.

    Raises:
        SnapshotError: the content cannot be written as JSON.
    """
    try:
        text = orjson.dumps(content)
    except TypeError as error:  # half of a surrogate pair, a number over 64 bits: JSON from Okta has neither
        raise SnapshotError(f"a page cannot be written as JSON: {error}") from None
    return _digest(text) + b" " + text + b"\n"


def content_of(raw: bytes) -> dict[str, Any]:
    """Parse a line.

    Raises:
        ValueError: the line does not match its digest.
    """
    text = raw[DIGITS + 1 : -1]
    if raw[: DIGITS + 1] != _digest(text) + b" ":
        raise ValueError("the line does not match its digest")
    content = orjson.loads(text)
    if not isinstance(content, dict):
        raise ValueError(f"expected an object, got {type_name(content)}")  # noqa: TRY004 - of JSON
    return content


def _digest(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=_DIGEST_BYTES).hexdigest().encode()


def _structured(cls: type[T], saved: object) -> T:
    if not isinstance(saved, dict):
        raise ValueError(f"expected an object, got {type_name(saved)}")  # noqa: TRY004 - of JSON
    try:
        return make_reader(cls)(saved, cls)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(str(error)) from None
