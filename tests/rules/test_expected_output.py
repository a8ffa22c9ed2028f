"""What people read of every rule, exactly: one generated file a rule, below `expected/`.

Examples pin rules and lines; these files pin the rest of the text report (message, severity, excerpt with its columns, `why`, `help`, Drone's words, related places)
and the titles of fixes. `pytest tests/rules --update-goldens` rewrites them; read the diff.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest

from drone_lint.findings.result import FileReport, Report
from drone_lint.lint.registry import Rules, builtin_rules
from drone_lint.lint.rule import Example, Rule
from drone_lint.report import Style, write
from drone_lint.run.run import rule_infos
from drone_lint.testing import as_example, run

EXPECTED = Path(__file__).parent / "expected"
_RULES = builtin_rules()
_PINNED = {f"{rule.family}/{name}.txt": rule for name, rule in _RULES.items() if rule.bad}
_SCRATCH = re.compile(re.escape(os.path.realpath(tempfile.gettempdir())) + r"[\\/]tmp\w+[\\/]")
"""The folder of an example's other files, which reports name by their absolute paths."""
_REFRESH = "refresh it with `pytest tests/rules --update-goldens`, and read the diff"


def output(rule: type[Rule], rules: Rules) -> str:
    """The reports on all `bad` examples of a rule, each below a line that numbers it."""
    return "\n".join(_report(number, example, rule, rules) for number, example in enumerate(map(as_example, rule.bad), 1))


def _report(number: int, example: Example, rule: type[Rule], rules: Rules) -> str:
    report = run(example, rules, {rule.name, *example.also})
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


@pytest.mark.parametrize("name", _PINNED)
def test_a_rule_says_exactly_what_is_expected(name: str, update_goldens: bool) -> None:
    rule = _PINNED[name]
    missing = [program for example in map(as_example, rule.bad) if (program := example.needs) and shutil.which(program) is None]
    if missing:
        pytest.skip(f"{missing[0]} is not installed")
    file, text = EXPECTED / name, output(rule, _RULES)
    if update_goldens:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    assert file.is_file(), f"{name} is missing: {_REFRESH}"
    assert text == file.read_text(encoding="utf-8"), _REFRESH


def test_no_expected_output_is_left_over(update_goldens: bool) -> None:
    left = [path for path in EXPECTED.rglob("*") if path.is_file() and path.relative_to(EXPECTED).as_posix() not in _PINNED]
    if update_goldens:
        for path in left:
            path.unlink()
        left = []
    assert left == [], "delete it, or refresh with `pytest tests/rules --update-goldens`"
