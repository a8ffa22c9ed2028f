"""Ten times the input costs at most twelve times the work. Work is counted, not timed: lines that run, and rounds of loops and comprehensions."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from counted import work
from drone_lint.findings.result import Report
from drone_lint.lint import ignores as suppress
from drone_lint.lint.engine import lint
from drone_lint.lint.selection import RuleSet, active_rules
from drone_lint.model.image import parse_image
from drone_lint.report import FORMATS, write
from drone_lint.semantics.substitution import lookup_in, scan, substitute
from drone_lint.settings import Settings
from drone_lint.source.jsonnet.syntax.static_check import is_sound
from drone_lint.source.jsonnet.syntax.tokens import structure
from drone_lint.source.load import load
from drone_lint_rules.shell.parser import parse

pytestmark = pytest.mark.slow

SETTINGS = Settings(profile="pedantic", trust="untrusted")
MOST = 12.0


def grows(make: Callable[[int], Callable[[], object]], small: int) -> float:
    """How many times more work ten times the input is. What is done once, imports and caches, is done before."""
    make(small + 1)()
    few, many = make(small), make(10 * small)
    return work(many) / work(few)


@cache
def report_of(findings: int) -> Report:
    """A report with so many findings, which are not counted."""
    text = "kind: pipeline\nname: x\nsteps:\n" + "".join(
        f"- name: s{number}\n  image: a:1\n  privileged: true\n" for number in range(findings)
    )
    file = load(text.encode(), ".drone.yml", SETTINGS)
    return Report((lint(file, [rule for rule in rules() if rule.name == "privileged-step"], SETTINGS),), {}, 1)


@cache
def rules():
    return [rule for rule in active_rules(SETTINGS) if rule.name != "shellcheck"]


def yaml_text(steps: int) -> str:
    parts = ["kind: pipeline\ntype: docker\nname: default\nvolumes:\n- name: sock\n  host: {path: /var/run/docker.sock}\nsteps:\n"]
    for number in range(steps):
        parts.append(
            f"- name: step-{number}\n  image: registry.example.com/team/image-{number}:1.2\n  privileged: {'true' if number % 4 == 0 else 'false'}\n"
            f"  environment: {{VALUE_{number}: 'a\\/b ${{DRONE_TAG}}', TOKEN: {{from_secret: token_{number}}}}}\n"
            f"  volumes: [{{name: sock, path: /var/run/docker.sock}}]\n  depends_on: [{f'step-{number - 1}' if number else ''}]\n"
            f"  when: {{branch: [main, 'release/*'], event: [push]}}\n"
            f'  commands:\n  - docker build -t x{number}-{steps} . && curl https://example.com/{number} | sh\n  - echo $VALUE_{number} "$(cat file)"\n'
        )
        if number % 5 == 0:
            parts.append(
                f"- name: db-{number}\n  image: docker:24-dind\n  detach: true\n  privileged: true  # drone-lint: ignore[privileged-step] -- x\n"
            )
    return "".join(parts)


def jsonnet_text(steps: int) -> str:
    written = "".join(
        f"    {{ name: 'step-{number}', image: image('name-{number}'), privileged: true, commands: ['echo {number} {steps}', run('curl x{number}-{steps} | sh')],\n"
        f"      environment: {{ A_{number}: 'b' }}, volumes: [{{ name: 'sock', path: '/var/run/docker.sock' }}] }},\n"
        for number in range(steps)
    )
    return (
        "local image(name) = 'registry.example.com/team/' + name + ':latest';\nlocal run(x) = x;\nlocal base = { kind: 'pipeline', type: 'docker', name: 'x' };\n"
        f"base {{\n  volumes: [{{ name: 'sock', host: {{ path: '/var/run/docker.sock' }} }}],\n  steps: [\n{written}  ],\n}}\n"
    )


def test_yaml_with_all_pedantic_rules_grows_with_its_length():
    def make(steps: int) -> Callable[[], object]:
        data = yaml_text(steps).encode()
        return lambda: lint(load(data, ".drone.yml", SETTINGS), rules(), SETTINGS)

    assert len(lint(load(yaml_text(20).encode(), ".drone.yml", SETTINGS), rules(), SETTINGS).findings) > 40
    assert grows(make, 25) < MOST


def test_loading_yaml_grows_with_its_length():
    def make(steps: int) -> Callable[[], object]:
        data = yaml_text(steps).encode()
        return lambda: load(data, ".drone.yml", SETTINGS)

    assert grows(make, 40) < MOST


def test_jsonnet_with_findings_grows_with_its_length():
    def make(steps: int) -> Callable[[], object]:
        data = jsonnet_text(steps).encode()
        return lambda: lint(load(data, "/nowhere/.drone.jsonnet", SETTINGS), rules(), SETTINGS)

    assert len(lint(load(jsonnet_text(10).encode(), "/nowhere/.drone.jsonnet", SETTINGS), rules(), SETTINGS).findings) > 20
    assert grows(make, 15) < MOST


def test_ignore_comments_grow_with_their_number():
    def make(steps: int) -> Callable[[], object]:
        file = load(yaml_text(steps).encode(), ".drone.yml", SETTINGS)
        report = lint(file, [rule for rule in rules() if rule.name == "privileged-step"], SETTINGS)
        known = RuleSet(SETTINGS)
        return lambda: suppress.apply(report, file, known, SETTINGS)

    assert grows(make, 50) < MOST


@pytest.mark.parametrize("form", FORMATS)
def test_reports_grow_with_their_findings(form):
    def make(steps: int) -> Callable[[], object]:
        report = report_of(steps)
        return lambda: write(report, form)

    assert len(report_of(100).findings) == 100
    assert grows(make, 100) < MOST


PIECES = {
    "substitution": (lambda text: substitute(text, lookup_in({"A": "b"})), "a ${A:-x} $$ \\/ ${B//c/d} ${C##*/}\n"),
    "substitution-refused": (lambda text: scan(text, lookup_in({})), "${A/ ${B:-\n"),
    "substitution-open": (lambda text: scan(text, lookup_in({})), "${A:-x ${B:=y "),
    "shell": (parse, "if a; then b | c \"$(d)\"; fi; for i in 1 2; do e `f` $((1 + 2)); done\ncat <<EOF\n$x\nEOF\n"),
    "shell-open": (parse, "$(( [[ \"`"),
    "shell-words": (parse, "x=1 y='2' "),
    "jsonnet-tokens": (structure, "{ a: 1, 'b': [1, 2], local c = 3, d(x):: x, ['e']: |||\n  f\n|||, },\n"),
    "jsonnet-one-object": (lambda text: structure("{" + text + "}"), "a: 1, "),
    "jsonnet-open": (structure, "{ [ ( a: "),
    "jsonnet-sound": (lambda text: is_sound("[" + text + "]"), "{ a: 1, b: self.a, [x]: 2 for x in ['y'] },"),
    "image": (parse_image, "a/b:"),
}  # fmt: skip


@pytest.mark.parametrize("name", PIECES)
def test_what_reads_text_grows_with_its_length(name):
    act, piece = PIECES[name]

    def make(times: int) -> Callable[[], object]:
        text = piece * times
        return lambda: act(text)

    assert grows(make, 60) < MOST
