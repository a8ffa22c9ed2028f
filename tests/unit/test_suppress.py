"""What ignore comments silence: (text, findings left as (line, rule), number ignored)."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from drone_lint.findings.result import FileReport
from drone_lint.lint.engine import lint
from drone_lint.lint.ignores import apply
from drone_lint.lint.selection import RuleSet
from drone_lint.settings import Settings
from drone_lint.source.load import load

HEAD = "kind: pipeline\ntype: docker\nname: default\n"

CASES = {
    "on the same line": ("""
        steps:
        - name: a
          image: alpine:3.20
          privileged: true  # drone-lint: ignore[privileged-step] -- tests need it
        - name: b
          image: alpine:3.20
          privileged: true
        """, [(10, "privileged-step")], 1),
    "on the next line": ("""
        steps:
        - name: a
          image: alpine:3.20
          # drone-lint: ignore[privileged-step] -- tests need it
          privileged: true
        """, [], 1),
    "on a line that opens a step": ("""
        steps:
        - name: a  # drone-lint: ignore[container_escape, floating-image-tag] -- tests need it
          image: alpine
          privileged: true
        - name: b
          image: golang
        """, [(9, "floating-image-tag")], 2),
    "above a line that opens a list": ("""
        # drone-lint: ignore[privileged-step] -- all of them
        steps:
        - name: a
          image: alpine:3.20
          privileged: true
        """, [], 1),
    "one place of an image": ("""
        steps:
        - name: a
          image: alpine  # drone-lint: ignore[floating-image-tag]
        - name: b
          image: alpine
        """, [(8, "floating-image-tag")], 0),
    "stale": ("""
        steps:
        - name: a
          image: alpine:3.20  # drone-lint: ignore[floating-image-tag]
        """, [(6, "unused-ignore")], 0),
    "without a reason": ("""
        steps:
        - name: a
          image: alpine:3.20
          privileged: true  # drone-lint: ignore[privileged-step]
        """, [(7, "unexplained-ignore")], 1),
    "of a rule that does not exist": ("""
        steps:
        - name: a
          image: alpine:3.20
          privileged: true  # drone-lint: ignore[privileged-stp] -- why
        """, [(7, "privileged-step"), (7, "unknown-rule")], 0),
    "of no form that is known": ("""
        steps:
        - name: a
          image: alpine:3.20
          privileged: true  # drone-lint: ignore privileged-step
        - name: b
          image: alpine:3.20
          privileged: true  # drone-lint: ignore(privileged-step) -- why
        - name: c
          image: alpine:3.20
          privileged: true  # drone-lint: disable[privileged-step] -- why
        - name: d
          image: alpine:3.20
          privileged: true  # drone-lint: ignore[privileged-step] because of why
        - name: e
          image: alpine:3.20
          privileged: true  # drone-lint: ignore[] -- why
        - name: f
          image: alpine:3.20
          privileged: true  # drone-lint: ignore -- why
        # drone-lint: finds nothing else here
        """, [(line, rule) for line in range(7, 23, 3) for rule in ("privileged-step", "unused-ignore")], 0),
    "in a text that is no comment": ("""
        steps:
        - name: a
          image: alpine:3.20
          commands:
          - |
            # drone-lint: ignore[privileged-step]
            make
          privileged: true
        """, [(11, "privileged-step")], 0),
}  # fmt: skip


def reported(text: str, name: str, settings: Settings) -> FileReport:
    rules = RuleSet(settings)
    file = load(text.encode(), name, settings)
    return apply(lint(file, rules.all(), settings), file, rules, settings)


def left(text: str, name: str) -> tuple[list[tuple[int, str]], int]:
    report = reported(text, name, Settings(ignore=("privileged-on-pull-request", "idle-step")))
    return sorted((item.span.begin.line, item.rule) for item in report.findings), len(report.ignored)


@pytest.mark.parametrize("name", CASES)
def test_a_comment_silences(name: str) -> None:
    text, findings, ignored = CASES[name]
    assert left(HEAD + textwrap.dedent(text).lstrip("\n"), ".drone.yml") == (findings, ignored)


def test_ignore_file_stands_in_the_head_comment() -> None:
    body = HEAD + "steps:\n- name: a\n  image: alpine:3.20\n  privileged: true\n"
    comment = "# drone-lint: ignore-file[privileged-step] -- tests\n"
    assert left("---\n" + comment + body, ".drone.yml") == ([], 1)
    assert left("---\n" + body + comment, ".drone.yml") == ([(8, "privileged-step"), (9, "unused-ignore")], 0)


def test_ignore_file_elsewhere_silences_not_even_the_first_character() -> None:
    text = "# first\n---\n" + HEAD + "# drone-lint: ignore-file[text-before-separator] -- why\nsteps: [{name: a, image: 'alpine:3.20'}]\n"
    assert left(text, ".drone.yml") == ([(1, "text-before-separator"), (6, "unused-ignore")], 0)


def test_a_misplaced_ignore_file_is_told_from_a_stale_one() -> None:
    body = HEAD + "steps:\n- name: a\n  image: alpine:3.20\n"
    comment = "# drone-lint: ignore-file[privileged-step] -- tests\n"
    assert said(body + comment) == ["`ignore-file[privileged-step]` has no effect here: it belongs in the comment at the top of the file"]
    assert said(comment + body) == ["`ignore-file[privileged-step]` does not silence anything"]
    assert said(body + comment.replace("-file", "")) == ["`ignore[privileged-step]` does not silence anything"]


def said(text: str) -> list[str]:
    return [item.message for item in reported(text, ".drone.yml", Settings()).findings if item.rule == "unused-ignore"]


def test_an_ignore_at_one_step_leaves_the_others_of_its_pipeline() -> None:
    steps = [
        f"- name: {name}\n  image: alpine:3.20\n  privileged: true{comment}\n"
        for name, comment in (("a", "  # drone-lint: ignore[container_escape] -- why"), ("b", ""), ("c", ""))
    ]
    report = reported(HEAD + "steps:\n" + "".join(steps), ".drone.yml", Settings(select=("privileged-on-pull-request",)))
    (item,) = report.findings
    assert item.message.startswith("step `b` is privileged")
    assert [place.step for place in item.places] == ["b", "c"]


def test_a_comment_in_a_jsonnet_helper_silences_what_the_helper_produced() -> None:
    text = """
local step(name) = {
  name: name,
  image: 'alpine:3.20',
  privileged: true,  // drone-lint: ignore[privileged-step] -- tests need it
};
local other(name) = {  /* drone-lint: ignore[container_escape] -- all of it */
  name: name,
  image: 'alpine:3.20',
  network_mode: 'host',
};
{ kind: 'pipeline', type: 'docker', name: 'a', steps: [step('a'), step('b'), other('c')] }
"""
    assert left(text, ".drone.jsonnet") == ([], 2)


@pytest.mark.parametrize("event", [None, "tag", "push"])
def test_an_ignore_for_builds_that_were_not_evaluated_is_not_called_unused(event: str | None) -> None:
    text = """
local tag = std.extVar('build.event') == 'tag';
{ kind: 'pipeline', type: 'docker', name: 'a', steps: [
  { name: 'a', image: 'alpine:3.20', [if tag then 'privileged']: true },  // drone-lint: ignore[privileged-step] -- why
] }
"""
    settings = Settings(ignore=("privileged-on-pull-request", "idle-step"), event=event)
    assert [item.rule for item in reported(text, ".drone.jsonnet", settings).findings] == []


def test_an_ignore_that_no_build_needs_is_unused() -> None:
    text = """
{ kind: 'pipeline', type: 'docker', name: std.extVar('build.event'), steps: [
  { name: 'a', image: 'alpine:3.20' },  // drone-lint: ignore[privileged-step] -- why
] }
"""
    assert [item.rule for item in reported(text, ".drone.jsonnet", Settings(ignore=("idle-step",))).findings] == ["unused-ignore"]


def test_comments_in_compose_files_and_makefiles_hold_too(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "README.md").write_text("a")
    (tmp_path / "compose.yml").write_text(
        "services:\n"
        "  a:  # drone-lint: ignore[docker-socket-mount] -- the reverse proxy\n"
        "    image: b\n"
        "    privileged: true\n"
        "    volumes: ['/var/run/docker.sock:/x']\n"
    )
    (tmp_path / "Makefile").write_text(
        "up:\n\tdocker compose up\n\t# drone-lint: ignore[missing-build-file] -- made by hand\n\tdocker build -f x .\n\tdocker build -f y .\n"
    )
    text = "kind: pipeline\ntype: docker\nname: a\nsteps: [{name: a, image: 'docker:27.3.1', commands: [make up]}]\n"
    settings = Settings(ignore=("dind-no-daemon", "idle-step", "floating-base-image"))
    rules = RuleSet(settings)
    file = load(text.encode(), ".drone.yml", settings, root=str(tmp_path))
    report = apply(lint(file, rules.all(), settings), file, rules, settings)
    found = {(Path(item.span.file.path).name, item.span.begin.line, item.rule) for item in report.findings}
    assert found == {("compose.yml", 4, "privileged-step"), ("Makefile", 5, "missing-build-file")}
    assert {item.rule for item in report.ignored} == {"docker-socket-mount", "missing-build-file"}
