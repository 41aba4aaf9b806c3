"""The journal of a collection: an append-only file of the pages read so far.

::

    <digest> {"collection": …}      first line: the org, the options, the start time
    <digest> {"session": …}         start of a session: time and process
    <digest> {"page": …}            a page of a listing: its entities in their saved form, its gaps

A session is one run of a process that writes to the journal. Every line begins with its digest. A line that
does not match its digest is ignored, and so is the listing that it belongs to: a listing is finished only if
all its pages are present and the last one is marked as the last. A killed process may leave half a line at
the end, which the next writer cuts off.

A line is passed to the operating system at once, so that it survives the end of the process by any signal. It
is synced to the disk every five seconds and at the end. A power cut can therefore lose the last seconds,
which are read again.
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
from oktahound.file_types import is_file
from oktahound.snapshot.interruptions import Interruption
from oktahound.snapshot.journal_lines import (
    DIGITS,
    FORMAT,
    VERSION,
    Header,
    Listing,
    Page,
    Session,
    content_of,
    line_of,
)

__all__ = ["JOURNAL", "Contents", "Journal", "Span", "begin_journal", "read_journal"]

JOURNAL = "unfinished.jsonl"
"""The name of the file, in the folder that the snapshot will have."""

_SYNC_SECONDS = 5.0
Span: TypeAlias = tuple[int, int]
"""Offset and length of a line."""


@attrs.define(kw_only=True)
class Contents:
    """The content of a journal. A walk is one pass through a listing.

    Attributes:
        header: the parameters of the collection.
        sessions: the runs that wrote to it, in order.
        finished: the pages of each finished listing.
        interruptions: the periods between two sessions.
        last_at: the time of its last line.
        walks: the number of walks that were started.
        damaged_lines: the number of lines that do not match their digest or have an unknown kind.
        end: the end of the last complete line.
    """

    header: Header
    sessions: list[Session] = attrs.field(factory=list)
    finished: dict[Listing, tuple[Span, ...]] = attrs.field(factory=dict)
    interruptions: list[Interruption] = attrs.field(factory=list)
    last_at: datetime
    walks: int = 0
    damaged_lines: int = 0
    end: int = 0
    _open: dict[tuple[int, Listing], list[Span]] = attrs.field(factory=dict)

    def add(self, line: Mapping[str, Any], span: Span) -> None:
        """Add one complete line.

        Raises:
            ValueError: the line is not of a known kind.
        """
        match line:
            case {"page": saved}:
                self._add_page(Page.from_dict(saved), span)
            case {"session": saved}:
                self.start_session(Session.from_dict(saved))
            case _:
                raise ValueError("the line is neither a page nor a session")

    def start_session(self, session: Session) -> None:
        """Add a session, and the interruption before it."""
        if self.sessions:
            self.interruptions.append(Interruption(stopped_at=self.last_at, resumed_at=session.at))
        self.sessions.append(session)
        self.last_at = max(self.last_at, session.at)

    def unfinished(self, listing: Listing) -> tuple[int | None, tuple[Span, ...]]:
        """Return the latest unfinished walk of a listing and its pages; None if there is none."""
        walks = [walk for walk, walked in self._open if walked == listing]
        return (max(walks), tuple(self._open[max(walks), listing])) if walks else (None, ())

    def _add_page(self, page: Page, span: Span) -> None:
        self.last_at = max(self.last_at, page.at)
        self.walks = max(self.walks, page.walk + 1)
        walk = page.walk, page.listing
        pages = self._open.setdefault(walk, [])
        if len(pages) != page.index:  # an earlier page is missing, so that the walk cannot be complete
            return
        pages.append(span)
        if page.last:
            self.finished[page.listing] = tuple(self._open.pop(walk))


def read_journal(path: Path) -> Contents | None:
    """Read a journal. Returns None if there is none, or if its first line is incomplete.

    The first line is incomplete if the writer was killed while it wrote it.

    Raises:
        SnapshotError: the first line is damaged, or the file is not a journal of this version.
    """
    with _journal_errors(path, "read"):
        if not is_file(path):
            return None
        with path.open("rb") as file:
            first = file.readline()
            if not first.endswith(b"\n"):
                if not _is_torn_header(first):
                    raise SnapshotError(
                        f"{path} is in the way: it is not the journal of an unfinished collection. "
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
                    contents.damaged_lines += 1
                contents.end += len(raw)
    return contents


def begin_journal(path: Path, header: Header, session: Session) -> Journal:
    """Start a journal. Replaces one whose first line is incomplete."""
    text = line_of({"collection": header.as_dict()})
    with _journal_errors(path, "written"):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(text)
    return Journal(path, len(text), session)


class Journal:
    """A journal that is open for writing. Only one may be open for a file.

    Args:
        path: the file.
        end: the end of its last complete line. The rest is cut off.
        session: the session of this process.
    """

    def __init__(self, path: Path, end: int, session: Session) -> None:
        self._path = path
        with _journal_errors(path, "written"):
            # Unbuffered, so that closing does not write the rest after a failed write.
            self._file = path.open("r+b", buffering=0)
            self._file.truncate(end)
            self._file.seek(end)
        self._end = end
        self._synced_at = session.at
        self._append({"session": session.as_dict()})

    def write(self, page: Page) -> None:
        """Add a page."""
        self._append({"page": page.as_dict()})
        if abs((page.at - self._synced_at).total_seconds()) >= _SYNC_SECONDS:
            self._synced_at = page.at
            self._sync()

    def read(self, span: Span) -> Page:
        """Read a page that was written before the journal was opened.

        Raises:
            SnapshotError: the page has changed since.
        """
        offset, length = span
        with _journal_errors(self._path, "read"):
            self._file.seek(offset)
            raw = self._file.read(length)
            self._file.seek(self._end)
        try:
            return Page.from_dict(content_of(raw)["page"])
        except (ValueError, KeyError, TypeError):
            raise SnapshotError(
                f"{self._path} was changed by another program during the collection. Delete it to start over"
            ) from None

    def close(self) -> None:
        """Sync the journal to the disk, and close it.

        Raises:
            SnapshotError: the disk fails.
        """
        if not self._file.closed:
            try:
                self._sync()
            finally:
                with _journal_errors(self._path, "written"):
                    self._file.close()

    def _append(self, content: Mapping[str, Any]) -> None:
        line = memoryview(line_of(content))
        with _journal_errors(self._path, "written"):
            try:
                written = 0
                while written < len(line):  # an almost full disk may accept only a part
                    written += self._file.write(line[written:])
            except OSError:
                with contextlib.suppress(OSError):
                    self._file.truncate(self._end)
                    self._file.seek(self._end)
                raise
        self._end += len(line)

    def _sync(self) -> None:
        with _journal_errors(self._path, "written"):
            os.fsync(self._file.fileno())


def _header(path: Path, raw: bytes) -> Header:
    try:
        content = content_of(raw).get("collection")
        found = (content.get("format"), content.get("version")) if isinstance(content, dict) else None
        if found == (FORMAT, VERSION):
            return Header.from_dict(content)
    except ValueError:
        raise SnapshotError(
            f"{path} is damaged: its first line, which describes the collection, cannot be read. "
            "Delete it to start over"
        ) from None
    raise SnapshotError(
        f"{path} is not an unfinished collection of this version of oktahound. Delete it to start over"
    )


def _is_torn_header(text: bytes) -> bool:
    """Whether a text without a line break is the start of the first line of a journal."""
    digits, rest, opening = text[:DIGITS], text[DIGITS:], b' {"collection":'
    return set(digits) <= set(b"0123456789abcdef") and rest.startswith(opening[: len(rest)])


@contextlib.contextmanager
def _journal_errors(path: Path, done: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        text = f"{str(path)!r} could not be {done}: {error}"
        if done == "written":
            text += ". The pages read before are kept in it: call collect again in the same way to resume"
        raise SnapshotError(text) from error
