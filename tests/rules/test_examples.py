"""Every rule's examples: marked lines, exactly."""

from __future__ import annotations

import pytest

from drone_lint.lint.registry import builtin_rules
from drone_lint.testing import as_example, check_bad, check_good

_RULES = builtin_rules()


def _cases(kind: str) -> list[object]:
    return [
        pytest.param(rule, example, id=f"{name}-{number}")
        for name, rule in _RULES.items()
        for number, example in enumerate(getattr(rule, kind))
    ]


@pytest.mark.parametrize(("rule", "example"), _cases("bad"))
def test_a_bad_example_is_found_exactly_where_it_is_marked(rule, example):
    check_bad(rule, example, _RULES)


@pytest.mark.parametrize(("rule", "example"), _cases("good"))
def test_a_good_example_is_left_alone(rule, example):
    check_good(rule, example, _RULES)


_FIXED_IN_YAML_ONLY = {
    "command-not-string": "in Jsonnet it is an object or a list that the program made",
    "text-before-separator": "Jsonnet has no separators",
    "inexact-setting": "a program's numbers have one form, and its texts have quotes",
}
_FIXED_ELSEWHERE = {"stale-generated-yaml": "another file is written: tests/cli"}


@pytest.mark.parametrize("rule", [rule for name, rule in _RULES.items() if rule.fixable and name not in _FIXED_ELSEWHERE], ids=str)
def test_a_fixable_rule_shows_its_fix_in_both_languages(rule):
    shown = {example.language for example in map(as_example, rule.bad) if example.fixed}
    assert shown == ({"yaml"} if rule.name in _FIXED_IN_YAML_ONLY else {"yaml", "jsonnet"})


@pytest.mark.parametrize("rule", _RULES.values(), ids=_RULES)
def test_every_rule_has_a_page_and_examples_of_both_kinds(rule):
    assert rule.__doc__
    assert "\n\n" in rule.page(), "the page says more than its first line"
    if rule.family != "load":
        assert rule.bad
        assert rule.good
