"""A snapshot on disk: a folder of gzipped JSON Lines, one file for each entity, and a manifest.

::

    contoso.okta/
        manifest.json               digest, and under it: format, version, org, times, files, gaps
        users.jsonl.gz              one user a line, fields by their Python names
        …

The manifest holds the row count, the unpacked size and the SHA-256 of every file, and a digest of
itself, so that a file that was cut, swapped or edited is found out before a row of it is believed.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import orjson

from oktahound.entities import ENTITIES, Entity, saved_form, structure_saved
from oktahound.errors import SnapshotError
from oktahound.snapshot.gaps import Gap

if TYPE_CHECKING:
    from oktahound.snapshot.snapshot import Snapshot

__all__ = ["FORMAT", "MAX_BYTES", "VERSION", "load", "save"]

FORMAT = "oktahound snapshot"
VERSION = 1
MAX_BYTES = 16 * 2**30
"""How much unpacked data `load` accepts unless told otherwise: 16 GiB."""

_MANIFEST = "manifest.json"
_MAX_MANIFEST = 256 * 2**20
_CHUNK = 2**20

S = TypeVar("S", bound="Snapshot")


def save(snapshot: Snapshot, folder: str | os.PathLike[str]) -> None:
    """Write a snapshot to a folder that appears whole or not at all."""
    target = Path(folder)
    if target.exists() and not (target / _MANIFEST).is_file() and (not target.is_dir() or any(target.iterdir())):
        raise SnapshotError(f"{target} is in the way: it is not a snapshot, and is not overwritten")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # mkdtemp makes it 0700, and beside the target the rename cannot cross file systems.
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        try:
            _write(snapshot, draft)
            _publish(draft, target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise SnapshotError(f"{target} could not be written: {error}") from error


def _publish(draft: Path, target: Path) -> None:
    if not target.exists():
        draft.rename(target)
        return
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as aside:
        target.rename(Path(aside) / "old")
        draft.rename(target)


def _write(snapshot: Snapshot, draft: Path) -> None:
    files = {}
    for cls in ENTITIES:
        rows = snapshot.rows(cls)
        if cls.__name__ in snapshot.asked or rows:
            lines = (orjson.dumps(saved_form(row)) + b"\n" for row in rows)
            files[cls.PLURAL] = {"rows": len(rows), **_write_lines(draft / f"{cls.PLURAL}.jsonl.gz", lines)}
    content = {
        "format": FORMAT,
        "version": VERSION,
        "domain": snapshot.domain,
        "organization": snapshot.organization.id,
        "startedAt": snapshot.started_at,
        "collectedAt": snapshot.collected_at,
        "asked": sorted(snapshot.asked),
        "files": files,
        "gaps": [gap.as_dict() for gap in snapshot.gaps],
    }
    # Through JSON once, so that what is digested is what a reader will see.
    content = orjson.loads(orjson.dumps(content))
    manifest = {"digest": _digest(content), "snapshot": content}
    with _private(draft / _MANIFEST) as file:
        file.write(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))


def _write_lines(path: Path, lines: Iterator[bytes]) -> dict[str, Any]:
    size, digest = 0, hashlib.sha256()
    # No name and no time in the gzip header: the same rows give the same bytes.
    with _private(path) as file, gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0, compresslevel=6) as packed:
        for line in lines:
            size += len(line)
            digest.update(line)
            packed.write(line)
    return {"bytes": size, "sha256": digest.hexdigest()}


@contextlib.contextmanager
def _private(path: Path) -> Iterator[BinaryIO]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def load(make: Callable[..., S], folder: str | os.PathLike[str], max_bytes: int) -> S:
    """Read a snapshot and check it; `make` is the class to make of it."""
    source = Path(folder)
    try:
        content = _read_manifest(source / _MANIFEST)
        rows: dict[str, tuple[Entity, ...]] = {}
        for cls in ENTITIES:
            if cls.PLURAL in content["files"]:
                about = content["files"].pop(cls.PLURAL)
                max_bytes -= about["bytes"]
                if max_bytes < 0:
                    raise SnapshotError(f"{source} unpacks to more than is accepted: see max_bytes")
                rows[cls.PLURAL] = tuple(_read_rows(source / f"{cls.PLURAL}.jsonl.gz", cls, about))
        if content["files"]:
            raise SnapshotError(f"{source} holds an unknown kind of rows: {min(content['files'])!r}")
        snapshot = make(
            domain=content["domain"],
            started_at=datetime.fromisoformat(content["startedAt"]),
            collected_at=datetime.fromisoformat(content["collectedAt"]),
            asked=frozenset(content["asked"]),
            gaps=tuple(Gap.from_dict(gap) for gap in content["gaps"]),
            **rows,
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise SnapshotError(f"{source / _MANIFEST} is not a snapshot's manifest: {error!r}") from error
    except OSError as error:
        raise SnapshotError(f"{source} could not be read: {error}") from error
    if len(snapshot.organizations) != 1:
        raise SnapshotError(f"{source} holds {len(snapshot.organizations)} organizations and not one")
    return snapshot


def _read_manifest(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise SnapshotError(f"{path.parent} is not a snapshot: it has no {_MANIFEST}")
    if path.stat().st_size > _MAX_MANIFEST:
        raise SnapshotError(f"{path} is larger than a manifest can be")
    manifest = orjson.loads(path.read_bytes())
    content: dict[str, Any] = manifest["snapshot"]
    if content["format"] != FORMAT or content["version"] != VERSION:
        raise SnapshotError(
            f"{path.parent} has format {content['format']!r} version {content['version']!r}; "
            f"this version of oktahound reads {FORMAT!r} version {VERSION}"
        )
    if manifest["digest"] != _digest(content):
        raise SnapshotError(f"{path} was altered: its digest does not fit")
    return content


def _read_rows(path: Path, cls: type[Entity], about: dict[str, Any]) -> Iterator[Entity]:
    digest, size, count, rest = hashlib.sha256(), 0, 0, b""
    try:
        with gzip.open(path, "rb") as file:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                # Checked on the way: what unpacks to more than it should is not unpacked to the end.
                if size > about["bytes"]:
                    raise SnapshotError(f"{path} unpacks to more than the {about['bytes']} bytes it should hold")
                digest.update(chunk)
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    count += 1
                    yield _read_row(path, cls, count, line)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SnapshotError(f"{path} is cut short or damaged: {error}") from error
    if size != about["bytes"] or count != about["rows"] or rest or digest.hexdigest() != about["sha256"]:
        raise SnapshotError(f"{path} was altered: it holds {count} rows of {about['rows']}, or others than were saved")


def _read_row(path: Path, cls: type[Entity], number: int, line: bytes) -> Entity:
    try:
        return structure_saved(cls, orjson.loads(line))
    except ValueError as error:
        raise SnapshotError(f"{path}, line {number}: {error}") from error
