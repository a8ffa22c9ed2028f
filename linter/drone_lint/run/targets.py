"""What a run is about: from command line paths to files, and the settings that hold for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from drone_lint.config import load as configuration
from drone_lint.findings.finding import Problem
from drone_lint.lint.selection import RuleSet
from drone_lint.run.cache import Key
from drone_lint.run.discovery import Found, configs_below, importers, repository_root
from drone_lint.settings import Settings
from drone_lint.source.pairs import program_beside
from drone_lint.text.files import inside, read_file, shown_path


class Target(NamedTuple):
    """A file to lint."""

    shown: str
    """The path as the user knows it, with forward slashes."""
    absolute: str | None
    """None for standard input without a file name."""
    data: bytes | None = None
    """The content, when it does not come from the file system."""
    compared: bool = False
    """Whether this is YAML beside a program that is not linted itself, whose output it may be."""


class Flags(NamedTuple):
    """What the command line says, over what configuration files say."""

    changes: Mapping[str, Any]
    """Fields of `Settings`."""
    sections: Mapping[str, Mapping[str, Any]]
    """Fields of its sections."""
    config: str | None = None
    isolated: bool = False
    no_ignores: bool = False


class Selection(NamedTuple):
    """What a run will lint, and what it cannot."""

    targets: tuple[Target, ...]
    problems: tuple[Problem, ...]


def select_targets(paths: Sequence[str], flags: Flags, stdin: Callable[[], bytes], stdin_filename: str | None) -> Selection:
    """Turn command line paths into files; folders are searched, a library stands for its importers. A run begins here."""
    global _survey  # noqa: PLW0603 - one run after the other, each with eyes of its own
    _survey = _Survey()
    targets: dict[str, Target] = {}
    problems: list[Problem] = []
    for path in paths or ["."]:
        found: Iterable[Target]
        if path == "-":
            name = stdin_filename or ".drone.yml"
            found = [Target(_slashed(name), os.path.abspath(name), stdin())]
        elif os.path.isdir(path):
            below = _search(path, flags)
            found = [Target(shown_path(one), one) for one in below.configs]
            problems += [Problem("unreadable", shown_path(one), why) for one, why in below.closed]
            if not found and not below.closed:
                problems.append(Problem("unreadable", _slashed(path), "there is no Drone configuration in this folder"))
        elif path.endswith(".libsonnet") and os.path.isfile(path):
            found = _importing(path)
        else:
            found = [Target(_slashed(path), os.path.abspath(path))]
        for target in found:
            targets.setdefault(target.absolute or target.shown, target)
    found = (target._replace(compared=_is_compared(target, targets)) for target in targets.values())
    return Selection(tuple(found), tuple(problems))


def _is_compared(target: Target, targets: Mapping[str, Target]) -> bool:
    program = program_beside(target.absolute or "")
    return program is not None and program not in targets


def _search(path: str, flags: Flags) -> Found:
    folder = os.path.abspath(path)
    config = _config_for(os.path.join(folder, "x"), repository_root(folder), flags)
    patterns = tuple(config.data.get("files", ())) if config.data else ()
    return configs_below(folder, patterns)


def _importing(path: str) -> list[Target]:
    """The configurations that import a library; it is never one itself, whether one imports it or not."""
    absolute = os.path.abspath(path)
    root = repository_root(absolute) or os.path.dirname(absolute)
    return [Target(shown_path(one), one) for one in importers(absolute, root)]


def _slashed(path: str) -> str:
    path = path.replace(os.sep, "/")
    return path[2:] if path.startswith("./") and len(path) > 2 else path


class _Survey:
    """What is found in folders and above them: looked for once a run, however many files there are."""

    def __init__(self) -> None:
        self.configs: dict[str, configuration.Config] = {}
        """By path."""
        self._roots: dict[str, str | None] = {}
        self._nearest: dict[str, str | None] = {}

    def root(self, folder: str) -> str | None:
        """The root of the repository that a folder belongs to."""
        return _upward(folder, self._roots, lambda one: one if os.path.exists(os.path.join(one, ".git")) else None, None)

    def config(self, folder: str, root: str | None) -> str | None:
        """The nearest configuration file at or above a folder, up to the repository's root."""
        return _upward(folder, self._nearest, configuration.in_folder, root)


def _upward(folder: str, known: dict[str, str | None], look: Callable[[str], str | None], last: str | None) -> str | None:
    """What is found first at a folder or above it, up to the last one; for every folder on the way it is known from then on."""
    way = []
    while folder not in known:
        way.append(folder)
        found, parent = look(folder), os.path.dirname(folder)
        if found is not None or folder in (last, parent):
            known[folder] = found
        else:
            folder = parent
    known.update(dict.fromkeys(way, known[folder]))
    return known[folder]


_survey = _Survey()


def root_of(path: str) -> str | None:
    """The root of the repository that a file, given by its absolute path, belongs to."""
    return _survey.root(os.path.dirname(path))


def _config_for(path: str, root: str | None, flags: Flags) -> configuration.Config:
    if flags.isolated:
        return configuration.Config()
    found = flags.config or _survey.config(os.path.dirname(path), root)
    if found is None:
        return configuration.Config()
    if found not in _survey.configs:
        # what the repository itself says is not trusted to lead out of it; what the command line names is
        _survey.configs[found] = configuration.read(found, within=None if flags.config else root or os.path.dirname(found))
    return _survey.configs[found]


def settings_of(target: Target, flags: Flags) -> Settings:
    """The settings that hold for a file: flag over `per-path` over file over profile.

    Raises:
        ConfigError: a configuration file does not hold.
    """
    path = target.absolute or os.path.abspath(target.shown)
    config = _config_for(path, root_of(path), flags)
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


def read_target(target: Target) -> bytes | Problem:
    """The content of a file, or why there is none."""
    if target.data is not None:
        return target.data
    path = target.absolute or os.path.abspath(target.shown)
    root = root_of(path)
    if root is not None and inside(root, path) is None:
        return Problem("unreadable", target.shown, "a symbolic link to a place outside the repository")
    try:
        return read_file(path)
    except (OSError, ValueError) as error:  # a name with a null character is a value error
        return Problem("unreadable", target.shown, _reason(error))


def _reason(error: OSError | ValueError) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


def key_of(target: Target, data: bytes, rules: RuleSet, ignores: bool) -> Key | None:
    """What decides over the report of a file; None where that does not lie in files."""
    if target.data is not None or target.absolute is None or rules.settings.packs:
        return None
    return Key(target.shown, target.absolute, f"{rules.identity} {ignores} {target.compared}", data)
