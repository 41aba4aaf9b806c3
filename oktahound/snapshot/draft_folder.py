"""The folder that a collection writes to: its journal while it runs, and the snapshot at the end.

`oktahound.snapshot.folder` describes the layout. A snapshot that was in the folder before stays in place, and
can be loaded, until the new one takes its place.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from oktahound.errors import SnapshotError
from oktahound.snapshot import disk
from oktahound.snapshot.folder import MANIFEST, settle
from oktahound.snapshot.journal import JOURNAL
from oktahound.snapshot.lock import hold
from oktahound.snapshot.manifest import Manifest

if TYPE_CHECKING:
    from oktahound.snapshot.snapshot import Snapshot

__all__ = ["DraftFolder", "collecting_into"]


@attrs.frozen
class DraftFolder:
    """A folder on which this process holds the lock.

    Attributes:
        target: the folder.
    """

    target: Path

    @property
    def journal(self) -> Path:
        """The file that the pages read so far are written to."""
        return self.target / JOURNAL

    def check(self, domain: str) -> None:
        """Refuse a folder that a collection of this org must not write to.

        Raises:
            SnapshotError: it holds something besides a snapshot, or the snapshot of another org.
        """
        disk.refuse_foreign(self.target)
        try:
            there = Manifest.from_json((self.target / MANIFEST).read_bytes()).domain
        except (OSError, ValueError):  # no snapshot, or a damaged one, which names no org for certain
            return
        if there != domain:
            raise SnapshotError(f"{self.target} holds a snapshot of {there!r}, and this is {domain!r}")

    def publish(self, snapshot: Snapshot) -> None:
        """Put the snapshot in place, and remove the journal.

        Raises:
            SnapshotError: a file was put into the folder meanwhile, or the disk refuses. The journal is kept:
                the same collection finishes from it, without reading anything again.
        """
        kept = (
            f"What was read is kept in {self.journal}: the same call of collect finishes it without reading "
            "it again"
        )
        try:
            with disk.disk_errors(self.target, lambda: kept):
                disk.replace(snapshot, self.target)
        except SnapshotError as error:
            if kept in str(error):
                raise
            raise SnapshotError(f"{error}. {kept}") from error.__cause__


@contextlib.contextmanager
def collecting_into(folder: str | os.PathLike[str], domain: str) -> Iterator[DraftFolder]:
    """Lock a folder for a collection, and check that it may be written to.

    Raises:
        SnapshotError: another run writes to it, it holds something besides a snapshot or the snapshot of
            another org, or the disk refuses.
    """
    with disk.disk_errors(folder, lambda: ""):
        # Through links, so that a link to the latest snapshot stays one.
        draft = DraftFolder(Path(folder).resolve())
        draft.check(domain)
    with hold(draft.target):
        with disk.disk_errors(folder, lambda: ""):
            settle(draft.target)
            draft.check(domain)
        yield draft
