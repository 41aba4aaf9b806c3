"""Layout of a snapshot folder, and the steps that replace its snapshot atomically.

::

    contoso.okta/
        manifest.json             digest, and under it: format, version, org, times, files, gaps
        users.jsonl.gz            one user a line, fields by their Python names
        …                         one such file for each entity
        unfinished.jsonl          journal of a collection that is not finished
        .oktahound.lock           exists while a process writes to the folder
        .oktahound-1f0c55a09e3d/  stage: the files of a new snapshot before they move into the folder

The folder itself is never renamed. A new snapshot is written to a stage, and takes effect in one step: its
manifest replaces the old one, which `os.replace` does atomically. Then its files move from the stage to
their names in the folder. The name of the stage is derived from the digest of its manifest, so a reader
finds a file that has not moved yet. If a process is killed at any moment, the folder contains the complete
old snapshot or the complete new one. The next writer finishes or removes the rest.

Only files that oktahound wrote are ever replaced or removed: regular files with the names above that the
manifest lists. Any other entry in the folder stops a save, except harmless ones (`KEPT`), which stay.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import orjson

from oktahound.entities import ENTITIES
from oktahound.file_types import exists, is_file, is_folder
from oktahound.folder_lock import LOCK
from oktahound.snapshot.journal import JOURNAL
from oktahound.snapshot.manifest import digest_of_manifest, listed_files

__all__ = [
    "KEPT",
    "MANIFEST",
    "ROWS",
    "STAGE_PREFIX",
    "foreign_entry",
    "held_journal",
    "is_in_use",
    "open_draft",
    "open_private",
    "publish",
    "recover",
    "stage_of",
]

MANIFEST = "manifest.json"
ROWS = ".jsonl.gz"
STAGE_PREFIX = ".oktahound-"
KEPT = frozenset({".ds_store", "thumbs.db", "desktop.ini", ".git", ".gitignore", ".gitattributes"})
"""Names in lower case that may be in a snapshot folder and are kept: files of desktops and of git."""

_REPLACED = "replaced.json"  # names of the row files of the snapshot that a stage replaces
_ROW_FILES = frozenset(f"{cls.PLURAL}{ROWS}" for cls in ENTITIES)
_STAGE_FILES = _ROW_FILES | {MANIFEST, JOURNAL, _REPLACED}
_is_stage_name = re.compile(re.escape(STAGE_PREFIX) + "[0-9a-z_]{8,16}").fullmatch


def foreign_entry(target: Path) -> Path | None:
    """Find an entry of a folder that oktahound did not write and that prevents a save.

    Returns:
        The first such entry by name; the target itself if it is not a folder; None if a snapshot can be
        written to it.

    Raises:
        OSError: the folder cannot be read.
    """
    if not exists(target):
        return None
    if not is_folder(target):
        return target
    listed = _listed_in(target)
    if listed is not None:
        listed = listed.union(*(_replaced_by(stage) for stage in _stages(target)))
    for path in sorted(target.iterdir()):
        if not (path.name.casefold() in KEPT or _is_ours(path, listed)):
            return path
    return None


def open_draft(target: Path) -> Path:
    """Create an empty stage for a snapshot that is being written. Only its owner can read it."""
    return Path(tempfile.mkdtemp(prefix=STAGE_PREFIX, dir=target))  # mkdtemp sets the mode 0700


def publish(draft: Path, target: Path) -> None:
    """Replace the snapshot of a folder with the one in a draft.

    The caller holds the lock, has called `recover`, and has found no foreign entry. A journal in the folder
    is removed in the same step.

    Args:
        draft: a stage inside the target, with row files and their manifest.
        target: the folder.

    Raises:
        OSError: a step failed. Readers still load the earlier snapshot. `recover` removes the stage.
    """
    if exists(target / MANIFEST):
        with open_private(draft / _REPLACED) as file:
            file.write(orjson.dumps(sorted(_listed_in(target) or ())))
    stage = target / (stage_of((draft / MANIFEST).read_bytes()) or draft.name)
    stage.mkdir(0o700, exist_ok=True)
    for path in sorted(draft.iterdir()):
        path.replace(stage / path.name)
    draft.rmdir()
    if exists(journal := target / JOURNAL):
        journal.rename(stage / JOURNAL)
    _sync_folder(stage)
    (stage / MANIFEST).replace(target / MANIFEST)
    with contextlib.suppress(OSError):  # the snapshot is in place, and the next writer finishes the rest
        recover(target)
        _sync_folder(target)


def recover(target: Path) -> None:
    """Finish or remove the files that interrupted writers left in a folder. The caller holds the lock.

    Moves the files of the current snapshot to their names, removes the files of the snapshot that it
    replaced, and discards stages that never took effect, after restoring a journal from them. If a step
    fails, the folder can still be read, and the next writer tries again.

    Raises:
        OSError: the folder cannot be read.
    """
    stages = list(_stages(target))
    current = (
        stage_of((target / MANIFEST).read_bytes())
        if stages and is_file(target / MANIFEST, follow_links=False)
        else None
    )
    for stage in stages:
        with contextlib.suppress(OSError):
            if stage.name == current:
                _move_rows(stage, target)
                _remove(stage / JOURNAL)
            elif is_file(stage / JOURNAL, follow_links=False) and not exists(target / JOURNAL):
                (stage / JOURNAL).rename(target / JOURNAL)
            for name in _STAGE_FILES - {JOURNAL}:
                _remove(stage / name)
            stage.rmdir()  # refuses if anything else is in it


def stage_of(manifest: bytes) -> str | None:
    """Return the name of the stage for the snapshot with this manifest; None if it is not a manifest."""
    digest = digest_of_manifest(manifest)
    return None if digest is None else f"{STAGE_PREFIX}{digest[:12]}"


def held_journal(target: Path) -> Path | None:
    """Find the journal of an unfinished collection in a folder, or in the stage of a killed writer."""
    places = [target, *_stages(target)]
    return next((path for place in places if is_file(path := place / JOURNAL)), None)


def is_in_use(target: Path) -> bool:
    """Return whether oktahound writes to a folder: it contains a lock, a journal or a snapshot's manifest.

    A folder in which the name of the lock belongs to a folder cannot be locked, and is not in use.
    """
    if is_folder(target / LOCK):
        return False
    return exists(target / LOCK) or exists(target / JOURNAL) or _listed_in(target) is not None


@contextlib.contextmanager
def open_private(path: Path) -> Iterator[BinaryIO]:
    """Create a file that only its owner can read, and sync it to the disk at the end."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        # A rename can reach the disk before the content. After a power cut the file would then be empty.
        os.fsync(descriptor)


def _stages(target: Path) -> Iterator[Path]:
    if not is_folder(target):
        return
    for path in sorted(target.iterdir()):
        if _is_stage_name(path.name) and is_folder(path, follow_links=False):
            yield path


def _is_ours(path: Path, listed: frozenset[str] | None) -> bool:
    """Whether oktahound wrote an entry of a snapshot folder.

    Args:
        path: the entry.
        listed: the row files that the manifest lists; None if there is no manifest of a snapshot.
    """
    if _is_stage_name(path.name) and is_folder(path, follow_links=False):
        return all(each.name in _STAGE_FILES and is_file(each, follow_links=False) for each in path.iterdir())
    if not is_file(path, follow_links=False):
        return False
    if path.name == MANIFEST:
        return listed is not None
    return path.name in {JOURNAL, LOCK} or (listed is not None and path.name in listed)


def _listed_in(target: Path) -> frozenset[str] | None:
    """Return the row files that the manifest of a folder lists; None if it has no manifest."""
    try:
        names = listed_files((target / MANIFEST).read_bytes())
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    return None if names is None else _ROW_FILES & {f"{name}{ROWS}" for name in names}


def _move_rows(stage: Path, target: Path) -> None:
    """Move the row files of the current snapshot to their names, and remove those of the earlier one."""
    replaced = _replaced_by(stage)
    for name in sorted(_ROW_FILES):
        if is_file(stage / name, follow_links=False) and (name in replaced or not exists(target / name)):
            (stage / name).replace(target / name)
    for name in replaced - (_listed_in(target) or replaced):
        _remove(target / name)


def _replaced_by(stage: Path) -> frozenset[str]:
    try:
        names = orjson.loads((stage / _REPLACED).read_bytes())
    except (FileNotFoundError, ValueError):
        return frozenset()
    return _ROW_FILES & {name for name in names if isinstance(name, str)}


def _remove(path: Path) -> None:
    if is_file(path, follow_links=False):
        path.unlink()


def _sync_folder(folder: Path) -> None:
    """Sync the names in a folder to the disk, if the system supports it."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # file systems that cannot sync a folder
            raise
    finally:
        os.close(descriptor)
