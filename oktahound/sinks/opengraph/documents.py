"""Write OpenGraph files node by node and edge by edge, without holding them in memory."""

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

    Nodes are written at once. Edges, which come between nodes, are written to an anonymous temporary file
    first.

    Attributes:
        path: path of the file.
        nodes: number of nodes so far.
        edges: number of edges so far.
    """

    def __init__(self, folder: Path, stem: str, *, source_kind: str | None, compress: bool) -> None:
        """Create the file and write its beginning.

        Args:
            folder: the folder of the file.
            stem: its name without the suffix.
            source_kind: the kind that BloodHound adds to all nodes that the file mentions; None for none.
            compress: write it as the only member of a zip file.
        """
        self.path = folder / f"{stem}{'.zip' if compress else '.json'}"
        self.nodes = 0
        self.edges = 0
        with ExitStack() as files:
            self._file = files.enter_context(_private(self.path))
            self._edges_file = files.enter_context(tempfile.TemporaryFile(dir=folder))
            self._body: IO[bytes] = self._file
            if compress:
                packed = files.enter_context(ZipFile(self._file, "w"))
                # Without a time, so that the same graph gives the same bytes.
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
        self._edges_file.write((b",\n" if self.edges else b"\n") + json_bytes(value))
        self.edges += 1

    def finish(self) -> None:
        """Append the edges, and flush the file to disk."""
        self._body.write(b'\n],"edges":[')
        self._edges_file.seek(0)
        shutil.copyfileobj(self._edges_file, self._body)
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
    # A rename can reach the disk before the content: after a power cut, the file would be empty.
    with path.open("rb+") as file:
        os.fsync(file.fileno())
