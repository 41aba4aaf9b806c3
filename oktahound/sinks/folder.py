"""Prepare the output folder of a sink: readable by its owner only, and never over files of other programs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path

from oktahound.errors import ConfigurationError
from oktahound.file_types import exists, is_file, is_folder

__all__ = ["prepare_folder", "refuse_foreign_files"]


def prepare_folder(
    directory: str | os.PathLike[str],
    names: Iterable[str],
    is_ours: Callable[[Path], bool],
    *,
    folders: bool = False,
) -> Path:
    """Create a folder with mode 0700, regardless of the umask, or check the content of an existing one.

    Raises:
        ConfigurationError: see `refuse_foreign_files`.
        OSError: the folder cannot be created.
    """
    target = Path(directory)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.mkdir(0o700)
    except FileExistsError:
        refuse_foreign_files(target, names, is_ours, folders=folders)
    return target


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
