"""Lock a folder and write a snapshot to it: gzipped JSON Lines, one file for each entity, and a manifest.

`oktahound.snapshot.folder` describes the layout. The manifest holds the row count, the unpacked size and the
SHA-256 of every file, and a digest of itself. A truncated, swapped or edited file is therefore detected when
the snapshot is loaded.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import orjson

from oktahound.entities import ENTITIES, Entity, saved_form
from oktahound.errors import SnapshotError
from oktahound.file_types import exists
from oktahound.folder_lock import locked
from oktahound.snapshot.folder import (
    MANIFEST,
    ROWS,
    foreign_entry,
    held_journal,
    is_in_use,
    open_draft,
    open_private,
    publish,
    recover,
)
from oktahound.snapshot.journal import JOURNAL, read_journal
from oktahound.snapshot.manifest import File, Manifest

if TYPE_CHECKING:
    from oktahound.snapshot.snapshot import Snapshot

__all__ = [
    "DraftFolder",
    "collecting_into",
    "disk_errors",
    "refuse_foreign",
    "replace",
    "save",
    "write",
]


@contextlib.contextmanager
def _locked(target: Path, *, wait: float = 0) -> Iterator[None]:
    """Lock a folder, see `oktahound.folder_lock.locked`.

    Raises:
        SnapshotError: another process holds the lock for longer than `wait` seconds, or the folder cannot be
            written.
    """
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(locked(target, wait=wait))
        except TimeoutError as error:
            raise SnapshotError(f"{error}{_holder(target)}. Wait for it, or use another folder") from None
        except (OSError, ValueError) as error:
            raise SnapshotError(f"{str(target)!r} could not be written: {error}") from error
        yield


def _holder(target: Path) -> str:
    """Name the process that holds the lock, if the journal contains it already."""
    try:
        contents = read_journal(target / JOURNAL)
    except SnapshotError:
        return ""
    if contents is None or not contents.sessions:
        return ""
    session = contents.sessions[-1]
    return f" (process {session.process} on {session.host!r})"


_WAIT = 60.0
"""Maximum seconds to wait while another process saves to the same folder."""


def save(snapshot: Snapshot, folder: str | os.PathLike[str]) -> None:
    """Write a snapshot to a folder, and replace the one that it contains.

    Raises:
        SnapshotError: the folder contains other files, or the disk fails. The folder is unchanged.
    """
    with disk_errors(folder, lambda: ""):
        # Resolve links, so that a link to the latest snapshot remains a link.
        target = Path(folder).resolve()
        _refuse_journal(target, folder)
        _check_unlocked(target, lambda: refuse_foreign(target))
    with _locked(target, wait=_WAIT), disk_errors(folder, lambda: _state_of(target)):
        recover(target)
        _refuse_journal(target, folder)
        refuse_foreign(target)
        replace(snapshot, target)


def replace(snapshot: Snapshot, target: Path) -> None:
    """Write a snapshot to a folder that the caller has locked, recovered and checked.

    Raises:
        SnapshotError: the snapshot cannot be saved, or another file was added to the folder meanwhile.
        OSError: the disk fails. In both cases the folder's content is unchanged.
    """
    draft = open_draft(target)
    try:
        write(snapshot, draft)
        refuse_foreign(target)  # again: writing can take minutes
        publish(draft, target)
    except BaseException:
        with contextlib.suppress(OSError):
            recover(target)
        raise


def refuse_foreign(target: Path) -> None:
    """Refuse a folder that contains anything besides a snapshot.

    Raises:
        SnapshotError: the folder contains another entry. The message names the first one.
        OSError: the folder cannot be read.
    """
    if (entry := foreign_entry(target)) is not None:
        raise SnapshotError(
            f"{entry} is in the way: it is not part of a snapshot, and is not overwritten. "
            "Move it, or use another folder"
        )


@contextlib.contextmanager
def disk_errors(folder: str | os.PathLike[str], state: Callable[[], str]) -> Iterator[None]:
    """Turn an error of the operating system into a `SnapshotError`.

    Args:
        folder: the folder, as the caller named it.
        state: returns a sentence on the content of the folder after the error; empty for none.
    """
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        text = f"{os.fspath(folder)!r} could not be written: {error}"
        raise SnapshotError(f"{text}. {kept}" if (kept := state()) else text) from error


def _check_unlocked(target: Path, check: Callable[[], None]) -> None:
    """Check a folder before it is locked, so that no lock is written to a folder of other programs.

    The check can fail because another process replaces the snapshot at this moment, and moves files. In a
    folder to which oktahound writes, the caller's second check, under the lock, decides.
    """
    try:
        check()
    except (SnapshotError, OSError):
        if not is_in_use(target):
            raise


def _refuse_journal(target: Path, folder: str | os.PathLike[str]) -> None:
    if (journal := held_journal(target)) is not None:
        raise SnapshotError(
            f"{journal} is in the way: it contains the rows of an unfinished collection. "
            f"Finish it with oktahound.collect(client, into={os.fspath(folder)!r}), or use another folder"
        )


def _state_of(target: Path) -> str:
    """Say what a folder contains after a failed save; nothing if it cannot be read."""
    try:
        saved = exists(target / MANIFEST)
    except OSError:
        return ""
    if saved:
        return "The earlier snapshot in the folder is unchanged"
    return "Nothing was saved, and the folder contains no snapshot"


def write(snapshot: Snapshot, draft: Path) -> None:
    """Write the files of a snapshot to an empty folder.

    Raises:
        SnapshotError: the snapshot cannot be saved.
        OSError: the disk fails.
    """
    if len(snapshot.organizations) != 1:
        count = len(snapshot.organizations)
        raise SnapshotError(
            f"the snapshot contains {count} organizations. Only a snapshot of one can be saved"
        )
    files = {
        cls.PLURAL: _write_rows(draft / f"{cls.PLURAL}{ROWS}", rows)
        for cls in ENTITIES
        if (rows := snapshot.rows(cls)) or cls.__name__ in snapshot.asked
    }
    manifest = Manifest(
        domain=snapshot.domain,
        organization=snapshot.organization.id,
        started_at=snapshot.started_at,
        collected_at=snapshot.collected_at,
        asked=tuple(sorted(snapshot.asked)),
        options={name: snapshot.options[name] for name in sorted(snapshot.options)},
        files=files,
        gaps=snapshot.gaps,
        interruptions=snapshot.interruptions,
    )
    try:
        text = manifest.to_json()
    except TypeError as error:
        raise SnapshotError(f"the gaps cannot be written as JSON: {error}") from None
    with open_private(draft / MANIFEST) as file:
        file.write(text)


def _write_rows(path: Path, rows: Iterable[Entity]) -> File:
    count, size, digest = 0, 0, hashlib.sha256()
    # No name and no time in the gzip header: the same rows give the same bytes.
    with open_private(path) as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        for row in rows:
            line = _line(row)
            count += 1
            size += len(line)
            digest.update(line)
            packed.write(line)
    return File(rows=count, bytes=size, sha256=digest.hexdigest())


def _line(row: Entity) -> bytes:
    try:
        return orjson.dumps(saved_form(row), option=orjson.OPT_APPEND_NEWLINE)
    except TypeError as error:  # half of a surrogate pair, a number over 64 bits: JSON from Okta has neither
        raise SnapshotError(f"{type(row).__name__} {row.id!r} cannot be written as JSON: {error}") from None


@attrs.frozen
class DraftFolder:
    """A folder that this process has locked.

    Attributes:
        target: the folder.
    """

    target: Path

    @property
    def journal(self) -> Path:
        """The file with the pages read so far."""
        return self.target / JOURNAL

    def check(self, domain: str) -> None:
        """Refuse a folder that a collection of this org must not overwrite.

        Raises:
            SnapshotError: the folder contains something besides a snapshot, or the snapshot of another org.
        """
        refuse_foreign(self.target)
        try:
            saved_domain = Manifest.from_json((self.target / MANIFEST).read_bytes()).domain
        except (OSError, ValueError):  # no snapshot, or a damaged one, whose org is not certain
            return
        if saved_domain != domain:
            raise SnapshotError(
                f"{self.target} contains a snapshot of {saved_domain!r}, but this client is for {domain!r}. "
                "Use another folder"
            )

    def publish(self, snapshot: Snapshot) -> None:
        """Put the snapshot in place, and remove the journal.

        Raises:
            SnapshotError: another file was added to the folder meanwhile, or the disk fails. The journal is
                kept: the same collection can be finished without reading anything again.
        """
        kept = f"The rows read are kept in {self.journal}: call collect again in the same way to finish it"
        try:
            with disk_errors(self.target, lambda: kept):
                replace(snapshot, self.target)
        except SnapshotError as error:
            if kept in str(error):
                raise
            raise SnapshotError(f"{error}. {kept}") from error.__cause__


@contextlib.contextmanager
def collecting_into(folder: str | os.PathLike[str], domain: str) -> Iterator[DraftFolder]:
    """Lock a folder for a collection, and check that it may be overwritten.

    Raises:
        SnapshotError: another process is writing to the folder, it contains something besides a snapshot or
            the snapshot of another org, or the disk fails.
    """
    with disk_errors(folder, lambda: ""):
        # Resolve links, so that a link to the latest snapshot remains a link.
        draft = DraftFolder(Path(folder).resolve())
        _check_unlocked(draft.target, lambda: draft.check(domain))
    with _locked(draft.target):
        with disk_errors(folder, lambda: ""):
            recover(draft.target)
            draft.check(domain)
        yield draft
