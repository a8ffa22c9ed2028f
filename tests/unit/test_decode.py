"""What Drone's decoders refuse and accept in odd texts: verdicts of the real server and docker runner, recorded."""

from __future__ import annotations

import pytest

from drone_lint.lint.engine import lint
from drone_lint.lint.selection import active_rules
from drone_lint.model.node import go_number
from drone_lint.settings import Settings
from drone_lint.source.load import load

DRONE = Settings(profile="drone")
RULES = active_rules(DRONE)
HEAD = "kind: pipeline\ntype: docker\nname: default\n"
STEP = "steps:\n- name: test\n  image: golang:1.22.1\n"


def refusals(text: str) -> dict[str, int]:
    """Who refuses a text, with the first line at fault."""
    report = lint(load(text.encode(), ".drone.yml", DRONE), RULES, DRONE)
    found: dict[str, int] = {}
    for item in (*report.findings, *report.problems):
        assert item.span is not None
        for refusal in item.drone:
            found[refusal.by] = min(found.get(refusal.by, 1 << 30), item.span.begin.line)
    return found


BOTH = ("server", "runner:docker")


@pytest.mark.parametrize(
    ("text", "by", "line"),
    [
        pytest.param(HEAD + STEP + "  commands: make\n  commands: [make]\n", BOTH, 7, id="a replaced value is decoded too"),
        pytest.param(HEAD + "name: [a]\n" + STEP + "name: b\n", BOTH, 4, id="a replaced name"),
        pytest.param(HEAD + STEP + "  mem_limit: big\n  mem_limit: 1g\n", ("runner:docker",), 7, id="only the runner reads it"),
        pytest.param(HEAD + "x: &x {image: [a]}\n" + STEP.replace("  image", "  <<: *x\n  image"), BOTH, 4, id="merged, then replaced"),
        pytest.param(HEAD + STEP + "  <<: {image: [a]}\n  <<: {image: b}\n", BOTH, 7, id="replaced by a second merge"),
        pytest.param(
            HEAD + STEP + "  when: {event: push}\n  when: []\n  when: {branch: main}\n", BOTH, 8, id="a list between two maps"
        ),
        pytest.param("x: &x [{image: a}]\n" + HEAD + STEP + "  <<: *x\n", BOTH, 8, id="a merge of an alias of a list"),
        pytest.param("x: &x {image: a}\n" + HEAD + STEP + "  <<: [*x, {user: b}]\n", (), 0, id="a merge of a list with an alias"),
        pytest.param(HEAD + STEP + "  commmands: make\n  commmands: [make]\n", (), 0, id="an unknown key twice"),
        pytest.param(HEAD + STEP + "  commands: ~\n  commands: [make]\n", (), 0, id="null, then a list"),
        pytest.param(HEAD + STEP + "  commands:\n  - {a: b}\n  commands: [make]\n", BOTH, 8, id="a command of a replaced list"),
        pytest.param("  kind: pipeline\nname: [lost]\n", (), 0, id="less indented: the document is over"),
        pytest.param("  type: docker\nkind: pipeline\n", ("server",), 1, id="over before its kind"),
        pytest.param('{"kind": "pipeline"}}\n', (), 0, id="a brace too many"),
        pytest.param(HEAD + "%YAML 1.2\n" + STEP, (), 0, id="a directive inside of a document ends it"),
        pytest.param("%YAML 1.2\n" + HEAD, BOTH, 1, id="YAML 1.2 at the head"),
        pytest.param("  kind: pipeline\nname: \"\\/\"\n", (), 0, id="nothing after the end is looked at"),
    ],
)  # fmt: skip
def test_who_refuses_an_odd_text(text: str, by: tuple[str, ...], line: int) -> None:
    assert refusals(text) == dict.fromkeys(by, line)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.1, "0.10000000000000001"),
        (1.5, "1.5"),
        (3.0, "3"),
        (1e-7, "9.9999999999999995e-08"),
        (1e21, "1000000000000000000000"),
        (12345678901234567890, "12345678901234567168"),
        (-1e17, "-100000000000000000"),
    ],
)
def test_numbers_of_jsonnet_have_the_text_that_the_server_gives_them(number, text):
    assert go_number(number) == text


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("a", "a"), ["Linter: duplicate step name", "linter: duplicate step names"]),
        (("clone",), ["linter: duplicate step names"]),
        (("clone", "clone"), ["Linter: duplicate step name", "linter: duplicate step names"]),
        (("db",), ["linter: duplicate step names"]),
        (("db", "db"), ["Linter: duplicate step name", "linter: duplicate step names"]),
    ],
)
def test_a_runner_refuses_a_name_twice_while_it_parses(names: tuple[str, ...], words: list[str]) -> None:
    steps = "".join(f"- {{name: {name}, image: 'golang:1.22.1'}}\n" for name in names)
    text = f"{HEAD}services:\n- {{name: db, image: 'redis:7.2'}}\nsteps:\n{steps}"
    report = lint(load(text.encode(), ".drone.yml", DRONE), RULES, DRONE)
    found = {refusal.message for item in report.findings for refusal in item.drone if refusal.by == "runner:docker"}
    assert sorted(found) == words
