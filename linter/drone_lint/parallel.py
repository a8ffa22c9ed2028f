"""Linting many files in several processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from functools import lru_cache

from drone_lint.registry import RuleSet
from drone_lint.result import Diagnostic, FileReport, PlaceRecord
from drone_lint.run import Chosen, Pool, Target, lint_target
from drone_lint.settings import Settings


def pool(processes: int) -> Pool:
    """Linting in a number of processes."""

    def lint(chosen: Chosen, ignores: bool) -> Iterator[FileReport]:
        return lint_in_processes(chosen, ignores, processes)

    return lint


def lint_in_processes(chosen: Chosen, ignores: bool, processes: int) -> Iterator[FileReport]:
    """The files' reports in their order; finished ones are handed over as they come, so memory holds no more than results."""
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("spawn")
    sets = list(dict.fromkeys(_key(settings) for _, settings in chosen))
    numbers = {key: number for number, key in enumerate(sets)}
    by_number = {numbers[_key(settings)]: settings for _, settings in chosen}
    work = [(target, numbers[_key(settings)], ignores) for target, settings in chosen]
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(by_number,)) as pool:
        yield from pool.map(_lint, work, chunksize=max(1, min(8, len(work) // (processes * 4))))


def _key(settings: Settings) -> str:
    return repr(settings)


_settings: dict[int, Settings] = {}


def _begin(by_number: dict[int, Settings]) -> None:
    _settings.update(by_number)


@lru_cache(maxsize=64)
def _rules(number: int) -> RuleSet:
    return RuleSet(_settings[number])


def _lint(work: tuple[Target, int, bool]) -> FileReport:
    target, number, ignores = work
    report = lint_target(target, _settings[number], _rules(number), ignores=ignores)
    return report._replace(findings=tuple(map(_portable, report.findings)), ignored=tuple(map(_portable, report.ignored)))


def _portable(item: Diagnostic) -> Diagnostic:
    """A finding without the documents it was found in."""
    return item._replace(places=tuple(map(_without_place, item.places)), fixes=())


def _without_place(place: PlaceRecord) -> PlaceRecord:
    return place._replace(place=None)
