"""Parquet in part files: a folder for each table that other programs read as one table."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from example_counts import examples
from handwritten.orgs import snapshot_of
from hypothesis import given
from hypothesis import strategies as st
from properties.orgs import orgs

from oktahound import Snapshot, User
from oktahound.errors import ConfigurationError, KindError
from oktahound.graph import GraphRows, NodeRow
from oktahound.sinks import arrow, check_sink
from oktahound.sinks.arrow import read_parquet, rows_of, write_parquet

ORG = snapshot_of(User(id="00u1", login="ann"))
in_parts = partial(write_parquet, rows_per_file=100)
FEW = 6  # rows_per_file for several part files of each table: an organization of one user has 16 nodes


def files(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def ids(path: Path) -> set[str]:
    return set(pq.read_table(path)["id"].to_pylist())


def test_part_files_pass_check_sink() -> None:
    check_sink(in_parts, lambda folder: rows_of(read_parquet(folder)))


@examples(4, reuse_fixtures=True)
@given(org=orgs(), rows_per_file=st.integers(5, 40))
def test_part_files_contain_the_same_tables(org: Snapshot, rows_per_file: int, tmp_path: Path) -> None:
    folders = write_parquet(org, tmp_path, rows_per_file=rows_per_file)
    expected, found = arrow.tables(org), read_parquet(tmp_path)
    for folder, whole, read in zip(folders, expected, found, strict=True):
        assert read.equals(whole, check_metadata=True)
        lengths = [pq.read_metadata(part).num_rows for part in sorted(folder.iterdir())]
        assert set(lengths[:-1]) <= {rows_per_file}
        assert lengths[-1] <= rows_per_file
        assert sum(lengths) == whole.num_rows
        assert (0 in lengths) == (whole.num_rows == 0)


def test_part_files_can_be_longer_than_a_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oktahound.sinks.arrow.parquet._ROW_GROUP", 65)

    def many() -> Iterator[NodeRow]:
        return (NodeRow(str(number), "Okta_User", {}) for number in range(151))

    nodes, edges = write_parquet(GraphRows(dict, many), tmp_path, rows_per_file=100)
    parts = [pq.read_metadata(part) for part in sorted(nodes.iterdir())]
    assert [part.num_rows for part in parts] == [100, 51]
    assert [part.num_row_groups for part in parts] == [2, 2]
    assert len(ids(nodes)) == 151
    assert [pq.read_metadata(part).num_rows for part in edges.iterdir()] == [0]


def test_other_programs_read_a_folder_as_one_table(snapshot: Snapshot, tmp_path: Path) -> None:
    folders = write_parquet(snapshot, tmp_path, rows_per_file=50)
    for folder, whole in zip(folders, arrow.tables(snapshot), strict=True):
        assert len(list(folder.iterdir())) > 2
        columns = whole.schema.names[:2]
        expected = sorted(map(tuple, zip(*(whole[name].to_pylist() for name in columns), strict=True)))
        with duckdb.connect() as database:
            asked = database.execute(f"SELECT {', '.join(columns)} FROM '{folder}/*.parquet' ORDER BY ALL")
            assert asked.fetchall() == expected
        assert sorted(pd.read_parquet(folder)[columns].itertuples(index=False, name=None)) == expected
        scanned = ds.dataset(folder).to_table(columns=columns)
        assert sorted(zip(*(scanned[name].to_pylist() for name in columns), strict=True)) == expected


def test_every_part_file_contains_gaps_and_withheld_rules(tmp_path: Path) -> None:
    partial_org = snapshot_of(User(id="00u1"), asked=frozenset({"User"}))
    whole = arrow.tables(partial_org).nodes.schema.metadata[b"oktahound"]
    nodes, edges = write_parquet(partial_org, tmp_path, rows_per_file=1)
    parts = [*nodes.iterdir(), *edges.iterdir()]
    assert len(parts) > 2
    assert {pq.read_schema(part).metadata[b"oktahound"] for part in parts} == {whole}


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_part_files_and_their_folders_are_private(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_parquet(ORG, tmp_path / "out", rows_per_file=FEW)
    finally:
        os.umask(before)
    modes = {path.is_dir(): stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "out").rglob("*")}
    assert modes == {True: 0o700, False: 0o600}


@pytest.mark.parametrize("number", [0, -1, 1.5, True, False, "100", [1]])
def test_an_invalid_number_of_rows_is_refused_before_anything_is_written(tmp_path: Path, number: Any) -> None:
    with pytest.raises(ConfigurationError, match="rows_per_file must be a whole number of 1 or more, not"):
        write_parquet(ORG, tmp_path / "out", rows_per_file=number)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("before", [None, FEW, 100], ids=["one file", "many parts", "one part"])
@pytest.mark.parametrize("after", [None, FEW, 100], ids=["one file", "many parts", "one part"])
def test_an_export_replaces_an_earlier_one_of_either_form(
    tmp_path: Path, before: int | None, after: int | None
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    write_parquet(snapshot_of(*(User(id=f"00u{each}") for each in range(3))), tmp_path, rows_per_file=before)
    nodes, _ = write_parquet(ORG, tmp_path, rows_per_file=after)
    assert ids(nodes) == set(arrow.tables(ORG).nodes["id"].to_pylist())
    assert nodes.is_dir() == (after is not None)
    assert not nodes.is_dir() or (len(list(nodes.iterdir())) > 1) == (after == FEW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["edges.parquet", "nodes.parquet", "notes.txt"]
    assert (tmp_path / "notes.txt").read_text() == "mine"


def foreign_parquet(path: Path) -> None:
    pq.write_table(pa.table({"id": [1]}), path)


@pytest.mark.parametrize("after", [None, 5], ids=["one file", "parts"])
@pytest.mark.parametrize("table", ["nodes.parquet", "edges.parquet"])
@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("part-00001.parquet", foreign_parquet),
        ("part-99999.parquet", foreign_parquet),
        ("_SUCCESS", Path.touch),
        ("notes.txt", Path.touch),
        ("deeper", Path.mkdir),
        ("link.parquet", lambda path: path.symlink_to(path.parent / "part-00000.parquet")),
    ],
)
def test_a_file_of_another_program_among_part_files_is_not_removed(
    tmp_path: Path, table: str, name: str, make: Callable[[Path], None], after: int | None
) -> None:
    write_parquet(ORG, tmp_path, rows_per_file=100)
    make(tmp_path / table / name)
    before = files(tmp_path)
    with pytest.raises(ConfigurationError, match=f"{name} is in the way"):
        write_parquet(snapshot_of(), tmp_path, rows_per_file=after)
    assert files(tmp_path) == before
    assert os.path.lexists(tmp_path / table / name)


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    write_parquet(ORG, tmp_path / "other", rows_per_file=FEW)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "nodes.parquet").symlink_to(tmp_path / "other" / "nodes.parquet")
    before = files(tmp_path / "other")
    with pytest.raises(ConfigurationError, match=r"nodes\.parquet is in the way"):
        write_parquet(snapshot_of(), tmp_path / "out", rows_per_file=FEW)
    assert files(tmp_path / "other") == before


@pytest.mark.parametrize("before", [None, FEW], ids=["one file", "parts"])
def test_an_earlier_export_stays_until_the_new_one_is_complete(tmp_path: Path, before: int | None) -> None:
    write_parquet(ORG, tmp_path, rows_per_file=before)
    kept = files(tmp_path)

    def broken() -> Iterator[NodeRow]:
        yield from (NodeRow(str(number), "Okta_User", {}) for number in range(30))
        raise KindError("no such kind")

    with pytest.raises(KindError):
        write_parquet(GraphRows(dict, broken), tmp_path, rows_per_file=10)
    assert files(tmp_path) == kept
    assert sorted(path.name for path in tmp_path.iterdir()) == ["edges.parquet", "nodes.parquet"]


@pytest.mark.parametrize("before", [None, FEW], ids=["one file", "parts"])
@pytest.mark.parametrize("after", [None, FEW], ids=["one file", "parts"])
def test_if_a_rename_fails_the_earlier_table_is_restored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int | None, after: int | None
) -> None:
    write_parquet(ORG, tmp_path, rows_per_file=before)
    kept = files(tmp_path)

    def refusing(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Path, target: Path) -> Any:
            if path.parent.name.startswith(".parquet-") and path.name == "nodes.parquet":
                raise OSError(errno.EIO, "the disk fails")
            return real(path, target)

        return call

    for name in ("rename", "replace"):
        monkeypatch.setattr(Path, name, refusing(getattr(Path, name)))
    with pytest.raises(OSError, match="the disk fails"):
        write_parquet(snapshot_of(), tmp_path, rows_per_file=after)
    assert files(tmp_path) == kept
