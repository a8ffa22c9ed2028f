"""`drone-lint dind`: the Docker-in-Docker checklist of one file."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from typing import Any, NamedTuple

from drone_lint.cli.options import UsageError
from drone_lint.cli.outcome import CLEAN, FINDINGS, flags_from, not_linted
from drone_lint.cli.streams import print_text, read_stdin
from drone_lint.findings.checklist import Checklist, Row, StepChecklist
from drone_lint.findings.finding import Problem, Severity
from drone_lint.findings.result import Diagnostic, FileReport
from drone_lint.lint.locating import prepare, resolve
from drone_lint.lint.registry import beside_rules
from drone_lint.lint.selection import RuleSet
from drone_lint.report.dind import write
from drone_lint.report.dind_script import script
from drone_lint.run.batch import lint_loaded, load_one
from drone_lint.run.targets import Flags, Selection, select_targets, settings_of
from drone_lint.settings import Settings
from drone_lint.source.loaded import ConfigFile


def run(options: dict[str, Any]) -> int:
    """Print the Docker-in-Docker checklist of one file, and write the script that tries it."""
    flags = flags_from(options)
    answer = dind(select_targets([options["file"]], flags, read_stdin, options["stdin_filename"]), flags)
    if answer.checklist is not None:
        if options.get("script"):
            _write_script(options["script"], answer.checklist)
        print_text(write(answer.checklist, options["format"]))
    if answer.problems:
        return not_linted(answer.problems)
    return FINDINGS if answer.fails else CLEAN


def _write_script(path: str, checklist: Checklist) -> None:
    text = script(checklist)
    if path == "-":
        print_text(text)
        return
    try:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        with contextlib.suppress(OSError):
            os.chmod(path, 0o755)  # noqa: S103 - a script to be run
    except OSError as error:
        raise UsageError(f"--script {path}: {error.strerror}") from error


class Answer(NamedTuple):
    """What is known of one file."""

    checklist: Checklist | None
    """None where the file could not be read."""
    problems: tuple[Problem, ...]
    fails: bool = False
    """Whether a finding of the checklist is bad enough for exit code 1, as in a check."""


def dind(selection: Selection, flags: Flags) -> Answer:
    """The checklist of the one file of a selection, with spans; severities, options and ignores are those of a check.

    Raises:
        ConfigError, UnknownRuleError: settings that do not hold.
    """
    file, problems = load_one(selection, flags)
    if file is None or not file.evaluations:
        return Answer(None, problems)
    settings = settings_of(selection.targets[0], flags)
    made: Checklist = beside_rules("docker_in_docker", "_checklist").checklist(file, settings)
    if problems and not made.steps:
        return Answer(None, problems)
    prepare(place for step in made.steps for row in step.rows for place in (step.place, row.place, *(place for _, place in row.related)))
    made = made._replace(steps=tuple(_located(step) for step in made.steps))
    report = _checked(file, made, settings, flags)
    kept, silenced = _Index(report.findings), _Index(report.ignored)
    made = made._replace(steps=tuple(_judged(step, kept, silenced) for step in made.steps))
    least = None if report.fail_on == "never" else Severity(report.fail_on).rank
    fails = least is not None and any(row.severity is not None and row.severity.rank >= least for row in made.rows)
    return Answer(made, problems, fails)


def _checked(file: ConfigFile, checklist: Checklist, settings: Settings, flags: Flags) -> FileReport:
    """What a check finds with the rules that the checklist speaks of, as far as they are selected."""
    names = {row.rule for row in checklist.rows if row.rule}
    chosen = RuleSet(settings)
    rules = RuleSet(settings, only=[name for name in sorted(names) if name in chosen])
    return lint_loaded(file, settings, rules, ignores=not flags.no_ignores)


def _judged(step: StepChecklist, kept: _Index, silenced: _Index) -> StepChecklist:
    return step._replace(rows=tuple(_with_verdict(row, step, kept, silenced) for row in step.rows))


def _with_verdict(row: Row, step: StepChecklist, findings: _Index, silenced: _Index) -> Row:
    """A row with the severity of its rule's finding, or with the reason why there is none."""
    if not row.rule or row.status == "ok":
        return row
    kept = findings.of(row, step)
    if kept is not None:
        return row._replace(severity=kept.severity)
    silent = silenced.of(row, step)
    if silent is not None:
        reason = silent.ignored_by.reason if silent.ignored_by is not None else ""
        return row._replace(ignored=reason or "an ignore comment")
    return row._replace(ignored="the configuration allows it, or does not select the rule")


class _Index:
    """Findings by what a row knows of them: its rule with the line, and with the step."""

    def __init__(self, findings: Iterable[Diagnostic]) -> None:
        self._by_line: dict[tuple[str, str, int], Diagnostic] = {}
        self._by_step: dict[tuple[str, str, str | None], Diagnostic] = {}
        for item in findings:
            for place in item.places:
                self._by_line.setdefault((item.rule, place.span.file.path, place.span.begin.line), item)
                self._by_step.setdefault((item.rule, place.pipeline or "default", place.step), item)

    def of(self, row: Row, step: StepChecklist) -> Diagnostic | None:
        """The finding of a row's rule: the one at its place, else the one about its step."""
        span = row.span
        here = self._by_line.get((row.rule, span.file.path, span.begin.line)) if span is not None else None
        return here or self._by_step.get((row.rule, step.pipeline, step.step))


def _located(step: StepChecklist) -> StepChecklist:
    rows = tuple(
        row._replace(span=resolve(row.place).primary, spans=tuple((message, resolve(place).primary) for message, place in row.related))
        for row in step.rows
    )
    return step._replace(rows=rows, span=resolve(step.place).primary)
