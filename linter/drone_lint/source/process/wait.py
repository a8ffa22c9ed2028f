"""Waiting for a process's answer, no longer than it may take and use."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from drone_lint.source.process import memory as process_memory
from drone_lint.source.process.child import decoded, length_of, read

if TYPE_CHECKING:
    from drone_lint.source.process.child import Request

_LOOK = 0.05
"""Seconds between two looks at a process's memory, where the system enforces no limit."""
_CHUNK = 1 << 20
MEMORY = "needed more memory than allowed"


class Bounds(NamedTuple):
    """What an answer may take."""

    seconds: float
    memory: int | None = None
    """Bytes that the process may use; None: the system sees to that."""

    @property
    def late(self) -> str:
        """What is said of an answer that took too long."""
        return f"took longer than {self.seconds:g} seconds"


class Received(NamedTuple):
    """The answer, or None; and why the process was stopped, if it was."""

    answer: Request | None = None
    stopped: str | None = None


def receive(process: Any, bounds: Bounds) -> Received:
    """The next message that a process writes.

    Args:
        process: has `pid`, `stdout`, a stream of bytes that nobody has read ahead of, and `kill()`, which is called when a bound is passed.
        bounds: what the answer may take.
    """
    return _watched(process, bounds) if sys.platform == "win32" else _polled(process, bounds)


def _polled(process: Any, bounds: Bounds) -> Received:
    """On what is not Windows: no thread, which on a busy machine takes longer to start than most programs to evaluate."""
    if sys.platform == "win32":
        raise NotImplementedError
    import select

    descriptor = process.stdout.fileno()
    ready = select.poll()
    ready.register(descriptor, select.POLLIN)
    end = time.monotonic() + bounds.seconds
    data = bytearray()
    while (length := length_of(data)) is None or len(data) < length:
        left = end - time.monotonic()
        if left <= 0:
            process.kill()
            return Received(stopped=bounds.late)
        if ready.poll((left if bounds.memory is None else min(left, _LOOK)) * 1000):
            more = os.read(descriptor, _CHUNK)
            if not more:
                return Received()
            data += more
        elif bounds.memory is not None and (process_memory.used(process.pid) or 0) > bounds.memory:
            process.kill()
            return Received(stopped=MEMORY)
    return Received(decoded(bytes(data)))


def _watched(process: Any, bounds: Bounds) -> Received:
    """On Windows, where nothing waits for a pipe: a thread stops the process, and reading ends with that."""
    watch = _Watch(process, bounds)
    try:
        answer = read(process.stdout)
    except (OSError, ValueError):
        answer = None
    finally:
        watch.end()
    return Received(answer, watch.stopped)


class _Watch:
    """A thread that stops a process which passes its bounds."""

    def __init__(self, process: Any, bounds: Bounds) -> None:
        import threading

        self.stopped: str | None = None
        self._process, self._bounds = process, bounds
        self._done, self._turn = threading.Event(), threading.Lock()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        bounds = self._bounds
        end = time.monotonic() + bounds.seconds
        while self.stopped is None and not self._done.wait(bounds.seconds if bounds.memory is None else _LOOK):
            if time.monotonic() >= end:
                self._stop(bounds.late)
            elif bounds.memory is not None and (process_memory.used(self._process.pid) or 0) > bounds.memory:
                self._stop(MEMORY)

    def _stop(self, why: str) -> None:
        with self._turn:
            if not self._done.is_set():
                self.stopped = why
                self._process.kill()

    def end(self) -> None:
        """The answer is there."""
        with self._turn:
            self._done.set()
