"""A snapshot on disk: a folder of gzipped JSON Lines, one file for each entity, and a manifest.

::

    contoso.okta/
        manifest.json               digest, and under it: format, version, org, times, files, gaps
        users.jsonl.gz              one user a line, fields by their Python names
        …

The manifest holds the row count, the unpacked size and the SHA-256 of every file, and a digest of
itself, so that a file that was cut, swapped or edited is found out before the snapshot is handed over.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import orjson

from oktahound.entities import ENTITIES, Entity, saved_form
from oktahound.errors import SnapshotError
from oktahound.snapshot.journal import JOURNAL
from oktahound.snapshot.manifest import File, Manifest, UnknownFormatError

if TYPE_CHECKING:
    from oktahound.snapshot.snapshot import Snapshot

__all__ = ["MANIFEST", "ROWS", "in_the_way", "save", "write"]

MANIFEST = "manifest.json"
ROWS = ".jsonl.gz"


def save(snapshot: Snapshot, folder: str | os.PathLike[str]) -> None:
    """Write a snapshot to a folder that appears whole or not at all."""
    try:
        # Through links, so that a link to the latest snapshot goes on being one.
        target = Path(folder).resolve()
        if (stranger := in_the_way(target)) is not None:
            if stranger.name == JOURNAL:
                raise SnapshotError(
                    f"{stranger} is in the way: it is what a collection that was not finished has read. "
                    f"oktahound.collect(client, into={os.fspath(folder)!r}) goes on with it"
                )
            raise SnapshotError(f"{stranger} is in the way: it is not of a snapshot, and is not overwritten")
        target.parent.mkdir(parents=True, exist_ok=True)
        with _draft_beside(target) as draft:
            write(snapshot, draft)
            _publish(draft, target)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise SnapshotError(f"{os.fspath(folder)!r} could not be written: {error}") from error


def in_the_way(target: Path, but: str | None = None) -> Path | None:
    """What would be lost if the target were replaced: anything but a snapshot or an empty folder.

    Args:
        target: the folder.
        but: the name of a file that may be there besides.
    """
    if not os.path.lexists(target):
        return None
    if not target.is_dir():
        return target
    # Files with a dot are what desktops leave behind in a folder that somebody looked into.
    names = {path.name for path in target.iterdir() if not path.name.startswith(".")} - {but}
    strangers = sorted(name for name in names if name != MANIFEST and not name.endswith(ROWS))
    if strangers:
        return target / strangers[0]
    # Many programs have a manifest.json: this one must say that it is ours.
    return target if names and not _is_ours(target / MANIFEST) else None


def _is_ours(path: Path) -> bool:
    try:
        Manifest.from_json(path.read_bytes())
    except (UnknownFormatError, orjson.JSONDecodeError, OSError):
        return False
    except ValueError:  # ours, and damaged
        return True
    return True


@contextlib.contextmanager
def _draft_beside(target: Path) -> Iterator[Path]:
    # mkdtemp makes it 0700, and beside the target the rename cannot cross file systems.
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _publish(draft: Path, target: Path) -> None:
    if not target.exists():
        draft.rename(target)
        return
    with _draft_beside(target) as aside:
        old = aside / "old"
        target.rename(old)
        try:
            draft.rename(target)
        except BaseException:
            old.rename(target)
            raise


def write(snapshot: Snapshot, draft: Path) -> None:
    """Write the files of a snapshot to a folder that is empty.

    Raises:
        SnapshotError: it cannot be saved.
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
    with _private(draft / MANIFEST) as file:
        file.write(text)


def _write_rows(path: Path, rows: Iterable[Entity]) -> File:
    count, size, digest = 0, 0, hashlib.sha256()
    # No name and no time in the gzip header: the same rows give the same bytes.
    with _private(path) as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
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


@contextlib.contextmanager
def _private(path: Path) -> Iterator[BinaryIO]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        # A rename can reach the disk before what was written: after a power cut the old one would be gone
        # and the new one empty.
        os.fsync(descriptor)
