"""Linting many files in several processes."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from drone_lint.findings.result import FileReport
from drone_lint.lint.selection import RuleSet
from drone_lint.run.batch import PORTION, lint_targets
from drone_lint.run.cache import Cache, open_cache
from drone_lint.run.run import LOT, Chosen, Manner, Pool, lots
from drone_lint.run.targets import Target
from drone_lint.settings import Settings


def pool(processes: int) -> Pool:
    """Linting in a number of processes."""

    def lint(chosen: Chosen, manner: Manner) -> Iterator[FileReport]:
        return lint_in_processes(chosen, manner, processes)

    return lint


def lint_in_processes(chosen: Chosen, manner: Manner, processes: int) -> Iterator[FileReport]:
    """The files' reports in their order; finished ones are handed over as they come, so memory holds no more than results."""
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context(_start_method())
    sets = list(dict.fromkeys(_key(settings) for _, settings in chosen))
    numbers = {key: number for number, key in enumerate(sets)}
    by_number = {numbers[_key(settings)]: settings for _, settings in chosen}
    work = [(targets, numbers[_key(settings)]) for targets, settings in lots(chosen, _size(chosen, processes))]
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(by_number, manner))
    finished = False
    try:
        with _uninterrupted():
            results = pool.map(_lint, work)
        for reports in results:
            yield from reports
        finished = True
    finally:
        pool.shutdown(wait=finished, cancel_futures=not finished)


def _size(chosen: Chosen, processes: int) -> int:
    """How many files of `chosen` a process is given at once: so many that all processes end at about the same time."""
    largest = LOT if any(target.shown.endswith((".jsonnet", ".star", ".starlark", ".script")) for target, _ in chosen) else PORTION
    rounds = -(-len(chosen) // (largest * processes))
    return -(-len(chosen) // (rounds * processes))


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C is held back while processes start: they inherit that, and would else print tracebacks of their first imports."""
    if sys.platform == "win32":
        yield
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT,))


def _start_method() -> str:
    """`fork` spares each process the imports; only where nothing is there yet that must not be copied: threads, evaluator processes."""
    alone = threading.active_count() == 1 and "drone_lint.source.process.worker" not in sys.modules
    return "fork" if sys.platform == "linux" and alone else "spawn"


def _key(settings: Settings) -> str:
    return repr(settings)


_settings: dict[int, Settings] = {}
_manner = Manner()


def _begin(by_number: dict[int, Settings], manner: Manner) -> None:
    global _manner  # noqa: PLW0603 - a process of the pool has one manner
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT,))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.disable()  # `collect` is called now and then
    _settings.update(by_number)
    _manner = manner


@lru_cache(maxsize=1)
def _cache(folder: str | None) -> Cache | None:
    return open_cache(folder) if folder is not None else None


def _end_with_parent() -> None:
    """A linter that was killed cannot tell its processes to end."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@lru_cache(maxsize=64)
def _rules(number: int) -> RuleSet:
    return RuleSet(_settings[number])


def _lint(work: tuple[list[Target], int]) -> list[FileReport]:
    targets, number = work
    reports = lint_targets(targets, _settings[number], _rules(number), ignores=_manner.ignores, cache=_cache(_manner.cache))
    return list(reports)
