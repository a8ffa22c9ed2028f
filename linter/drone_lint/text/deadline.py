"""One limit of time for all that is done for a file, held from outside: whatever runs when it is over is interrupted."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

GRACE = 1.0
"""Seconds beyond the limit of one evaluation, so that an evaluation that takes too long says so itself."""


class OutOfTimeError(BaseException):
    """The time is over. No `Exception`, so that nothing that goes on after errors goes on after this."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise OutOfTimeError in what runs inside when the time is over; without a bound outside of a main thread, and on Windows."""
    if sys.platform == "win32" or not _is_main_thread():
        yield
        return
    import _signal as signal  # `signal` takes longer to import than a small file to lint

    def stop(_number: int, _frame: Any) -> None:
        raise OutOfTimeError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _is_main_thread() -> bool:
    threading = sys.modules.get("threading")  # where nobody imported it, there is one thread
    return threading is None or threading.current_thread() is threading.main_thread()


def now() -> float:
    """Seconds of a clock that only runs forward."""
    return time.monotonic()
