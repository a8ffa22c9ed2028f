"""Files to reports: reading, linting, ignoring, fixing. Imported only when a file is really linted."""

from __future__ import annotations

import gc
import itertools
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from drone_lint.findings.finding import Problem
from drone_lint.findings.result import Diagnostic, FileReport, PlaceRecord
from drone_lint.lint.engine import Linting, lint, trace_of
from drone_lint.lint.selection import RuleSet
from drone_lint.run.cache import Cache
from drone_lint.run.targets import Flags, Selection, Target, key_of, read_target, root_of, settings_of
from drone_lint.settings import Settings
from drone_lint.source.load import language_of, load, text_of
from drone_lint.source.loaded import ConfigFile
from drone_lint.text.deadline import GRACE, OutOfTimeError, at_most, now
from drone_lint.text.dependencies import consulted
from drone_lint.text.position import SourceFile, whole_file

PORTION = 64
"""How many files are in memory at once, for the rules that look at many together."""


def lint_targets(
    targets: Sequence[Target], settings: Settings, rules: RuleSet, *, ignores: bool = True, cache: Cache | None = None
) -> Iterator[FileReport]:
    """Load and lint files that have the same settings; what cannot be read is a problem of its report."""
    foresee([(target, settings) for target in targets])
    for start in range(0, len(targets), PORTION):
        yield from _lint_portion(targets[start : start + PORTION], settings, rules, ignores, cache)


def _lint_portion(
    targets: Sequence[Target], settings: Settings, rules: RuleSet, ignores: bool, cache: Cache | None
) -> Iterator[FileReport]:
    loaded = [_loaded(target, settings) for target in targets]
    linting = Linting([(item.file, rules.triggered_by(item.file)) for item in loaded if isinstance(item, _Loaded)], settings)
    numbers = itertools.count()
    for target, item in zip(targets, loaded, strict=True):
        if isinstance(item, FileReport):
            yield item
            continue
        try:
            number = next(numbers)
            looked_at = item.consulted | linting.consulted(number)
            report = _without_ignored(linting.report(number), item.file, rules, settings, ignores)
        except Exception as error:  # noqa: BLE001 - the other files are still linted
            yield _failed(target, error)
            continue
        if cache is not None and (key := key_of(target, item.data, rules, ignores)) is not None:
            cache.put(key, report, item.file.sources, looked_at)
        yield _portable_report(report)
        let_go(item.file)


def foresee(chosen: Sequence[tuple[Target, Settings]]) -> None:
    """Have evaluator processes start, and read the programs, while this process does something else."""
    _foresee_starlark(chosen)
    jsonnet = [(target, settings) for target, settings in chosen if target.shown.endswith((".jsonnet", ".libsonnet"))]
    if not jsonnet:
        return
    from drone_lint.source.jsonnet.engine.session import session

    texts: dict[tuple[int, str], list[str]] = {}
    for target, settings in jsonnet:
        data = read_target(target)
        if isinstance(data, bytes):
            texts.setdefault((settings.max_memory, settings.jsonnet.engine), []).append(text_of(data))
    for (memory, engine), programs in texts.items():
        session(memory).start(engine)
        session(memory).foresee(programs, engine)


def _foresee_starlark(chosen: Sequence[tuple[Target, Settings]]) -> None:
    memory = dict.fromkeys(settings.max_memory for target, settings in chosen if language_of(target.shown) == "starlark")
    if not memory:
        return
    from drone_lint.source.starlark.session import session

    for bound in memory:
        session(bound).start()


class _Loaded(NamedTuple):
    """A file, the bytes that it was read from, and what else was looked at for it."""

    file: ConfigFile
    data: bytes
    consulted: set[str]


def _loaded(target: Target, settings: Settings) -> _Loaded | FileReport:
    data = read_target(target)
    if isinstance(data, Problem):
        return FileReport(target.shown, problems=(data,))
    try:
        with consulted() as looked_at:
            return _Loaded(load_target(data, target, settings), data, looked_at)
    except Exception as error:  # noqa: BLE001
        return _failed(target, error)


def _failed(target: Target, error: Exception) -> FileReport:
    message = f"{type(error).__name__}: {error}. This is a bug in drone-lint"
    return FileReport(target.shown, problems=(Problem("internal-error", target.shown, message, trace=trace_of(error)),))


def load_target(data: bytes, target: Target, settings: Settings) -> ConfigFile:
    """Load bytes as the content of a target, within the file's time."""
    began = now()
    try:
        with at_most(settings.max_seconds + GRACE):
            return _load(data, target, settings)._replace(seconds=now() - began)
    except OutOfTimeError:
        stop_evaluators()
        message = f"reading it takes longer than {settings.max_seconds:g} s; nothing in it was checked"
        source = SourceFile(target.shown, "")
        problem = Problem(
            "evaluation-limit", target.shown, message, whole_file(source), help="raise --max-seconds if the file is meant to be so large"
        )
        return ConfigFile(source, language_of(target.shown), problems=(problem,), sources=(source,))


def stop_evaluators() -> None:
    """End evaluators that were interrupted while they had a question to answer; others are started when needed."""
    if (session := sys.modules.get("drone_lint.source.jsonnet.engine.session")) is not None:
        session.close_all()


def _load(data: bytes, target: Target, settings: Settings) -> ConfigFile:
    root = root_of(target.absolute) if target.absolute else None
    return load(data, target.shown, settings, root=root, absolute=target.absolute, compared=target.compared)


def lint_data(data: bytes, target: Target, settings: Settings, rules: RuleSet, *, ignores: bool = True) -> tuple[ConfigFile, FileReport]:
    """Load and lint bytes as the content of a target."""
    file = load_target(data, target, settings)
    return file, _without_ignored(lint(file, rules.triggered_by(file), settings), file, rules, settings, ignores)


def lint_loaded(file: ConfigFile, settings: Settings, rules: RuleSet, *, ignores: bool = True) -> FileReport:
    """Lint a file that is loaded."""
    return _without_ignored(lint(file, rules.triggered_by(file), settings), file, rules, settings, ignores)


def _without_ignored(report: FileReport, file: ConfigFile, rules: RuleSet, settings: Settings, ignores: bool) -> FileReport:
    if not ignores:
        return report
    sources = (*file.sources, *(place.span.file for item in report.findings for place in item.places if place.span.file is not file.source))
    if not any("drone-lint:" in source.text for source in sources):
        return report
    from drone_lint.lint import ignores as suppress

    return suppress.apply(report, file, rules, settings)


def load_one(selection: Selection, flags: Flags) -> tuple[ConfigFile | None, tuple[Problem, ...]]:
    """Load the one file of a plan; with it, or in its place, what could not be read."""
    if not selection.targets:
        return None, selection.problems
    target = selection.targets[0]
    data = read_target(target)
    if isinstance(data, Problem):
        return None, (*selection.problems, data)
    file = load_target(data, target, settings_of(target, flags))
    return file, (*selection.problems, *file.problems, *(problem for one in file.evaluations for problem in one.problems))


# -- memory: that of one portion of files, however many there are


def _portable_report(report: FileReport) -> FileReport:
    return report._replace(findings=tuple(map(_portable, report.findings)), ignored=tuple(map(_portable, report.ignored)))


def _portable(item: Diagnostic) -> Diagnostic:
    """A finding without the documents it was found in."""
    return item._replace(places=tuple(map(_without_place, item.places)), fixes=())


def _without_place(place: PlaceRecord) -> PlaceRecord:
    return place._replace(place=None)


def let_go(*files: ConfigFile) -> None:
    """Have files' documents forget what was worked out of them, so that they go at once and not with the next collection."""
    for file in files:
        file.forget()
    _collect_now_and_then(len(files))


_COLLECT = 512
"""Files between two collections: nothing else collects, as the command line switches that off."""
_linted = 0


def _collect_now_and_then(files: int) -> None:
    global _linted  # noqa: PLW0603 - it is this process's memory
    _linted += files
    if _linted >= _COLLECT:
        _linted = 0
        gc.collect()
