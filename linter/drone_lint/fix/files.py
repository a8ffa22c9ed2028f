"""Fixing the files of a run."""

from __future__ import annotations

from typing import NamedTuple

from drone_lint.findings.finding import Problem
from drone_lint.fix.apply import Linted, fix_text
from drone_lint.lint.selection import RuleSet
from drone_lint.run.batch import let_go, lint_data
from drone_lint.run.targets import Flags, Target, read_target, settings_of
from drone_lint.source.loaded import ConfigFile


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
    data = read_target(target)
    if isinstance(data, Problem):
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    settings = settings_of(target, flags)
    rules = RuleSet(settings)

    loaded: list[ConfigFile] = []

    def linted(content: str) -> Linted:
        file, report = lint_data(content.encode("utf-8"), target, settings, rules, ignores=not flags.no_ignores)
        loaded.append(file)
        return Linted(file, report)

    try:
        if linted(text).file.source.text != text:  # a byte order mark: offsets would be off
            return FixedFile(target, text, text, 0, 0)
        fixed = fix_text(text, linted, unsafe=unsafe)
        return FixedFile(target, text, fixed.text, fixed.applied, fixed.refused)
    finally:
        let_go(*loaded)
