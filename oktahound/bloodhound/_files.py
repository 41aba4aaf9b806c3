"""Find the files to upload, and stream their content from disk, once for each attempt."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import anyio.to_thread
import attrs

from oktahound.errors import ConfigurationError, UploadError
from oktahound.file_types import is_file, is_folder

__all__ = ["Content", "Paths", "UploadFile", "find_files"]

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]

_CHUNK = 1024 * 1024
_TYPES = {".json": "application/json", ".zip": "application/zip"}
# Files of `write_opengraph`: okta-graph.json, okta-graph-hybrid.json, …, or the same as .zip.
_GRAPH_FILES = "okta-graph*"
_PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")


@attrs.frozen
class UploadFile:
    """One file to upload.

    Attributes:
        path: its path.
        name: its name, percent-encoded for an HTTP header.
        type: its content type.
    """

    path: Path
    name: str
    type: str


def find_files(paths: Paths) -> tuple[UploadFile, ...]:
    """Find the files to upload, in upload order: nodes come before the files that match them.

    Raises:
        ConfigurationError: a path is not a ``.json`` or ``.zip`` file and not a folder with a graph, or the
            same file is named twice.
    """
    given = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    found = [file for each in given for file in _files_of(Path(each))]
    if not found:
        raise ConfigurationError(
            "no file to upload was found: pass the folder of write_opengraph(), or files"
        )
    if len({file.resolve() for file in found}) < len(found):
        raise ConfigurationError("a file was given twice, and would be ingested twice: give each file once")
    return tuple(_upload_file(file) for file in found)


def _files_of(path: Path) -> list[Path]:
    if not is_folder(path):
        return [path]
    # By stem: okta-graph, whose nodes the other files match, comes before okta-graph-hybrid.
    files = sorted(
        (file for file in path.glob(_GRAPH_FILES) if file.suffix in _TYPES), key=lambda file: file.stem
    )
    if not files:
        raise ConfigurationError(
            f"{path} contains no okta-graph*.json or okta-graph*.zip: call write_opengraph() first"
        )
    stems = [file.stem for file in files]
    if twice := {stem for stem in stems if stems.count(stem) > 1}:
        raise ConfigurationError(
            f"{path} contains {min(twice)} as .json and as .zip: give the path of one of them"
        )
    return files


def _upload_file(path: Path) -> UploadFile:
    kind = _TYPES.get(path.suffix.lower())
    if kind is None:
        raise ConfigurationError(f"{path} is not a .json or .zip file: BloodHound accepts no other files")
    if not is_file(path):
        raise ConfigurationError(f"{path} does not exist or is not a file: check the path")
    return UploadFile(path, quote(path.name, safe=_PRINTABLE, errors="replace"), kind)


class Content:
    """The content of an open file. It can be streamed several times and is never whole in memory.

    Args:
        file: stays open between attempts, so that all of them read the same file even if another is
            renamed to its path.
        name: the name to use in errors.

    Attributes:
        size: its size in bytes when it was opened.
        on_progress: called during streaming with the number of bytes sent.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name
        self.on_progress: Callable[[int], None] | None = None
        self.size = os.fstat(file.fileno()).st_size

    def pieces(self) -> Iterator[bytes]:
        """Read the file from the beginning, blocking.

        Raises:
            UploadError: the file has become longer or shorter.
        """
        self._file.seek(0)
        left = self.size
        while piece := self._read():
            left -= len(piece)
            if left < 0:
                break
            yield piece
        self._check(left)

    async def stream(self) -> AsyncIterator[bytes]:
        """Read the file from the beginning for the connection, and report progress.

        Raises:
            UploadError: the file has become longer or shorter.
        """
        await anyio.to_thread.run_sync(self._file.seek, 0)
        left = self.size
        self._report(left)
        while piece := await anyio.to_thread.run_sync(self._read):
            left -= len(piece)
            if left < 0:
                break
            yield piece
            self._report(left)
        self._check(left)

    def _report(self, left: int) -> None:
        if self.on_progress is not None:
            self.on_progress(self.size - left)

    def _read(self) -> bytes:
        return self._file.read(_CHUNK)

    def _check(self, left: int) -> None:
        if left:
            raise UploadError(f"{self._name} changed while it was uploaded: upload it again")
