"""Conformance checks that the author of a sink runs in their own tests."""

from __future__ import annotations

import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from os import name as operating_system
from pathlib import Path
from typing import Any, TypeAlias

from oktahound.graph.rows import EdgeRow, GraphRows, NodeRow
from oktahound.sinks.samples import SAMPLES
from oktahound.sinks.sink import Sink

__all__ = ["check_sink"]

Row: TypeAlias = NodeRow | EdgeRow
Key: TypeAlias = tuple[str, ...]


def check_sink(
    write: Sink,
    read: Callable[[Path], Iterable[Row]],
    *,
    kept: Callable[[Row], Row | None] = lambda row: row,
) -> None:
    """Check that a sink writes any graph completely, and never leaves a partial result.

    It writes several graphs with edge cases and reads each back: an empty one, one with every kind of edge,
    hostile text in every place, every type of attribute, placeholders, objects outside the org, inactive
    edges, parallel edges and loops, and one with many rows. It overwrites earlier results, interrupts the
    rows in the middle, and checks the permissions of the files. It needs no test library.

    Args:
        write: the sink.
        read: reads the rows that the sink wrote to a folder, in any order.
        kept: for a format that cannot represent everything: returns the row as it will be read back, or None
            if it is not written.

    Raises:
        AssertionError: the sink does not preserve a graph. Describes the first difference.
    """
    with tempfile.TemporaryDirectory() as scratch:
        before: dict[Key, str] = {}
        folder = Path(scratch, "made", "by the sink")
        for name, rows in SAMPLES.items():
            write(GraphRows(_about, partial(iter, rows)), folder)
            before = _compared(name, rows, read(folder), kept)
            _check_modes(folder)
        _check_breaking_off(write, folder)
        after = {_key(row): _said(row) for row in read(folder)}
        _check(after == before, "an interrupted write has changed the earlier result")
        _check_modes(folder)


def _about() -> dict[str, Any]:
    return {"organization": "00oOrg", "oktaDomain": "contoso.okta.com", "gaps": [], "unmatched": []}


def _compared(
    name: str, rows: Iterable[Row], found: Iterable[Row], kept: Callable[[Row], Row | None]
) -> dict[Key, str]:
    wanted = {_key(row): _said(row) for each in rows if (row := kept(each)) is not None}
    seen: dict[Key, str] = {}
    for row in found:
        _check(_key(row) not in seen, f"{name}: {_key(row)} was read back twice")
        seen[_key(row)] = _said(row)
    for key, said in wanted.items():
        _check(key in seen, f"{name}: {key} was written and not read back")
        _check(seen[key] == said, f"{name}: {key} was written as {said} and read back as {seen[key]}")
    for key in seen:
        _check(key in wanted, f"{name}: {key} was read back and never written")
    return seen


def _key(row: Row) -> Key:
    return ("node", row.id) if isinstance(row, NodeRow) else ("edge", row.start, row.kind.name, row.end)


def _said(row: Row) -> str:
    """The content of a row as text, so that 1 differs from True."""
    attributes: Any = dict(sorted(row.attributes.items()))
    return repr((row.kind if isinstance(row, NodeRow) else row.kind.name, attributes))


class _BrokenOffError(Exception):
    """Stands for any error during the iteration of rows."""


def _check_breaking_off(write: Sink, folder: Path) -> None:
    def walk() -> Iterator[Row]:
        yield NodeRow("00oOrg", "Okta_Organization", {"name": "nothing of this may be left"})
        raise _BrokenOffError

    try:
        write(GraphRows(_about, walk), folder)
    except _BrokenOffError:
        return
    _check(False, "the rows raised an exception, and the sink did not pass it on")


def _check_modes(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    _check(bool(files), f"nothing was written to {folder}")
    if operating_system == "posix":
        for path in files:
            mode = stat.S_IMODE(path.stat().st_mode)
            _check(not mode & 0o077, f"{path.name} can be read by others: {mode:o}")


def _check(holds: bool, words: str) -> None:
    # No `assert`, which `python -O` removes.
    if not holds:
        raise AssertionError(words)
