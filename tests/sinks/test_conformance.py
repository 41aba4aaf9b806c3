"""`check_sink` accepts a correct sink, and names the fault of a wrong one."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from oktahound.graph import EDGE_KINDS, EdgeRow, GraphRows, NodeRow
from oktahound.sinks import check_sink


def as_line(row: NodeRow | EdgeRow) -> list[Any]:
    if isinstance(row, NodeRow):
        return ["node", row.id, row.kind, dict(row.attributes)]
    return ["edge", row.kind.name, row.start, row.end, dict(row.attributes)]


def write_lines(rows: GraphRows, folder: Path, line: Callable[[Any], Any] = as_line) -> None:
    """Write JSON Lines: a complete sink."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / ".draft"
    with open(draft, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.writelines(f"{json.dumps(line(row))}\n" for row in rows)
    draft.replace(folder / "rows.jsonl")


def read_lines(folder: Path) -> Iterator[NodeRow | EdgeRow]:
    for line in (folder / "rows.jsonl").read_text(encoding="utf-8").splitlines():
        what, *rest = json.loads(line)
        yield NodeRow(*rest) if what == "node" else EdgeRow(EDGE_KINDS[rest[0]], *rest[1:])


def test_a_correct_sink_passes():
    check_sink(write_lines, read_lines)


def changed(change: Callable[[list[Any]], Any]) -> Callable[[GraphRows, Path], None]:
    return lambda rows, folder: write_lines(rows, folder, lambda row: change(as_line(row)))


def without_inactive(line: list[Any]) -> list[Any]:
    return [*line[:-1], {name: value for name, value in line[-1].items() if name != "active"}]


def upper(line: list[Any]) -> list[Any]:
    return [line[0], *(each.upper() for each in line[1:2]), *line[2:]] if line[0] == "node" else line


def flags_as_numbers(line: list[Any]) -> list[Any]:
    numbers = {name: int(value) if value is True else value for name, value in line[-1].items()}
    return [*line[:-1], numbers]


def without_loops(rows: GraphRows, folder: Path) -> None:
    kept = [row for row in rows if isinstance(row, NodeRow) or row.start != row.end]
    write_lines(GraphRows(dict, lambda: iter(kept)), folder)


def twice(rows: GraphRows, folder: Path) -> None:
    write_lines(GraphRows(dict, lambda: (each for row in rows for each in (row, row))), folder)


def appended(rows: GraphRows, folder: Path) -> None:
    before = list(read_lines(folder)) if (folder / "rows.jsonl").exists() else []
    write_lines(GraphRows(dict, lambda: iter([*before, *rows])), folder)


def in_place(rows: GraphRows, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "rows.jsonl"
    with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.writelines(f"{json.dumps(as_line(row))}\n" for row in rows)


def swallowing(rows: GraphRows, folder: Path) -> None:
    try:
        write_lines(rows, folder)
    except Exception:  # noqa: BLE001 - what the kit is to find
        return


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (
            changed(without_inactive),
            "placeholders and objects outside the org: .* was written as .*'active': False.* read back as",
        ),
        (changed(upper), "was written but not read back|read back twice"),
        (changed(flags_as_numbers), "was written as .*True.* and read back as .*1"),
        (without_loops, "'00u0'.* was written but not read back"),
        (twice, "was read back twice"),
        (appended, "was read back but never written"),
        (in_place, "changed the earlier result"),
        (swallowing, "did not propagate it"),
    ],
)
def test_the_error_names_the_fault_of_a_sink(write: Any, words: str):
    with pytest.raises(AssertionError, match=f"(?s){words}"):
        check_sink(write, read_lines)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such modes")
def test_the_error_names_files_that_others_can_read():
    def open_to_all(rows: GraphRows, folder: Path) -> None:
        write_lines(rows, folder)
        (folder / "rows.jsonl").chmod(0o644)

    with pytest.raises(AssertionError, match=r"rows\.jsonl can be read by others: 644"):
        check_sink(open_to_all, read_lines)


def test_a_sink_that_writes_nothing_is_an_error():
    def nothing(rows: GraphRows, folder: Path) -> None:
        for _ in rows:
            folder.mkdir(parents=True, exist_ok=True)

    with pytest.raises(AssertionError, match="was written but not read back"):
        check_sink(nothing, lambda folder: ())


def test_kept_describes_a_format_that_cannot_represent_everything():
    def kinds(rows: GraphRows, folder: Path) -> None:
        write_lines(rows, folder, lambda row: [*as_line(row)[:-1], {}])

    def kept(row: NodeRow | EdgeRow) -> NodeRow | EdgeRow:
        return row._replace(attributes={})

    check_sink(kinds, read_lines, kept=kept)
    with pytest.raises(AssertionError):
        check_sink(kinds, read_lines)
