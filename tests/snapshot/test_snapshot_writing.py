"""Saving: private, complete or not at all, and never over other files."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import attrs
import orjson
import pytest
from handwritten.orgs import snapshot_of

from oktahound import Gap, GapReason, Snapshot, User
from oktahound.errors import SnapshotError
from oktahound.snapshot import disk

ANN = snapshot_of(User(id="00u1", login="ann"))
BOB = snapshot_of(User(id="00u2", login="bob"))

on_posix = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def everything_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@on_posix
def test_only_the_owner_can_read_the_files(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        ANN.save(tmp_path / "org.okta")
    finally:
        os.umask(before)
    assert mode(tmp_path / "org.okta") == 0o700
    assert {mode(path) for path in (tmp_path / "org.okta").iterdir()} == {0o600}


def test_parent_folders_are_created(tmp_path: Path) -> None:
    ANN.save(tmp_path / "a" / "b" / "org.okta")
    assert Snapshot.load(tmp_path / "a" / "b" / "org.okta") == ANN


def test_the_folder_can_be_named_by_a_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ANN.save("org.okta")
    assert Snapshot.load("org.okta") == ANN


def test_the_folder_has_a_manifest_and_a_file_for_each_requested_entity(tmp_path: Path) -> None:
    attrs.evolve(ANN, asked=frozenset({"Organization", "User", "Group"})).save(tmp_path / "org.okta")
    names = {path.name for path in (tmp_path / "org.okta").iterdir()}
    assert names == {"manifest.json", "organizations.jsonl.gz", "users.jsonl.gz", "groups.jsonl.gz"}


def test_the_content_of_the_manifest(tmp_path: Path) -> None:
    gap = Gap(entity="Group", reason=GapReason.FORBIDDEN, request="GET /api/v1/groups", status=403)
    attrs.evolve(ANN, gaps=(gap,), asked=frozenset({"User", "Organization"})).save(tmp_path / "org.okta")
    manifest = orjson.loads((tmp_path / "org.okta" / "manifest.json").read_bytes())["snapshot"]
    about = manifest["files"].pop("users")
    assert about["rows"] == 1
    assert about["bytes"] == len(b'{"id":"00u1","login":"ann"}\n')
    assert list(manifest["files"]) == ["organizations"]
    assert manifest["asked"] == ["Organization", "User"]
    assert manifest["domain"] == "contoso.okta.com"
    assert manifest["gaps"] == [
        {"entity": "Group", "reason": "forbidden", "request": "GET /api/v1/groups", "status": 403}
    ]


def test_an_older_snapshot_is_replaced_completely(tmp_path: Path) -> None:
    ANN.save(tmp_path / "org.okta")
    attrs.evolve(BOB, asked=frozenset({"Organization", "User"})).save(tmp_path / "org.okta")
    assert [user.login for user in Snapshot.load(tmp_path / "org.okta").users] == ["bob"]
    assert not (tmp_path / "org.okta" / "groups.jsonl.gz").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"org.okta"}


def test_a_damaged_snapshot_is_replaced_too(tmp_path: Path) -> None:
    ANN.save(tmp_path / "org.okta")
    manifest = tmp_path / "org.okta" / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b"contoso", b"fabrikam"))
    BOB.save(tmp_path / "org.okta")
    assert Snapshot.load(tmp_path / "org.okta") == BOB


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "org.okta").mkdir()
    ANN.save(tmp_path / "org.okta")
    assert Snapshot.load(tmp_path / "org.okta") == ANN


@pytest.mark.parametrize(
    "files",
    [
        {"notes.txt": b"mine"},
        {"manifest.json": b'{"name": "my-extension", "version": 3}', "popup.html": b""},
        {"manifest.json": b'{"name": "my-extension", "version": 3}'},
        {"manifest.json": b"[]"},
        {"manifest.json": b"not JSON"},
        {"users.jsonl.gz": b"data of another program"},
    ],
    ids=["notes", "extension", "manifest of another", "a list", "not JSON", "no manifest"],
)
def test_a_folder_with_other_files_is_not_changed(tmp_path: Path, files: dict[str, bytes]) -> None:
    folder = tmp_path / "org.okta"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    with pytest.raises(SnapshotError, match="in the way"):
        ANN.save(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files
    assert {path.name for path in tmp_path.iterdir()} == {"org.okta"}


def test_the_error_names_a_foreign_file_in_the_folder(tmp_path: Path) -> None:
    ANN.save(tmp_path / "org.okta")
    (tmp_path / "org.okta" / "notes.txt").write_text("what I found")
    with pytest.raises(SnapshotError, match=r"notes\.txt is in the way"):
        BOB.save(tmp_path / "org.okta")
    assert Snapshot.load(tmp_path / "org.okta") == ANN


def test_a_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "org.okta").write_text("mine")
    with pytest.raises(SnapshotError, match="in the way"):
        ANN.save(tmp_path / "org.okta")
    assert (tmp_path / "org.okta").read_text() == "mine"


@on_posix
def test_a_symbolic_link_to_the_latest_snapshot_is_kept(tmp_path: Path) -> None:
    ANN.save(tmp_path / "june.okta")
    (tmp_path / "latest").symlink_to(tmp_path / "june.okta")
    BOB.save(tmp_path / "latest")
    assert (tmp_path / "latest").is_symlink()
    assert Snapshot.load(tmp_path / "june.okta") == BOB


def test_a_write_that_fails_leaves_the_old_one_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ANN.save(tmp_path / "org.okta")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk.os, "fsync", full)
    with pytest.raises(SnapshotError, match="No space left") as caught:
        BOB.save(tmp_path / "org.okta")
    assert isinstance(caught.value.__cause__, OSError)
    assert Snapshot.load(tmp_path / "org.okta") == ANN
    assert {path.name for path in tmp_path.iterdir()} == {"org.okta"}


def test_an_interrupted_first_save_leaves_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(disk.os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ANN.save(tmp_path / "org.okta")
    assert everything_in(tmp_path) == set()


@pytest.mark.parametrize("name", ["or\0g", "x" * 300], ids=["a name with a zero byte", "a name too long"])
def test_an_invalid_folder_name_is_a_snapshot_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(SnapshotError):
        ANN.save(tmp_path / name)


def test_a_snapshot_without_an_organization_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="0 organizations"):
        attrs.evolve(ANN, organizations=()).save(tmp_path / "org.okta")
    assert everything_in(tmp_path) == set()


@pytest.mark.parametrize(
    "snapshot",
    [
        snapshot_of(User(id="00u1", login="half a pair: \ud800")),
        snapshot_of(gaps=(Gap(entity="User", reason=GapReason.SERVER, request="GET /", detail="\udfff"),)),
    ],
    ids=["in a row", "in a gap"],
)
def test_text_that_json_cannot_hold_is_a_snapshot_error(tmp_path: Path, snapshot: Snapshot) -> None:
    with pytest.raises(SnapshotError, match="JSON"):
        snapshot.save(tmp_path / "org.okta")
    assert everything_in(tmp_path) == set()
