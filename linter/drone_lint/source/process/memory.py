"""How much memory another process uses: for systems that enforce no limit on it."""

from __future__ import annotations

import os
import sys
from typing import Any

ENFORCED = sys.platform.startswith(("linux", "freebsd", "netbsd"))
"""Whether RLIMIT_AS holds. macOS accepts and ignores it, Windows has none."""


def used(pid: int) -> int | None:
    """Bytes that a process of ours uses; None where it cannot be told, or the process is gone."""
    try:
        if sys.platform == "win32":
            return _windows(pid)
        return _proc(pid, os.sysconf("SC_PAGE_SIZE")) if os.path.exists(f"/proc/{pid}/statm") else _ps(pid)
    except (OSError, ValueError, IndexError, AttributeError):
        return None


def _proc(pid: int, page: int) -> int:
    with open(f"/proc/{pid}/statm", "rb") as file:
        return int(file.read().split()[1]) * page


def _ps(pid: int) -> int:
    """`ps` is on every Unix; its resident size is in KiB (POSIX does not name the unit, macOS and BSD do)."""
    import subprocess

    shown = subprocess.run(["/bin/ps", "-o", "rss=", "-p", str(pid)], capture_output=True, timeout=5, check=False).stdout  # noqa: S603 - fixed words
    return int(shown) << 10


def _windows(pid: int) -> int | None:
    """The commit charge: memory that was asked for, whether it was touched or not (GetProcessMemoryInfo, `PagefileUsage`)."""
    import ctypes

    windows: Any = ctypes.__dict__["WinDLL"]
    kernel = windows("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = kernel.OpenProcess(0x1000, 0, pid)  # PROCESS_QUERY_LIMITED_INFORMATION
    if not handle:
        return None
    counters = (ctypes.c_size_t * 10)()  # PROCESS_MEMORY_COUNTERS: two 32-bit numbers, then eight of the machine's size
    taken = 8 + 8 * ctypes.sizeof(ctypes.c_size_t)
    try:
        held = kernel.K32GetProcessMemoryInfo(ctypes.c_void_p(handle), ctypes.byref(counters), taken)
    finally:
        kernel.CloseHandle(ctypes.c_void_p(handle))
    if not held:
        return None
    first = 8 // ctypes.sizeof(ctypes.c_size_t)
    return int(counters[first + 6])
