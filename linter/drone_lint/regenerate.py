"""Files that are generated from a configuration: YAML from Jsonnet."""

from __future__ import annotations

import os

from drone_lint.finding import Problem
from drone_lint.lint_files import FixedFile, lint_data
from drone_lint.model.node import plain
from drone_lint.registry import RuleSet
from drone_lint.render import render_documents
from drone_lint.source.load import load
from drone_lint.targets import Flags, Target, read_target, settings_of


def regenerate(fixed: FixedFile, flags: Flags) -> FixedFile | None:
    """The file that is generated from a fixed one, generated again; None where it need not, or only Drone could.

    Raises:
        ConfigError, UnknownRuleError: settings that do not hold.
    """
    target = fixed.target
    settings = settings_of(target, flags)
    file, report = lint_data(fixed.after.encode("utf-8"), target, settings, RuleSet(settings), ignores=not flags.no_ignores)
    shown = next((fix.regenerates for item in report.findings for fix in item.fixes if fix.regenerates), "")
    if not shown or target.absolute is None or report.problems or len(file.evaluations) != 1:
        return None
    beside = Target(shown, os.path.join(os.path.dirname(target.absolute), os.path.basename(shown)))
    before = read_target(beside)
    if isinstance(before, Problem):
        return None
    old = load(before, shown, settings, absolute=beside.absolute)
    wanted = file.evaluations[0].server
    text = render_documents(wanted, "yaml")
    again = load(text.encode("utf-8"), shown, settings, absolute=beside.absolute)
    same = bool(again.evaluations) and [plain(one.root) for one in again.evaluations[0].server] == [plain(one.root) for one in wanted]
    signed = any(one.kind == "signature" for evaluation in old.evaluations for one in evaluation.server)
    return None if signed or not same else FixedFile(beside, before.decode("utf-8"), text, 1, 0)
