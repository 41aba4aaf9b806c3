"""The folder that `write_parquet` writes to: private, and never written over files of others."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from handwritten.orgs import snapshot_of

from oktahound import User
from oktahound.errors import ConfigurationError
from oktahound.sinks.arrow import read_parquet, write_parquet

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
