"""`drone-lint baseline`, and what a baseline does to a run."""

from __future__ import annotations

import os
import sys
from typing import Any

from drone_lint.cli.check import pool_for
from drone_lint.cli.outcome import CLEAN, NOT_LINTED, flags_from
from drone_lint.cli.output import save, write_report
from drone_lint.cli.streams import read_stdin
from drone_lint.findings.result import Report
from drone_lint.report.wording import plural, visible
from drone_lint.run import baseline
from drone_lint.run.run import run as lint
from drone_lint.run.targets import Flags, Selection, select_targets, settings_of
from drone_lint.text.files import relative_path


def run(options: dict[str, Any]) -> int:
    """Write or prune the baseline."""
    flags = flags_from(options)
    selection = select_targets(options["paths"], flags, read_stdin, None)
    report = lint(selection, flags, pool_for=pool_for(options))
    if report.errors:
        broken = report._replace(files=tuple(file._replace(findings=()) for file in report.files))
        write_report(broken, "concise", None, {"color": "never", "quiet": False, "statistics": False}, os.environ)
    record(report, selection, flags, prune=options["action"] == "prune")
    return _left_out(report) if report.errors else CLEAN


def _left_out(report: Report) -> int:
    names = [file.path for file in report.files if file.problems]
    if names:
        print(f"drone-lint: left out, since not linted: {', '.join(map(visible, names))}", file=sys.stderr)
    return NOT_LINTED


def without_known(report: Report, selection: Selection, flags: Flags) -> Report:
    """The report without what baselines have; stale entries are told on standard error."""
    baselines = baselines_of(selection, flags)
    read = {path: baseline.read(path) for path in dict.fromkeys(baselines) if path is not None}
    files, stale = [], 0
    for file, path in zip(report.files, baselines, strict=True):
        if path is None:
            files.append(file)
            continue
        left, gone = baseline.apply(file, read[path], path)
        files.append(left)
        stale += len(gone)
    if stale:
        print(
            f"drone-lint: {plural(stale, 'baseline entry no longer matches', 'baseline entries no longer match')} any finding; "
            "`drone-lint baseline prune` removes stale entries",
            file=sys.stderr,
        )
    return report._replace(files=tuple(files))


def baselines_of(selection: Selection, flags: Flags) -> list[str | None]:
    """The baseline of each selection file."""
    return [settings_of(target, flags).baseline for target in selection.targets]


def record(report: Report, selection: Selection, flags: Flags, *, prune: bool) -> None:
    """Write what was found into the baselines of the selection files; with `prune` only forget what is gone."""
    configured = baselines_of(selection, flags)
    paths = [path or os.path.abspath(baseline.DEFAULT) for path in configured]
    for path in dict.fromkeys(paths):
        files = [file for file, its in zip(report.files, paths, strict=True) if its == path and not file.problems]
        if not files:
            continue
        entries = baseline.of_reports(files, path)
        if prune:
            before = baseline.read(path)
            linted = {baseline.relative(file.path, path) for file in files}
            entries = before & entries | type(before)({one: number for one, number in before.items() if one.file not in linted})
        save(path, baseline.text(entries))
        print(f"drone-lint: {relative_path(path)}: {plural(sum(entries.values()), 'finding')}", file=sys.stderr)
    if None in configured and not prune:
        print(f"drone-lint: to use it, write `baseline: {baseline.DEFAULT}` in .drone-lint.yaml, or pass --baseline", file=sys.stderr)
