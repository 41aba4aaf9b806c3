"""Output folder of a sink: readable by its owner only, changed by one process at a time, without files lost.

Two processes that write to one folder at the same time prepare their files side by side, and put them in
place in turns. The folder then has the files of one of them, and never some of each.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

from oktahound.errors import ConfigurationError
from oktahound.file_types import exists, is_file, is_folder
from oktahound.folder_lock import locked

__all__ = ["prepare_folder", "refuse_foreign_files", "replacing_files"]

_WAIT = 60.0
"""Maximum seconds to wait while another process replaces files in the folder."""


def prepare_folder(directory: str | os.PathLike[str], check: Callable[[Path], None]) -> Path:
    """Create a folder with mode 0700, regardless of the umask, or check the content of an existing one.

    Raises:
        OSError: the folder cannot be created or locked.
    """
    target = Path(directory)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.mkdir(0o700)
    except FileExistsError:
        with replacing_files(target, check):
            pass
    return target


@contextlib.contextmanager
def replacing_files(target: Path, check: Callable[[Path], None]) -> Iterator[None]:
    """Lock a folder, and check its content before the block replaces files in it.

    Args:
        target: the folder.
        check: raises an error if the folder contains files that must not be replaced.

    Raises:
        TimeoutError: another process holds the lock for more than a minute.
        OSError: the folder cannot be locked.
    """
    with locked(target, wait=_WAIT):
        check(target)
        yield


def refuse_foreign_files(
    target: Path, names: Iterable[str], is_ours: Callable[[Path], bool], *, folders: bool = False
) -> None:
    """Refuse a folder in which names that a sink writes or removes belong to files of other programs.

    Args:
        target: the folder.
        names: the names that the sink writes or removes.
        is_ours: returns whether the sink wrote a file in an earlier run.
        folders: whether a name may also be that of a folder that contains only files of the sink.

    Raises:
        ConfigurationError: an entry with one of the names is not a file of an earlier run.
    """
    paths = [target / name for name in names]
    for path in chain.from_iterable(map(_entries, paths)) if folders else paths:
        if exists(path) and not (is_file(path, follow_links=False) and is_ours(path)):
            raise ConfigurationError(
                f"{path} is in the way: no earlier run wrote it, so it is not overwritten. "
                "Move it, or use another folder"
            )


def _entries(path: Path) -> list[Path]:
    """Return the entries of a folder, or the path itself if it is an empty folder or not a folder."""
    return (sorted(path.iterdir()) if is_folder(path, follow_links=False) else []) or [path]
