"""`drone-lint check`, the default command."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from drone_lint.cli.options import UsageError
from drone_lint.cli.outcome import CLEAN, FINDINGS, NOT_LINTED, exit_code, flags_from
from drone_lint.cli.streams import complain, print_text, read_stdin
from drone_lint.report.wording import plural

if TYPE_CHECKING:
    from drone_lint.findings.result import Report
    from drone_lint.run.run import Pool, PoolFor
    from drone_lint.run.targets import Flags, Selection


def run(options: dict[str, Any]) -> int:
    """Lint; the default command."""
    from drone_lint.cli.flags import outputs_of
    from drone_lint.cli.output import progress_bar, write_report
    from drone_lint.run.run import run as lint
    from drone_lint.run.targets import select_targets

    flags = flags_from(options)
    outputs = outputs_of(options)
    selection = select_targets(options["paths"], flags, read_stdin, options["stdin_filename"])
    if options["show_config"]:
        return _show_config(selection, flags)
    fixed = None
    if options["fix"] or options["diff"]:
        from drone_lint.cli.fix import apply_fixes

        fixed = apply_fixes(selection, flags, unsafe=options["unsafe_fixes"], write=not options["diff"])
        if options["diff"]:
            return NOT_LINTED if fixed.failed else FINDINGS if fixed.changed else CLEAN
    elif options["unsafe_fixes"]:
        raise UsageError("--unsafe-fixes requires --fix or --diff")
    with progress_bar(len(selection.targets)) as progress:
        report = lint(selection, flags, pool_for=pool_for(options), progress=progress, cache=_cache_folder(options), warn=complain)
    if options["debug"]:
        _show_traces(report)
    report = _without_known(report, selection, flags)
    for format_, target in outputs:
        write_report(report, format_, target, options, os.environ)
    if fixed is not None and fixed.applied and not options["quiet"]:
        print(f"drone-lint: applied {plural(fixed.applied, 'fix', 'fixes')}", file=sys.stderr)
    return NOT_LINTED if fixed is not None and fixed.failed else exit_code(report)


def _without_known(report: Report, selection: Selection, flags: Flags) -> Report:
    from drone_lint.run.targets import settings_of

    if not any(settings_of(target, flags).baseline for target in selection.targets):
        return report
    from drone_lint.cli.baseline import without_known

    return without_known(report, selection, flags)


def _show_traces(report: Report) -> None:
    """Where bugs of ours were raised."""
    for problem in report.errors:
        if problem.trace:
            print(problem.trace.rstrip(), file=sys.stderr)


def pool_for(options: dict[str, Any]) -> PoolFor:
    """The processes to lint so many files in; None: this one alone."""
    from drone_lint.run.run import processes

    def choose(files: int) -> Pool | None:
        number = processes(options["jobs"], files)
        if number == 1:
            return None
        from drone_lint.run.pool import pool

        return pool(number)

    return choose


def _cache_folder(options: dict[str, Any]) -> str | None:
    """Where results are kept: the user's own cache folder, by each system's custom."""
    if options["no_cache"]:
        return None
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    if not home:
        user = os.path.expanduser("~")
        home = os.path.join(user, *(("Library", "Caches") if sys.platform == "darwin" else (".cache",))) if user != "~" else ""
    return os.path.join(home, "drone-lint") if os.path.isabs(home) else None


def _show_config(selection: Selection, flags: Flags) -> int:
    from drone_lint.config.show import show
    from drone_lint.run.targets import settings_of

    for target in selection.targets:
        print_text(show(target.shown, settings_of(target, flags)))
    return CLEAN if selection.targets else NOT_LINTED
