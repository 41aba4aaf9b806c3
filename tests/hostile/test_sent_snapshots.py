"""A snapshot from another person: loading runs no code, does not hang, and does not fill memory or disk."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import socket
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from handwritten.orgs import snapshot_of

from oktahound import Snapshot
from oktahound.entities import User
from oktahound.errors import OktaHoundError, SnapshotError
from oktahound.snapshot.loading import MAX_MANIFEST

HONEST = snapshot_of(User(id="00uAnn"), User(id="00uBob"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    HONEST.save(tmp_path / "sent.okta")
    return tmp_path / "sent.okta"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def in_place_of(path: Path, make: Callable[[Path], Any]) -> None:
    path.unlink()
    make(path)


def _socket(path: Path) -> None:
    # An address is at most some hundred bytes long, and folders of tests have long names.
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(path.name)
    finally:
        os.chdir(here)


ODD_FILES = {
    "nothing": lambda path: None,
    "a folder": lambda path: path.mkdir(),
    "a pipe": os.mkfifo,
    "a socket": _socket,
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to a pipe of the process": lambda path: path.symlink_to("/dev/stdin"),
    "a link to another file": lambda path: path.symlink_to(Path(__file__)),
    "a link out of the folder": lambda path: path.symlink_to("../../../../../../etc/hostname"),
}


@pytest.mark.parametrize("name", ["manifest.json", "users.jsonl.gz"])
@pytest.mark.parametrize("odd", ODD_FILES)
def test_a_special_file_in_place_of_rows_is_refused_at_once(folder: Path, name: str, odd: str) -> None:
    assert name in names(folder)
    in_place_of(folder / name, ODD_FILES[odd])
    with pytest.raises(SnapshotError) as raised:
        Snapshot.load(folder)
    # The error does not contain the content of another file.
    assert "import" not in str(raised.value)


def test_a_link_to_a_file_with_the_same_bytes_is_accepted(folder: Path, tmp_path: Path) -> None:
    (folder / "users.jsonl.gz").rename(tmp_path / "elsewhere")
    (folder / "users.jsonl.gz").symlink_to(tmp_path / "elsewhere")
    assert Snapshot.load(folder) == HONEST


@pytest.mark.parametrize("name", ["manifest.json", "users.jsonl.gz"])
def test_a_sparse_file_of_many_gigabytes_is_not_read_completely(folder: Path, name: str) -> None:
    with (folder / name).open("r+b") as file:
        file.truncate(MAX_MANIFEST * 12)
    tracemalloc.start()
    try:
        with pytest.raises(SnapshotError):
            Snapshot.load(folder)
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


def edited(folder: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest and compute its digest again."""
    content = json.loads((folder / "manifest.json").read_text("utf-8"))["snapshot"]
    edit(content)
    digest = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    (folder / "manifest.json").write_text(json.dumps({"digest": digest, "snapshot": content}), "utf-8")


def test_an_edited_manifest_with_a_new_digest_is_loaded(folder: Path) -> None:
    # The tests below would pass for a wrong reason if `edited` computed a wrong digest.
    edited(folder, lambda content: content.update(domain="other.example.com"))
    assert Snapshot.load(folder).domain == "other.example.com"


OUTSIDE = ["../users", "/etc/passwd", "..", "users/../users", "C:\\users", "\x00", "__class__", "x" * 5_000]


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_manifest_names_no_file_outside_the_folder(folder: Path, name: str) -> None:
    edited(folder, lambda content: content["files"].update({name: content["files"]["users"]}))
    with pytest.raises(SnapshotError) as raised:
        Snapshot.load(folder)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 700


@pytest.mark.parametrize("depth", [100, 900, 5_000, 200_000])
@pytest.mark.parametrize("name", ["manifest.json", "users.jsonl.gz"])
def test_deep_nesting_in_a_snapshot_is_refused(folder: Path, name: str, depth: int) -> None:
    nested = b'{"id":' + b"[" * depth + b"]" * depth + b"}\n"
    path = folder / name
    path.write_bytes(gzip.compress(nested) if name.endswith(".gz") else nested)
    with pytest.raises(SnapshotError):
        Snapshot.load(folder)


def test_the_last_value_of_a_duplicate_key_in_the_manifest_counts(folder: Path) -> None:
    path = folder / "manifest.json"
    honest, twice = path.read_text("utf-8"), '"domain": "evil.example"'
    path.write_text(honest.replace('"snapshot": {', f'"snapshot": {{{twice},', 1), "utf-8")
    assert Snapshot.load(folder) == HONEST
    # Behind it only white space and the two closing brackets.
    path.write_text(f"{honest.rstrip()[:-1].rstrip()[:-1]}, {twice}}}}}", "utf-8")
    with pytest.raises(SnapshotError, match="digest"):
        Snapshot.load(folder)
    path.write_text(honest.replace("{", f"{{{twice},", 1), "utf-8")
    with pytest.raises(SnapshotError, match="keys other than 'digest' and 'snapshot'"):
        Snapshot.load(folder)


@pytest.mark.parametrize("key", ["__class__", "\x1b[31m", "<script>", "\u202e", "x" * 100_000, "self"])
def test_an_error_about_a_row_is_one_short_line(folder: Path, key: str) -> None:
    (folder / "users.jsonl.gz").write_bytes(
        gzip.compress(json.dumps({"id": "00u1", key: 1}).encode() + b"\n")
    )
    with pytest.raises(SnapshotError) as raised:
        Snapshot.load(folder)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 700


def test_saving_over_a_link_does_not_follow_it(folder: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    in_place_of(folder / "users.jsonl.gz", lambda path: path.symlink_to(precious))
    try:
        HONEST.save(folder)
    except (OktaHoundError, OSError):
        pass
    else:
        assert Snapshot.load(folder) == HONEST
    assert precious.read_text() == "mine"
