from __future__ import annotations

import pytest

from drone_lint.settings import Settings
from drone_lint.source.load import load


def problems(expression: str) -> list[str]:
    text = f"{{ kind: 'pipeline', name: 'a', local a = true, local b = 1, x: {expression} }}"
    file = load(text.encode(), ".drone.jsonnet", Settings())
    return [item.rule for one in file.evaluations for item in one.problems]


@pytest.mark.parametrize("expression", ["a&&!a", "1==-1", "2>=-1", "a||!a", "b!=-b", "b<=+b", "1<<-b"])
def test_operators_that_the_servers_engine_takes_apart_are_an_error(expression):
    assert "invalid-jsonnet" in problems(expression)


@pytest.mark.parametrize("expression", ["a && !a", "1 == -1", "2>-1", "1+-1", "!a", "-b", "1== -1", "'&&!'", "a /*==-*/ && a", "1--1"])
def test_operators_that_it_reads_are_left_alone(expression):
    assert not problems(expression)
