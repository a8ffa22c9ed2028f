"""`drone-lint baseline`, and what a baseline does to a run."""

from __future__ import annotations

import os
import sys

from drone_lint.cli.output import save
from drone_lint.findings.result import Report
from drone_lint.run import baseline
from drone_lint.run.targets import Flags, Plan, settings_of
from drone_lint.text.files import relative_path


def without_known(report: Report, planned: Plan, flags: Flags) -> Report:
    """The report without what baselines have; stale entries are told on standard error."""
    baselines = baselines_of(planned, flags)
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
            f"drone-lint: {stale} entries of the baseline match nothing any more; `drone-lint baseline prune` removes them", file=sys.stderr
        )
    return report._replace(files=tuple(files))


def baselines_of(planned: Plan, flags: Flags) -> list[str | None]:
    """The baseline of each planned file."""
    return [settings_of(target, flags).baseline for target in planned.targets]


def record(report: Report, planned: Plan, flags: Flags, *, prune: bool) -> None:
    """Write what was found into the baselines of the planned files; with `prune` only forget what is gone."""
    configured = baselines_of(planned, flags)
    paths = [path or os.path.abspath(baseline.DEFAULT) for path in configured]
    for path in dict.fromkeys(paths):
        files = [file for file, its in zip(report.files, paths, strict=True) if its == path]
        entries = baseline.of_reports(files, path)
        if prune:
            before = baseline.read(path)
            linted = {baseline.relative(file.path, path) for file in files}
            entries = before & entries | type(before)({one: number for one, number in before.items() if one.file not in linted})
        save(path, baseline.text(entries))
        print(f"drone-lint: {relative_path(path)}: {sum(entries.values())} findings", file=sys.stderr)
    if None in configured and not prune:
        print(f"drone-lint: runs use it with `baseline: {baseline.DEFAULT}` in .drone-lint.yaml, or with --baseline", file=sys.stderr)
