"""The journal of an unfinished collection: valid lines, and lines that are ignored."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest
from example_counts import examples
from hypothesis import given
from hypothesis import strategies as st

from oktahound import Gap, GapReason, User
from oktahound.errors import SnapshotError
from oktahound.snapshot import Interruption, journal
from oktahound.snapshot.journal import JOURNAL, Journal, begin_journal, read_journal
from oktahound.snapshot.journal_lines import Header, Page, Session, content_of, line_of, saved_rows

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
HEADER = Header(
    domain="contoso.okta.com",
    organization="00oOrg",
    started_at=NOON,
    asked=("Organization", "User"),
    options={"mfa": "roles", "bindings": False},
    shape="0" * 64,
)
SITTING = Session(at=NOON, process=7, host="here")
GAP = Gap(entity="User", reason=GapReason.FIELD, request="GET /api/v1/users", where="users[0].status")
USERS = ("User GET /api/v1/users", None)


def page(walk: int, index: int, *, last: bool, **changes: object) -> Page:
    rows = saved_rows({User: [User(id=f"00u{index}", created=NOON)]})
    made = Page(walk=walk, listing=USERS, index=index, last=last, at=NOON, rows=rows, gaps=(GAP,))
    return attrs.evolve(made, **changes)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "org.okta" / JOURNAL


def write(path: Path, *pages: Page) -> None:
    one = begin_journal(path, HEADER, SITTING)
    for each in pages:
        one.write(each)
    one.close()


def finished(path: Path) -> set[object]:
    contents = read_journal(path)
    assert contents is not None
    return set(contents.finished)


def test_the_report_of_a_listing_has_its_data(path: Path) -> None:
    write(path, page(0, 0, last=False), page(0, 1, last=True))
    contents = read_journal(path)
    assert contents is not None
    assert contents.header == HEADER
    assert contents.sessions == [SITTING]
    assert contents.end == path.stat().st_size
    one = Journal(path, contents.end, SITTING)
    again = [one.read(span) for span in contents.finished[USERS]]
    one.close()
    assert [(each.index, each.last, each.at, each.gaps) for each in again] == [
        (0, False, NOON, (GAP,)),
        (1, True, NOON, (GAP,)),
    ]
    assert again[0].rows == {"users": [{"id": "00u0", "created": "2026-01-15T12:00:00+00:00"}]}


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_only_the_owner_can_read_the_files(path: Path) -> None:
    before = os.umask(0)
    try:
        write(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_listing_without_its_last_page_is_ignored(path: Path) -> None:
    write(path, page(0, 0, last=False), page(0, 1, last=False))
    assert finished(path) == set()


def test_a_listing_without_a_middle_page_is_ignored(path: Path) -> None:
    write(path, page(0, 0, last=False), page(0, 2, last=True))
    assert finished(path) == set()


def test_two_incomplete_attempts_at_a_listing_are_not_joined(path: Path) -> None:
    write(path, page(0, 0, last=False), page(1, 1, last=True))
    assert finished(path) == set()


def test_attempts_at_two_listings_with_the_same_number_are_not_joined(path: Path) -> None:
    write(path, page(0, 0, last=False, listing=("another", None)), page(0, 1, last=True))
    assert finished(path) == set()


def test_pages_of_many_listings_may_be_interleaved(path: Path) -> None:
    other = ("Group GET /api/v1/groups", ("00g1",))
    write(
        path,
        page(0, 0, last=False),
        page(1, 0, last=False, listing=other),
        page(0, 1, last=True),
        page(1, 1, last=True, listing=other),
    )
    assert finished(path) == {USERS, other}


def test_the_later_of_two_complete_attempts_counts(path: Path) -> None:
    write(path, page(0, 0, last=True), page(1, 0, last=False), page(1, 1, last=True))
    contents = read_journal(path)
    assert contents is not None
    assert len(contents.finished[USERS]) == 2
    assert contents.walks == 2


def test_the_next_writer_removes_an_incomplete_last_line(path: Path) -> None:
    write(path, page(0, 0, last=True))
    whole = path.read_bytes()
    path.write_bytes(whole + line_of({"page": page(1, 0, last=True).as_dict()})[:-10])
    contents = read_journal(path)
    assert contents is not None
    assert contents.end == len(whole)
    one = Journal(path, contents.end, SITTING)
    one.write(page(2, 0, last=True, listing=("another", None)))
    one.close()
    assert finished(path) == {USERS, ("another", None)}


def test_no_part_of_an_incomplete_line_remains_after_the_next_write(path: Path) -> None:
    write(path, page(0, 0, last=True))
    end = path.stat().st_size
    path.write_bytes(path.read_bytes() + b"x" * 100_000)
    Journal(path, end, SITTING).close()
    contents = read_journal(path)
    assert contents is not None
    assert (contents.damaged_lines, contents.end) == (0, path.stat().st_size)


@pytest.mark.parametrize("line", [b"\n", b"nonsense\n", b"\0" * 100 + b"\n"])
def test_a_damaged_line_is_counted_and_affects_only_its_listing(path: Path, line: bytes) -> None:
    write(path, page(0, 0, last=True))
    other = line_of({"page": page(1, 0, last=True, listing=("another", None)).as_dict()})
    path.write_bytes(path.read_bytes() + line + other)
    contents = read_journal(path)
    assert contents is not None
    assert contents.damaged_lines == 1
    assert set(contents.finished) == {USERS, ("another", None)}


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"page": None},
        {"page": {}},
        {"page": page(0, 0, last=True).as_dict() | {"rows": []}},
        {"page": page(0, 0, last=True).as_dict() | {"at": "yesterday"}},
        {"page": page(0, 0, last=True).as_dict() | {"parent": 7}},
        {"page": page(0, 0, last=True).as_dict() | {"walk": "x"}},
        {"page": page(0, 0, last=True).as_dict() | {"gaps": [{"entity": "User"}]}},
        {"session": []},
        {"session": {"at": "2026-01-15T12:00:00Z", "process": "7", "host": "here"}},
        {"collection": HEADER.as_dict()},
    ],
)
def test_an_invalid_line_with_a_valid_digest_is_ignored(path: Path, content: dict[str, object]) -> None:
    write(path)
    path.write_bytes(path.read_bytes() + line_of(content))
    contents = read_journal(path)
    assert contents is not None
    assert (contents.damaged_lines, contents.finished) == (1, {})


def test_the_journal_may_be_missing(path: Path) -> None:
    assert read_journal(path) is None


@pytest.mark.parametrize("cut", [0, 1, 20, -1])
def test_a_journal_without_a_first_line_is_replaced(path: Path, cut: int) -> None:
    write(path)
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0][:cut])
    assert read_journal(path) is None
    write(path, page(0, 0, last=True))
    assert finished(path) == {USERS}


@pytest.mark.parametrize("first", [b"\n", b"notes of mine\n", line_of({"collection": {}}), line_of({})])
def test_another_file_of_that_name_is_refused(path: Path, first: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(first + b"more\n")
    with pytest.raises(SnapshotError, match="Delete it to start over"):
        read_journal(path)
    assert path.read_bytes() == first + b"more\n"


def test_another_version_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(line_of({"collection": HEADER.as_dict() | {"version": 99}}))
    with pytest.raises(SnapshotError, match="of this version of oktahound"):
        read_journal(path)


def test_a_second_run_adds_an_interruption(path: Path) -> None:
    write(path, page(0, 0, last=True, at=NOON + timedelta(minutes=1)))
    contents = read_journal(path)
    assert contents is not None
    assert contents.interruptions == []
    later = Session(at=NOON + timedelta(hours=1), process=8, host="here")
    Journal(path, contents.end, later).close()
    contents = read_journal(path)
    assert contents is not None
    assert contents.interruptions == [
        Interruption(stopped_at=NOON + timedelta(minutes=1), resumed_at=NOON + timedelta(hours=1))
    ]
    assert contents.sessions == [SITTING, later]


def test_a_line_is_flushed_at_once(path: Path) -> None:
    one = begin_journal(path, HEADER, SITTING)
    one.write(page(0, 0, last=True))
    assert finished(path) == {USERS}
    one.close()


def test_the_journal_is_synced_every_few_seconds_and_at_the_end(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced: list[int] = []
    monkeypatch.setattr(journal.os, "fsync", lambda descriptor: forced.append(path.stat().st_size))
    one = begin_journal(path, HEADER, SITTING)
    for seconds in range(12):
        one.write(page(seconds, 0, last=True, at=NOON + timedelta(seconds=seconds)))
    assert len(forced) == 2
    one.close()
    one.close()
    assert forced[2:] == [path.stat().st_size]


def test_an_error_of_the_disk_is_a_snapshot_error(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: int) -> None:
        raise OSError(5, "Input/output error")

    one = begin_journal(path, HEADER, SITTING)
    with monkeypatch.context() as patch:
        patch.setattr(journal.os, "fsync", broken)
        with pytest.raises(SnapshotError, match="Input/output error"):
            one.close()


def test_a_page_that_changed_in_the_file_is_not_returned(path: Path) -> None:
    write(path, page(0, 0, last=True))
    contents = read_journal(path)
    assert contents is not None
    path.write_bytes(path.read_bytes().replace(b"00u0", b"00u1"))
    one = Journal(path, contents.end, SITTING)
    with pytest.raises(SnapshotError, match="changed by another program during the collection"):
        one.read(contents.finished[USERS][0])
    one.close()


def test_a_text_that_json_cannot_hold_is_a_snapshot_error() -> None:
    with pytest.raises(SnapshotError, match="cannot be written as JSON"):
        line_of({"page": "\ud800"})


@examples(10, reuse_fixtures=True)
@given(cut=st.integers(0, 10_000), place=st.integers(0, 10_000), flip=st.integers(0, 255))
def test_with_any_damage_a_listing_is_complete_or_missing(
    path: Path, cut: int, place: int, flip: int
) -> None:
    pages = [page(0, 0, last=False), page(1, 0, last=True, listing=("another", ("1", "2")))]
    write(path, *pages, page(0, 1, last=True))
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= flip
    del content[len(content) - cut % len(content) :]
    path.write_bytes(content)
    try:
        contents = read_journal(path)
    except SnapshotError:
        return
    if contents is None:
        return
    for listing, spans in contents.finished.items():
        lines = [content_of(bytes(content[start : start + length])) for start, length in spans]
        walked = [each for each in [*pages, page(0, 1, last=True)] if each.listing == listing]
        assert [Page.from_dict(line["page"]).index for line in lines] == [each.index for each in walked]
