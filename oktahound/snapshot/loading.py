"""Reading a saved snapshot back. The folder may have been damaged, or sent by somebody who means harm."""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from oktahound.entities import ENTITIES, Entity, structure_saved
from oktahound.errors import SnapshotError
from oktahound.snapshot.disk import MANIFEST, ROWS
from oktahound.snapshot.display import printable
from oktahound.snapshot.journal import JOURNAL
from oktahound.snapshot.manifest import File, Manifest, UnknownFormatError

if TYPE_CHECKING:
    from oktahound.snapshot.snapshot import Snapshot

__all__ = ["MAX_BYTES", "MAX_MANIFEST", "load"]

MAX_BYTES = 16 * 2**30
"""How much unpacked data `load` accepts unless told otherwise: 16 GiB."""

MAX_MANIFEST = 2**30
"""How long a manifest may be, in bytes: it is parsed in one piece. A million gaps take a third of it."""

PACKING = 2**16
"""What gzip may add to a file, in bytes, however short its rows."""

S = TypeVar("S", bound="Snapshot")


def load(make: Callable[..., S], folder: str | os.PathLike[str], max_bytes: int) -> S:
    """Read a snapshot and check it; `make` is the class to make of it."""
    source = Path(folder)
    try:
        manifest = _read_manifest(source / MANIFEST, max_bytes)
        rows: dict[str, Any] = {
            cls.PLURAL: tuple(_read_rows(source / f"{cls.PLURAL}{ROWS}", cls, manifest.files[cls.PLURAL]))
            for cls in ENTITIES
            if cls.PLURAL in manifest.files
        }
    except OSError as error:
        raise SnapshotError(f"{source} could not be read: {error}") from error
    except MemoryError:
        raise SnapshotError(f"{source} unpacks to more than fits into memory") from None
    if [organization.id for organization in rows["organizations"]] != [manifest.organization]:
        raise SnapshotError(f"{source} does not hold the one organization that its manifest names")
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


def _read_manifest(path: Path, max_bytes: int) -> Manifest:
    if not path.is_file():
        if path.with_name(JOURNAL).is_file():
            raise SnapshotError(
                f"{path.parent} is not a snapshot yet: its collection was not finished, and "
                f"oktahound.collect(client, into={str(path.parent)!r}) goes on with it"
            )
        raise SnapshotError(f"{path.parent} is not a snapshot: it has no {MANIFEST}")
    size = path.stat().st_size
    if size > max_bytes:
        raise SnapshotError(f"{path} has {size} bytes, more than max_bytes={max_bytes}")
    if size > MAX_MANIFEST:
        raise SnapshotError(f"{path} has {size} bytes, more than the {MAX_MANIFEST} that a manifest may have")
    try:
        manifest = Manifest.from_json(path.read_bytes())
    except UnknownFormatError as error:
        raise SnapshotError(f"{path} cannot be read: {error}") from None
    except ValueError as error:
        raise SnapshotError(f"{path} is damaged: {printable(str(error))}") from None
    size += sum(file.bytes for file in manifest.files.values())
    if size > max_bytes:
        raise SnapshotError(f"{path.parent} unpacks to {size} bytes, more than max_bytes={max_bytes}")
    _check_names(path, manifest)
    return manifest


def _check_names(path: Path, manifest: Manifest) -> None:
    """Refuse a manifest of unknown entities, or without a file for each that was asked for."""
    files = {cls.__name__: cls.PLURAL for cls in ENTITIES}
    unknown = sorted(manifest.files.keys() - set(files.values())) + sorted(set(manifest.asked) - files.keys())
    if unknown:
        raise SnapshotError(f"{path} speaks of rows that this version does not know: {unknown[0][:80]!r}")
    missing = [name for name in ("Organization", *manifest.asked) if files[name] not in manifest.files]
    if missing:
        raise SnapshotError(f"{path} is damaged: it names no file for {missing[0]}")


def _read_rows(path: Path, cls: type[Entity], about: File) -> Iterator[Entity]:
    digest, size, count = hashlib.sha256(), 0, 0
    if not path.is_file():  # a pipe under this name would be waited at for ever
        raise SnapshotError(f"{path} is missing")
    # Zeros after the last byte are padding to gzip, and a file with holes can hold terabytes of them.
    if (packed := path.stat().st_size) > 2 * about.bytes + PACKING:
        raise SnapshotError(f"{path} is damaged: {packed} bytes cannot be {about.bytes} bytes packed")
    try:
        with gzip.open(path, "rb") as file:
            # Never more than it should hold: what unpacks to more is not unpacked to the end.
            while line := file.readline(about.bytes - size + 1):
                size += len(line)
                count += 1
                if size > about.bytes:
                    raise SnapshotError(f"{path} unpacks to more than the {about.bytes} bytes saved")
                digest.update(line)
                yield _read_row(path, cls, count, line)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SnapshotError(f"{path} is cut short or damaged: {error}") from None
    if count != about.rows or size != about.bytes or digest.hexdigest() != about.sha256:
        raise SnapshotError(f"{path} was altered: these are not the {about.rows} rows that were saved")


def _read_row(path: Path, cls: type[Entity], number: int, line: bytes) -> Entity:
    try:
        return structure_saved(cls, orjson.loads(line))
    except (ValueError, TypeError, KeyError) as error:
        # An unknown field's name may be as long as the line, and anything may be in it.
        raise SnapshotError(f"{path}, line {number}: {printable(str(error))}") from None
