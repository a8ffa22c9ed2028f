"""What runs for a build: conditions, order, privileges, secrets."""

from __future__ import annotations

import pytest

from drone_lint.model.condition import Conditions
from drone_lint.semantics.build import Build, judge
from drone_lint.semantics.plan import BuildPlan, PlanFacts, plan_build
from drone_lint.settings import Settings
from drone_lint.source.load import load


def documents_of(text: str):
    file = load(text.encode(), ".drone.yml", Settings())
    assert not file.problems
    return file.evaluations[0].server


def planned(text: str, build: Build, facts: PlanFacts = PlanFacts()) -> BuildPlan:  # noqa: B008 - frozen
    return plan_build(documents_of(text), build, facts)


def steps_of(text: str, build: Build, facts: PlanFacts = PlanFacts()):  # noqa: B008 - frozen
    return {step.name: step for step in planned(text, build, facts).pipelines[0].steps}


PUSH = Build("push", branch="main")
PULL = Build("pull_request", branch="main")
TAG = Build("tag", ref="refs/tags/v1")


@pytest.mark.parametrize(
    ("conditions", "build", "runs", "reasons"),
    [
        ("{}", PUSH, "yes", []),
        ("{event: push}", PUSH, "yes", []),
        ("{event: [tag, 'pull*']}", PULL, "yes", []),
        ("{event: tag}", PUSH, "no", ["`event` is `push`, wants `tag`"]),
        ("{event: {exclude: [push]}}", PUSH, "no", ["`event` is `push`, which is excluded"]),
        ("{event: {exclude: ['p*']}}", PUSH, "no", ["`event` is `push`, which is excluded by `p*`"]),
        ("{event: {include: [push], exclude: [push]}}", PUSH, "no", ["`event` is `push`, which is excluded"]),
        ("{event: {include: push}}", TAG, "yes", []),  # swallowed by Drone: no condition
        ("{branch: main, event: cron}", PUSH, "no", ["`event` is `push`, wants `cron`"]),
        # branches
        ("{branch: main}", PUSH, "yes", []),
        ("{branch: [release/*, develop]}", PUSH, "no", ["`branch` is `main`, wants `release/*` or `develop`"]),
        ("{branch: 'release/*'}", Build("push", branch="release/1/2"), "no", ["`branch` is `release/1/2`, wants `release/*`"]),
        ("{branch: 'release/**'}", Build("push", branch="release/1/2"), "yes", []),
        ("{branch: main}", Build("push"), "maybe", ["`branch` is not known, wants `main`"]),
        ("{branch: {exclude: [main]}}", Build("push"), "maybe", ["`branch` is not known, wants any but `main`"]),
        ("{branch: {include: [a], exclude: [a]}}", Build("push"), "no", ["`branch`: no push build has `a` but not `a`"]),
        ("{branch: main}", Build("push", ref="refs/heads/main"), "yes", []),
        ("{branch: main}", TAG, "no", ["`branch`: no tag build has `main`"]),
        ("{branch: {exclude: [main]}}", TAG, "maybe", ["`branch` is not known, wants any but `main`"]),
        # refs
        ("{ref: refs/heads/main}", PUSH, "yes", []),
        ("{ref: refs/heads/main}", PULL, "no", ["`ref`: no pull_request build has `refs/heads/main`"]),
        ("{ref: 'refs/pull/**'}", PULL, "maybe", ["`ref` is not known, wants `refs/pull/**`"]),
        ("{ref: 'refs/tags/**'}", TAG, "yes", []),
        ("{ref: 'refs/tags/**'}", Build("tag"), "maybe", ["`ref` is not known, wants `refs/tags/**`"]),
        ("{ref: 'refs/tags/**'}", PUSH, "no", ["`ref` is `refs/heads/main`, wants `refs/tags/**`"]),
        ("{ref: refs/heads/main}", Build("promote", branch="main"), "maybe", ["`ref` is not known, wants `refs/heads/main`"]),
        ("{ref: refs/heads/main}", Build("custom", branch="main"), "yes", []),
        ("{ref: refs/tags/v1}", Build("custom"), "maybe", ["`ref` is not known, wants `refs/tags/v1`"]),
        ("{ref: refs/tags/v1}", Build("promote", ref="refs/tags/v1"), "yes", []),
        ("{ref: refs/pull/1/head}", Build("custom"), "no", ["`ref`: no custom build has `refs/pull/1/head`"]),
        ("{ref: 'refs/heads/[main'}", PUSH, "no", ["`ref` is `refs/heads/main`, wants `refs/heads/[main`"]),
        # what only some events have
        ("{target: production}", PUSH, "no", ["`target` is empty, wants `production`"]),
        ("{target: production}", Build("promote"), "maybe", ["`target` is not known, wants `production`"]),
        ("{target: production}", Build("promote", target="production"), "yes", []),
        ("{target: production}", Build("rollback", target="staging"), "no", ["`target` is `staging`, wants `production`"]),
        ("{cron: nightly}", Build("cron", cron="nightly"), "yes", []),
        ("{cron: nightly}", Build("cron"), "maybe", ["`cron` is not known, wants `nightly`"]),
        ("{cron: {exclude: [nightly]}}", PUSH, "yes", []),
        ("{action: opened}", PULL, "maybe", ["`action` may be `opened` or `synchronized`, wants `opened`"]),
        ("{action: [opened, synchronized]}", PULL, "yes", []),
        ("{action: open}", PULL, "no", ["`action` is `opened` or `synchronized`, wants `open`"]),
        ("{action: opened}", Build("pull_request", action="synchronized"), "no", ["`action` is `synchronized`, wants `opened`"]),
        ("{action: create}", TAG, "yes", []),
        # what nobody knows, and what Drone does not look at
        ("{repo: acme/app}", PUSH, "maybe", ["`repo` is not known, wants `acme/app`"]),
        ("{repo: acme/*}", Build("push", repo="acme/app"), "yes", []),
        ("{instance: x, paths: {include: [a]}, status: [failure]}", PUSH, "yes", []),
        ("{repo: a/b, branch: develop}", PUSH, "no", ["`branch` is `main`, wants `develop`"]),
        ("{repo: a/b, cron: c, target: t}", Build("push"), "no", ["`cron` is empty, wants `c`", "`target` is empty, wants `t`"]),
    ],
)  # fmt: skip
def test_a_build_meets_conditions_or_not_or_nobody_knows(conditions, build, runs, reasons):
    document = documents_of(f"kind: pipeline\nname: a\ntrigger: {conditions}\n")[0]
    verdict = judge(Conditions(document.value.get("trigger")), build)
    assert (verdict.runs, list(verdict.reasons)) == (runs, reasons)


STEPS = "kind: pipeline\ntype: docker\nname: a\ntrigger: {branch: [main, dev]}\nsteps:\n"


def test_runners_look_at_the_instance_and_at_what_the_trigger_leaves():
    text = STEPS + "- {name: a, image: i, when: {instance: x}}\n- {name: b, image: i, when: {branch: other}}\n"
    steps = steps_of(text, Build("push"))
    assert steps["a"].verdict.reasons == ("`instance` is not known, wants `x`",)
    assert steps["b"].verdict.runs == "no"


def test_a_substituted_condition_is_not_guessed():
    steps = steps_of(STEPS + "- {name: a, image: i, when: {branch: '${DRONE_REPO_BRANCH}'}}\n", PUSH)
    assert steps["a"].verdict == ("maybe", ("`branch` depends on a `${}`",))


SERIAL = """\
kind: pipeline
type: docker
name: a
services: [{name: db, image: "postgres:16"}, {name: no, image: "redis:7", when: {event: tag}}]
steps:
- {name: one, image: i}
- {name: skipped, image: i, when: {event: tag}}
- {name: watch, image: i, detach: true, failure: ignore}
- {name: two, image: i, when: {status: [success, failure]}}
- {name: three, image: i, when: {status: failure}}
"""


def orders(steps):
    return {name: (step.order, step.after) for name, step in steps.items()}


def test_without_depends_on_steps_follow_each_other_services_first():
    steps = steps_of(SERIAL, PUSH)
    assert orders(steps) == {
        "clone": (1, ()),
        "db": (2, ("clone",)),
        "no": (None, ()),
        "one": (3, ("db",)),
        "skipped": (None, ()),
        "watch": (4, ("one",)),
        "two": (5, ("watch",)),
        "three": (6, ("two",)),
    }
    assert [name for name, step in steps.items() if step.detached] == ["db", "no", "watch"]
    assert [name for name, step in steps.items() if step.failure_ignored] == ["watch"]
    assert [step.on for step in steps.values()] == ["success"] * 6 + ["always", "failure"]


def test_one_depends_on_makes_it_a_graph_in_which_skipped_steps_count_as_done():
    text = SERIAL + "- {name: last, image: i, depends_on: [skipped, one]}\n- {name: after last, image: i, depends_on: [last]}\n"
    found = orders(steps_of(text, PUSH))
    assert found["db"] == found["one"] == found["watch"] == found["three"] == (2, ("clone",))
    assert found["last"] == (3, ("skipped", "one"))
    assert found["after last"] == (4, ("last",))


def test_without_clone_nothing_waits_for_it():
    text = SERIAL.replace("name: a\n", "name: a\nclone: {disable: true}\n", 1) + "- {name: last, image: i, depends_on: [clone]}\n"
    found = orders(steps_of(text, PUSH))
    assert "clone" not in found
    assert found["db"] == found["one"] == found["last"] == (1, ())


PIPELINES = """\
kind: pipeline
name: test
---
kind: pipeline
name: build
trigger: {event: tag}
depends_on: [test]
---
kind: pipeline
name: docs
---
kind: pipeline
name: deploy
trigger: {status: [success, failure]}
depends_on: [build, docs, unknown]
---
kind: pipeline
depends_on: [test]
"""


def test_a_skipped_pipeline_is_replaced_by_what_it_waits_for():
    found = {one.name: (one.order, one.after, one.dropped, one.on) for one in planned(PIPELINES, PUSH).pipelines}
    assert found == {
        "test": (1, (), (), "success"),
        "build": (None, ("test",), (), "success"),
        "docs": (1, (), (), "success"),
        "deploy": (2, ("test", "docs"), ("build",), "always"),
        "default": (1, (), (), "success"),  # the dependencies of an unnamed pipeline are lost
    }
    found = {one.name: (one.order, one.after) for one in planned(PIPELINES, TAG).pipelines}
    assert found["deploy"] == (3, ("build", "docs"))


def test_dependencies_in_a_circle_end():
    text = "kind: pipeline\nname: a\ndepends_on: [b, a]\ntrigger: {event: tag}\n---\nkind: pipeline\nname: b\ndepends_on: [a]\n"
    assert [one.after for one in planned(text, PUSH).pipelines] == [("b",), ()]


PRIVILEGES = """\
kind: pipeline
type: docker
name: a
steps:
- {name: explicit, image: i, privileged: true}
- {name: automatic, image: "plugins/docker:20", settings: {password: {from_secret: p}}}
- {name: lost, image: "plugins/docker:20", commands: [x]}
- {name: socket, image: i, volumes: [{name: run, path: /run}], environment: {A: {from_secret: p}, B: {from_secret: q}, C: {from_secret: p}}}
- {name: temp, image: i, volumes: [{name: tmp, path: /var/run}]}
- {name: ours, image: "acme/builder:1"}
volumes: [{name: run, host: {path: /var/run}}, {name: tmp, temp: {}}]
image_pull_secrets: [hub]
"""


def test_privileges_are_explicit_automatic_or_a_socket():
    steps = steps_of(PRIVILEGES, PUSH, PlanFacts(privileged_images=("acme/builder",)))
    assert {name: step.privileges for name, step in steps.items() if step.privileges} == {
        "explicit": (("explicit", ""),),
        "automatic": (("automatic", "plugins/docker"),),
        "socket": (("socket", "/var/run"),),
        "ours": (("automatic", "acme/builder"),),
    }


def test_pull_requests_get_the_secrets_that_allow_it():
    assert [one[:2] for one in steps_of(PRIVILEGES, PUSH)["socket"].secrets] == [("p", "yes"), ("q", "yes")]
    pipeline = planned(PRIVILEGES, PULL, PlanFacts(allowed_secrets=("q",))).pipelines[0]
    step = next(step for step in pipeline.steps if step.name == "socket")
    assert step.secrets == (("p", "no", "withheld unless the secret allows pull requests"), ("q", "yes", "allowed on pull requests"))
    assert [one.given for one in pipeline.pull_secrets] == ["no"]
    text = PRIVILEGES + "---\nkind: secret\nname: p\ndata: aGVsbG8=\n---\nkind: secret\nname: q\nget: {path: a, name: b}\n"
    assert [one.given for one in steps_of(text, PULL)["socket"].secrets] == ["maybe", "maybe"]


def test_nothing_runs_for_pull_requests_where_the_server_ignores_them():
    facts = PlanFacts(ignore_pull_requests=True)
    assert [one.verdict.runs for one in planned(PIPELINES, PULL, facts).pipelines] == ["no"] * 5
    assert planned(PIPELINES, PUSH, facts).pipelines[0].verdict.runs == "yes"
