"""The protocol that every sink implements, and a check for the tests of a new sink."""

from __future__ import annotations

import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from os import name as operating_system
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from oktahound.graph.rows import EdgeRow, GraphRows, NodeRow
from oktahound.sinks.samples import SAMPLES

__all__ = ["Sink", "check_sink"]

Row: TypeAlias = NodeRow | EdgeRow
Key: TypeAlias = tuple[str, ...]


class Sink(Protocol):
    """Writes a graph in one format.

    Every function with this signature is a sink, such as `oktahound.write_opengraph` and
    `oktahound.sinks.arrow.write_parquet`. `oktahound.graph.GraphRows` describes the guarantees about rows.
    `oktahound.sinks.check_sink` checks these requirements:

    - A sink writes every node and edge with all attributes, or documents what its format cannot represent.
    - It creates a missing folder, and replaces its earlier result.
    - Only their owner can read its files, because a graph shows how to attack its org.
    - Files appear when they are complete. If the rows raise an exception, the earlier result stays.
    """

    def __call__(self, rows: GraphRows, folder: Path, /) -> object:
        """Write the rows to a folder."""
        ...


def check_sink(
    write: Sink,
    read: Callable[[Path], Iterable[Row]],
    *,
    kept: Callable[[Row], Row | None] = lambda row: row,
) -> None:
    """Check that a sink writes any graph completely, and never leaves a partial result.

    It writes several graphs and reads each back: an empty graph, every kind of edge, hostile text in every
    place, every type of attribute, placeholders, objects outside the org, inactive edges, parallel edges and
    loops, and many rows. It overwrites earlier results, interrupts the rows in the middle, and checks the
    permissions of the files. It needs no test library.

    Args:
        write: the sink.
        read: reads the rows that the sink wrote to a folder, in any order.
        kept: for a format that cannot represent everything: returns the row as it is expected back, or None
            if the sink does not write it.

    Raises:
        AssertionError: the sink does not preserve a graph. The message describes the first difference.
    """
    with tempfile.TemporaryDirectory() as scratch:
        before: dict[Key, str] = {}
        folder = Path(scratch, "made", "by the sink")
        for name, rows in SAMPLES.items():
            write(GraphRows(_metadata, partial(iter, rows)), folder)
            before = _compare(name, rows, read(folder), kept)
            _check_modes(folder)
        _check_interruption(write, folder)
        after = {_key(row): _content(row) for row in read(folder)}
        _check(after == before, "an interrupted write changed the earlier result")
        _check_modes(folder)


def _metadata() -> dict[str, Any]:
    return {"organization": "00oOrg", "oktaDomain": "contoso.okta.com", "gaps": [], "unmatched": []}


def _compare(
    name: str, written: Iterable[Row], read: Iterable[Row], kept: Callable[[Row], Row | None]
) -> dict[Key, str]:
    expected = {_key(row): _content(row) for each in written if (row := kept(each)) is not None}
    actual: dict[Key, str] = {}
    for row in read:
        _check(_key(row) not in actual, f"{name}: {_key(row)} was read back twice")
        actual[_key(row)] = _content(row)
    for key, content in expected.items():
        _check(key in actual, f"{name}: {key} was written but not read back")
        _check(
            actual[key] == content, f"{name}: {key} was written as {content} and read back as {actual[key]}"
        )
    for key in actual:
        _check(key in expected, f"{name}: {key} was read back but never written")
    return actual


def _key(row: Row) -> Key:
    return ("node", row.id) if isinstance(row, NodeRow) else ("edge", row.start, row.kind.name, row.end)


def _content(row: Row) -> str:
    """Return the content of a row as text, so that 1 differs from True."""
    attributes: Any = dict(sorted(row.attributes.items()))
    return repr((row.kind if isinstance(row, NodeRow) else row.kind.name, attributes))


class _IterationError(Exception):
    """Represents any error during the iteration of rows."""


def _check_interruption(write: Sink, folder: Path) -> None:
    def interrupted() -> Iterator[Row]:
        yield NodeRow("00oOrg", "Okta_Organization", {"name": "this row must not be left in any file"})
        raise _IterationError

    try:
        write(GraphRows(_metadata, interrupted), folder)
    except _IterationError:
        return
    _check(False, "the rows raised an exception, but the sink did not propagate it")


def _check_modes(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    _check(bool(files), f"nothing was written to {folder}")
    if operating_system == "posix":
        for path in files:
            mode = stat.S_IMODE(path.stat().st_mode)
            _check(not mode & 0o077, f"{path.name} can be read by others: {mode:o}")


def _check(condition: bool, message: str) -> None:
    # Not `assert`, because `python -O` removes it.
    if not condition:
        raise AssertionError(message)
