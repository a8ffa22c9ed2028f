"""Files that are generated from a configuration: YAML from programs."""

from __future__ import annotations

from drone_lint.findings.finding import Problem
from drone_lint.fix.files import FixedFile
from drone_lint.lint.selection import RuleSet
from drone_lint.model.node import plain
from drone_lint.report.render import render_documents
from drone_lint.run.batch import let_go, lint_data, load_one
from drone_lint.run.targets import Flags, Selection, Target, read_target, settings_of
from drone_lint.settings import Settings
from drone_lint.source.load import load
from drone_lint.source.loaded import ConfigFile
from drone_lint.source.pairs import generated_file, program_beside
from drone_lint.text.files import shown_path


def regenerate(fixed: FixedFile, flags: Flags) -> FixedFile | None:
    """The file that is generated from a fixed one, or the fixed one itself, generated again; None where it need not, or only Drone could.

    Raises:
        ConfigError, UnknownRuleError: settings that do not hold.
    """
    target = fixed.target
    settings = settings_of(target, flags)
    file, report = lint_data(fixed.after.encode("utf-8"), target, settings, RuleSet(settings), ignores=not flags.no_ignores)
    files = [file]
    try:
        shown = next((fix.regenerates for item in report.findings for fix in item.fixes if fix.regenerates), "")
        if not shown or report.problems:
            return None
        program = _program(target) if target.compared else target
        if program is not target:
            files += _loaded(program, flags)
        if program.absolute is None or len(files[-1].evaluations) != 1 or files[-1].language == "yaml":
            return None
        return _generated(files[-1], Target(shown, generated_file(program.absolute)), settings)
    finally:
        let_go(*files)


def _loaded(program: Target, flags: Flags) -> list[ConfigFile]:
    """A program, if it can be evaluated."""
    file, problems = load_one(Selection((program,), ()), flags)
    return [] if problems or file is None else [file]


def _program(target: Target) -> Target:
    """The program beside some YAML."""
    absolute = program_beside(target.absolute or "")
    return Target(shown_path(absolute) if absolute is not None else target.shown, absolute)


def _generated(program: ConfigFile, target: Target, settings: Settings) -> FixedFile | None:
    """YAML with what a program gives; None where it has a signature, or would not be read as what the program gives."""
    before = read_target(target)
    if isinstance(before, Problem):
        return None
    old = load(before, target.shown, settings, absolute=target.absolute)
    wanted = program.evaluations[0].server
    if old.legacy or not wanted or not all(one.kind for one in wanted):
        return None
    text = render_documents(wanted, "yaml")
    again = load(text.encode("utf-8"), target.shown, settings, absolute=target.absolute)
    same = bool(again.evaluations) and [plain(one.root) for one in again.evaluations[0].server] == [plain(one.root) for one in wanted]
    signed = any(one.kind == "signature" for evaluation in old.evaluations for one in evaluation.server)
    let_go(old, again)
    return None if signed or not same else FixedFile(target, before.decode("utf-8"), text, 1, 0)
