"""What triggers a rule is told rightly: a rule that is not triggered by a file finds nothing in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from drone_lint.lint.engine import lint
from drone_lint.lint.registry import builtin_rules
from drone_lint.lint.selection import RuleSet
from drone_lint.settings import ImageSettings, Settings
from drone_lint.source.load import load
from drone_lint.testing import as_example, source_text

ROOT = Path(__file__).parents[2]
SETTINGS = Settings(profile="pedantic", trust="untrusted", images=ImageSettings(trusted_registries=("ghcr.io",)), ignore=("shellcheck",))
RULES = RuleSet(SETTINGS)
FILES = sorted(path for path in (ROOT / "tests" / "conformance" / "cases").rglob("*.yml") if path.is_file())


def found(text: bytes, *, triggered: bool) -> list[tuple[str, int, str]]:
    file = load(text, ".drone.yml", SETTINGS)
    report = lint(file, RULES.triggered_by(file) if triggered else RULES.all(), SETTINGS)
    return [(item.rule, item.span.start, item.message) for item in report.findings]


@pytest.mark.parametrize("folder", sorted({path.parent.name for path in FILES}))
def test_a_rule_that_is_not_triggered_would_find_nothing_in_real_cases(folder: str) -> None:
    for path in FILES:
        if path.parent.name == folder:
            text = path.read_bytes()
            assert found(text, triggered=True) == found(text, triggered=False), path


@pytest.mark.parametrize("name", builtin_rules())
def test_a_rule_that_is_not_triggered_would_find_nothing_in_examples_of_others(name: str) -> None:
    for example in builtin_rules()[name].bad:
        if as_example(example).language == "yaml":
            text = source_text(as_example(example)).encode("utf-8", "surrogatepass")
            assert found(text, triggered=True) == found(text, triggered=False)
