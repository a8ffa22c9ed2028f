"""`drone-lint dind`: the Docker-in-Docker checklist of one file."""

from __future__ import annotations

from typing import Any, NamedTuple

from drone_lint.cli.outcome import CLEAN, FINDINGS, flags_from, not_linted
from drone_lint.cli.streams import print_text, read_stdin
from drone_lint.findings.checklist import Checklist, StepChecklist
from drone_lint.findings.finding import Problem, Severity
from drone_lint.lint.locating import prepare, resolve
from drone_lint.lint.registry import beside_rules
from drone_lint.report.dind import write
from drone_lint.run.batch import load_one
from drone_lint.run.targets import Flags, Selection, select_targets, settings_of


def run(options: dict[str, Any]) -> int:
    """Print the Docker-in-Docker checklist of one file."""
    flags = flags_from(options)
    answer = dind(select_targets([options["file"]], flags, read_stdin, options["stdin_filename"]), flags)
    if answer.checklist is not None:
        print_text(write(answer.checklist, options["format"]))
    if answer.problems:
        return not_linted(answer.problems)
    return FINDINGS if answer.fails else CLEAN


class Answer(NamedTuple):
    """What is known of one file."""

    checklist: Checklist | None
    """None where the file could not be read."""
    problems: tuple[Problem, ...]

    @property
    def fails(self) -> bool:
        """Whether something is bad enough for exit code 1."""
        rows = self.checklist.rows if self.checklist is not None else ()
        return any(row.severity is not None and row.severity.rank >= Severity.WARNING.rank for row in rows)


def dind(selection: Selection, flags: Flags) -> Answer:
    """The checklist of the one file of a plan, with spans.

    Raises:
        ConfigError, UnknownRuleError: settings that do not hold.
    """
    file, problems = load_one(selection, flags)
    if file is None or not file.evaluations:
        return Answer(None, problems)
    made: Checklist = beside_rules("docker_in_docker", "_checklist").checklist(file, settings_of(selection.targets[0], flags))
    if problems and not made.steps:
        return Answer(None, problems)
    prepare(place for step in made.steps for place in (step.place, *(row.place for row in step.rows)))
    return Answer(made._replace(steps=tuple(_located(step) for step in made.steps)), problems)


def _located(step: StepChecklist) -> StepChecklist:
    rows = tuple(row._replace(span=resolve(row.place).primary) for row in step.rows)
    return step._replace(rows=rows, span=resolve(step.place).primary)
