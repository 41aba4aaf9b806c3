"""Loading returns what was saved, or raises an error that names the file; never a smaller snapshot."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import os
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import orjson
import pytest
from example_counts import examples
from handwritten.orgs import snapshot_of
from hypothesis import given
from hypothesis import strategies as st

from oktahound import Gap, GapReason, Snapshot, User
from oktahound.entities import Group
from oktahound.errors import SnapshotError
from oktahound.snapshot import loading

GAP = Gap(entity="Group", reason=GapReason.FORBIDDEN, request="GET /api/v1/groups", status=403)
ORG = snapshot_of(
    *(User(id=f"00u{number}", login=f"user{number}@contoso.com") for number in range(20)),
    Group(id="00g1", name="Everyone"),
    gaps=(GAP,),
    asked=frozenset({"Organization", "User", "Group"}),
)
ORG = attrs.evolve(ORG, options={"mfa": "roles"})
FILES = ["manifest.json", "organizations.jsonl.gz", "users.jsonl.gz", "groups.jsonl.gz"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ORG.save(tmp_path / "org.okta")
    return tmp_path / "org.okta"


def edit(folder: Path, change: Callable[[dict[str, Any]], object], *, sign: bool = True) -> None:
    """Change the manifest, with a new digest, which anyone can compute."""
    path = folder / "manifest.json"
    manifest = orjson.loads(path.read_bytes())
    change(manifest["snapshot"])
    if sign:
        text = orjson.dumps(manifest["snapshot"], option=orjson.OPT_SORT_KEYS)
        manifest["digest"] = hashlib.sha256(text).hexdigest()
    path.write_bytes(orjson.dumps(manifest))


def put_rows(folder: Path, name: str, text: bytes) -> None:
    """Replace a file of rows, and change the manifest accordingly."""
    (folder / f"{name}.jsonl.gz").write_bytes(gzip.compress(text))
    about = {"rows": text.count(b"\n"), "bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}
    edit(folder, lambda content: content["files"].update({name: about}))


def refused(folder: Path, words: str, **options: int) -> str:
    with pytest.raises(SnapshotError, match=words) as caught:
        Snapshot.load(folder, **options)
    return str(caught.value)


def test_an_undamaged_snapshot_is_loaded(folder: Path) -> None:
    assert Snapshot.load(folder) == ORG


@pytest.mark.parametrize("name", FILES[1:])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    refused(folder, f"{name} is missing")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("left", [0.0, 0.5, 0.98])
def test_a_truncated_file_is_named(folder: Path, name: str, left: float) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: int(len(content) * left)])
    refused(folder, f"{name} is (truncated|damaged|not|altered)|{name} cannot be read|{name} was altered")


def test_a_file_that_lost_its_last_rows_is_named(folder: Path) -> None:
    rows = gzip.decompress((folder / "users.jsonl.gz").read_bytes()).splitlines(keepends=True)
    (folder / "users.jsonl.gz").write_bytes(gzip.compress(b"".join(rows[:-1])))
    refused(folder, r"users\.jsonl\.gz was altered: these are not the 20 rows")


def test_a_file_with_an_additional_row_is_named(folder: Path) -> None:
    rows = gzip.decompress((folder / "users.jsonl.gz").read_bytes())
    (folder / "users.jsonl.gz").write_bytes(gzip.compress(rows + b'{"id":"00u99"}\n'))
    refused(folder, r"users\.jsonl\.gz unpacks to more than the \d+ bytes saved")


def test_a_wrong_count_is_detected(folder: Path) -> None:
    edit(folder, lambda content: content["files"]["users"].update(rows=19))
    refused(folder, r"users\.jsonl\.gz was altered: these are not the 19 rows")


def test_an_edited_row_is_detected(folder: Path) -> None:
    rows = gzip.decompress((folder / "users.jsonl.gz").read_bytes())
    (folder / "users.jsonl.gz").write_bytes(gzip.compress(rows.replace(b"user7@", b"admin@")))
    refused(folder, r"users\.jsonl\.gz was altered")


def test_swapped_files_are_detected(folder: Path) -> None:
    users, groups = folder / "users.jsonl.gz", folder / "groups.jsonl.gz"
    users.rename(folder / "aside")
    groups.rename(users)
    (folder / "aside").rename(groups)
    refused(folder, r"users\.jsonl\.gz")


def test_files_of_two_snapshots_do_not_mix(folder: Path, tmp_path: Path) -> None:
    snapshot_of(User(id="00u1", login="only@contoso.com")).save(tmp_path / "other.okta")
    shutil.copy(tmp_path / "other.okta" / "users.jsonl.gz", folder)
    refused(folder, r"users\.jsonl\.gz was altered")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b'{"login":"ann"}\n', "line 1: id: required, and missing"),
        (b'{"id":"00u1"}\n{"id":5}\n', "line 2: id: expected text, got a number"),
        (b'{"id":"00u1","created":"yesterday"}\n', "line 1: created: expected a time"),
        (b'{"id":"00u1","salary":1}\n', "line 1: unknown field 'salary'"),
        (b"[]\n", "line 1: expected an object, got a list"),
        (b"\n", "line 1: "),
        (b'{"id":"00u1"\n', "line 1: "),
        (b"[" * 2000 + b"]" * 2000 + b"\n", "line 1: "),
        (b'{"id":' + b"[" * 900 + b"]" * 900 + b"}\n", "line 1: id: expected text, got a list"),
        (b'{"id":"\xff"}\n', "line 1: "),
    ],
)
def test_the_error_of_an_invalid_row_has_its_line(folder: Path, line: bytes, words: str) -> None:
    put_rows(folder, "users", line)
    assert f"users.jsonl.gz, {words}" in refused(folder, "users")


def test_the_error_of_a_row_with_a_huge_name_is_short(folder: Path) -> None:
    put_rows(folder, "users", b'{"id":"1","' + b"x" * 2**20 + b'":1}\n')
    assert len(refused(folder, "unknown field")) < 1000


@pytest.mark.parametrize("name", ["no such folder", "a file"])
def test_a_path_that_is_no_folder_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "a file").write_text("{}")
    refused(tmp_path / name, "is not a snapshot: it has no manifest.json")


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    refused(tmp_path, "is not a snapshot: it has no manifest.json")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "damaged"),
        (b"not JSON", "damaged"),
        (b"[]", "not the manifest"),
        (b"null", "not the manifest"),
        (b'{"snapshot": []}', "not the manifest"),
        (b'{"snapshot": {"format": "another program"}}', "not the manifest"),
        (b'{"snapshot": {"format": ' + b"[" * 900 + b"]" * 900 + b"}}", "not the manifest"),
        (b"[" * 100_000, "damaged"),
        (b'{"snapshot": {"format": "oktahound snapshot"}}', "version null"),
        (b'{"snapshot": {"format": "oktahound snapshot", "version": 1}}', "digest"),
    ],
)
def test_an_invalid_manifest_is_an_error(folder: Path, text: bytes, words: str) -> None:
    (folder / "manifest.json").write_bytes(text)
    assert "manifest.json" in refused(folder, words)


@pytest.mark.parametrize("version", [2, 0, -1, "1", None, [1], 1.5])
def test_an_unknown_format_version_is_an_error_that_names_it(folder: Path, version: object) -> None:
    edit(folder, lambda content: content.update(version=version))
    refused(folder, "format version .*, but this version of oktahound reads version 1")


def test_an_edited_manifest_is_detected(folder: Path) -> None:
    edit(folder, lambda content: content["gaps"].clear(), sign=False)
    refused(folder, r"manifest\.json is damaged: its content does not match its digest")


def test_a_manifest_with_deep_nesting_is_an_error(folder: Path) -> None:
    text = (folder / "manifest.json").read_bytes()
    deep = b"[" * 500 + b"]" * 500
    (folder / "manifest.json").write_bytes(
        text.replace(b'"snapshot": {', b'"snapshot": {"x": ' + deep + b",")
    )
    refused(folder, "its values are nested too deeply")


def changed(**values: object) -> Callable[[dict[str, Any]], object]:
    return lambda content: content.update(values)


ABOUT = {"rows": 1, "bytes": 1, "sha256": ""}


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.pop("domain"),
        lambda content: content.pop("files"),
        lambda content: content.pop("gaps"),
        lambda content: content.pop("options"),
        changed(more=1),
        changed(version=True),
        changed(domain=5),
        changed(domain=""),
        changed(startedAt="yesterday"),
        changed(startedAt="2026-06-01T12:00:00"),
        changed(startedAt="2026-06-01T14:00:00+02:00"),
        changed(collectedAt=0),
        changed(asked="User"),
        changed(asked=[{}]),
        changed(asked=["User", 5]),
        changed(asked=["Organization", "Nonsense"]),
        changed(asked=["Organization", "Realm"]),
        changed(options=[]),
        changed(options={"mfa": 1}),
        changed(organization="00oAnother"),
        changed(files=[]),
        changed(files={}),
        changed(files={"organizations": ABOUT, "../../etc/passwd": ABOUT}),
        changed(files={"organizations": {"rows": 1, "bytes": 1}}),
        changed(files={"organizations": {"rows": -1, "bytes": 1, "sha256": ""}}),
        changed(files={"organizations": {"rows": True, "bytes": 1, "sha256": ""}}),
        changed(files={"organizations": {"rows": 1, "bytes": 1e99, "sha256": ""}}),
        changed(files={"organizations": {"rows": 1, "bytes": 1, "sha256": "", "more": 1}}),
        changed(gaps={}),
        changed(gaps=["lost"]),
        changed(gaps=[{}]),
        changed(gaps=[GAP.as_dict() | {"more": 1}]),
        changed(gaps=[GAP.as_dict() | {"reason": "boredom"}]),
        changed(gaps=[GAP.as_dict() | {"status": "403"}]),
        changed(gaps=[GAP.as_dict() | {"missingScopes": "okta.users.read"}]),
        changed(gaps=[GAP.as_dict() | {"detail": ["x"]}]),
    ],
)
def test_an_invalid_manifest_with_a_valid_digest_is_refused(
    folder: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    edit(folder, change)
    refused(folder, r"manifest\.json|organization")


def test_a_snapshot_of_two_organizations_is_refused(folder: Path) -> None:
    put_rows(folder, "organizations", b'{"id":"00oOrg"}\n{"id":"00oTwo"}\n')
    refused(folder, "does not contain exactly the organization")


def test_a_gzip_bomb_is_not_unpacked_completely(folder: Path) -> None:
    (folder / "users.jsonl.gz").write_bytes(gzip.compress(b'{"id":"00u1"}\n' * 10**6))
    refused(folder, r"users\.jsonl\.gz unpacks to more than the \d+ bytes saved")


def test_a_gzip_bomb_of_one_line_is_not_unpacked_completely(folder: Path) -> None:
    (folder / "users.jsonl.gz").write_bytes(gzip.compress(b"x" * 5 * 10**7))
    tracemalloc.start()
    try:
        refused(folder, r"users\.jsonl\.gz unpacks to more than the \d+ bytes saved")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10**7


def test_a_large_snapshot_that_states_its_size_needs_max_bytes(folder: Path) -> None:
    put_rows(folder, "users", b'{"id":"00u1"}\n' * 10**5)
    refused(folder, r"unpacks to \d+ bytes, more than max_bytes=1000000", max_bytes=10**6)


def test_max_bytes_includes_the_manifest(folder: Path) -> None:
    size = (folder / "manifest.json").stat().st_size
    refused(folder, "more than max_bytes", max_bytes=size - 1)
    refused(folder, "more than max_bytes", max_bytes=size)
    rows = sum(len(gzip.decompress((folder / name).read_bytes())) for name in FILES[1:])
    assert Snapshot.load(folder, max_bytes=size + rows) == ORG


def test_a_memory_error_is_a_snapshot_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object) -> User:
        raise MemoryError

    monkeypatch.setattr(loading, "structure_saved", exhausted)
    refused(folder, "does not fit into memory")


def test_a_folder_in_place_of_a_file_is_a_snapshot_error(folder: Path) -> None:
    (folder / "users.jsonl.gz").unlink()
    (folder / "users.jsonl.gz").mkdir()
    refused(folder, r"users\.jsonl\.gz is missing")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names")
def test_a_pipe_in_place_of_a_file_does_not_block(folder: Path) -> None:
    (folder / "users.jsonl.gz").unlink()
    os.mkfifo(folder / "users.jsonl.gz")
    refused(folder, r"users\.jsonl\.gz is missing")


def test_a_disk_that_fails_is_a_snapshot_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(loading.gzip.GzipFile, "readline", broken)
    refused(folder, "could not be read: .*Input/output error")


def test_files_that_are_not_in_the_manifest_are_ignored(folder: Path) -> None:
    (folder / "realms.jsonl.gz").write_bytes(b"left behind")
    (folder / "notes.txt").write_text("mine")
    assert Snapshot.load(folder) == ORG


serial = itertools.count()


@st.composite
def mutations(draw: st.DrawFn, content: bytes) -> bytes:
    """Generate bytes with a few bytes changed, added or removed."""
    text = bytearray(content)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(text) - 1))
        match draw(st.sampled_from(["flip", "insert", "delete", "cut", "repeat"])):
            case "flip":
                text[place] ^= draw(st.integers(1, 255))
            case "insert":
                text[place:place] = draw(st.binary(min_size=1, max_size=8))
            case "delete":
                del text[place : place + draw(st.integers(1, 40))]
            case "cut":
                del text[place:]
            case _:
                text += text[place:]
        if not text:
            break
    return bytes(text)


def loads_as_it_was_or_not_at_all(folder: Path) -> None:
    try:
        loaded = Snapshot.load(folder)
    except SnapshotError:
        return
    assert loaded == ORG


@pytest.mark.parametrize("name", FILES)
@examples(20, reuse_fixtures=True)
@given(data=st.data())
def test_a_mutated_file_is_an_error_or_makes_no_difference(
    name: str, data: st.DataObject, folder: Path
) -> None:
    backup = folder.parent / name
    if not backup.exists():
        shutil.copy(folder / name, backup)
    (folder / name).write_bytes(data.draw(mutations(backup.read_bytes())))
    loads_as_it_was_or_not_at_all(folder)


@examples(20, reuse_fixtures=True)
@given(data=st.data())
def test_mutated_and_repacked_rows_are_an_error_or_make_no_difference(
    data: st.DataObject, folder: Path
) -> None:
    backup = folder.parent / "rows"
    if not backup.exists():
        backup.write_bytes(gzip.decompress((folder / "users.jsonl.gz").read_bytes()))
    packed = gzip.compress(data.draw(mutations(backup.read_bytes())))
    (folder / "users.jsonl.gz").write_bytes(packed)
    loads_as_it_was_or_not_at_all(folder)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(FILES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(value: object) -> list[tuple[Any, Any]]:
    """Yield every place in a JSON document as (container, key)."""
    found: list[tuple[Any, Any]] = []
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        found += [(value, key), *places(inner)]
    return found


@examples(24, reuse_fixtures=True)
@given(data=st.data())
def test_any_change_of_a_manifest_with_a_valid_digest_gives_a_snapshot_or_an_error(
    data: st.DataObject, folder: Path
) -> None:
    backup = folder.parent / "manifest"
    if not backup.exists():
        shutil.copy(folder / "manifest.json", backup)
    shutil.copy(backup, folder / "manifest.json")

    def put(content: dict[str, Any]) -> None:
        container, key = data.draw(st.sampled_from(places(content)))
        container[key] = orjson.loads(orjson.dumps(data.draw(json_values), default=str))

    try:
        edit(folder, put)
    except TypeError:  # an integer of more than 64 bits
        return
    try:
        loaded = Snapshot.load(folder)
    except SnapshotError:
        return
    assert [loaded.rows(cls) for cls in (User, Group)] == [ORG.users, ORG.groups]
    assert repr(loaded)
    assert all(isinstance(gap, Gap) for gap in loaded.gaps)
