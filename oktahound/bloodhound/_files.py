"""What to upload: which files are meant, and their bytes, again and again from the disk."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import anyio.to_thread
import attrs

from oktahound.errors import ConfigurationError, UploadError

__all__ = ["Content", "Paths", "Piece", "gather"]

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]

_CHUNK = 1024 * 1024
_TYPES = {".json": "application/json", ".zip": "application/zip"}
# What `write_opengraph` writes: okta-graph.json, okta-graph-hybrid.json, …, or the same as .zip.
_OURS = "okta-graph*"
_PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")


@attrs.frozen
class Piece:
    """One file to send.

    Attributes:
        path: where it is.
        name: its name as an HTTP header can carry it.
        type: its content type.
    """

    path: Path
    name: str
    type: str


def gather(paths: Paths) -> tuple[Piece, ...]:
    """The files that are meant, in the order to send them: a folder's nodes before what matches them.

    Raises:
        ConfigurationError: a path is no file of a type that BloodHound takes, or no folder with a
            graph in it, or the same file is meant twice.
    """
    given = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    found = [file for each in given for file in _files_of(Path(each))]
    if not found:
        raise ConfigurationError("there is no file to upload")
    if len({file.resolve() for file in found}) < len(found):
        raise ConfigurationError("a file is named twice; each would be ingested twice")
    return tuple(_piece(file) for file in found)


def _files_of(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    # By stem: okta-graph, whose nodes the other files match, comes before okta-graph-hybrid.
    files = sorted((file for file in path.glob(_OURS) if file.suffix in _TYPES), key=lambda file: file.stem)
    if not files:
        raise ConfigurationError(f"{path} holds no okta-graph*.json or okta-graph*.zip")
    stems = [file.stem for file in files]
    if twice := {stem for stem in stems if stems.count(stem) > 1}:
        raise ConfigurationError(f"{path} holds {min(twice)} as .json and as .zip; say which one to upload")
    return files


def _piece(path: Path) -> Piece:
    kind = _TYPES.get(path.suffix.lower())
    if kind is None:
        raise ConfigurationError(f"{path} is neither .json nor .zip; BloodHound takes nothing else")
    if not path.is_file():
        raise ConfigurationError(f"{path} is not a file")
    return Piece(path, quote(path.name, safe=_PRINTABLE, errors="replace"), kind)


class Content:
    """The bytes of an open file, to be read as often as they are asked for and never kept.

    Args:
        file: stays open between attempts, so that all of them read the same file even if another is
            renamed into its place.
        name: for errors.

    Attributes:
        size: bytes, when it was opened.
        sent: told while it is streamed how many bytes have gone.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name
        self.sent: Callable[[int], None] | None = None
        self.size = os.fstat(file.fileno()).st_size

    def pieces(self) -> Iterator[bytes]:
        """From the beginning to the end, blocking.

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
        """The same for the connection; says how far it has come.

        Raises:
            UploadError: the file has become longer or shorter.
        """
        await anyio.to_thread.run_sync(self._file.seek, 0)
        left = self.size
        self._tell(left)
        while piece := await anyio.to_thread.run_sync(self._read):
            left -= len(piece)
            if left < 0:
                break
            yield piece
            self._tell(left)
        self._check(left)

    def _tell(self, left: int) -> None:
        if self.sent is not None:
            self.sent(self.size - left)

    def _read(self) -> bytes:
        return self._file.read(_CHUNK)

    def _check(self, left: int) -> None:
        if left:
            raise UploadError(f"{self._name} changed while it was uploaded")
