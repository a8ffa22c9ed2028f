"""One evaluator process: started when first needed, stopped when it takes too long or too much, and started again after that."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Any

from drone_lint.source.process import memory as process_memory
from drone_lint.source.process.child import write
from drone_lint.source.process.wait import MEMORY, Bounds, receive

_OVERHEAD = 192 << 20
"""Address space that an interpreter with an engine takes before it evaluates anything."""
_RESIDENT = 24 << 20
"""Memory that it really uses by then."""


class Worker:
    """A process that runs a script of ours.

    Args:
        script: its path; it is given the bytes of memory that it may use, then `arguments`.
        arguments: what else the script is given.
        memory: bytes that an evaluation may use.
        engine: how messages name what is evaluated by.
        watched: whether this side looks after the memory, as the system does not.
    """

    def __init__(self, script: str, arguments: list[str], memory: int, *, engine: str, watched: bool | None = None) -> None:
        self._script = script
        self._arguments = arguments
        self._memory = memory
        self._engine = engine
        self._watched = not process_memory.ENFORCED if watched is None else watched
        self._process: Any = None

    def start(self) -> None:
        """Start the process, if there is none."""
        if self._process is not None and self._process.poll() is None:
            return
        bound = 0 if self._watched else self._memory + _OVERHEAD
        self._process = _spawned([sys.executable, "-I", "-S", self._script, str(bound), *self._arguments])

    def call(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Ask, and wait for the answer; `{"limit": ...}` when the process had to be stopped or died."""
        self.send({**request, "seconds": seconds})
        return self.receive(seconds)

    def send(self, request: dict[str, Any]) -> None:
        """Ask; `receive` must follow before the next question."""
        self.start()
        try:
            write(self._process.stdin, request)
        except (OSError, ValueError):
            self._process.kill()

    def receive(self, seconds: float) -> dict[str, Any]:
        """Wait for the answer to what was sent."""
        answer, stopped = receive(self._process, Bounds(seconds, self._memory + _RESIDENT if self._watched else None))
        if answer is not None and not answer.get("memory"):
            return answer
        self.close()
        if stopped is not None:
            return {"limit": stopped}
        if answer is not None:
            return {"limit": MEMORY}
        return {"limit": f"needed more memory or nesting than the {self._engine} engine supports, and crashed it"}

    def close(self) -> None:
        """End the process."""
        if self._process is None:
            return
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                stream.close()
        self._process.wait()
        self._process = None


def _spawned(command: list[str]) -> Any:
    """A process with pipes to it; as `subprocess.Popen`, whose module takes longer to import than most programs to evaluate."""
    if sys.platform != "win32":
        pipes = (*os.pipe(), *os.pipe())
        if min(pipes) > 2:
            return _Spawned(command, pipes[0], pipes[1], pipes[2], pipes[3])
        for number in pipes:  # a standard stream is closed here, and would be mistaken for one of the pipes
            os.close(number)
    import subprocess

    return subprocess.Popen(  # noqa: S603 - our own interpreter and script
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, close_fds=True
    )


if sys.platform != "win32":

    class _Spawned:
        """A process that was started with `posix_spawn`. What else it inherits it closes itself, before it reads anything."""

        def __init__(self, command: list[str], asked: int, asking: int, answering: int, answered: int) -> None:
            actions = [
                (os.POSIX_SPAWN_DUP2, asked, 0),
                (os.POSIX_SPAWN_DUP2, answered, 1),
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            ]
            try:
                self.pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
            finally:
                os.close(asked)
                os.close(answered)
            self.stdin = os.fdopen(asking, "wb")
            self.stdout = os.fdopen(answering, "rb")
            self._ended = False

        def poll(self) -> int | None:
            """None as long as it runs."""
            if not self._ended:
                self._ended = os.waitpid(self.pid, os.WNOHANG)[0] == self.pid
            return 0 if self._ended else None

        def kill(self) -> None:
            """Stop it."""
            if self.poll() is None:
                os.kill(self.pid, 9)

        def wait(self) -> None:
            """Wait for its end."""
            if not self._ended:
                os.waitpid(self.pid, 0)
                self._ended = True
