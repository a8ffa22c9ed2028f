"""JUnit XML: a suite a file, a failure a finding, a passing case for a clean file."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from drone_lint.findings.finding import Problem
from drone_lint.findings.result import Diagnostic, Report
from drone_lint.report import Style
from drone_lint.report.wording import one_line, refusal, whereabouts
from drone_lint.text.position import Precision, Span


def write(report: Report, style: Style) -> str:
    """The report as an XML document."""
    suites = [(file.path, file.findings, file.problems) for file in report.files]
    suites += [(problem.path, (), (problem,)) for problem in report.problems]
    failures = len(report.findings)
    errors = len(report.errors)
    tests = sum(max(1, len(findings) + len(problems)) for _, findings, problems in suites)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="drone-lint" tests="{tests}" failures="{failures}" errors="{errors}">',
    ]
    for path, findings, problems in suites:
        count = max(1, len(findings) + len(problems))
        lines.append(
            f'  <testsuite name={_attribute(path)} tests="{count}" failures="{len(findings)}" errors="{len(problems)}" skipped="0" time="0">'
        )
        lines += [line for item in findings for line in _failure(item, path)]
        lines += [line for problem in problems for line in _error(problem, path)]
        if not findings and not problems:
            lines.append(f'    <testcase name="no findings" classname={_attribute(path)} time="0"/>')
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _failure(item: Diagnostic, path: str) -> Iterator[str]:
    where = _where(item.span)
    text = [
        one_line(f"{where}: {item.message}"),
        *map(one_line, whereabouts(item)),
        *(one_line(refusal(one)) for one in item.drone),
        *([one_line(f"help: {item.help}")] if item.help else []),
    ]
    yield f'    <testcase name={_attribute(f"{item.rule} at {where}")} classname={_attribute(path)} time="0">'
    yield f"      <failure type={_attribute(item.rule)} message={_attribute(item.message)}>{_text(chr(10).join(text))}</failure>"
    yield "    </testcase>"


def _error(problem: Problem, path: str) -> Iterator[str]:
    where = _where(problem.span) if problem.span is not None else problem.path
    yield f'    <testcase name={_attribute(f"{problem.rule} at {where}")} classname={_attribute(path)} time="0">'
    yield f"      <error type={_attribute(problem.rule)} message={_attribute(problem.message)}>{_text(one_line(f'{where}: {problem.message}'))}</error>"
    yield "    </testcase>"


def _where(span: Span) -> str:
    if span.precision is Precision.FILE:
        return span.file.path
    return f"{span.file.path}:{span.begin.line}:{span.begin.column}"


def _legal(text: str) -> str:
    """What XML 1.0 may hold, and a terminal show."""
    return "".join(char if char in "\t\n" or char.isprintable() else "\ufffd" for char in text)


def _attribute(text: str) -> str:
    return quoteattr(_legal(text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _text(text: str) -> str:
    return escape(_legal(text))
