"""One run: every file's report, from earlier runs or made now, to one report."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from drone_lint.findings.finding import Problem
from drone_lint.findings.result import FileReport, Report
from drone_lint.lint.packs import known_rules
from drone_lint.lint.registry import info
from drone_lint.lint.selection import RuleSet
from drone_lint.run.cache import Cache, CacheFaultError, open_cache
from drone_lint.run.targets import Flags, Selection, Target, key_of, read_target, settings_of
from drone_lint.settings import Settings

Progress = Callable[[int, int], None]
"""Told after each file how many of how many are done."""


Warn = Callable[[str], None]

Chosen = Sequence[tuple[Target, Settings]]


class Manner(NamedTuple):
    """How files are linted, whatever their settings."""

    ignores: bool = True
    cache: str | None = None
    """Folder of the result cache; None: no results are kept."""


Pool = Callable[[Chosen, Manner], Iterable[FileReport]]
"""Lints many files in processes of its own."""
PoolFor = Callable[[int], "Pool | None"]
"""The pool for a number of files; None where this process alone is best."""


def run(
    selection: Selection,
    flags: Flags,
    *,
    pool_for: PoolFor | None = None,
    progress: Progress | None = None,
    cache: str | None = None,
    warn: Warn | None = None,
) -> Report:
    """Lint everything that was selection.

    Args:
        selection: what to lint.
        flags: the command line's word on settings.
        pool_for: who lints so many files; this process when None.
        progress: told after each file.
        cache: folder of results of earlier runs; None: there are none.
        warn: told of bugs of ours that stop nothing.

    Raises:
        ConfigError, UnknownRuleError: settings that do not hold; nothing is reported then.
    """
    manner = Manner(not flags.no_ignores, cache)
    chosen = [(target, settings_of(target, flags)) for target in selection.targets]
    rule_sets = _RuleSets()
    for _, settings in chosen:
        rule_sets.of(settings)
    kept = open_cache(cache) if cache is not None and chosen else None
    known = [_known(target, rule_sets.of(settings), kept, manner, warn) for target, settings in chosen]
    left = [item for item, report in zip(chosen, known, strict=True) if report is None]
    pool = pool_for(len(left)) if pool_for is not None else None
    fresh = iter(pool(left, manner) if pool is not None else _lint_here(left, rule_sets, manner, kept))
    files: list[FileReport] = []
    for report in known:
        files.append(next(fresh) if report is None else report)
        if progress is not None:
            progress(len(files), len(chosen))
    next(fresh, None)  # whoever lints ends in order: a pool that is dropped waits for its processes one by one
    if kept is not None and left:
        kept.tidy()
    packs = tuple(dict.fromkeys(name for _, settings in chosen for name in settings.packs))
    return Report(tuple(files), rule_infos(files, selection.problems, packs), rule_sets.largest, selection.problems)


def _known(target: Target, rules: RuleSet, cache: Cache | None, manner: Manner, warn: Warn | None) -> FileReport | None:
    data = read_target(target) if cache is not None else None
    if cache is None or not isinstance(data, bytes):
        return None
    key = key_of(target, data, rules, manner.ignores)
    try:
        return cache.get(key) if key is not None else None
    except CacheFaultError as error:
        if warn is not None:
            warn(f"{target.shown}: the cached result cannot be read ({error}), so the file is linted again. This is a bug in drone-lint")
        return None


def _lint_here(left: Chosen, rule_sets: _RuleSets, manner: Manner, cache: Cache | None) -> Iterator[FileReport]:
    if not left:
        return
    from drone_lint.run.batch import lint_targets

    for targets, settings in lots(left, LOT):
        yield from lint_targets(targets, settings, rule_sets.of(settings), ignores=manner.ignores, cache=cache)


LOT = 160
"""How many files a process is given at once: the arbiter reads their programs together, and each time costs it as much as linting ten files."""


def lots(chosen: Chosen, size: int) -> Iterator[tuple[list[Target], Settings]]:
    """Neighbours with the same settings, at most `size` of them."""
    from itertools import groupby, islice

    for settings, items in groupby(chosen, key=lambda item: item[1]):
        while targets := [target for target, _ in islice(items, size)]:
            yield targets, settings


_FILES_A_PROCESS = 24
"""How many files make a second process worth its start."""


def processes(jobs: int | None, files: int) -> int:
    """How many processes to use: `jobs`, 0 meaning one a core; None: as many as pay for the number of files."""
    cores = os.cpu_count() or 1
    if jobs is None:
        return max(1, min(cores, files // _FILES_A_PROCESS))
    return max(1, min(jobs or cores, files))


class _RuleSets:
    """The rules that run under each distinct settings, made once."""

    def __init__(self) -> None:
        self._made: list[tuple[Settings, RuleSet]] = []

    def of(self, settings: Settings) -> RuleSet:
        for known, rules in self._made:
            if known == settings:
                return rules
        rules = RuleSet(settings)
        self._made.append((settings, rules))
        return rules

    @property
    def largest(self) -> int:
        return max((len(rules.names) for _, rules in self._made), default=0)


def rule_infos(files: Sequence[FileReport], problems: Sequence[Problem], packs: tuple[str, ...] = ()) -> dict[str, Any]:
    """What reporters may say about the rules that a report names."""
    known = known_rules(packs)
    names = {item.rule for file in files for item in (*file.findings, *file.ignored)}
    names |= {item.rule for file in files for item in file.problems} | {item.rule for item in problems}
    return {name: info(known[name]) for name in sorted(names) if name in known}
