"""Collecting into a folder: what is kept, what is requested again, and what is refused."""

from __future__ import annotations

import io
import itertools
import logging
import os
import shutil
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import attrs
import httpx
import pytest

import oktahound
from oktahound import GapReason, Organization, Progress, Snapshot, User
from oktahound.client import AsyncOktaClient
from oktahound.collecting import make_plan
from oktahound.collecting.resume import read_name
from oktahound.entities import Device, DeviceUser, Group, GroupMembership
from oktahound.errors import ConfigurationError, SnapshotError
from oktahound.snapshot import Interruption, disk
from oktahound.snapshot.options import declared_options

JOURNAL = "unfinished.jsonl"
USERS = "/api/v1/users"
GROUPS = "/api/v1/groups"
MEMBERS = "/api/v1/groups/00g{}/users"


class Stopped(Exception):
    """The exception that ends a run in these tests."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "contoso.okta"


@pytest.fixture
def org(okta: Any) -> Any:
    """Return an org with users and three groups with one member each."""
    okta.routes[USERS] = [{"id": "00u1"}, {"id": "00u2"}]
    okta.routes[GROUPS] = [{"id": f"00g{number}"} for number in range(3)]
    for number in range(3):
        okta.routes[MEMBERS.format(number)] = [{"id": f"00u{number}"}]
    return okta


def stop(request: httpx.Request) -> httpx.Response:
    raise Stopped


def interrupted(okta: Any, folder: Path, at: str, *only: type, **options: Any) -> None:
    """Run until a path is requested, and interrupt the run there."""
    answer = okta.routes.get(at)
    okta.routes[at] = stop
    with pytest.raises(Stopped):
        okta.collect(*only, into=folder, client={"concurrency": 1}, **options)
    del okta.routes[at]
    if answer is not None:
        okta.routes[at] = answer
    okta.asked.clear()


def timeless(snapshot: Snapshot) -> Snapshot:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return attrs.evolve(snapshot, started_at=moment, collected_at=moment, interruptions=())


# What is written


def test_a_folder_gets_the_snapshot_and_nothing_else(org: Any, folder: Path) -> None:
    snapshot = org.collect(User, into=folder)
    assert Snapshot.load(folder) == snapshot
    assert timeless(snapshot) == timeless(org.collect(User))
    assert {path.name for path in folder.iterdir()} == {
        "manifest.json",
        "organizations.jsonl.gz",
        "users.jsonl.gz",
    }
    assert {path.name for path in folder.parent.iterdir()} == {"contoso.okta"}


def test_without_a_folder_nothing_is_written(
    org: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    org.collect(User)
    assert list(tmp_path.iterdir()) == []


def test_the_blocking_collect_accepts_a_folder(org: Any, folder: Path) -> None:
    with org.blocking_client() as client:
        snapshot = oktahound.collect(client, only=[User], into=str(folder))
    assert Snapshot.load(folder) == snapshot


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_only_the_owner_can_read_the_journal(org: Any, folder: Path) -> None:
    before = os.umask(0)
    try:
        interrupted(org, folder, MEMBERS.format(1), GroupMembership)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / JOURNAL).stat().st_mode) == 0o600


def test_undeclared_data_is_not_written(org: Any, folder: Path) -> None:
    org.routes[USERS] = [{"id": "00u1", "credentials": {"password": {"value": "hunter2"}}}]
    interrupted(org, folder, GROUPS, User, Group)
    content = (folder / JOURNAL).read_bytes()
    assert b"00u1" in content
    assert b"hunter2" not in content
    assert b"00TopSecretToken" not in content


def test_many_listings_make_one_file(org: Any, folder: Path) -> None:
    interrupted(org, folder, MEMBERS.format(2), GroupMembership)
    assert [path.name for path in folder.iterdir()] == [JOURNAL]


# What is requested again


def test_only_missing_listings_are_requested(org: Any, folder: Path) -> None:
    interrupted(org, folder, MEMBERS.format(1), GroupMembership)
    snapshot = org.collect(GroupMembership, into=folder)
    assert sorted(org.asked) == ["/api/v1/groups/00g1/users", "/api/v1/groups/00g2/users", "/api/v1/org"]
    assert timeless(snapshot) == timeless(org.collect(GroupMembership))


def test_an_interrupted_listing_is_requested_from_its_beginning(
    org: Any, folder: Path, pages: Callable[..., Any]
) -> None:
    first, second = [{"id": "00u1"}, {"id": "00u2"}], [{"id": "00u3"}]
    listing = pages(first, second)
    org.routes[USERS] = lambda request: stop(request) if "after" in request.url.params else listing(request)
    with pytest.raises(Stopped):
        org.collect(User, into=folder)
    org.asked.clear()
    org.routes[USERS] = pages(second)
    assert [user.id for user in org.collect(User, into=folder).users] == ["00u3"]
    assert org.count(USERS) == 1


def test_parts_of_two_attempts_are_not_joined(org: Any, folder: Path, pages: Callable[..., Any]) -> None:
    def listing(*contents: list[Any], stop_at: str) -> Callable[[httpx.Request], httpx.Response]:
        answer = pages(*contents)
        return lambda request: (
            stop(request) if request.url.params.get("after") == stop_at else answer(request)
        )

    old, new = [{"id": "00uOld"}], [{"id": "00uNew"}]
    org.routes[USERS] = listing(old, old, old, stop_at="2")
    with pytest.raises(Stopped):
        org.collect(User, into=folder)
    org.routes[USERS] = listing(new, [{"id": "00uMore"}], stop_at="never")

    def interrupt(progress: Progress) -> None:
        if progress.entity == "User" and progress.finished:
            raise Stopped

    with pytest.raises(Stopped):
        org.collect(User, into=folder, progress=interrupt)
    assert {user.id for user in org.collect(User, into=folder).users} == {"00uNew", "00uMore"}


def test_a_listing_of_many_pages_is_restored_completely(
    org: Any, folder: Path, pages: Callable[..., Any]
) -> None:
    org.routes[USERS] = pages([{"id": "00u1"}, {"id": "00u2"}], [{"id": "00u3"}], [], [{"id": "00u4"}])

    def interrupt(progress: Progress) -> None:
        if progress.entity == "User" and progress.finished:
            raise Stopped

    with pytest.raises(Stopped):
        org.collect(User, into=folder, progress=interrupt)
    org.asked.clear()
    assert len(org.collect(User, into=folder).users) == 4
    assert org.count(USERS) == 0


def test_a_listing_without_rows_is_restored(org: Any, folder: Path) -> None:
    org.routes[USERS] = []
    interrupted(org, folder, GROUPS, User, Group)
    org.routes[USERS] = [{"id": "00u9"}]
    assert org.collect(User, Group, into=folder).users == ()


def test_a_response_that_means_none_is_restored(
    org: Any, folder: Path, refusal: Callable[..., httpx.Response]
) -> None:
    read = next(read for read in make_plan().reads if read.endpoint.empty_answers and not read.endpoint.under)
    said = read.endpoint.empty_answers[0]
    org.routes[read.endpoint.path] = lambda request: refusal(
        said.status, said.code, "Invalid policy type specified"
    )
    interrupted(org, folder, MEMBERS.format(1), read.cls, GroupMembership)
    assert org.collect(read.cls, GroupMembership, into=folder).is_whole(read.cls)
    assert org.count(read.endpoint.path) == 0


@pytest.mark.parametrize(("status", "code"), [(403, "E0000006"), (401, "E0000015"), (500, "E0000009")])
def test_a_listing_that_failed_is_requested_again(
    org: Any, folder: Path, refusal: Callable[..., httpx.Response], status: int, code: str
) -> None:
    org.routes[USERS] = lambda request: refusal(status, code)
    interrupted(org, folder, MEMBERS.format(1), User, GroupMembership)
    org.routes[USERS] = [{"id": "00u1"}]
    snapshot = org.collect(User, GroupMembership, into=folder)
    assert [user.id for user in snapshot.users] == ["00u1"]
    assert snapshot.gaps == ()


def test_a_listing_refused_for_every_object_is_requested_ten_times_again(
    org: Any, folder: Path, refusal: Callable[..., httpx.Response]
) -> None:
    org.routes[GROUPS] = [{"id": f"00g{number}"} for number in range(50)]
    for number in range(50):
        org.routes[MEMBERS.format(number)] = lambda request: refusal(403, "E0000006")
    uninterrupted = org.collect(GroupMembership, client={"concurrency": 1})
    interrupted(org, folder, MEMBERS.format(12), GroupMembership)
    org.routes[MEMBERS.format(12)] = lambda request: refusal(403, "E0000006")
    snapshot = org.collect(GroupMembership, into=folder, client={"concurrency": 1})
    assert org.count(r"/api/v1/groups/\w+/users") == 10
    assert snapshot.gaps == uninterrupted.gaps


def test_an_invalid_row_is_not_requested_again_and_its_gap_is_restored(org: Any, folder: Path) -> None:
    org.routes[USERS] = [{"id": "00u1", "status": 7}, {"status": "ACTIVE"}]
    uninterrupted = org.collect(User, Group)
    interrupted(org, folder, GROUPS, User, Group)
    snapshot = org.collect(User, Group, into=folder)
    assert {gap.reason for gap in snapshot.gaps} == {GapReason.FIELD, GapReason.RECORD}
    assert timeless(snapshot) == timeless(uninterrupted)
    assert org.count(USERS) == 0


def test_an_object_that_came_twice_has_one_gap(org: Any, folder: Path) -> None:
    org.routes[USERS] = [{"id": "00u1", "status": "ACTIVE"}, {"id": "00u1", "status": "STAGED"}]
    uninterrupted = org.collect(User, Group)
    interrupted(org, folder, GROUPS, User, Group)
    assert timeless(org.collect(User, Group, into=folder)) == timeless(uninterrupted)
    assert [gap.reason for gap in uninterrupted.gaps] == [GapReason.CONFLICT]


def test_embedded_rows_are_restored_with_their_rows(org: Any, folder: Path) -> None:
    def device(*users: dict[str, Any]) -> dict[str, Any]:
        embedded = [{"managementStatus": status, "user": {"id": user}} for user, status in users]
        return {"id": "guo1", "_embedded": {"users": embedded}}

    org.routes["/api/v1/devices"] = [
        device(("00u1", "MANAGED"), ("00u2", "MANAGED")),
        device(("00u1", "NOT_MANAGED"), ("00u2", "MANAGED")),
    ]
    uninterrupted = org.collect(Device, DeviceUser, GroupMembership)
    interrupted(org, folder, MEMBERS.format(1), Device, DeviceUser, GroupMembership)
    snapshot = org.collect(Device, DeviceUser, GroupMembership, into=folder)
    assert len(snapshot.device_users) == 2
    assert timeless(snapshot) == timeless(uninterrupted)
    assert org.count("/api/v1/devices") == 0


def test_rows_below_a_deleted_object_are_omitted(
    org: Any, folder: Path, refusal: Callable[..., httpx.Response], pages: Callable[..., Any]
) -> None:
    whole = org.routes[GROUPS]
    org.routes[GROUPS] = pages(whole, refusal(500, "E0000009"))
    interrupted(org, folder, MEMBERS.format(2), GroupMembership)
    org.routes[GROUPS] = whole[1:]
    snapshot = org.collect(GroupMembership, into=folder)
    assert {each.group_id for each in snapshot.group_memberships} == {"00g1", "00g2"}
    assert org.count(MEMBERS.format(1)) == 0


def test_a_run_stopped_by_the_progress_callback_continues(org: Any, folder: Path) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.entity == "GroupMembership":
            raise Stopped

    with pytest.raises(Stopped):
        org.collect(GroupMembership, into=folder, progress=interrupt)
    assert len(org.collect(GroupMembership, into=folder).group_memberships) == 3
    assert org.count(GROUPS) == 1


@pytest.mark.anyio
async def test_a_cancelled_run_continues(org: Any, folder: Path) -> None:
    hanging = anyio.Event()

    async def hang(request: httpx.Request) -> None:
        hanging.set()
        await anyio.sleep_forever()

    org.routes[MEMBERS.format(2)] = hang
    async with org.client(concurrency=1) as client:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: oktahound.collect_async(client, only=[GroupMembership], into=folder))
            await hanging.wait()
            tasks.cancel_scope.cancel()
        org.asked.clear()
        org.routes[MEMBERS.format(2)] = []
        snapshot = await oktahound.collect_async(client, only=[GroupMembership], into=folder)
    assert org.asked == ["/api/v1/org", MEMBERS.format(2)]
    assert len(snapshot.group_memberships) == 2
    assert Snapshot.load(folder) == snapshot


def test_names_of_listings_are_unique() -> None:
    answers = {name: each[-1].value for name, each in declared_options().items()} | {"usage": "P90D"}
    names = [read_name(read) for read in make_plan(None, answers | {"mfa": "all"}).reads]
    assert len(names) == len(set(names))


# How old it is


def test_interruptions_have_their_times(org: Any, folder: Path) -> None:
    interrupted(org, folder, MEMBERS.format(1), GroupMembership)
    later = datetime(2026, 2, 1, tzinfo=UTC).timestamp()

    async def run() -> Snapshot:
        async with org.client() as client:
            client.clock.now = later
            return await oktahound.collect_async(client, only=[GroupMembership], into=folder)

    snapshot = anyio.run(run)
    began = datetime(2026, 1, 15, 12, 25, 42, tzinfo=UTC)
    assert snapshot.started_at == began
    assert snapshot.collected_at == datetime(2026, 2, 1, tzinfo=UTC)
    assert snapshot.interruptions == (
        Interruption(stopped_at=began, resumed_at=datetime(2026, 2, 1, tzinfo=UTC)),
    )
    assert Snapshot.load(folder) == snapshot


def test_every_interruption_is_in_the_snapshot(org: Any, folder: Path) -> None:
    for number in range(3):
        interrupted(org, folder, MEMBERS.format(number), GroupMembership)
    assert len(org.collect(GroupMembership, into=folder).interruptions) == 3


def test_log_and_progress_show_that_a_run_was_resumed(
    org: Any, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    interrupted(org, folder, MEMBERS.format(1), GroupMembership)
    steps: list[Progress] = []
    with caplog.at_level(logging.INFO, "oktahound.collecting"):
        org.collect(GroupMembership, into=folder, progress=steps.append)
    (line,) = [each for each in caplog.messages if "resuming" in each]
    assert "began 2026-01-15T12:25:42.000Z" in line
    assert "2 listings are restored" in line
    assert {step.kept_from for step in steps} == {datetime(2026, 1, 15, 12, 25, 42, tzinfo=UTC)}
    last = {step.entity: (step.kept, step.rows) for step in steps}
    assert last == {"Organization": (0, 1), "Group": (3, 3), "GroupMembership": (1, 3)}


def test_a_run_resumed_without_rows_logs_nothing(
    org: Any, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    steps: list[Progress] = []
    with caplog.at_level(logging.INFO, "oktahound.collecting"):
        snapshot = org.collect(User, into=folder, progress=steps.append)
    assert not [each for each in caplog.messages if "resuming" in each]
    assert {(step.kept, step.kept_from) for step in steps} == {(0, None)}
    assert snapshot.interruptions == ()


# What is refused


def test_a_resumed_run_must_have_the_same_options(org: Any, folder: Path) -> None:
    interrupted(org, folder, MEMBERS.format(1), GroupMembership, mfa="none")
    with pytest.raises(SnapshotError, match="it has mfa='none', but this call has mfa='roles'"):
        org.collect(GroupMembership, into=folder)
    assert org.asked == []


def test_a_resumed_run_must_have_the_same_entities(org: Any, folder: Path) -> None:
    interrupted(org, folder, MEMBERS.format(1), GroupMembership)
    with pytest.raises(SnapshotError, match="it does not include Device, DeviceUser and also includes Group"):
        org.collect(Device, DeviceUser, into=folder)
    assert org.asked == []


def test_a_resumed_run_must_have_the_same_org_url(org: Any, folder: Path) -> None:
    interrupted(org, folder, MEMBERS.format(1), GroupMembership)

    async def run() -> None:
        token = oktahound.ApiToken("00other")
        async with AsyncOktaClient("https://fabrikam.okta.com", token, transport=org) as client:
            await oktahound.collect_async(client, only=[GroupMembership], into=folder)

    with pytest.raises(
        SnapshotError, match=r"of 'contoso\.okta\.com', but this client is for 'fabrikam\.okta\.com'"
    ):
        anyio.run(run)
    assert org.asked == []


def test_another_org_at_the_same_url_is_an_error(org: Any, folder: Path) -> None:
    interrupted(org, folder, MEMBERS.format(1), GroupMembership)
    org.routes["/api/v1/org"] = {"id": "00oOther", "companyName": "Contoso", "status": "ACTIVE"}
    before = (folder / JOURNAL).read_bytes()
    with pytest.raises(SnapshotError, match="'00oOrg', but this one is '00oOther'"):
        org.collect(GroupMembership, into=folder)
    assert (folder / JOURNAL).read_bytes() == before


def test_a_journal_of_another_version_is_refused(
    org: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(org, folder, MEMBERS.format(1), GroupMembership)
    monkeypatch.setattr("oktahound.collecting.resume.plan_digest", lambda plan: "another")
    with pytest.raises(SnapshotError, match="version of oktahound that reads or stores other fields"):
        org.collect(GroupMembership, into=folder)


def test_a_second_run_into_the_folder_is_refused_and_names_the_process(org: Any, folder: Path) -> None:
    met: list[SnapshotError] = []

    async def another(request: httpx.Request) -> list[Any]:
        async with org.client() as client:
            with pytest.raises(SnapshotError, match="another process is writing to") as caught:
                await oktahound.collect_async(client, only=[User], into=folder)
        met.append(caught.value)
        return []

    org.routes[USERS] = another
    org.collect(User, into=folder)
    assert f"process {os.getpid()} on" in str(met[0])
    org.routes[USERS] = []
    org.collect(User, into=folder)


def test_a_second_run_is_refused_even_if_the_process_is_unknown(org: Any, folder: Path) -> None:
    async def another(request: httpx.Request) -> dict[str, str]:
        del org.routes["/api/v1/org"]
        async with org.client() as client:
            with pytest.raises(SnapshotError, match=r"contoso\.okta\. Wait for it, or use another folder$"):
                await oktahound.collect_async(client, only=[User], into=folder)
        return {"id": "00oOrg"}

    org.routes["/api/v1/org"] = another
    assert org.collect(User, into=folder).organization == Organization(id="00oOrg")


@pytest.mark.parametrize("name", ["or\0g", "x" * 300], ids=["a zero byte", "too long"])
def test_an_invalid_folder_name_is_refused_before_any_request(org: Any, tmp_path: Path, name: str) -> None:
    with pytest.raises(SnapshotError):
        org.collect(User, into=tmp_path / name)
    assert org.asked == []


@pytest.mark.parametrize("foreign", ["notes.txt", "photo.jpg"])
def test_a_folder_with_other_files_is_not_changed(org: Any, folder: Path, foreign: str) -> None:
    folder.mkdir()
    (folder / foreign).write_text("mine")
    with pytest.raises(SnapshotError, match="in the way"):
        org.collect(User, into=folder)
    assert org.asked == []
    assert [path.name for path in folder.iterdir()] == [foreign]


def test_an_invalid_option_is_reported_before_the_folder(org: Any, folder: Path) -> None:
    with pytest.raises(ConfigurationError):
        org.collect(User, into=folder, mfa="some")
    assert not folder.exists()


# A folder that holds a snapshot


def test_a_snapshot_is_replaced_by_a_newer_one(org: Any, folder: Path) -> None:
    org.collect(User, into=folder)
    org.routes[USERS] = [{"id": "00u7"}]
    snapshot = org.collect(User, into=folder)
    assert [user.id for user in snapshot.users] == ["00u7"]
    assert snapshot.interruptions == ()
    assert Snapshot.load(folder) == snapshot


def test_the_old_snapshot_stays_complete_until_the_new_one_is(org: Any, folder: Path) -> None:
    older = org.collect(GroupMembership, into=folder)
    interrupted(org, folder, MEMBERS.format(1), GroupMembership)
    assert Snapshot.load(folder) == older
    newer = org.collect(GroupMembership, into=folder)
    assert Snapshot.load(folder) == newer
    assert newer.interruptions
    assert org.count(GROUPS) == 0


def test_a_snapshot_of_another_org_is_not_replaced(org: Any, folder: Path) -> None:
    other = attrs.evolve(org.collect(User), domain="fabrikam.okta.com")
    other.save(folder)
    org.asked.clear()
    with pytest.raises(SnapshotError, match=r"a snapshot of 'fabrikam\.okta\.com'"):
        org.collect(User, into=folder)
    assert Snapshot.load(folder) == other
    assert org.asked == []


def test_save_does_not_overwrite_an_unfinished_collection(org: Any, folder: Path) -> None:
    snapshot = org.collect(User)
    interrupted(org, folder, MEMBERS.format(1), GroupMembership)
    with pytest.raises(SnapshotError, match="the rows of an unfinished collection"):
        snapshot.save(folder)
    assert len(org.collect(GroupMembership, into=folder).group_memberships) == 3


def test_loading_an_unfinished_collection_is_an_error_that_says_how_to_resume(org: Any, folder: Path) -> None:
    interrupted(org, folder, MEMBERS.format(1), GroupMembership)
    with pytest.raises(SnapshotError, match=r"unfinished.*collect\(client, into="):
        Snapshot.load(folder)


class Killed(BaseException):
    """An exception that simulates a killed process: no cleanup runs after it."""


@pytest.mark.parametrize("older", [False, True], ids=["first", "in place of an older one"])
def test_a_process_killed_at_any_moment_of_publishing_loses_nothing(
    org: Any, folder: Path, older: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    for number in itertools.count(1):
        shutil.rmtree(folder, ignore_errors=True)
        if older:
            org.collect(GroupMembership, into=folder)
        left = number

        def wrapped(real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*args: Any, **kwargs: Any) -> Any:
                nonlocal left
                left -= 1
                if left <= 0:
                    raise Killed
                return real(*args, **kwargs)

            return call

        real = disk.replace

        def replace(*args: Any) -> None:
            with monkeypatch.context() as patch:
                for name in ("mkdir", "replace", "rename", "unlink", "rmdir"):
                    patch.setattr(os, name, wrapped(getattr(os, name)))
                real(*args)

        with monkeypatch.context() as patch:
            patch.setattr(disk, "replace", replace)
            try:
                org.collect(GroupMembership, into=folder)
            except Killed:
                killed = True
            else:
                killed = False
        org.asked.clear()
        snapshot = org.collect(GroupMembership, into=folder)
        assert Snapshot.load(folder) == snapshot
        assert len(snapshot.group_memberships) == 3
        assert {path.name for path in folder.iterdir()} == {
            "manifest.json",
            *(f"{name}.jsonl.gz" for name in ("organizations", "groups", "group_memberships")),
        }
        if not killed and left > 0:
            break
        # The journal is used until the new snapshot is published. After that, runs start from the beginning.
        assert org.asked == ["/api/v1/org"] or len(org.asked) == 5
    assert number > 10


def test_a_file_added_during_the_run_prevents_publishing_and_both_are_kept(org: Any, folder: Path) -> None:
    older = org.collect(User, into=folder)

    def put(progress: Progress) -> None:
        (folder / "notes.txt").write_text("mine")

    with pytest.raises(SnapshotError, match=r"notes\.txt is in the way.*are kept in .*unfinished"):
        org.collect(User, into=folder, progress=put)
    assert (folder / "notes.txt").read_text() == "mine"
    assert Snapshot.load(folder) == older
    (folder / "notes.txt").rename(folder.with_name("notes.txt"))
    org.asked.clear()
    snapshot = org.collect(User, into=folder)
    assert org.asked == ["/api/v1/org"]
    assert Snapshot.load(folder) == snapshot


@pytest.mark.parametrize("name", [".git", ".DS_Store", "Thumbs.db", "desktop.ini"])
def test_harmless_files_are_kept(org: Any, folder: Path, name: str) -> None:
    folder.mkdir()
    if name == ".git":
        (folder / name).mkdir()
        (folder / name / "HEAD").write_text("ref: refs/heads/main")
    else:
        (folder / name).write_text("mine")
    for _ in range(2):
        snapshot = org.collect(User, into=folder)
        assert Snapshot.load(folder) == snapshot
        assert (folder / name).exists()
    assert not (folder / JOURNAL).exists()


@pytest.mark.parametrize("name", [".env", ".venv", ".ssh", "users.jsonl.gz", JOURNAL, ".oktahound-mine"])
def test_the_folder_of_a_project_is_refused_before_any_request(
    org: Any, folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir()
    (folder / name).write_text("mine")
    monkeypatch.chdir(folder)
    with pytest.raises(SnapshotError, match="in the way"):
        org.collect(User, into=".")
    assert org.asked == []
    assert [path.name for path in folder.iterdir()] == [name]
    assert (folder / name).read_text() == "mine"


def test_the_current_folder_can_be_collected_into(
    org: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir()
    monkeypatch.chdir(folder)
    snapshot = org.collect(User, into=".")
    assert Snapshot.load(".") == snapshot


def test_the_error_of_a_full_disk_during_a_run_states_what_is_kept(
    org: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.FileIO):
        """A file that accepts a part of the second page only, like a full disk."""

        left = 2_000

        def write(self, data: Any) -> int:
            if self.left < len(data):
                part, self.left = self.left, -1
                if part < 0:
                    raise OSError(28, "No space left on device")
                return super().write(data[:part])
            self.left -= len(data)
            return super().write(data)

    real = Path.open

    def opened(self: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if self.name == JOURNAL and mode == "r+b":
            return Full(self, mode)
        return real(self, mode, *args, **kwargs)

    org.routes[MEMBERS.format(0)] = [{"id": f"00u{number}"} for number in range(50)]
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", opened)
        with pytest.raises(SnapshotError, match=r"No space left.*The pages read before are kept in it"):
            org.collect(GroupMembership, into=folder)
    org.asked.clear()
    snapshot = org.collect(GroupMembership, into=folder)
    assert 1 < len(org.asked) < 5
    assert Snapshot.load(folder) == snapshot


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
def test_a_symbolic_link_to_the_latest_snapshot_is_kept(org: Any, folder: Path) -> None:
    link = folder.with_name("latest")
    org.collect(User, into=folder)
    link.symlink_to(folder)
    snapshot = org.collect(User, into=link)
    assert link.is_symlink()
    assert Snapshot.load(folder) == snapshot


# Scopes that are granted or revoked between runs


@attrs.define
class Scopes:
    """A credential with the scopes of a test."""

    granted: frozenset[str] | None = None

    async def __call__(self, wanted: object) -> frozenset[str] | None:
        return self.granted


@pytest.fixture
def scopes(monkeypatch: pytest.MonkeyPatch) -> Scopes:
    scopes = Scopes()
    monkeypatch.setattr(AsyncOktaClient, "authorize", lambda self, wanted: scopes(wanted))
    return scopes


def test_a_scope_that_was_granted_in_between_is_used(org: Any, folder: Path, scopes: Scopes) -> None:
    scopes.granted = frozenset({"okta.groups.read"})
    interrupted(org, folder, MEMBERS.format(1), User, GroupMembership)
    scopes.granted = frozenset({"okta.groups.read", "okta.users.read"})
    snapshot = org.collect(User, GroupMembership, into=folder)
    assert snapshot.gaps == ()
    assert len(snapshot.users) == 2


def test_rows_read_with_a_revoked_scope_are_restored(org: Any, folder: Path, scopes: Scopes) -> None:
    scopes.granted = frozenset({"okta.groups.read", "okta.users.read"})
    interrupted(org, folder, MEMBERS.format(1), User, GroupMembership)
    scopes.granted = frozenset({"okta.groups.read"})
    snapshot = org.collect(User, GroupMembership, into=folder)
    assert snapshot.gaps == ()
    assert len(snapshot.users) == 2


def test_a_partly_restored_listing_leaves_a_gap_if_its_scope_was_revoked(
    org: Any, folder: Path, scopes: Scopes, refusal: Callable[..., httpx.Response]
) -> None:
    interrupted(org, folder, MEMBERS.format(1), GroupMembership)
    scopes.granted = frozenset()
    for number in (1, 2):
        org.routes[MEMBERS.format(number)] = lambda request: refusal(403, "E0000006")
    snapshot = org.collect(GroupMembership, into=folder)
    assert [each.group_id for each in snapshot.group_memberships] == ["00g0"]
    assert {gap.reason for gap in snapshot.gaps} == {GapReason.FORBIDDEN}
    assert not snapshot.is_whole(GroupMembership)
