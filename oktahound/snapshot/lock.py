"""One run into a folder at a time, across processes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from oktahound.errors import SnapshotError
from oktahound.snapshot.journal import JOURNAL, read_journal

__all__ = ["hold"]


@contextlib.contextmanager
def hold(target: Path) -> Iterator[None]:
    """Be the one who collects into this folder.

    The lock is the system's, on an empty hidden file beside the folder: it ends with the process, however
    that ends. So no lock is ever left behind, and a file that is left behind locks nothing. (The folder
    itself cannot hold it: it is replaced when the collection is complete.)

    Raises:
        SnapshotError: another run has it, or the disk refuses.
    """
    # Imported here: who collects into memory does not need it.
    from filelock import FileLock, Timeout  # noqa: PLC0415

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(target.with_name(f".{target.name}.lock"), mode=0o600)
        lock.acquire(timeout=0)
    except Timeout:
        raise SnapshotError(f"another run collects into {target} at this moment{_who(target)}") from None
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise SnapshotError(f"{str(target)!r} could not be written: {error}") from error
    try:
        yield
    finally:
        lock.release()


def _who(target: Path) -> str:
    """Which process it is, where its journal says so already."""
    try:
        contents = read_journal(target / JOURNAL)
    except SnapshotError:
        return ""
    if contents is None or not contents.sittings:
        return ""
    sitting = contents.sittings[-1]
    return f": process {sitting.process} on {sitting.host!r}"
