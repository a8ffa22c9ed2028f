"""Time is bounded for all that is done for a file, and what was not done is said."""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress

import pytest

from drone_lint.cli import main as cli
from drone_lint.lint import engine
from drone_lint.lint.rule import Rule
from drone_lint.lint.selection import RuleSet
from drone_lint.settings import Settings
from drone_lint.source.load import load

STEP = "kind: pipeline\ntype: docker\nname: default\nsteps:\n- name: a\n  image: golang:1.22.1\n  privileged: true\n"
LOOP = "local f(x) = if x == 0 then 0 else f(x - 1) tailstrict;\n"
SLOW = (
    "{ kind: 'pipeline', name: std.extVar('build.event') + std.length([x + y for x in std.range(1, 30000) for y in std.range(1, 30000)]) }"
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")


@pytest.fixture
def lint(folder, capsys):
    def run(*arguments: str) -> tuple[int, dict, float]:
        began = time.monotonic()
        with pytest.raises(SystemExit) as stop:
            cli.main(["--no-cache", "--format", "json", *arguments])
        return int(stop.value.code or 0), json.loads(capsys.readouterr().out), time.monotonic() - began

    return run


def test_all_evaluations_of_a_file_share_one_limit(lint, folder):
    (folder / ".drone.jsonnet").write_text(SLOW)
    code, report, seconds = lint("--max-seconds", "1", ".drone.jsonnet")
    assert code == 3
    assert {item["rule"] for item in report["errors"]} == {"evaluation-limit"}
    assert seconds < 8  # seven events, of one second each, and as much for a second engine, would be more


def test_one_slow_file_does_not_keep_the_others_from_being_linted(lint, folder):
    (folder / ".drone.jsonnet").write_text(SLOW)
    (folder / "b.drone.jsonnet").write_text(
        "{ kind: 'pipeline', type: 'docker', name: 'a', steps: [{ name: 'a', image: 'b:1.0.0', privileged: true }] }"
    )
    code, report, _ = lint("--max-seconds", "1", ".drone.jsonnet", "b.drone.jsonnet")
    assert code == 3
    assert "privileged-step" in {item["rule"] for item in report["findings"]}


class Endless(Rule):
    name = "endless"

    def check_file(self, file):
        while True:
            with suppress(Exception):  # what goes on after errors does not go on after the deadline
                time.sleep(0.01)


def test_a_rule_that_does_not_end_is_stopped_and_named():
    settings = Settings(max_seconds=0.1)
    file = load(STEP.encode(), ".drone.yml", settings)
    rules = RuleSet(settings)
    report = engine.lint(file, [rules["privileged-step"], Endless(), rules["missing-type"]], settings)
    assert [item.rule for item in report.findings] == ["privileged-step"]
    (problem,) = report.problems
    assert problem.rule == "evaluation-limit"
    assert "`endless` and 1 more" in problem.message


class Waiting(Rule):
    name = "waiting"

    def check_files(self, files):
        time.sleep(30)
        yield files[0], None


class Blocking(Waiting):
    name = "blocking"

    def check_files(self, files):
        time.sleep(30)
        return ()


@pytest.mark.parametrize("rule", [Waiting(), Blocking()], ids=lambda rule: rule.name)
def test_a_rule_that_looks_at_all_files_is_stopped_and_named(rule):
    settings = Settings(max_seconds=0.1)
    file = load(STEP.encode(), ".drone.yml", settings)
    began = time.monotonic()
    report = engine.lint(file, [rule], settings)
    assert time.monotonic() - began < 5
    assert [item.rule for item in report.problems] == ["evaluation-limit"]
    assert f"`{rule.name}`" in report.problems[0].message


@pytest.mark.parametrize(("texts", "untried"), [(15, ""), (16, "1 of them"), (40, "25 of them")])
def test_texts_that_a_variable_is_searched_for_and_are_not_tried_are_counted(texts, untried):
    commands = "".join(f"  - echo ${{DRONE_BRANCH/z{number}q/b}}\n" for number in range(texts))
    file = load(f"{STEP}  commands:\n{commands}".encode(), ".drone.yml", Settings())
    assert [item.rule for item in file.problems] == ["evaluation-limit"] * bool(untried)
    assert all(untried in item.message for item in file.problems)
