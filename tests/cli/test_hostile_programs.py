"""Programs that recognise the linter, or a build that the linter does not think of."""

from __future__ import annotations

import json

import pytest

from drone_lint.cli import main as cli

HEAD = "local step = { name: 'a', image: 'golang:1.22.1' };\nlocal bad = step { privileged: true };\n"


def program(condition: str) -> str:
    return HEAD + "{ kind: 'pipeline', type: 'docker', name: 'a', steps: [if " + condition + " then bad else step] }\n"


@pytest.fixture
def lint(folder, capsys):
    def run(text: str, **others: str) -> tuple[int, dict]:
        (folder / ".drone.jsonnet").write_text(text)
        for name, other in others.items():
            (folder / f"{name}.libsonnet").write_text(other)
        with pytest.raises(SystemExit) as stop:
            cli.main(["--no-cache", "--format", "json", ".drone.jsonnet"])
        return int(stop.value.code or 0), json.loads(capsys.readouterr().out)

    return run


@pytest.mark.parametrize(
    "condition",
    [
        "std.extVar('repo.slug') == 'acme/real-repo'",
        "'acme/real-repo' == std.extVar('repo.slug')",
        "std.extVar('repo.slug') != 'octocat/hello-world'",
        "std.extVar('build.branch') != 'main'",
        "std.extVar('repo.trusted') == 'true'",
        "std.startsWith(std.extVar('build.ref'), 'refs/heads/release-')",
        "std.member(['acme', 'other'], std.extVar('repo.namespace'))",
        "std.extVar('build.event') == 'tag' && std.extVar('build.sender') == \"evil\"",
        "std.extVar('build.sender') == 'evil' && std.extVar('build.event') == 'tag'",
        "std.extVar('repo.slug') == 'acme/x' && std.extVar('build.event') == 'cron'",
        "(local want = 'acme/x'; std.extVar('repo.slug') == want)",
        "(local is(a, b) = a == b; std.extVar('repo.name') == @'x')",
        "std.thisFile == '.drone.jsonnet'",
    ],
)
def test_both_sides_of_a_comparison_are_linted(lint, condition):
    code, report = lint(program(condition))
    assert code == 1
    assert "privileged-step" in {item["rule"] for item in report["findings"]}


def test_a_finding_says_for_which_value(lint):
    _, report = lint(program("std.extVar('repo.slug') == 'acme/real-repo'"))
    (found,) = [item for item in report["findings"] if item["rule"] == "privileged-step"]
    assert found["given"] == [{"variable": "repo.slug", "value": "acme/real-repo"}]


def test_what_ordinary_builds_have_is_said_of_them(lint):
    _, report = lint(program("std.extVar('build.branch') == 'main'"))
    (found,) = [item for item in report["findings"] if item["rule"] == "privileged-step"]
    assert "given" not in found


def test_a_value_that_a_program_refuses_is_no_error(lint):
    _, report = lint(program("(local b = std.extVar('build.branch'); if b == 'main' then false else error 'no such branch')"))
    assert not report["errors"], report["errors"]


def test_more_values_than_are_tried_is_an_error(lint):
    decoys = ", ".join(f"'x{number}'" for number in range(900))
    code, report = lint(program(f"std.member([{decoys}], std.extVar('repo.name')) && std.extVar('repo.slug') == 'acme/x'"))
    assert code == 3
    assert "were not tried" in report["errors"][0]["message"]
