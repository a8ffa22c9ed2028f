"""Where the untrusted text arrives in what Jsonnet programs make."""

from __future__ import annotations

import pytest

from drone_lint.lint.locating import pointer
from drone_lint.settings import JsonnetSettings, Settings
from drone_lint.source.facts import Arrival
from drone_lint.source.jsonnet.analysis import taint as jsonnet_taint
from drone_lint.source.load import load

_PUSH = Settings(event="push")


def arrivals(program: str, settings: Settings = _PUSH) -> set[tuple[str, str]]:
    text = f"{{ kind: 'pipeline', name: 'a', steps: [{{ name: 's', image: 'i:1', {program} }}] }}"
    file = load(text.encode(), ".drone.jsonnet", settings)
    assert not file.problems
    return {
        (arrival.variable.removeprefix("build."), pointer(arrival.place.path).removeprefix("/steps/0/")) for arrival in file.facts(Arrival)
    }


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("commands: [std.extVar('build.message')]", {("message", "commands/0")}),
        ("commands: ['a', 'echo ' + std.extVar('build.title')]", {("title", "commands/1")}),
        ("commands: ['git checkout %s' % std.extVar('build.source')]", {("source", "commands/0")}),
        ("commands: ['%(a)s' % { a: std.extVar('build.author_email') }]", {("author_email", "commands/0")}),
        ("commands: [std.strReplace(std.extVar('build.message'), '\\n', ' ')]", {("message", "commands/0")}),
        ("commands: [std.split(std.extVar('build.message'), ' ')[1]]", {("message", "commands/0")}),
        ("commands: [std.split(std.extVar('build.ref'), '/')[2]]", {("ref", "commands/0")}),
        ("commands: [std.substr(std.extVar('build.message'), 0, 5)]", {("message", "commands/0")}),
        ("commands: [std.asciiUpper(std.extVar('build.message'))]", {("message", "commands/0")}),
        ("commands: [std.toString({ m: std.extVar('build.message') })]", {("message", "commands/0")}),
        ("commands: [std.escapeStringBash(std.extVar('build.message'))]", {("message", "commands/0")}),
        ("commands: [std.join(' ', [c for c in std.stringChars(std.extVar('build.message'))])]", {("message", "commands/0")}),
        ("local m = std.extVar('build.message'), commands: [m], environment: { A: m }", {("message", "commands/0"), ("message", "environment/A")}),
        ("local get = std.extVar, commands: [get('build.message')]", {("message", "commands/0")}),
        ("local get(n) = std.extVar('build.' + n), commands: [get('message')]", {("message", "commands/0")}),
        ("commands: [std['extVar']('build.message')]", {("message", "commands/0")}),
        ("commands: [std.extVar(\"build.message\")]", {("message", "commands/0")}),
        ("commands: [std.extVar(x='build.message')]", {("message", "commands/0")}),
        ("commands: ['make ' + std.extVar('build.param.TARGET')]", {("param.TARGET", "commands/0")}),
        ("environment: { [std.extVar('build.branch')]: 1 }", {("branch", "environment")}),
        ("local b = std.extVar('build.branch'), commands: [if std.startsWith(b, 'm') then 'main ' + b else 'other']", {("branch", "commands/0")}),
        # another variable decides, and must be marked as well
        (
            "commands: [if std.extVar('build.branch') == 'main' then 'no' else std.extVar('build.source')]",
            {("source", "commands/0")},
        ),
        ("privileged: std.length(std.extVar('build.title')) > 5", {("title", "privileged")}),
        ("privileged: std.extVar('build.source') == 'x'", {("source", "privileged")}),
    ],
)  # fmt: skip
def test_what_a_stranger_wrote_is_followed(program, expected):
    assert arrivals(program) == expected


@pytest.mark.parametrize(
    "program",
    [
        "commands: [if std.extVar('build.event') == 'push' then 'a' else 'b']",
        "commands: [if std.extVar('build.message') == 'x' then 'a' else 'b']",
        "commands: ['test ' + std.length(std.extVar('build.message'))]",
        "commands: [std.md5(std.extVar('build.message'))]",
        "commands: [std.base64(std.extVar('build.message'))]",
        "commands: [{ main: 'deploy' }[std.extVar('build.branch')]]",
        "local b = std.extVar('build.branch'), commands: [if b == 'main' then 'deploy ' + b else 'none']",
        "commands: [std.extVar('build.event') + std.extVar('build.commit') + std.extVar('repo.slug')]",
        "local unused = std.extVar('build.message'), commands: ['a']",
        "local m = std.extVar('build.message'), commands: [std.join('', [c for c in std.stringChars(m) if std.member('abcdef', c)])]",
        "privileged: std.extVar('build.branch') == 'main'",
        "privileged: std.extVar('build.event') != 'pull_request'",
        "privileged: false, commands: [if std.extVar('build.message') == 'x' then 'a' else 'b']",
    ],
)
def test_what_only_decides_or_leaves_nothing_of_the_text_is_none(program):
    assert arrivals(program) == set()


def test_a_step_that_is_there_by_what_a_stranger_wrote_does_not_make_its_privilege_depend_on_it():
    program = "}, if std.extVar('build.title') == 'x' then {} else { name: 'b', image: 'i:1', privileged: true"
    assert arrivals(program) == set()


@pytest.mark.parametrize("engine", ["jsonnet", "rjsonnet"])
def test_both_engines_find_the_same(engine):
    settings = Settings(event="push", jsonnet=JsonnetSettings(engine=engine))
    assert arrivals("commands: [std.extVar('build.message')]", settings) == {("message", "commands/0")}


@pytest.mark.parametrize("program", ["commands: ['a']", "commands: [std.extVar('build.event')]", "commands: [std.extVar('repo.name')]"])
def test_a_program_that_reads_nothing_of_strangers_costs_no_evaluation(program, monkeypatch):
    monkeypatch.setattr(jsonnet_taint.Arrivals, "_evaluate", lambda *_: pytest.fail("evaluated"))
    assert arrivals(program) == set()


def test_a_value_given_as_code_is_nobody_elses():
    settings = Settings(event="push", jsonnet=JsonnetSettings(ext_code={"build.message": "'fixed'"}))
    assert arrivals("commands: [std.extVar('build.message')]", settings) == set()
