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

__all__ = ["hold"]

_WITHOUT_LOCKS = (errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK)


@contextlib.contextmanager
def hold(target: Path, *, wait: float = 0) -> Iterator[None]:
    """Hold the lock on a folder, which is made if it is not there and removed again if it stays empty.

    The lock is the operating system's, on an empty file in the folder. It ends with the process, however that
    ends. A file that stays behind locks nothing. On a network drive that has no locks, nothing is locked.

    Args:
        target: the folder.
        wait: seconds to wait while another process holds the lock.

    Raises:
        SnapshotError: another process still holds the lock, or the folder cannot be written.
    """
    # Imported here: a collection that is not saved does not need it.
    from filelock import FileLock, Timeout  # noqa: PLC0415

    made = _make(target)
    lock = FileLock(target / LOCK, mode=0o600)
    try:
        try:
            lock.acquire(timeout=wait, poll_interval=0.02)
        except Timeout:
            raise SnapshotError(f"another run writes to {target} at this moment{_who(target)}") from None
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
            with contextlib.suppress(OSError):  # it is not empty: the snapshot is in it
                target.rmdir()


def _make(target: Path) -> bool:
    """Make the folder; whether it was not there."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            target.mkdir(0o700)
        except FileExistsError:
            return False
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise SnapshotError(f"{str(target)!r} could not be written: {error}") from error
    return True


def _who(target: Path) -> str:
    """The process that holds the lock, if its journal states it already."""
    try:
        contents = read_journal(target / JOURNAL)
    except SnapshotError:
        return ""
    if contents is None or not contents.sittings:
        return ""
    sitting = contents.sittings[-1]
    return f": process {sitting.process} on {sitting.host!r}"
