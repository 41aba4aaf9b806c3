"""Lock a folder, so that only one process at a time replaces files in it."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

__all__ = ["LOCK", "locked"]

LOCK = ".oktahound.lock"
"""Name of the lock's file. It exists while a process writes to the folder."""

_WITHOUT_LOCKS = (errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK)


@contextlib.contextmanager
def locked(folder: Path, *, wait: float = 0) -> Iterator[None]:
    """Create a folder if it does not exist, and keep other processes that lock it from entering the block.

    This is a lock of the operating system on an empty file in the folder. It ends with the process, even if
    that is killed. The remaining file locks nothing. On a network drive without locks, nothing is locked.

    A new folder has mode 0700, regardless of the umask. It is removed if it is still empty at the end.

    Args:
        folder: the folder.
        wait: seconds to wait while another process holds the lock.

    Raises:
        TimeoutError: another process still holds the lock.
        OSError: the folder cannot be created, or the lock's file cannot be written to it.
        ValueError: no folder can have this name.
    """
    # Imported here because a program that writes no files does not need it.
    from filelock import FileLock, Timeout  # noqa: PLC0415

    created = _make_folder(folder)
    lock = FileLock(folder / LOCK, mode=0o600)
    try:
        try:
            lock.acquire(timeout=wait, poll_interval=0.02)
        except Timeout:
            raise TimeoutError(f"another process is writing to {folder}") from None
        except (OSError, NotImplementedError) as error:
            if getattr(error, "errno", errno.ENOSYS) not in _WITHOUT_LOCKS:
                raise
        yield
    finally:
        with contextlib.suppress(OSError):
            if lock.is_locked and os.name == "posix":  # Windows removes the file when the lock is released
                (folder / LOCK).unlink()
            lock.release()
        if created:
            with contextlib.suppress(OSError):  # it fails if the folder is not empty
                folder.rmdir()


def _make_folder(folder: Path) -> bool:
    """Create the folder. Returns whether it did not exist."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(0o700)
    except FileExistsError:
        return False
    return True
