"""For which events pipelines and steps can run."""

from __future__ import annotations

import pytest

from drone_lint.model.condition import EVENTS, Condition
from drone_lint.semantics.build import Build
from drone_lint.semantics.glob import alternatives
from drone_lint.semantics.plan import PlanFacts, plan_build
from drone_lint.semantics.reach import literals, satisfiable, step_events, step_values
from drone_lint.settings import Settings
from drone_lint.source.load import load

ALL = set(EVENTS)


def step_of(trigger: str, when: str):
    text = f"kind: pipeline\nname: a\ntrigger: {trigger}\nsteps:\n- name: s\n  image: i\n  when: {when}\n"
    return load(text.encode(), ".drone.yml", Settings()).evaluations[0].server[0].pipeline.steps[0]


@pytest.mark.parametrize(
    ("trigger", "when", "expected"),
    [
        ("{}", "{}", ALL),
        ("{event: [push, tag]}", "{}", {"push", "tag"}),
        ("{event: {exclude: [pull_request]}}", "{}", ALL - {"pull_request"}),
        ("{event: {include: [push, tag], exclude: [tag]}}", "{}", {"push"}),
        ("{event: p*}", "{}", {"push", "pull_request", "promote"}),
        ("{event: [push, tag]}", "{event: [tag, cron]}", {"tag"}),
        ("{}", "{event: pull-request}", set()),
        # what only some events have
        ("{cron: nightly}", "{}", {"cron"}),
        ("{cron: {exclude: [nightly]}}", "{}", ALL),
        ("{}", "{target: production}", {"promote", "rollback"}),
        ("{action: [opened]}", "{}", {"pull_request"}),
        ("{action: [open]}", "{}", set()),
        ("{action: {exclude: [synchronized]}}", "{}", ALL),
        ("{action: create}", "{}", {"tag"}),
        # refs
        ("{ref: [refs/heads/main]}", "{}", {"push", "cron", "custom", "promote", "rollback"}),
        ("{ref: ['refs/heads/**', 'refs/tags/**']}", "{}", ALL - {"pull_request"}),
        ("{ref: ['refs/pull/**']}", "{}", {"pull_request", "promote", "rollback"}),
        ("{ref: [refs/pulls/**]}", "{}", set()),
        ("{ref: ['v*']}", "{}", set()),
        ("{ref: ['*']}", "{}", set()),
        ("{ref: ['refs/*']}", "{}", set()),
        ("{ref: ['**']}", "{}", ALL),
        ("{ref: ['refs/pull/*']}", "{}", set()),
        ("{ref: ['refs/pull/*/head']}", "{}", {"pull_request", "promote", "rollback"}),
        ("{ref: ['refs/{heads,tags}/*']}", "{event: [push, tag]}", {"push", "tag"}),
        ("{ref: ['{refs/heads/main,refs/tags/*}']}", "{event: [push, tag]}", set()),
        ("{ref: {exclude: ['refs/pull/**', 'refs/merge-requests/**', 'refs/pull-requests/**']}}", "{}", ALL - {"pull_request"}),
        ("{ref: {exclude: ['refs/tags/**']}}", "{event: tag}", set()),
        ("{ref: ['refs/tags/v1']}", "{}", {"tag", "custom", "promote", "rollback"}),
        ("{ref: ['refs/pull/1/head']}", "{event: [custom, promote]}", {"promote"}),
        ("{ref: ['refs/tags/**']}", "{event: [custom, push]}", {"custom"}),
        ("{ref: ['refs/heads/[main']}", "{}", set()),
        ("{ref: ['refs/heads/[main', 'refs/tags/**']}", "{}", {"tag", "custom", "promote", "rollback"}),
        ("{ref: {exclude: ['refs/heads/[main']}}", "{}", ALL),
        # branches: the one that a pull request is for; a tag has none
        ("{branch: main}", "{}", ALL - {"tag"}),
        ("{branch: {exclude: [main]}}", "{}", ALL),
        ("{branch: 'v*'}", "{event: tag}", {"tag"}),
        ("{branch: main}", "{branch: develop}", set()),
        ("{branch: [main, develop]}", "{branch: {exclude: [main]}}", ALL - {"tag"}),
        ("{branch: [main]}", "{branch: {exclude: ['m*']}}", set()),
        ("{branch: refs/heads/main}", "{}", set()),
        ("{branch: [refs/heads/main, main]}", "{}", ALL - {"tag"}),
        ("{branch: {exclude: [refs/heads/main]}}", "{}", ALL),
        ("{branch: ['release/*']}", "{branch: ['release/1']}", ALL - {"tag"}),
        ("{branch: ['{main,next}']}", "{branch: [next]}", ALL - {"tag"}),
        ("{branch: ['{main,next}']}", "{branch: [other]}", set()),
        # what nobody knows is possible
        ("{repo: other/repo}", "{instance: drone.example.com}", ALL),
        ("{repo: a/b}", "{repo: a/c}", set()),
        ("{}", "{instance: {include: [a], exclude: [a]}}", set()),
        # the server does not look at these
        ("{instance: {include: [a], exclude: [a]}, paths: {include: [x]}}", "{paths: {include: [a], exclude: [a]}}", ALL),
        ("{status: [failure]}", "{status: [failure]}", ALL),
        # Drone's swallowed mistakes
        ("{event: {include: push}}", "{}", ALL),
        ("{branch: '[a'}", "{}", set()),
    ],
)
def test_trigger_and_when_together_say_for_which_events_a_step_runs(trigger, when, expected):
    step = step_of(trigger, when)
    assert step_events(step) == expected
    plans = {event: plan_build([step.pipeline.document], Build(event), PlanFacts()).pipelines[0] for event in EVENTS}
    assert {event for event, pipeline in plans.items() if any(one.name == "s" and one.order for one in pipeline.steps)} == expected


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        ([], [], True),
        ([], ["**"], False),
        ([], ["*"], True),
        (["main"], ["main"], False),
        (["main"], ["m*"], False),
        (["main", "x"], ["main"], True),
        (["feature/*"], ["feature/**"], False),
        (["feature/**"], ["feature/*"], True),
        (["*"], ["**"], False),
        (["**"], ["*"], True),
        (["a*"], ["a?"], True),
        (["a*"], ["a*b"], True),
        (["a*b"], ["a*"], False),
        (["{a,b}"], ["a", "b"], False),
        (["{a,b}"], ["a"], True),
        (["{a,b}/*"], ["{b,a}/**"], False),
        (["[ab]"], ["[a-c]"], True),
        (["[a"], [], False),
        (["{a/b,c}"], [], False),
    ],
)
def test_a_condition_can_be_met_unless_all_that_it_includes_is_excluded(include, exclude, expected):
    assert satisfiable(Condition(tuple(include), tuple(exclude))) is expected


def test_alternatives_are_written_out_unless_there_are_too_many():
    assert alternatives("a{b,c}d{e,f}") == ["abde", "abdf", "acde", "acdf"]
    hostile = "{" + "a," * 1000 + "}"
    assert alternatives(hostile * 3) == [hostile * 3]
    assert literals(Condition(("{a,b}", "c"))) == ("a", "b", "c")
    assert literals(Condition(("a*",))) is None
    assert literals(Condition((), ("a",))) is None


@pytest.mark.parametrize(
    ("trigger", "when", "expected"),
    [
        ("{}", "{}", None),
        ("{branch: main}", "{}", ("main",)),
        ("{branch: [main, dev]}", "{branch: {exclude: [dev]}}", ("main",)),
        ("{branch: 'release/*'}", "{branch: ['{main,release}/1']}", ("release/1",)),
        ("{branch: 'release/*'}", "{branch: '*'}", None),
    ],
)
def test_conditions_may_leave_a_branch_few_names(trigger, when, expected):
    assert step_values(step_of(trigger, when), "branch") == expected
