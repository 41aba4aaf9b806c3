"""Write a snapshot to a folder: gzipped JSON Lines, one file for each entity, and a manifest.

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

import orjson

from oktahound.entities import ENTITIES, Entity, saved_form
from oktahound.errors import SnapshotError
from oktahound.snapshot.folder import (
    MANIFEST,
    ROWS,
    foreign_entry,
    held_journal,
    open_draft,
    open_private,
    publish,
    recover,
)
from oktahound.snapshot.lock import locked
from oktahound.snapshot.manifest import File, Manifest

if TYPE_CHECKING:
    from oktahound.snapshot.snapshot import Snapshot

__all__ = ["disk_errors", "refuse_foreign", "replace", "save", "write"]

_WAIT = 60.0
"""Maximum seconds to wait while another process saves to the same folder."""


def save(snapshot: Snapshot, folder: str | os.PathLike[str]) -> None:
    """Write a snapshot to a folder, and replace the one that it contains.

    Raises:
        SnapshotError: the folder contains other files, or the disk refuses. The folder is unchanged.
    """
    with disk_errors(folder, lambda: ""):
        # Resolve links, so that a link to the latest snapshot remains a link.
        target = Path(folder).resolve()
        _check_folder(target, folder)
    with locked(target, wait=_WAIT), disk_errors(folder, lambda: _state_of(target)):
        recover(target)
        _check_folder(target, folder)
        replace(snapshot, target)


def replace(snapshot: Snapshot, target: Path) -> None:
    """Write a snapshot to a folder that the caller has locked, recovered and checked.

    Raises:
        SnapshotError: the snapshot cannot be saved, or another file was added to the folder meanwhile.
        OSError: the disk refuses. In both cases the folder's content is unchanged.
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
        SnapshotError: it does. Names the first such entry.
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
        state: returns a sentence that says what the folder contains after the error; empty for none.
    """
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        text = f"{os.fspath(folder)!r} could not be written: {error}"
        raise SnapshotError(f"{text}. {kept}" if (kept := state()) else text) from error


def _check_folder(target: Path, folder: str | os.PathLike[str]) -> None:
    if (journal := held_journal(target)) is not None:
        raise SnapshotError(
            f"{journal} is in the way: it contains the rows of an unfinished collection. "
            f"Finish it with oktahound.collect(client, into={os.fspath(folder)!r}), or use another folder"
        )
    refuse_foreign(target)


def _state_of(target: Path) -> str:
    if (target / MANIFEST).exists():
        return "The earlier snapshot in the folder is unchanged"
    return "Nothing was saved, and the folder contains no snapshot"


def write(snapshot: Snapshot, draft: Path) -> None:
    """Write the files of a snapshot to an empty folder.

    Raises:
        SnapshotError: the snapshot cannot be saved.
        OSError: the disk refuses.
    """
    if len(snapshot.organizations) != 1:
        raise SnapshotError(f"a snapshot of {len(snapshot.organizations)} organizations cannot be saved")
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
