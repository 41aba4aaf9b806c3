"""Only an absent file counts as absent; any other error is raised, on each version of Python."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from oktahound.file_types import exists, is_file, is_folder


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name, target in (
        ("to file", "file"),
        ("to folder", "folder"),
        ("to nothing", "gone"),
        ("loop", "loop"),
    ):
        (tmp_path / name).symlink_to(target)
    return tmp_path


@pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")
def test_types_with_and_without_following_links(scene: Path) -> None:
    names = {path.name for path in scene.iterdir()}
    absent = {"gone", "file/below a file", "nul\0"}
    taken = {name for name in names | absent if exists(scene / name)}
    assert taken == names
    assert {name for name in names | absent if is_file(scene / name)} == {"file", "to file"}
    assert {name for name in names | absent if is_file(scene / name, follow_links=False)} == {"file"}
    assert {name for name in names | absent if is_folder(scene / name)} == {"folder", "to folder"}
    assert {name for name in names | absent if is_folder(scene / name, follow_links=False)} == {"folder"}


@pytest.mark.parametrize("question", [exists, is_file, is_folder])
@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES, errno.ESTALE, errno.ENAMETOOLONG])
def test_an_error_is_raised(question, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "stat", fail)
    monkeypatch.setattr(os, "lstat", fail)
    with pytest.raises(OSError, match=os.strerror(code)):
        question(tmp_path / "anything")
