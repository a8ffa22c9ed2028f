"""Workflow commands of GitHub Actions: annotations on the lines of a pull request."""

from __future__ import annotations

from drone_lint.findings.finding import Problem
from drone_lint.findings.result import Diagnostic, Report
from drone_lint.report import Style
from drone_lint.report.wording import builds_label, listed, visible
from drone_lint.text.position import Precision, Span

_COMMANDS = {"error": "error", "warning": "warning", "notice": "notice", "info": "notice"}


def write(report: Report, style: Style) -> str:
    """One command a finding."""
    lines = [_finding(item) for item in report.findings] + [_problem(problem) for problem in report.errors]
    return "".join(line + "\n" for line in lines)


def _finding(item: Diagnostic) -> str:
    steps = list(dict.fromkeys(place.step for place in item.places if place.step))
    message = [item.message, *([listed(steps, "step")] if len(steps) > 1 else []), *([builds_label(item)] if builds_label(item) else [])]
    text = "\n".join([*message, *([f"help: {item.help}"] if item.help else [])])
    return _command(_COMMANDS[item.severity.value], item.span, item.rule, text)


def _problem(problem: Problem) -> str:
    if problem.span is not None:
        return _command("error", problem.span, problem.rule, f"{problem.message}\nthis could not be linted")
    return f"::error file={_property(problem.path)},title={_property(problem.rule)}::{_data(problem.message)}"


def _command(name: str, span: Span, rule: str, text: str) -> str:
    parts = [f"file={_property(span.file.path)}"]
    if span.precision is not Precision.FILE:
        begin, finish = span.begin, span.finish
        parts += [f"line={begin.line}", f"col={begin.column}", f"endLine={finish.line}", f"endColumn={finish.column}"]
    parts.append(f"title={_property(rule)}")
    return f"::{name} {','.join(parts)}::{_data(text)}"


def _data(text: str) -> str:
    return "%0A".join(visible(line).replace("%", "%25") for line in text.split("\n"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
