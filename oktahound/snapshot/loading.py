"""Load and check a saved snapshot. The folder may be damaged or crafted by an attacker."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, TypeVar

import orjson

from oktahound.entities import ENTITIES, Entity, SharedValues, structure_saved
from oktahound.errors import SnapshotError
from oktahound.file_types import is_file
from oktahound.snapshot.display import printable
from oktahound.snapshot.folder import MANIFEST, ROWS, STAGE_PREFIX, held_journal, stage_of
from oktahound.snapshot.manifest import File, Manifest, UnknownFormatError

if TYPE_CHECKING:
    from oktahound.snapshot.snapshot import Snapshot

__all__ = ["MAX_BYTES", "MAX_MANIFEST", "load"]

MAX_BYTES = 16 * 2**30
"""Default limit of `load` on the unpacked size: 16 GiB."""

MAX_MANIFEST = 2**30
"""Maximum size of a manifest in bytes. It is parsed in one piece. A million gaps need a third of it."""

PACKING = 2**16
"""Maximum overhead of gzip in bytes, for files with short rows."""

_DAMAGED = "Restore the snapshot from a backup, or collect the organization again"
_LARGE = "Pass a larger max_bytes if you trust the snapshot"
_TRIM_EVERY = 4096
"""Rows after which the number of shared values is checked."""

_ATTEMPTS = 1000
"""Maximum attempts to open the files while other processes replace them."""

OpenFile: TypeAlias = tuple[Path, BinaryIO]

S = TypeVar("S", bound="Snapshot")


def load(make: Callable[..., S], folder: str | os.PathLike[str], max_bytes: int) -> S:
    """Load and check a snapshot; `make` is the class to create.

    All files are opened before the first row is read, so that a concurrent save cannot replace one of them.
    If a save takes effect while they are being opened, they are opened again.
    """
    source = Path(folder)
    shared = SharedValues()
    try:
        with ExitStack() as opened:
            manifest, files = _open(source, max_bytes, opened)
            rows: dict[str, Any] = {
                cls.PLURAL: tuple(_read_rows(*files[cls.PLURAL], cls, manifest.files[cls.PLURAL], shared))
                for cls in ENTITIES
                if cls.PLURAL in manifest.files
            }
    except OSError as error:
        raise SnapshotError(f"{source} could not be read: {error}") from error
    except MemoryError:
        raise SnapshotError(
            f"{source} does not fit into memory when it is unpacked: use a machine with more"
        ) from None
    if [organization.id for organization in rows["organizations"]] != [manifest.organization]:
        raise SnapshotError(f"{source} does not contain exactly the organization that its manifest names")
    return make(
        domain=manifest.domain,
        started_at=manifest.started_at,
        collected_at=manifest.collected_at,
        asked=frozenset(manifest.asked),
        options=manifest.options,
        gaps=manifest.gaps,
        interruptions=manifest.interruptions,
        **rows,
    )


def _open(source: Path, max_bytes: int, opened: ExitStack) -> tuple[Manifest, dict[str, OpenFile]]:
    """Open the current manifest and its row files."""
    for _ in range(_ATTEMPTS):
        with ExitStack() as attempt:
            _refuse_missing_manifest(source)
            path = source / MANIFEST
            file = attempt.enter_context(path.open("rb"))
            manifest, stage = _read_manifest(path, file, max_bytes)
            places = [source] if stage is None else [source / stage, source]
            try:
                files = {name: _open_rows(places, name, attempt) for name in manifest.files}
            except (OSError, SnapshotError):
                if _is_in_place(file, path):
                    raise
                continue
            # While it is open, no other file can have the same inode number.
            if _is_in_place(file, path):
                opened.enter_context(attempt.pop_all())
                return manifest, files
    raise SnapshotError(f"{source} could not be read: other processes keep saving to it")


def _is_in_place(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _open_rows(places: Sequence[Path], name: str, opened: ExitStack) -> OpenFile:
    """Open one row file, in the stage of the snapshot if it has not been moved yet, else in the folder."""
    for path in [place / f"{name}{ROWS}" for place in places]:
        if is_file(path):  # opening a pipe with this name would block
            with suppress(FileNotFoundError):  # it was moved from the stage after the line above
                return path, opened.enter_context(path.open("rb"))
    raise SnapshotError(f"{places[-1] / name}{ROWS} is missing. {_DAMAGED}")


def _refuse_missing_manifest(source: Path) -> None:
    if is_file(source / MANIFEST):
        return
    if held_journal(source) is not None:
        raise SnapshotError(
            f"{source} is not a snapshot yet: its collection is unfinished. "
            f"Resume it with oktahound.collect(client, into={str(source)!r})"
        )
    raise SnapshotError(
        f"{source} is not a snapshot: it has no {MANIFEST}. Give a folder written by collect or save"
    )


def _read_manifest(path: Path, file: BinaryIO, max_bytes: int) -> tuple[Manifest, str | None]:
    """Read a manifest, and the name of the stage that may still contain its rows."""
    size = os.fstat(file.fileno()).st_size
    if size > max_bytes:
        raise SnapshotError(f"{path} has {size} bytes, more than max_bytes={max_bytes}. {_LARGE}")
    if size > MAX_MANIFEST:
        raise SnapshotError(f"{path} has {size} bytes, more than the {MAX_MANIFEST} that a manifest may have")
    try:
        manifest = Manifest.from_json(text := file.read())
    except UnknownFormatError as error:
        raise SnapshotError(f"{path} cannot be read: {error}") from None
    except ValueError as error:
        raise SnapshotError(f"{path} is damaged: {printable(str(error))}. {_DAMAGED}") from None
    size += sum(file.bytes for file in manifest.files.values())
    if size > max_bytes:
        raise SnapshotError(
            f"{path.parent} unpacks to {size} bytes, more than max_bytes={max_bytes}. {_LARGE}"
        )
    _check_names(path, manifest)
    return manifest, stage_of(text) if any(path.parent.glob(f"{STAGE_PREFIX}*")) else None


def _check_names(path: Path, manifest: Manifest) -> None:
    """Refuse a manifest with unknown entities, or without a file for each requested entity."""
    files = {cls.__name__: cls.PLURAL for cls in ENTITIES}
    unknown = sorted(manifest.files.keys() - set(files.values())) + sorted(set(manifest.asked) - files.keys())
    if unknown:
        raise SnapshotError(
            f"{path} lists rows of an entity unknown to this version of oktahound: {unknown[0][:80]!r}. "
            "Load it with the version that saved it, or a later one"
        )
    missing = [name for name in ("Organization", *manifest.asked) if files[name] not in manifest.files]
    if missing:
        raise SnapshotError(f"{path} is damaged: it names no file for {missing[0]}")


def _read_rows(
    path: Path, packed: BinaryIO, cls: type[Entity], expected: File, shared: SharedValues
) -> Iterator[Entity]:
    digest, size, count = hashlib.sha256(), 0, 0
    # gzip ignores zeros after the last byte, and a sparse file can have terabytes of them.
    if (length := os.fstat(packed.fileno()).st_size) > 2 * expected.bytes + PACKING:
        raise SnapshotError(f"{path} is damaged: {length} bytes cannot be {expected.bytes} bytes packed")
    try:
        with gzip.GzipFile(fileobj=packed, mode="rb") as file:
            # Never reads more than the stated size, so that a decompression bomb is not unpacked.
            while line := file.readline(expected.bytes - size + 1):
                size += len(line)
                count += 1
                if size > expected.bytes:
                    raise SnapshotError(f"{path} unpacks to more than the {expected.bytes} bytes saved")
                digest.update(line)
                if count % _TRIM_EVERY == 0:
                    shared.trim()
                yield _read_row(path, cls, count, line, shared)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SnapshotError(f"{path} is truncated or damaged: {error}. {_DAMAGED}") from None
    if count != expected.rows or size != expected.bytes or digest.hexdigest() != expected.sha256:
        raise SnapshotError(
            f"{path} was altered: these are not the {expected.rows} rows that were saved. {_DAMAGED}"
        )


def _read_row(path: Path, cls: type[Entity], number: int, line: bytes, shared: SharedValues) -> Entity:
    try:
        return structure_saved(cls, orjson.loads(line), shared)
    except (ValueError, TypeError, KeyError) as error:
        # The name of an unknown field may be as long as the line and contain any characters.
        raise SnapshotError(f"{path}, line {number}: {printable(str(error))}") from None
