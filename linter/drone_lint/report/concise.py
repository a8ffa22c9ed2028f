"""`path:line:col: error[rule] message`: one line a finding, as GNU tools print them."""

from __future__ import annotations

from drone_lint.findings.finding import Problem
from drone_lint.findings.result import Diagnostic, Report
from drone_lint.report import Style
from drone_lint.report.wording import builds_label, one_line, plural, statistics, summary, visible, where_of


def write(report: Report, style: Style) -> str:
    """The report, with a last line of counts unless quiet."""
    lines = [_finding(item) for item in report.findings]
    lines += [_problem(problem) for problem in report.errors]
    if style.statistics:
        lines += [f"{number:6} {rule}" for number, rule in statistics(report)]
    if not style.quiet:
        lines.append(summary(report))
    return "".join(line + "\n" for line in lines)


def _finding(item: Diagnostic) -> str:
    steps = list(dict.fromkeys(place.step for place in item.places if place.step))
    more = f" (and {plural(len(steps) - 1, 'more step')})" if len(steps) > 1 else ""
    events = f" [{one_line(builds_label(item))}]" if builds_label(item) else ""
    return f"{where_of(item.span)}: {item.severity.value}[{item.rule}] {one_line(item.message)}{more}{events}"


def _problem(problem: Problem) -> str:
    where = where_of(problem.span) if problem.span is not None else visible(problem.path)
    return f"{where}: error[{problem.rule}] {one_line(problem.message)}"
