"""What people read of every rule, as text: what `tests/rules/expected` pins, one file a rule."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from drone_lint.findings.result import FileReport, Report
from drone_lint.lint.registry import builtin_rules
from drone_lint.lint.rule import Example, Rule
from drone_lint.report import Style, write
from drone_lint.run.run import rule_infos
from drone_lint.testing import as_example, run

RULES = builtin_rules()
EXPECTED = Path(__file__).parent / "rules" / "expected"
PINNED = {f"{rule.family}/{name}.txt": rule for name, rule in RULES.items() if rule.bad}
_SCRATCH = re.compile(re.escape(os.path.realpath(tempfile.gettempdir())) + r"[\\/]tmp\w+[\\/]")
"""The folder of an example's other files, which reports name by their absolute paths."""


def output(rule: type[Rule]) -> Iterator[str]:
    """The report on each `bad` example of a rule, below a line that numbers it.

    Raises:
        pytest.skip.Exception: an example needs a program that is not installed.
    """
    for number, example in enumerate(map(as_example, rule.bad), 1):
        if example.needs and shutil.which(example.needs) is None:
            pytest.skip(f"{example.needs} is not installed")
        yield _report(number, example, rule)


def _report(number: int, example: Example, rule: type[Rule]) -> str:
    report = run(example, RULES, {rule.name, *example.also})
    text = write(Report((report,), rule_infos([report], ())), "text", Style(quiet=True))
    return f"-- {example.language} example {number}\n{_SCRATCH.sub('', text)}{_fixes(report)}"


def _fixes(report: FileReport) -> str:
    titles = [
        f"fix at {item.span.begin.line}:{item.span.begin.column}-{item.span.finish.line}:{item.span.finish.column}: {fix.title}"
        + ("" if fix.safe else " (unsafe)")
        for item in report.findings
        for fix in item.fixes
    ]
    return "".join(f"{title}\n" for title in titles)
