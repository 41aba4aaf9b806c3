"""The folder of a sink: private, never written over files of others, and replaced by one writer at a time."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from handwritten.orgs import snapshot_of

from oktahound import Snapshot, User
from oktahound.errors import ConfigurationError
from oktahound.folder_lock import LOCK, locked
from oktahound.sinks import folder
from oktahound.sinks.arrow import read_parquet, write_parquet
from oktahound.sinks.opengraph import write_opengraph

ORG = snapshot_of(User(id="00u1", login="ann"))


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_a_new_folder_has_mode_0700_for_any_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_parquet(ORG, tmp_path / "a" / "out")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a" / "out").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "a" / "out").iterdir()} == {0o600}


def test_files_of_an_earlier_run_are_replaced_and_others_stay(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    write_parquet(snapshot_of(), tmp_path)
    write_parquet(ORG, tmp_path)
    assert "00u1" in read_parquet(tmp_path).nodes["id"].to_pylist()
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["nodes.parquet", "edges.parquet"])
@pytest.mark.parametrize("form", ["Parquet of another program", "text", "a folder", "a link"])
def test_files_of_other_programs_are_not_replaced(tmp_path: Path, name: str, form: str) -> None:
    path = tmp_path / name
    if form.startswith("Parquet"):
        pq.write_table(pa.table({"id": [1]}), path)
    elif form == "text":
        path.write_text("mine")
    elif form == "a folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigurationError, match=f"{name} is in the way"):
        write_parquet(ORG, tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == [name]


# Two writers of one folder


def write_part_files(org: Snapshot, target: Path) -> object:
    return write_parquet(org, target, rows_per_file=6)


WRITERS = pytest.mark.parametrize("write", [write_parquet, write_part_files, write_opengraph])


@WRITERS
def test_two_writers_put_their_files_in_place_in_turns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Snapshot, Path], object]
) -> None:
    other = snapshot_of(*(User(id=f"00u{number}", login=f"user{number}") for number in range(2, 5)))
    target = tmp_path / "out"
    write(other, target)
    expected = content_of(target)
    errors: list[BaseException] = []
    moves = {name: getattr(Path, name) for name in ("rename", "replace")}
    moved = 0

    def write_other() -> None:
        try:
            write(other, target)
        except BaseException as error:  # noqa: BLE001 - the test shows it
            errors.append(error)

    second = threading.Thread(target=write_other)

    def move(name: str) -> Callable[[Path, Path], Any]:
        def move_a_file(path: Path, to: Path) -> Any:
            nonlocal moved
            if threading.current_thread() is not second:
                moved += 1
                if moved == 2:
                    second.start()
                    second.join(0.3)  # enough for it to finish, if it does not wait for its turn
            return moves[name](path, to)

        return move_a_file

    for name in moves:
        monkeypatch.setattr(Path, name, move(name))
    write(ORG, target)
    second.join()
    assert errors == []
    assert content_of(target) == expected


def content_of(target: Path) -> dict[str, bytes]:
    return {str(path.relative_to(target)): path.read_bytes() for path in target.rglob("*") if path.is_file()}


@WRITERS
def test_a_folder_that_stays_locked_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Snapshot, Path], object]
) -> None:
    write(ORG, tmp_path)
    before = content_of(tmp_path)
    monkeypatch.setattr(folder, "_WAIT", 0.05)
    with locked(tmp_path), pytest.raises(TimeoutError, match="another process is writing to"):
        write(snapshot_of(), tmp_path)
    assert content_of(tmp_path) == before
    assert not (tmp_path / LOCK).exists()
