"""Foreign entries in a snapshot folder, disks that fail, killed writers, and concurrent saves and loads."""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from example_counts import is_deep
from handwritten.orgs import snapshot_of

from oktahound import Snapshot, User
from oktahound.errors import SnapshotError
from oktahound.folder_lock import LOCK, locked
from oktahound.snapshot import disk
from oktahound.snapshot import folder as layout
from oktahound.snapshot.journal import read_journal


def small(*users: User) -> Snapshot:
    return attrs.evolve(snapshot_of(*users), asked=frozenset({"Organization", "User"}))


ANN = small(User(id="00u1", login="ann"))
BOB = small(User(id="00u2", login="bob"))
WITH_GROUPS = attrs.evolve(ANN, asked=ANN.asked | {"Group"})
NAMES = {"manifest.json", *(f"{name}.jsonl.gz" for name in ("organizations", "users"))}

on_posix = pytest.mark.skipif(os.name != "posix", reason="symbolic links and permissions of POSIX")
as_a_user = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="permissions of POSIX do not bind root"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "org.okta"


def content_of(folder: Path) -> dict[str, bytes | str]:
    """Return the bytes of files and the targets of links in a folder."""
    found: dict[str, bytes | str] = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = str(path.readlink())
        elif path.is_file():
            found[name] = path.read_bytes()
        else:
            found[f"{name}/"] = b""
    return found


# Files of the user

HARMLESS = {
    ".DS_Store": b"x",
    "Thumbs.db": b"x",
    "desktop.ini": b"x",
    "Desktop.ini": b"x",
    ".git/HEAD": b"ref: refs/heads/main\n",
    ".git/objects/12/345": b"x",
    ".git": b"gitdir: /elsewhere\n",
    ".gitignore": b"*.tmp\n",
    ".gitattributes": b"*.gz binary\n",
}
FOREIGN = {
    ".env": b"TOKEN=1",
    ".venv/bin/python": b"x",
    ".ssh/id_ed25519": b"key",
    ".hidden": b"x",
    "notes.txt": b"mine",
    "notes/deep/er.txt": b"mine",
    "api_tokens.jsonl.gz": b"looks like ours, and no manifest lists it",
    "employees.jsonl.gz": b"data of another program",
    "users.jsonl.gz.bak": b"mine",
    "manifest.json/inside": b"mine",
    "unfinished.jsonl": b"a list of mine",
    ".oktahound.lock/inside": b"mine",
    ".oktahound-notes1/mine.txt": b"mine",
    ".oktahound-12345678/users.jsonl.gz/mine": b"mine",
    ".oktahound": b"mine",
}


def put(folder: Path, name: str, content: bytes) -> None:
    if (folder / name).parent.is_file():
        (folder / name).parent.unlink()
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


@pytest.mark.parametrize("name", HARMLESS)
@pytest.mark.parametrize("empty", [True, False], ids=["in an empty folder", "beside a snapshot"])
def test_harmless_entries_are_kept(folder: Path, name: str, empty: bool) -> None:
    if not empty:
        ANN.save(folder)
    put(folder, name, HARMLESS[name])
    BOB.save(folder)
    assert Snapshot.load(folder) == BOB
    assert (folder / name).read_bytes() == HARMLESS[name]


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("empty", [True, False], ids=["in an empty folder", "beside a snapshot"])
def test_other_entries_are_refused_and_not_changed(folder: Path, name: str, empty: bool) -> None:
    if not empty:
        ANN.save(folder)
    put(folder, name, FOREIGN[name])
    before = content_of(folder)
    with pytest.raises(SnapshotError, match=r"in the way|damaged"):
        BOB.save(folder)
    assert content_of(folder) == before


@on_posix
@pytest.mark.parametrize("name", ["users.jsonl.gz", "manifest.json", "notes", ".oktahound-12345678"])
def test_a_link_in_the_folder_is_refused_and_its_target_is_not_changed(folder: Path, name: str) -> None:
    ANN.save(folder)
    precious = folder.with_name("precious")
    precious.mkdir()
    (precious / "users.jsonl.gz").write_bytes(b"mine")
    if name in NAMES:
        shutil.move(folder / name, precious / name)
        (folder / name).symlink_to(precious / name)
    else:
        (folder / name).symlink_to(precious)
    before = content_of(folder), content_of(precious)
    with pytest.raises(SnapshotError, match=f"{name} is in the way"):
        BOB.save(folder)
    assert (content_of(folder), content_of(precious)) == before


@on_posix
@pytest.mark.parametrize("there", [True, False], ids=["to a folder", "to nothing"])
def test_a_folder_that_is_a_link_stays_a_link(folder: Path, there: bool) -> None:
    june = folder.with_name("june.okta")
    if there:
        ANN.save(june)
    folder.symlink_to(june)
    BOB.save(folder)
    assert folder.is_symlink()
    assert Snapshot.load(june) == BOB


@on_posix
def test_a_folder_under_git_can_be_committed_again_and_again(folder: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")

    def git(*words: str) -> str:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        return subprocess.run(
            ["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True
        ).stdout

    ANN.save(folder)
    git("init", "-q")
    for snapshot in (BOB, ANN):
        git("add", "-A")
        git("commit", "-qm", "snapshot")
        snapshot.save(folder)
    assert {line[:3] for line in git("status", "--porcelain").splitlines()} == {" M "}
    git("stash")
    assert Snapshot.load(folder) == BOB


def test_a_file_that_appears_during_a_save_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ANN.save(folder)
    real = disk.write

    def write(snapshot: Snapshot, draft: Path) -> None:
        real(snapshot, draft)
        (folder / "notes.txt").write_bytes(b"mine")

    monkeypatch.setattr(disk, "write", write)
    with pytest.raises(SnapshotError, match=r"notes\.txt is in the way"):
        BOB.save(folder)
    assert Snapshot.load(folder) == ANN
    assert content_of(folder).keys() == {*NAMES, "notes.txt"}


@on_posix
def test_a_process_with_the_folder_as_working_directory_still_sees_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ANN.save(folder)
    monkeypatch.chdir(folder)
    BOB.save(".")
    assert Snapshot.load(".") == BOB
    assert {path.name for path in Path().iterdir()} == NAMES


# Disks that fail

CALLS = (
    "mkdir",
    "open",
    "fsync",
    "replace",
    "rename",
    "unlink",
    "rmdir",
    "scandir",
    "listdir",
    "lstat",
    "stat",
)
LOOKUPS = ("scandir", "listdir", "lstat", "stat")
"""Calls that change nothing: three quarters of all."""

ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES)
# From Python 3.14 on, Path.mkdir(exist_ok=True), which filelock calls, raises FileExistsError for a folder
# that exists and cannot be examined.
SWALLOWED = (errno.EEXIST,) if sys.version_info >= (3, 14) else ()


class Faults:
    """Makes the n-th call of the operating system fail, counted over all functions in `CALLS`.

    Attributes:
        calls: the names of the functions that were called, in order.
        fired: the name of the function that failed.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int, code: int) -> None:
        self.calls: list[str] = []
        self.fired, self._number, self._code = "", number, code
        for name in CALLS:
            monkeypatch.setattr(os, name, self._wrapped(name, getattr(os, name)))

    def _wrapped(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.calls.append(name)
            if len(self.calls) == self._number:
                self.fired = name
                raise OSError(self._code, os.strerror(self._code))
            return real(*args, **kwargs)

        return call


@pytest.mark.parametrize("code", ERRORS, ids=[errno.errorcode[code] for code in ERRORS])
@pytest.mark.parametrize("older", [False, True], ids=["first", "in place of an older one"])
def test_after_a_failed_system_call_the_old_or_the_new_snapshot_is_complete(
    tmp_path: Path, code: int, older: bool
) -> None:
    outcomes: set[str] = set()
    ANN.save(tmp_path / "ann.okta")

    def folder_to_save_in(name: str) -> Path:
        folder = tmp_path / f"{name}.okta"
        if older:
            shutil.copytree(tmp_path / "ann.okta", folder)
        return folder

    folder = folder_to_save_in("without a fault")
    with pytest.MonkeyPatch.context() as patch:
        calls = Faults(patch, 0, code).calls
        BOB.save(folder)
    # Every call that changes the disk fails once with the first error, and every fifth lookup. With each of
    # the other errors, some calls fail, at other places.
    numbers = [
        number
        for number, name in enumerate(calls, start=1)
        if name not in LOOKUPS or number % 5 == 0 or is_deep()
    ]
    assert len(numbers) > 40
    place = ERRORS.index(code)
    for number in numbers[place :: 7 if place else 1]:
        folder = folder_to_save_in(str(number))
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(patch, number, code)
            try:
                BOB.save(folder)
                outcome = "saved"
            except SnapshotError as error:
                outcome = "refused"
                text = str(error)
        assert faults.fired
        outcomes.add(outcome)
        if outcome == "saved":
            assert Snapshot.load(folder) == BOB
        elif older:
            assert Snapshot.load(folder) in (ANN, BOB)
            assert any(os.strerror(each) in text for each in (code, *SWALLOWED))
        # Remaining files do not affect the next save.
        BOB.save(folder)
        assert Snapshot.load(folder) == BOB
        assert content_of(folder).keys() == NAMES
    assert outcomes == {"saved", "refused"}


def test_the_error_of_a_full_disk_states_what_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SnapshotError, match=r"No space left.*Nothing was saved"):
        ANN.save(folder)
    assert not folder.exists()
    monkeypatch.undo()
    ANN.save(folder)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SnapshotError, match=r"No space left.*earlier snapshot in the folder is unchanged"):
        BOB.save(folder)
    assert Snapshot.load(folder) == ANN


def test_a_file_that_cannot_be_examined_does_not_count_as_absent(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ANN.save(folder)
    (folder / layout.JOURNAL).write_text("the rows of an unfinished collection")

    def broken(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", broken)
        for use in (Snapshot.load, BOB.save, lambda _: read_journal(folder / layout.JOURNAL)):
            with pytest.raises(SnapshotError, match=os.strerror(errno.EIO)):
                use(folder)
    assert content_of(folder).keys() == {*NAMES, layout.JOURNAL}


# A process with a limit on the size of a file, as on a full disk.
FULL = """
import resource, signal, sys
import oktahound
from oktahound import Snapshot
snapshot = Snapshot.load(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for size in (0, 1, 10, 40, 100, 200, 400, 700):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        snapshot.save(sys.argv[2])
        print("saved", flush=True)
    except oktahound.errors.SnapshotError as error:
        assert "File too large" in str(error), error
        Snapshot.load(sys.argv[2])
"""


@on_posix
def test_a_write_that_fails_half_way_leaves_the_old_snapshot(folder: Path) -> None:
    BOB.save(folder.with_name("bob.okta"))
    ANN.save(folder)
    command = [sys.executable, "-c", FULL, str(folder.with_name("bob.okta")), str(folder)]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == ""
    assert Snapshot.load(folder) == ANN
    assert content_of(folder).keys() == NAMES


@as_a_user
def test_a_folder_that_cannot_be_written_is_a_snapshot_error(folder: Path) -> None:
    ANN.save(folder)
    folder.chmod(0o500)
    try:
        with pytest.raises(SnapshotError, match="Permission denied"):
            BOB.save(folder)
        assert Snapshot.load(folder) == ANN
    finally:
        folder.chmod(0o700)


# Processes that are killed

KILLED = pytest.mark.parametrize("older", [False, True], ids=["first", "in place of an older one"])


class Killed(BaseException):
    """An exception that simulates a killed process: no cleanup runs after it."""


KILLED_STATUS = 9


def killed_at(moment: int, save: Callable[[], None]) -> bool:
    """Call `save` in a child process that ends without any cleanup at its `moment`-th change on the disk.

    Returns whether the child got that far.
    """
    child = os.fork()
    if child:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status in (0, KILLED_STATUS)
        return status == KILLED_STATUS
    status = 1
    try:
        left = itertools.count(moment - 1, -1)

        def wrapped(real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*args: Any, **kwargs: Any) -> Any:
                if next(left) == 0:
                    os._exit(KILLED_STATUS)
                return real(*args, **kwargs)

            return call

        for name in ("mkdir", "open", "fsync", "replace", "rename", "unlink", "rmdir"):
            setattr(os, name, wrapped(getattr(os, name)))
        save()
        status = 0
    finally:
        os._exit(status)


@KILLED
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
# Python 3.12 warns of every fork in a process with threads.
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_after_a_kill_at_any_moment_the_old_or_the_new_snapshot_is_complete(
    tmp_path: Path, older: bool
) -> None:
    seen: set[str] = set()
    WITH_GROUPS.save(tmp_path / "groups.okta")
    for moment in itertools.count(1):
        folder = tmp_path / f"{moment}.okta"
        if older:
            shutil.copytree(tmp_path / "groups.okta", folder)
        if not killed_at(moment, lambda folder=folder: BOB.save(folder)):
            break
        try:
            loaded = Snapshot.load(folder)
            seen.add(loaded.users[0].login or "")
        except SnapshotError:
            assert not older
        BOB.save(folder)
        assert Snapshot.load(folder) == BOB
        assert content_of(folder).keys() - {LOCK} == NAMES
    assert moment > 15
    assert seen == ({"ann", "bob"} if older else {"bob"})


def test_obsolete_files_are_removed_after_a_kill(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    WITH_GROUPS.save(folder)
    assert (folder / "groups.jsonl.gz").exists()
    real = layout._move_rows

    def killed(*_: Path) -> None:
        raise Killed

    monkeypatch.setattr(layout, "_move_rows", killed)
    with pytest.raises(Killed):
        BOB.save(folder)
    monkeypatch.setattr(layout, "_move_rows", real)
    assert Snapshot.load(folder).users == BOB.users
    ANN.save(folder)
    assert content_of(folder).keys() == NAMES


# Concurrent saves and loads

SAVING = """
import sys
from oktahound import Snapshot
snapshots = [Snapshot.load(path) for path in sys.argv[2:4]]
for number in range(int(sys.argv[4])):
    snapshots[number % 2].save(sys.argv[1])
"""


@pytest.fixture
def saving(folder: Path) -> Iterator[Callable[[int], subprocess.Popen[str]]]:
    """Start a process that saves two snapshots of different sizes to the folder in turns."""
    ANN.save(folder)
    many = small(*(User(id=f"00u{number}", login=f"user{number}") for number in range(300)))
    ANN.save(folder.with_name("ann.okta"))
    many.save(folder.with_name("many.okta"))
    started: list[subprocess.Popen[str]] = []

    def start(times: int) -> subprocess.Popen[str]:
        paths = [folder, folder.with_name("ann.okta"), folder.with_name("many.okta")]
        command = [sys.executable, "-c", SAVING, *map(str, paths), str(times)]
        started.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_every_load_during_saves_returns_a_complete_snapshot(
    folder: Path, saving: Callable[[int], subprocess.Popen[str]]
) -> None:
    process = saving(40)
    sizes: list[int] = []
    while process.poll() is None:
        sizes.append(len(Snapshot.load(folder).users))
    assert process.communicate()[1] == ""
    assert process.returncode == 0
    assert set(sizes) == {1, 300}
    assert content_of(folder).keys() == NAMES


def test_saves_of_several_processes_take_turns(
    folder: Path, saving: Callable[[int], subprocess.Popen[str]]
) -> None:
    processes = [saving(8) for _ in range(2)]
    for process in processes:
        assert process.communicate()[1] == ""
        assert process.returncode == 0
    assert len(Snapshot.load(folder).users) in (1, 300)
    assert content_of(folder).keys() == NAMES


@pytest.mark.parametrize("after", [True, False], ids=["after a listing", "before a listing"])
def test_another_process_may_finish_its_save_at_any_listing_of_an_unlocked_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    listings = itertools.count()
    list_folder = Path.iterdir
    last = None

    def finish_the_other_save() -> None:
        with monkeypatch.context() as other:
            other.setattr(Path, "iterdir", list_folder)
            WITH_GROUPS.save(folder)  # removes the stage, and adds a file

    def iterdir(path: Path) -> Iterator[Path]:
        nonlocal last
        if path.is_relative_to(folder) and not (folder / LOCK).exists():
            last = next(listings)
            if last == number and not after:
                finish_the_other_save()
            listed = list(list_folder(path)) if path.exists() else list_folder(path)
            if last == number and after:
                finish_the_other_save()
            return iter(listed)
        return list_folder(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    for number in itertools.count():
        shutil.rmtree(folder, ignore_errors=True)
        ANN.save(folder)
        layout.open_draft(folder).joinpath("users.jsonl.gz").touch()
        listings = itertools.count()
        BOB.save(folder)
        assert content_of(folder).keys() == NAMES
        assert Snapshot.load(folder) == BOB
        assert last is not None
        if last < number:
            break


def test_a_folder_that_another_process_locks_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ANN.save(folder)
    monkeypatch.setattr(disk, "_WAIT", 0.05)
    with (
        locked(folder),
        pytest.raises(SnapshotError, match=r"another process is writing to .*org\.okta\. Wait for it"),
    ):
        BOB.save(folder)
    assert Snapshot.load(folder) == ANN
    assert content_of(folder).keys() == NAMES


def test_saves_of_several_threads_take_turns(folder: Path) -> None:
    errors: list[BaseException] = []

    def save(snapshot: Snapshot) -> None:
        try:
            for _ in range(5):
                snapshot.save(folder)
        except BaseException as error:  # noqa: BLE001 - the test shows it
            errors.append(error)

    threads = [threading.Thread(target=save, args=(each,)) for each in (ANN, BOB, ANN, BOB)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Snapshot.load(folder) in (ANN, BOB)
    assert content_of(folder).keys() == NAMES
