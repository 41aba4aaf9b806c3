"""The folder that a collection writes to: the journal while it runs, and the snapshot at the end.

`oktahound.snapshot.folder` describes the layout. An earlier snapshot in the folder stays in place, and can be
loaded until the new one replaces it.
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
from oktahound.snapshot.folder import MANIFEST, recover
from oktahound.snapshot.journal import JOURNAL
from oktahound.snapshot.lock import locked
from oktahound.snapshot.manifest import Manifest

if TYPE_CHECKING:
    from oktahound.snapshot.snapshot import Snapshot

__all__ = ["DraftFolder", "collecting_into"]


@attrs.frozen
class DraftFolder:
    """A folder that this process has locked.

    Attributes:
        target: the folder.
    """

    target: Path

    @property
    def journal(self) -> Path:
        """The file with the pages read so far."""
        return self.target / JOURNAL

    def check(self, domain: str) -> None:
        """Refuse a folder that a collection of this org must not overwrite.

        Raises:
            SnapshotError: it contains something besides a snapshot, or the snapshot of another org.
        """
        disk.refuse_foreign(self.target)
        try:
            there = Manifest.from_json((self.target / MANIFEST).read_bytes()).domain
        except (OSError, ValueError):  # no snapshot, or a damaged one, whose org is not certain
            return
        if there != domain:
            raise SnapshotError(
                f"{self.target} contains a snapshot of {there!r}, but this client is for {domain!r}. "
                "Use another folder"
            )

    def publish(self, snapshot: Snapshot) -> None:
        """Put the snapshot in place, and remove the journal.

        Raises:
            SnapshotError: another file was added to the folder meanwhile, or the disk refuses. The journal is
                kept: the same collection can be finished without reading anything again.
        """
        kept = f"What was read is kept in {self.journal}: call collect again in the same way to finish it"
        try:
            with disk.disk_errors(self.target, lambda: kept):
                disk.replace(snapshot, self.target)
        except SnapshotError as error:
            if kept in str(error):
                raise
            raise SnapshotError(f"{error}. {kept}") from error.__cause__


@contextlib.contextmanager
def collecting_into(folder: str | os.PathLike[str], domain: str) -> Iterator[DraftFolder]:
    """Lock a folder for a collection, and check that it may be overwritten.

    Raises:
        SnapshotError: another process is writing to it, it contains something besides a snapshot or the
            snapshot of another org, or the disk refuses.
    """
    with disk.disk_errors(folder, lambda: ""):
        # Resolve links, so that a link to the latest snapshot remains a link.
        draft = DraftFolder(Path(folder).resolve())
        draft.check(domain)
    with locked(draft.target):
        with disk.disk_errors(folder, lambda: ""):
            recover(draft.target)
            draft.check(domain)
        yield draft
