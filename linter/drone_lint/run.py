"""One run: paths to files, files to reports, all to one report."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from drone_lint import config as configuration
from drone_lint.config_file import ConfigFile
from drone_lint.discover import configs_below, importers, is_config, repository_root
from drone_lint.engine import Linting, lint
from drone_lint.finding import Problem
from drone_lint.registry import RuleSet, builtin_rules, info
from drone_lint.result import FileReport, Report
from drone_lint.settings import Settings
from drone_lint.source.load import load, text_of


class Target(NamedTuple):
    """A file to lint."""

    shown: str
    """The path as the user knows it, with forward slashes."""
    absolute: str | None
    """None for standard input without a file name."""
    data: bytes | None = None
    """The content, when it does not come from the file system."""


class Flags(NamedTuple):
    """What the command line says, over what configuration files say."""

    changes: Mapping[str, Any]
    """Fields of `Settings`."""
    sections: Mapping[str, Mapping[str, Any]]
    """Fields of its sections."""
    config: str | None = None
    isolated: bool = False
    no_ignores: bool = False


class Plan(NamedTuple):
    """What a run will lint, and what it cannot."""

    targets: tuple[Target, ...]
    problems: tuple[Problem, ...]


def plan(paths: Sequence[str], flags: Flags, stdin: Callable[[], bytes], stdin_filename: str | None) -> Plan:
    """Turn command line paths into files; folders are searched, a library stands for its importers."""
    targets: dict[str, Target] = {}
    problems: list[Problem] = []
    for path in paths or ["."]:
        found: Iterable[Target]
        if path == "-":
            name = stdin_filename or ".drone.yml"
            found = [Target(_slashed(name), os.path.abspath(name), stdin())]
        elif os.path.isdir(path):
            found = [Target(_shown(one), one) for one in _search(path, flags)]
            if not found:
                problems.append(Problem("unreadable", _slashed(path), "no Drone configuration in this folder"))
        elif path.endswith(".libsonnet") and os.path.isfile(path):
            found = _importing(path)
        else:
            found = [Target(_slashed(path), os.path.abspath(path))]
        for target in found:
            targets.setdefault(target.absolute or target.shown, target)
    return Plan(tuple(targets.values()), tuple(problems))


def _search(path: str, flags: Flags) -> list[str]:
    folder = os.path.abspath(path)
    config = _config_for(os.path.join(folder, "x"), repository_root(folder), flags)
    patterns = tuple(config.data.get("files", ())) if config.data else ()
    return list(configs_below(folder, patterns))


def _importing(path: str) -> list[Target]:
    absolute = os.path.abspath(path)
    root = repository_root(absolute) or os.path.dirname(absolute)
    found = [Target(_shown(one), one) for one in importers(absolute, root)]
    if not found and not is_config(_slashed(absolute)):
        return [Target(_slashed(path), absolute)]
    return found


def _shown(absolute: str) -> str:
    relative = os.path.relpath(absolute)
    return _slashed(absolute if relative.startswith("..") else relative)


def _slashed(path: str) -> str:
    path = path.replace(os.sep, "/")
    return path[2:] if path.startswith("./") and len(path) > 2 else path


_configs: dict[str, configuration.Config] = {}


def _config_for(path: str, root: str | None, flags: Flags) -> configuration.Config:
    if flags.isolated:
        return configuration.Config()
    found = flags.config or configuration.find(os.path.dirname(path), root)
    if found is None:
        return configuration.Config()
    if found not in _configs:
        _configs[found] = configuration.read(found)
    return _configs[found]


def settings_of(target: Target, flags: Flags) -> Settings:
    """The settings that hold for a file: flag over `per-path` over file over profile.

    Raises:
        ConfigError: a configuration file does not hold.
    """
    path = target.absolute or os.path.abspath(target.shown)
    config = _config_for(path, repository_root(path), flags)
    return override(configuration.settings_for(config, path, Settings()), flags)


def override(settings: Settings, flags: Flags) -> Settings:
    """Settings with the command line's word over them."""
    changes = dict(flags.changes)
    if "ignore" in changes and "select" not in changes:
        changes["ignore"] = (*settings.ignore, *changes["ignore"])
    elif "select" in changes:
        changes.setdefault("ignore", ())
    for name, values in flags.sections.items():
        section = getattr(settings, name)
        merged = {key: {**getattr(section, key), **value} if isinstance(value, dict) else value for key, value in values.items()}
        changes[name] = section._replace(**merged)
    return settings._replace(**changes)


def lint_targets(targets: Sequence[Target], settings: Settings, rules: RuleSet, *, ignores: bool = True) -> Iterator[FileReport]:
    """Load and lint files that have the same settings; what cannot be read is a problem of its report."""
    foresee([(target, settings) for target in targets])
    loaded = [_loaded(target, settings) for target in targets]
    linting = Linting([(file, rules.triggered_by(file)) for file in loaded if isinstance(file, ConfigFile)], settings)
    for target, file in zip(targets, loaded, strict=True):
        if isinstance(file, FileReport):
            yield file
            continue
        try:
            yield _without_ignored(linting.report(file), file, rules, settings, ignores)
        except Exception as error:  # noqa: BLE001 - the other files are still linted
            yield _failed(target, error)
    if len(targets) > 1:
        gc.collect()  # nothing else does, as the command line switches it off


def _loaded(target: Target, settings: Settings) -> ConfigFile | FileReport:
    data = _data(target)
    if isinstance(data, Problem):
        return FileReport(target.shown, problems=(data,))
    try:
        return _load(data, target, settings)
    except Exception as error:  # noqa: BLE001
        return _failed(target, error)


def _failed(target: Target, error: Exception) -> FileReport:
    message = f"{type(error).__name__}: {error}. This is a bug of drone-lint"
    return FileReport(target.shown, problems=(Problem("internal-error", target.shown, message),))


def _load(data: bytes, target: Target, settings: Settings) -> ConfigFile:
    root = repository_root(target.absolute) if target.absolute else None
    return load(data, target.shown, settings, root=root, absolute=target.absolute)


def lint_data(data: bytes, target: Target, settings: Settings, rules: RuleSet, *, ignores: bool = True) -> tuple[ConfigFile, FileReport]:
    """Load and lint bytes as the content of a target."""
    file = _load(data, target, settings)
    return file, _without_ignored(lint(file, rules.triggered_by(file), settings), file, rules, settings, ignores)


def _without_ignored(report: FileReport, file: ConfigFile, rules: RuleSet, settings: Settings, ignores: bool) -> FileReport:
    if not ignores or not any("drone-lint:" in source.text for source in file.sources):
        return report
    from drone_lint import suppress

    return suppress.apply(report, file, rules, settings)


def _data(target: Target) -> bytes | Problem:
    if target.data is not None:
        return target.data
    try:
        with open(target.absolute or target.shown, "rb") as file:
            return file.read()
    except OSError as error:
        return Problem("unreadable", target.shown, _reason(error))


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


Progress = Callable[[int, int], None]
"""Told after each file how many of how many are done."""


Chosen = Sequence[tuple[Target, Settings]]
Pool = Callable[[Chosen, bool], Iterable[FileReport]]
"""Lints many files in processes of its own; told whether ignores hold."""


def run(plan: Plan, flags: Flags, *, pool: Pool | None = None, progress: Progress | None = None) -> Report:
    """Lint everything that was planned.

    Args:
        plan: what to lint.
        flags: the command line's word on settings.
        pool: who lints the files; this process when None.
        progress: told after each file.

    Raises:
        ConfigError, UnknownRuleError: settings that do not hold; nothing is reported then.
    """
    chosen = [(target, settings_of(target, flags)) for target in plan.targets]
    if pool is None:
        foresee(chosen[:PORTION])
    rule_sets = _RuleSets()
    for _, settings in chosen:
        rule_sets.of(settings)
    reports: Iterable[FileReport]
    if pool is not None:
        reports = pool(chosen, not flags.no_ignores)
    else:
        reports = (
            report
            for targets, settings in portions(chosen, PORTION)
            for report in lint_targets(targets, settings, rule_sets.of(settings), ignores=not flags.no_ignores)
        )
    files: list[FileReport] = []
    for report in reports:
        files.append(report)
        if progress is not None:
            progress(len(files), len(chosen))
    return Report(tuple(files), rule_infos(files, plan.problems), rule_sets.largest, plan.problems)


PORTION = 64
"""How many files are in memory at once, for the rules that look at many together."""


def portions(chosen: Chosen, size: int) -> Iterator[tuple[list[Target], Settings]]:
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


def foresee(chosen: Chosen) -> None:
    """Have evaluator processes start, and read the programs, while this process does something else."""
    jsonnet = [(target, settings) for target, settings in chosen if target.shown.endswith((".jsonnet", ".libsonnet"))]
    if not jsonnet:
        return
    from drone_lint.source.jsonnet_engine import session

    texts: dict[tuple[int, str], list[str]] = {}
    for target, settings in jsonnet:
        data = _data(target)
        if isinstance(data, bytes):
            texts.setdefault((settings.max_memory, settings.jsonnet.engine), []).append(text_of(data))
    for (memory, engine), programs in texts.items():
        session(memory).start(engine)
        session(memory).foresee(programs, engine)


class FixedFile(NamedTuple):
    """A file before and after fixing."""

    target: Target
    before: str
    after: str
    applied: int
    refused: int


def fix_target(target: Target, flags: Flags, *, unsafe: bool) -> FixedFile | None:
    """What fixing makes of a file; None where it cannot be read as text. Nothing is written.

    Raises:
        ConfigError, UnknownRuleError: settings that do not hold.
    """
    from drone_lint.fix import Linted, fix_text

    data = _data(target)
    if isinstance(data, Problem):
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    settings = settings_of(target, flags)
    rules = RuleSet(settings)

    def linted(content: str) -> Linted:
        return Linted(*lint_data(content.encode("utf-8"), target, settings, rules, ignores=not flags.no_ignores))

    if linted(text).file.source.text != text:  # a byte order mark: offsets would be off
        return FixedFile(target, text, text, 0, 0)
    fixed = fix_text(text, linted, unsafe=unsafe)
    return FixedFile(target, text, fixed.text, fixed.applied, fixed.refused)


def load_one(planned: Plan, flags: Flags) -> tuple[ConfigFile | None, tuple[Problem, ...]]:
    """Load the one file of a plan; with it, or in its place, what could not be read."""
    if not planned.targets:
        return None, planned.problems
    target = planned.targets[0]
    data = _data(target)
    if isinstance(data, Problem):
        return None, (*planned.problems, data)
    file = _load(data, target, settings_of(target, flags))
    return file, (*planned.problems, *file.problems, *(problem for one in file.evaluations for problem in one.problems))


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


def rule_infos(files: Sequence[FileReport], problems: Sequence[Problem]) -> dict[str, Any]:
    """What reporters may say about the rules that a report names."""
    known = builtin_rules()
    names = {item.rule for file in files for item in (*file.findings, *file.ignored)}
    names |= {item.rule for file in files for item in file.problems} | {item.rule for item in problems}
    return {name: info(known[name]) for name in sorted(names) if name in known}
