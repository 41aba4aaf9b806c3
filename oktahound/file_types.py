"""Determine whether a path is a file, a folder or free, without mistaking an error for an absent file.

From Python 3.14 on, `Path.exists`, `Path.is_file` and `Path.is_dir` return False for every error of the
operating system, as `os.path.lexists` always did. A file on a failing disk, or in a folder to which this
process has no access, would count as absent: it could be overwritten, and the error would name the wrong
cause.
"""

from __future__ import annotations

import errno
import stat
from pathlib import Path

__all__ = ["exists", "is_file", "is_folder"]

# The errors that mean that the path does not exist. ELOOP: links in a circle.
_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.EBADF, errno.ELOOP)
# The same on Windows: the drive is not ready, the name is invalid, the link cannot be resolved.
_ABSENT_ON_WINDOWS = (21, 123, 1921)


def exists(path: Path) -> bool:
    """Return whether the name is taken: by a file, a folder or a link, even one without a target.

    Raises:
        OSError: the operating system returned an error.
    """
    return _mode(path, follow_links=False) != 0


def is_file(path: Path, *, follow_links: bool = True) -> bool:
    """Return whether the path is a regular file: not a folder, a pipe or a device.

    Raises:
        OSError: the operating system returned an error.
    """
    return stat.S_ISREG(_mode(path, follow_links=follow_links))


def is_folder(path: Path, *, follow_links: bool = True) -> bool:
    """Return whether the path is a folder.

    Raises:
        OSError: the operating system returned an error.
    """
    return stat.S_ISDIR(_mode(path, follow_links=follow_links))


def _mode(path: Path, *, follow_links: bool) -> int:
    """Return the mode of a file; 0 if the file does not exist."""
    try:
        return path.stat(follow_symlinks=follow_links).st_mode
    except ValueError:  # a name that no file can have, such as one with a null character
        return 0
    except OSError as error:
        if error.errno in _ABSENT or getattr(error, "winerror", None) in _ABSENT_ON_WINDOWS:
            return 0
        raise
