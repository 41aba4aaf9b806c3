"""The journal of a collection: an append-only file of the pages that were read so far.

::

    <digest> {"collection": …}      first line: the org, the options, when the collection began
    <digest> {"sitting": …}         a run begins to write: when, and which process
    <digest> {"page": …}            a page of a listing: its entities in their saved form, its gaps

Every line carries a digest of itself. A line that does not match its digest is ignored, and so is the listing
that it belongs to: a listing counts as finished only when all its pages are there and the last one is marked
as the last. A process that is killed may leave half a line at the end; the next writer cuts it off.

A line is handed to the operating system at once, so it survives the end of the process, by any signal. It is
forced to the disk every five seconds and at the end. A power cut can therefore lose the last seconds, which
are read again.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from oktahound.errors import SnapshotError
from oktahound.snapshot.interruptions import Interruption
from oktahound.snapshot.journal_lines import (
    DIGITS,
    FORMAT,
    VERSION,
    Header,
    Listing,
    Page,
    Sitting,
    content_of,
    line_of,
)

__all__ = ["JOURNAL", "Contents", "Journal", "Span", "begin_journal", "read_journal"]

JOURNAL = "unfinished.jsonl"
"""The name of the file, in the folder that the snapshot will have."""

_SYNC_SECONDS = 5.0
Span: TypeAlias = tuple[int, int]
"""Where a line is: offset and length."""


@attrs.define(kw_only=True)
class Contents:
    """What a journal says.

    Attributes:
        header: what the collection is.
        sittings: the runs that wrote to it, in order.
        finished: where the pages of each listing are that was walked to its end.
        interruptions: the times between two sittings.
        last_at: when its last line was kept.
        walks: how many walks were begun.
        spoiled: how many lines do not fit their digest, or say nothing that a journal says.
        end: where the last line ends; what is behind it is half a line.
    """

    header: Header
    sittings: list[Sitting] = attrs.field(factory=list)
    finished: dict[Listing, tuple[Span, ...]] = attrs.field(factory=dict)
    interruptions: list[Interruption] = attrs.field(factory=list)
    last_at: datetime
    walks: int = 0
    spoiled: int = 0
    end: int = 0
    _open: dict[tuple[int, Listing], list[Span]] = attrs.field(factory=dict)

    def add(self, line: Mapping[str, Any], span: Span) -> None:
        """Take one whole line into account.

        Raises:
            ValueError: it says nothing that a journal says.
        """
        match line:
            case {"page": saved}:
                self._add_page(Page.from_dict(saved), span)
            case {"sitting": saved}:
                self.sit_down(Sitting.from_dict(saved))
            case _:
                raise ValueError("neither a page nor a sitting")

    def sit_down(self, sitting: Sitting) -> None:
        """Another run begins to write."""
        if self.sittings:
            self.interruptions.append(Interruption(stopped_at=self.last_at, resumed_at=sitting.at))
        self.sittings.append(sitting)
        self.last_at = max(self.last_at, sitting.at)

    def unfinished(self, listing: Listing) -> tuple[int | None, tuple[Span, ...]]:
        """The latest walk of a listing that did not end, and where its pages are; None if there is none."""
        walks = [walk for walk, of in self._open if of == listing]
        return (max(walks), tuple(self._open[max(walks), listing])) if walks else (None, ())

    def _add_page(self, page: Page, span: Span) -> None:
        self.last_at = max(self.last_at, page.at)
        self.walks = max(self.walks, page.walk + 1)
        walk = page.walk, page.listing
        pages = self._open.setdefault(walk, [])
        if len(pages) != page.index:  # one before it is missing, and so the walk is never whole
            return
        pages.append(span)
        if page.last:
            self.finished[page.listing] = tuple(self._open.pop(walk))


def read_journal(path: Path) -> Contents | None:
    """Read a journal; None if there is none, or if its writer was killed before the first line was whole.

    Raises:
        SnapshotError: its first line is damaged, or the file is something else or of another version.
    """
    with _complaining(path, "read"):
        if not path.is_file():
            return None
        with path.open("rb") as file:
            first = file.readline()
            if not first.endswith(b"\n"):
                if not _is_torn_header(first):
                    raise SnapshotError(
                        f"{path} is in the way: it is not an unfinished collection, and is not touched. "
                        "Move it, or use another folder"
                    )
                return None
            header = _header(path, first)
            contents = Contents(header=header, last_at=header.started_at, end=len(first))
            for raw in file:
                if not raw.endswith(b"\n"):
                    break
                try:
                    contents.add(content_of(raw), (contents.end, len(raw)))
                except ValueError:
                    contents.spoiled += 1
                contents.end += len(raw)
    return contents


def begin_journal(path: Path, header: Header, sitting: Sitting) -> Journal:
    """Start a journal, in place of one that never got as far as its first line."""
    text = line_of({"collection": header.as_dict()})
    with _complaining(path, "written"):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(text)
    return Journal(path, len(text), sitting)


class Journal:
    """A journal that is written to. Only one may be open on a file.

    Args:
        path: the file.
        end: where its last line ends; what is behind it is cut off.
        sitting: who writes.
    """

    def __init__(self, path: Path, end: int, sitting: Sitting) -> None:
        self._path = path
        with _complaining(path, "written"):
            # Unbuffered: after a write that failed, closing must not write the rest.
            self._file = path.open("r+b", buffering=0)
            self._file.truncate(end)
            self._file.seek(end)
        self._end = end
        self._synced_at = sitting.at
        self._append({"sitting": sitting.as_dict()})

    def write(self, page: Page) -> None:
        """Add a page."""
        self._append({"page": page.as_dict()})
        if abs((page.at - self._synced_at).total_seconds()) >= _SYNC_SECONDS:
            self._synced_at = page.at
            self._sync()

    def read(self, span: Span) -> Page:
        """A page that was there when the journal was opened.

        Raises:
            SnapshotError: it is no longer what it was.
        """
        offset, length = span
        with _complaining(self._path, "read"):
            self._file.seek(offset)
            raw = self._file.read(length)
            self._file.seek(self._end)
        try:
            return Page.from_dict(content_of(raw)["page"])
        except (ValueError, KeyError, TypeError):
            raise SnapshotError(f"{self._path} was altered while it was read") from None

    def close(self) -> None:
        """Force it to the disk, and close it.

        Raises:
            SnapshotError: the disk refuses.
        """
        if not self._file.closed:
            try:
                self._sync()
            finally:
                with _complaining(self._path, "written"):
                    self._file.close()

    def _append(self, content: Mapping[str, Any]) -> None:
        line = memoryview(line_of(content))
        with _complaining(self._path, "written"):
            try:
                written = 0
                while written < len(line):  # a disk that is nearly full takes a part
                    written += self._file.write(line[written:])
            except OSError:
                with contextlib.suppress(OSError):
                    self._file.truncate(self._end)
                    self._file.seek(self._end)
                raise
        self._end += len(line)

    def _sync(self) -> None:
        with _complaining(self._path, "written"):
            os.fsync(self._file.fileno())


def _header(path: Path, raw: bytes) -> Header:
    try:
        content = content_of(raw).get("collection")
        said = (content.get("format"), content.get("version")) if isinstance(content, dict) else None
        if said == (FORMAT, VERSION):
            return Header.from_dict(content)
    except ValueError:
        raise SnapshotError(
            f"{path} is damaged: its first line, which says what was collected, cannot be read. "
            "Delete it to begin anew"
        ) from None
    raise SnapshotError(
        f"{path} is not an unfinished collection of this version of oktahound. Delete it to begin anew"
    )


def _is_torn_header(text: bytes) -> bool:
    """Whether a text without a line break is the beginning of the first line of a journal."""
    digits, rest, opening = text[:DIGITS], text[DIGITS:], b' {"collection":'
    return set(digits) <= set(b"0123456789abcdef") and rest.startswith(opening[: len(rest)])


@contextlib.contextmanager
def _complaining(path: Path, done: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        text = f"{str(path)!r} could not be {done}: {error}"
        if done == "written":
            text += ". What was read before is kept there: the same call of collect goes on from it"
        raise SnapshotError(text) from error
