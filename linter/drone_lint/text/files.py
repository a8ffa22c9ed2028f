"""Paths and files that may be anything: reading is bounded in size, and never waits for what is no ordinary file."""

from __future__ import annotations

import errno
import os
import stat

LARGEST = 4 << 20
"""Bytes of a configuration that are read: eighty times the largest that is known to be used."""


def read_file(path: str, largest: int = LARGEST) -> bytes:
    """A file's content; never more than one byte past `largest`, by which the caller can tell that there is more.

    Raises:
        OSError: it cannot be read, or is a pipe, a device or a folder.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "not a regular file (`-` reads standard input)", path)
        return file.read(largest + 1)


def read_text(path: str, largest: int) -> str:
    """A text file's content.

    Raises:
        OSError: it cannot be read, or is larger.
        UnicodeDecodeError: it is not UTF-8.
    """
    data = read_file(path, largest)
    if len(data) > largest:
        raise OSError(errno.EFBIG, f"larger than {largest >> 20} MiB", path)
    return data.decode("utf-8")


def inside(root: str, path: str) -> str | None:
    """The absolute path of a file or folder named relative to the root; None when it leads out of the repository, links included."""
    if "\0" in path:
        return None
    full = os.path.realpath(os.path.join(root, path))
    return full if is_below(full, os.path.realpath(root)) else None


def is_below(full: str, top: str) -> bool:
    """Whether an absolute path is a folder or stands in it, by their names alone."""
    return full == top or full.startswith(top.rstrip(os.sep) + os.sep)


def relative_path(full: str, folder: str = os.curdir) -> str:
    """A path as seen from a folder, with slashes; as it is where no way leads there (another drive of Windows)."""
    try:
        return os.path.relpath(full, folder).replace(os.sep, "/")
    except ValueError:
        return full.replace(os.sep, "/")


def shown_path(full: str) -> str:
    """An absolute path as reports name it: from the working folder, or absolute where it leads out of that."""
    found = relative_path(full)
    return full.replace(os.sep, "/") if found.startswith("..") else found
