"""Runs a rule's own examples: how the built-in rules and rule packs are tested.

An example is a configuration whose comments mark the lines on which rules must fire: `# <- rule-a, rule-b` in YAML,
`// <- rule-a` in Jsonnet. Equality is exact: every marked finding is there, and no other of the rules that are named. An example
that says what it looks like `fixed` is fixed, too, and compared.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import textwrap
import unittest
from collections.abc import Iterator
from contextlib import contextmanager

from drone_lint.findings.result import FileReport
from drone_lint.fix.apply import Lint, Linted, fix_text
from drone_lint.lint import ignores as suppress
from drone_lint.lint.engine import lint
from drone_lint.lint.registry import Rules, builtin_rules
from drone_lint.lint.rule import Example, Rule
from drone_lint.lint.selection import RuleSet
from drone_lint.settings import Settings
from drone_lint.source.load import load

_MARKER = r"(?:#|//)\s*<-\s*([a-z0-9, -]+?)\s*$"


def as_example(example: Example | str) -> Example:
    """A plain string is a YAML example."""
    return Example(example) if isinstance(example, str) else example


def source_text(example: Example) -> str:
    """The example's text as it is linted."""
    return textwrap.dedent(example.text.removeprefix("\n"))


def expected(text: str) -> list[tuple[int, str]]:
    """Marked lines with the rule that must fire there, in order; a rule twice on a line is named twice."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        marker = re.search(_MARKER, line)
        if marker:
            found += [(number, name.strip()) for name in marker[1].split(",")]
    return sorted(found)


def run(example: Example | str, rules: Rules, names: set[str]) -> FileReport:
    """Lint an example in a scratch repository with the named rules."""
    with _scratch(as_example(example), rules, names) as linted:
        return linted(source_text(as_example(example))).report


def fixed_text(example: Example | str, rules: Rules, names: set[str]) -> str:
    """What the fixes of the named rules, unsafe ones too, make of an example without its markers."""
    text = re.sub(r"(?m)[ \t]*" + _MARKER.replace(r"\s*$", "[ \\t]*$"), "", source_text(as_example(example)))
    with _scratch(as_example(example), rules, names) as linted:
        return fix_text(text, linted, unsafe=True).text


@contextmanager
def _scratch(example: Example, rules: Rules, names: set[str]) -> Iterator[Lint]:
    """How to lint a text in the example's place, in a scratch repository with its other files."""
    settings: Settings = example.settings or Settings(profile="pedantic")
    name = example.name or {"jsonnet": ".drone.jsonnet", "starlark": ".drone.star"}.get(example.language, ".drone.yml")
    with tempfile.TemporaryDirectory() as folder:
        folder = os.path.realpath(folder)
        os.mkdir(os.path.join(folder, ".git"))
        for path, text in (*example.files, (name, source_text(example))):
            target = os.path.join(folder, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "w", encoding="utf-8", newline="") as out:
                out.write(text)

        def linted(text: str) -> Linted:
            file = load(text.encode("utf-8"), name, settings, root=folder, absolute=os.path.join(folder, name))
            chosen = RuleSet(settings, rules, only=sorted(name for name in names if name in rules))
            return Linted(file, suppress.apply(lint(file, chosen.triggered_by(file), settings), file, chosen, settings))

        yield linted


def found_lines(report: FileReport) -> list[tuple[int, str]]:
    """Line and rule of every finding and problem."""
    lines = [(item.span.begin.line, item.rule) for item in report.findings]
    lines += [(problem.span.begin.line if problem.span else 1, problem.rule) for problem in report.problems]
    return sorted(lines)


def check_bad(rule: type[Rule], example: Example | str, rules: Rules | None = None) -> None:
    """Assert that exactly what is marked is found, and that the rule itself is among it.

    Raises:
        unittest.SkipTest: the program that the example needs is not installed.
    """
    needs = as_example(example).needs
    if needs and shutil.which(needs) is None:
        raise unittest.SkipTest(f"{needs} is not installed")
    rules = builtin_rules().plus([rule]) if rules is None else rules
    wanted = sorted([*expected(source_text(as_example(example))), *((line, rule.name) for line in as_example(example).lines)])
    assert rule.name in {name for _, name in wanted}, f"a bad example of {rule.name} does not mark a line for it"
    report = run(example, rules, {rule.name, *(name for _, name in wanted), *as_example(example).also})
    assert found_lines(report) == wanted, _explain(report)
    _check_fixes(rule, as_example(example), report, rules)


def _check_fixes(rule: type[Rule], example: Example, report: FileReport, rules: Rules) -> None:
    fixes = [fix for item in report.findings if item.rule == rule.name for fix in item.fixes]
    assert rule.fixable or not fixes, f"{rule.name} has fixes, but does not declare them in `fixable`"
    assert rule.fixable != "unsafe" or not any(fix.safe for fix in fixes), f"a fix of {rule.name} is safe, but `fixable` says `unsafe`"
    if example.fixed:
        wanted = textwrap.dedent(example.fixed.removeprefix("\n"))
        found = fixed_text(example, rules, {rule.name})
        assert found == wanted, f"fixed, the example is\n{found}"


def check_good(rule: type[Rule], example: Example | str, rules: Rules | None = None) -> None:
    """Assert that the rule finds nothing."""
    rules = builtin_rules().plus([rule]) if rules is None else rules
    report = run(example, rules, {rule.name})
    assert found_lines(report) == [], _explain(report)


def _explain(report: FileReport) -> str:
    lines = [f"{item.span.begin.line}:{item.span.begin.column} {item.rule}: {item.message}" for item in report.findings]
    return "\n".join([*lines, *(f"error {problem.rule}: {problem.message}" for problem in report.problems)])
