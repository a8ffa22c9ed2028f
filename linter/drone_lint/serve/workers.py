"""Worker processes: each lints one configuration at a time, is limited in time and memory, and is replaced when it fails."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from time import monotonic
from typing import NamedTuple, ParamSpec, TypeVar

from drone_lint.serve.examine import Examined, Task
from drone_lint.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")

_SPARE_AFTER = 0.2
"""Seconds that a request waits for a worker before one more is started."""
_SLOW_AFTER = 0.5
"""Seconds after which a worker's process gives way to others."""
_START_SECONDS = 30.0


class Limits(NamedTuple):
    """What workers may take."""

    workers: int = 2
    """How many are kept; up to four times as many run while some are busy with slow configurations."""
    max_seconds: float = 10.0
    """For one configuration."""
    max_memory: int = 1 << 30
    """Bytes of one worker."""
    max_requests: int = 1000
    """After so many a worker is replaced."""
    max_waiting: int = 256
    """Requests that wait for a worker; more are turned away."""


class WorkerError(Exception):
    """A configuration that a worker did not come to an end with; the text is for the build's author."""


def serve_tasks(connection: Connection, max_memory: int) -> None:
    """The main function of a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        os.setsid()  # what it starts ends with it
    _limit_memory(max_memory)
    from drone_lint.serve.examine import examine

    connection.send("ready")
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        try:
            answer: Examined | str = examine(task)
        except MemoryError:
            os._exit(70)
        except Exception as error:  # noqa: BLE001 - a bug of ours is an answer, too
            answer = f"{type(error).__name__} while linting. This is a bug of drone-lint"
        connection.send(answer)


def _limit_memory(limit: int) -> None:
    if sys.platform != "win32":
        import resource

        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


class _Worker:
    """One process and our end of its pipe. Used by one thread at a time."""

    def __init__(self, limits: Limits) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve_tasks, args=(theirs, limits.max_memory), daemon=True)
        self._process.start()
        theirs.close()
        self.left = limits.max_requests
        self._ready = False

    def ask(self, task: Task, seconds: float) -> Examined:
        """Have a configuration linted.

        Raises:
            WorkerError: it took too long or too much, or the process ended; it is not to be used again.
        """
        self.left -= 1
        try:
            if not self._ready:
                self._receive(_START_SECONDS)
                self._ready = True
            self._connection.send(task)
            answer = self._receive(seconds)
        except (EOFError, OSError) as error:
            raise WorkerError("linting it took too much memory") from error
        if isinstance(answer, str):
            raise WorkerError(answer)
        return answer

    def _receive(self, seconds: float) -> Examined | str:
        began = monotonic()
        if not self._connection.poll(min(_SLOW_AFTER, seconds)):
            self._give_way()
            if not self._connection.poll(max(0.0, seconds - (monotonic() - began))):
                raise WorkerError(f"linting it took more than {seconds:g} seconds")
        found: Examined | str = self._connection.recv()
        return found

    def _give_way(self) -> None:
        """Let other requests have the processor: this one is slow."""
        if sys.platform != "win32" and self._process.pid is not None and self._ready:
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self._process.pid, 10)

    def end(self) -> None:
        """Kill the process with all that it started."""
        pid = self._process.pid
        if sys.platform != "win32" and pid is not None:
            with suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
        self._process.kill()
        self._process.join(5)
        self._connection.close()


class Workers:
    """The workers of a server: a few that wait, and more while some are busy."""

    def __init__(self, limits: Limits, restarted: Callable[[], None] = lambda: None) -> None:
        self._limits = limits
        self._most = 4 * limits.workers
        self._restarted = restarted
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._threads = ThreadPoolExecutor(self._most + 1, thread_name_prefix="drone-lint-worker")
        self._free = asyncio.Condition()
        self._starting = 0
        self._waiting = 0
        self._busy_with: Counter[str] = Counter()
        self._since: dict[_Worker, float] = {}
        """When each busy worker began."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Start the workers that are kept, and wait until they can work."""
        await asyncio.gather(*(self._add() for _ in range(self._limits.workers)))

    async def ask(self, task: Task, key: str) -> Examined:
        """Have a configuration linted; requests of one key (a repository) never take more than half of the workers.

        Raises:
            WorkerError: it was not linted to the end.
        """
        if self._waiting >= self._limits.max_waiting:
            raise WorkerError("too many builds wait to be checked; start the build again")
        worker = await self._take(key)
        try:
            found = await self._in_thread(worker.ask, task, self._limits.max_seconds)
        except BaseException:
            await self._give_back(worker, key, keep=False)
            raise
        await self._give_back(worker, key, keep=worker.left > 0)
        return found

    async def _take(self, key: str) -> _Worker:
        self._waiting += 1
        try:
            async with self._free:
                while not self._idle or self._busy_with[key] >= max(1, len(self._all) // 2):
                    try:
                        await asyncio.wait_for(self._free.wait(), _SPARE_AFTER)
                    except asyncio.TimeoutError:
                        self._add_spare()
                self._busy_with[key] += 1
                worker = self._idle.pop()
                self._since[worker] = monotonic()
                return worker
        finally:
            self._waiting -= 1

    def _add_spare(self) -> None:
        """Start one more worker where all are kept busy by slow configurations; starting one costs more than linting a quick one."""
        slow = sum(monotonic() - since > _SLOW_AFTER for since in self._since.values())
        if not self._idle and not self._starting and slow >= len(self._since) and len(self._all) < self._most:
            task = asyncio.get_running_loop().create_task(self._add())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _give_back(self, worker: _Worker, key: str, *, keep: bool) -> None:
        async with self._free:
            self._since.pop(worker, None)
            self._busy_with[key] -= 1
            if not self._busy_with[key]:
                del self._busy_with[key]
            keep = keep and len(self._idle) < 2 * self._limits.workers
            if keep:
                self._idle.append(worker)
            else:
                self._all.discard(worker)
            self._free.notify_all()
        if not keep:
            await self._in_thread(worker.end)
            if len(self._all) + self._starting < self._limits.workers:
                self._restarted()
                await self._add()

    async def _add(self) -> None:
        self._starting += 1
        try:
            worker = await self._in_thread(_Worker, self._limits)
            await self._in_thread(worker.ask, Task(b"kind: pipeline\n", Settings(), None), _START_SECONDS)
        finally:
            self._starting -= 1
        async with self._free:
            self._all.add(worker)
            self._idle.append(worker)
            self._free.notify_all()

    async def _in_thread(self, function: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(function, *arguments, **named))

    async def stop(self) -> None:
        """End all processes."""
        await asyncio.gather(*(self._in_thread(worker.end) for worker in self._all))
        self._threads.shutdown(wait=False)
