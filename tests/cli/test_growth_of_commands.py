"""Twice, four and eight times the commands, texts or files cost at most a little more than so many times the work, which is counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from counted import work
from drone_lint.lint.engine import lint
from drone_lint.lint.selection import active_rules
from drone_lint.settings import Settings
from drone_lint.source.load import load

pytestmark = pytest.mark.slow

SETTINGS = Settings(profile="pedantic", trust="untrusted")
RULES = [rule for rule in active_rules(SETTINGS) if rule.name != "shellcheck"]
SLACK = 1.2
HEAD = "kind: pipeline\ntype: docker\nname: a\nsteps:\n- name: b\n  image: alpine:3.20\n  commands:\n"


def in_script(line: str):
    def files(times: int) -> dict[str, str]:
        return {".drone.yml": f"{HEAD}  - sh run.sh\n", "run.sh": f"{line}\n" * times, "Dockerfile": "FROM alpine:3.20\n"}

    return files


def in_commands(line: str):
    return lambda times: {".drone.yml": HEAD + f"  - {line}\n" * times, "Dockerfile": "FROM alpine:3.20\n"}


def in_one_command(piece: str, rest: str):
    return lambda times: {".drone.yml": f"{HEAD}  - {piece * times}{rest}\n"}


def imported(times: int) -> dict[str, str]:
    commands = ", ".join(["importstr 'x.sh'"] * times)
    step = f"{{ name: 'b', image: 'alpine:3.20', commands: [{commands}] }}"
    return {".drone.jsonnet": f"{{ kind: 'pipeline', type: 'docker', name: 'a', steps: [{step}] }}\n", "x.sh": "echo hi\n"}


def anchored(times: int) -> dict[str, str]:
    return {".drone.yml": f"{HEAD}  - ls\n  environment:\n" + "".join(f"    A{one}: &a{one} x\n" for one in range(times))}


def steps(times: int) -> dict[str, str]:
    many = "".join(f"- name: s{one}\n  image: docker:27\n  commands: [docker build -t a{one} .]\n" for one in range(times))
    return {".drone.yml": f"kind: pipeline\ntype: docker\nname: a\nsteps:\n{many}", "Dockerfile": "FROM alpine:3.20\nCOPY a /a\n"}


SHAPES = {
    "a script that builds": in_script("docker build ."),
    "a script that runs Compose": in_script("docker compose up -d"),
    "a script that calls itself": in_script("sh run.sh"),
    "commands that build": in_commands("docker build ."),
    "commands with escapes": in_commands(json.dumps('"\\/"')),
    "a pipe of programs": in_one_command("cat | ", "cat"),
    "eval in eval": in_one_command("eval ", "ls"),
    "a shell in a shell": in_one_command("sh -c ", "ls"),
    "texts that are imported": imported,
    "anchors": anchored,
    "steps that build": steps,
}


@pytest.mark.parametrize("name", SHAPES)
def test_work_grows_with_the_input(name: str, tmp_path: Path) -> None:
    def done(times: int) -> int:
        folder = tmp_path / str(times)
        (folder / ".git").mkdir(parents=True)
        for path, text in SHAPES[name](times).items():
            (folder / path).write_text(text)
        config = next(folder.glob(".drone.*"))
        data = config.read_bytes()
        return work(lambda: act(data, str(config)))

    def act(data: bytes, path: str) -> None:
        lint(load(data, path, SETTINGS, absolute=path), RULES, SETTINGS)

    done(39)
    least = done(40)
    assert least > 1000
    for times in (2, 4, 8):
        assert done(40 * times) <= SLACK * times * least
