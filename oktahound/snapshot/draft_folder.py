"""A folder that a collection writes to, until it holds the snapshot.

::

    .contoso.okta.lock          empty; held while somebody collects into the folder
    .contoso.okta.draft/        the snapshot while it is written, for a moment at the end
    .contoso.okta.replaced/     what stood in the folder, for a moment at the end
    contoso.okta/
        unfinished.jsonl        what was read so far
        manifest.json …         a snapshot from before, if there was one: whole until it is replaced
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from oktahound.errors import SnapshotError
from oktahound.snapshot import disk
from oktahound.snapshot.journal import JOURNAL
from oktahound.snapshot.lock import hold
from oktahound.snapshot.manifest import Manifest

if TYPE_CHECKING:
    from oktahound.snapshot.snapshot import Snapshot

__all__ = ["DraftFolder", "collecting_into"]


@attrs.frozen
class DraftFolder:
    """A folder that this process alone collects into."""

    target: Path

    @property
    def journal(self) -> Path:
        """Where what was read so far is written."""
        return self.target / JOURNAL

    @property
    def _draft(self) -> Path:
        return self.target.with_name(f".{self.target.name}.draft")

    @property
    def _replaced(self) -> Path:
        return self.target.with_name(f".{self.target.name}.replaced")

    def recover(self) -> None:
        """Clear up after a process that was killed while it published."""
        if self._draft.exists():
            shutil.rmtree(self._draft)
        if not self._replaced.exists():
            return
        if (self.target / disk.MANIFEST).exists():
            shutil.rmtree(self._replaced)
            return
        if self.target.exists():
            self.target.rmdir()  # refuses if there is anything in it
        self._replaced.rename(self.target)

    def check(self, domain: str) -> None:
        """Refuse a folder that holds what a collection of this org must not replace.

        Raises:
            SnapshotError: it holds something else, or the snapshot of another org.
        """
        if (stranger := disk.in_the_way(self.target, but=JOURNAL)) is not None:
            raise SnapshotError(f"{stranger} is in the way: it is not of a snapshot, and is not overwritten")
        try:
            there = Manifest.from_json((self.target / disk.MANIFEST).read_bytes()).domain
        except (OSError, ValueError):  # none, or one that is damaged and speaks of nobody
            return
        if there != domain:
            raise SnapshotError(f"{self.target} holds a snapshot of {there!r}, and this is {domain!r}")

    def publish(self, snapshot: Snapshot) -> None:
        """Put the snapshot in the place of all that stands in the folder."""
        with _complaining(self.target):
            self._draft.mkdir(0o700)
            try:
                disk.write(snapshot, self._draft)
                self.target.rename(self._replaced)
                try:
                    self._draft.rename(self.target)
                except BaseException:
                    self._replaced.rename(self.target)
                    raise
            finally:
                shutil.rmtree(self._draft, ignore_errors=True)
        shutil.rmtree(self._replaced, ignore_errors=True)


@contextlib.contextmanager
def collecting_into(folder: str | os.PathLike[str], domain: str) -> Iterator[DraftFolder]:
    """Have a folder to oneself, and know that it may be replaced.

    Raises:
        SnapshotError: another run has it, something else is in the way, or the disk refuses.
    """
    with _complaining(folder):
        # Through links, so that a link to the latest snapshot goes on being one.
        unfinished = DraftFolder(Path(folder).resolve())
    with hold(unfinished.target):
        with _complaining(folder):
            unfinished.recover()
            unfinished.check(domain)
        yield unfinished


@contextlib.contextmanager
def _complaining(folder: str | os.PathLike[str]) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise SnapshotError(f"{os.fspath(folder)!r} could not be written: {error}") from error
