"""The rule that CONTRIBUTING.md shows is a rule: its examples hold."""

from __future__ import annotations

import re
from pathlib import Path

from drone_lint.api import Rule
from drone_lint.testing import check_bad, check_good


def test_the_rule_in_the_contributing_guide_works() -> None:
    (code,) = re.findall(r"(?s)```python\n(.*?)```", (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text("utf-8"))
    names: dict[str, object] = {"__name__": "drone_lint_rules.hygiene.long_sleep"}
    exec(code, names)
    rule = names["LongSleep"]
    assert isinstance(rule, type)
    assert issubclass(rule, Rule)
    for example in rule.bad:
        check_bad(rule, example)
    for example in rule.good:
        check_good(rule, example)
