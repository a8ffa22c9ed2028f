"""The rules' examples are their tests."""

import pytest
from acme_drone_rules.slow_build import SlowBuild
from acme_drone_rules.unowned_pipeline import UnownedPipeline

from drone_lint.testing import check_bad, check_good

RULES = (SlowBuild, UnownedPipeline)


@pytest.mark.parametrize(("rule", "example"), [(rule, example) for rule in RULES for example in rule.bad])
def test_what_is_marked_is_found(rule, example):
    check_bad(rule, example)


@pytest.mark.parametrize(("rule", "example"), [(rule, example) for rule in RULES for example in rule.good])
def test_what_is_good_is_left_alone(rule, example):
    check_good(rule, example)
