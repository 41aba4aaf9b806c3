"""Write OpenGraph files as streams of nodes and edges."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO, Self
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from oktahound.sinks.text import json_bytes

__all__ = ["Document", "write_whole"]


class Document:
    """One OpenGraph file: metadata, nodes, edges, in this order.

    Nodes are written as they come. Edges, which come in between, wait in a file without a name.

    Attributes:
        path: where it is.
        nodes: how many there are.
        edges: how many there are.
    """

    def __init__(self, folder: Path, stem: str, *, source_kind: str | None, compress: bool) -> None:
        """Begin one.

        Args:
            folder: where.
            stem: its name without the suffix.
            source_kind: what is stamped on all nodes that the file mentions; None for nothing.
            compress: write it as the only member of a zip.
        """
        self.path = folder / f"{stem}{'.zip' if compress else '.json'}"
        self.nodes = 0
        self.edges = 0
        with ExitStack() as files:
            self._file = files.enter_context(_private(self.path))
            self._waiting = files.enter_context(tempfile.TemporaryFile(dir=folder))
            self._body: IO[bytes] = self._file
            if compress:
                packed = files.enter_context(ZipFile(self._file, "w"))
                # No time in it: the same graph gives the same bytes.
                member = ZipInfo(f"{stem}.json")
                member.compress_type = ZIP_DEFLATED
                member.external_attr = 0o600 << 16
                self._body = files.enter_context(packed.open(member, "w", force_zip64=True))
            metadata = {} if source_kind is None else {"source_kind": source_kind}
            self._body.write(b'{"metadata":' + json_bytes(metadata) + b',"graph":{"nodes":[')
            self._files = files.pop_all()

    def node(self, value: dict[str, Any]) -> None:
        """Add a node."""
        self._body.write((b",\n" if self.nodes else b"\n") + json_bytes(value))
        self.nodes += 1

    def edge(self, value: dict[str, Any]) -> None:
        """Add an edge."""
        self._waiting.write((b",\n" if self.edges else b"\n") + json_bytes(value))
        self.edges += 1

    def finish(self) -> None:
        """Write what is waiting, and make sure that it is on the disk."""
        self._body.write(b'\n],"edges":[')
        self._waiting.seek(0)
        shutil.copyfileobj(self._waiting, self._body, 1 << 20)
        self._body.write(b"\n]}}\n")
        self._files.close()
        _to_disk(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.finish()
        else:
            self._files.close()


def write_whole(path: Path, value: dict[str, Any]) -> None:
    """Write one small JSON file."""
    with _private(path) as file:
        file.write(json_bytes(value) + b"\n")
    _to_disk(path)


def _private(path: Path) -> BinaryIO:
    return open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))


def _to_disk(path: Path) -> None:
    # A rename can reach the disk before what was written: after a power cut the file would be empty.
    with path.open("rb+") as file:
        os.fsync(file.fileno())
