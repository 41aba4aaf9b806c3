"""The lock on a snapshot folder: one process writes to it at a time."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from oktahound.errors import SnapshotError
from oktahound.snapshot.folder import LOCK
from oktahound.snapshot.journal import JOURNAL, read_journal

__all__ = ["locked"]

_WITHOUT_LOCKS = (errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK)


@contextlib.contextmanager
def locked(target: Path, *, wait: float = 0) -> Iterator[None]:
    """Lock a folder. Creates the folder if it does not exist, and removes it again if it stays empty.

    This is a lock of the operating system on an empty file in the folder. It ends with the process, even if
    that is killed. The remaining file locks nothing. On a network drive without locks, nothing is locked.

    Args:
        target: the folder.
        wait: seconds to wait while another process holds the lock.

    Raises:
        SnapshotError: another process still holds the lock, or the folder cannot be written.
    """
    # Imported here because a collection that is not saved does not need it.
    from filelock import FileLock, Timeout  # noqa: PLC0415

    made = _make_folder(target)
    lock = FileLock(target / LOCK, mode=0o600)
    try:
        try:
            lock.acquire(timeout=wait, poll_interval=0.02)
        except Timeout:
            raise SnapshotError(
                f"another process is writing to {target}{_holder(target)}. Wait for it, or use another folder"
            ) from None
        except (OSError, NotImplementedError) as error:
            if getattr(error, "errno", errno.ENOSYS) not in _WITHOUT_LOCKS:
                raise SnapshotError(f"{str(target)!r} could not be written: {error}") from error
        yield
    finally:
        with contextlib.suppress(OSError):
            if lock.is_locked and os.name == "posix":  # Windows removes the file when the lock is released
                (target / LOCK).unlink()
            lock.release()
        if made:
            with contextlib.suppress(OSError):  # it fails if the folder is not empty
                target.rmdir()


def _make_folder(target: Path) -> bool:
    """Create the folder. Returns whether it did not exist."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            target.mkdir(0o700)
        except FileExistsError:
            return False
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise SnapshotError(f"{str(target)!r} could not be written: {error}") from error
    return True


def _holder(target: Path) -> str:
    """Name the process that holds the lock, if the journal contains it already."""
    try:
        contents = read_journal(target / JOURNAL)
    except SnapshotError:
        return ""
    if contents is None or not contents.sessions:
        return ""
    session = contents.sessions[-1]
    return f" (process {session.process} on {session.host!r})"
