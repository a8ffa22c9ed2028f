"""Texts that Drone reads as another document than they look like."""

from __future__ import annotations

import json

import pytest

from drone_lint.cli import main as cli

STEP = "kind: pipeline\ntype: docker\nname: default\nsteps:\n- name: a\n  image: golang:1.22.1\n  privileged: true\n"
MARK = "\ufeff"


@pytest.fixture
def lint(folder, capsys):
    def run(text: str, name: str = ".drone.yml", *arguments: str) -> tuple[int, set[str]]:
        (folder / name).write_bytes(text.encode())
        with pytest.raises(SystemExit) as stop:
            cli.main(["--no-cache", "--format", "json", *arguments, name])
        report = json.loads(capsys.readouterr().out)
        return int(stop.value.code or 0), {item["rule"] for item in (*report["findings"], *report["errors"])}

    return run


FLOW = "{kind: pipeline, type: docker, name: default, steps: [{name: a, image: 'golang:1.22.1', privileged: true}]}"
CLEAN = STEP.replace("  privileged: true\n", "")


@pytest.mark.parametrize(
    "text",
    [
        MARK + STEP,
        f"{MARK}---\n{STEP}",
        # Drone splits by lines before anything drops the mark: this line is no separator, and what stands on it is the document
        f"{MARK}--- {FLOW}\n{CLEAN}",
        f"---\n{MARK}{STEP}",
        f"{CLEAN}---\n{MARK}{STEP.replace('default', 'b')}",
        # go-yaml makes such a mark a part of the key, which nothing reads
        f"{STEP}{MARK}privileged: false\n",
    ],
)
def test_what_drone_runs_behind_a_byte_order_mark_is_what_is_linted(lint, text):
    code, rules = lint(text)
    assert code == 1
    assert "privileged-step" in rules


def test_a_key_behind_a_mark_in_a_line_is_another_key(lint):
    code, rules = lint(f"{CLEAN}{MARK}services:\n- name: b\n  image: golang:1.22.1\n  privileged: true\n")
    assert "privileged-step" not in rules
    assert "unknown-key" in rules or code == 0


@pytest.mark.parametrize(
    "text",
    [
        # go-yaml's scanner looks for marks at the start of its buffer: `#` goes, and the line is content
        f"{MARK}{MARK}kind: pipeline\n#steps:\n",
        "kind: pipeline\n" + "# 4567\n" * 71 + f"{MARK}\n#steps: []\n",
    ],
)
def test_a_mark_that_has_drone_drop_characters_is_an_error(lint, text):
    assert lint(text)[0] == 3


@pytest.mark.parametrize(
    "text",
    [
        STEP + "...\npipeline:\n",
        STEP + "  commands:\n  - |\n    a\n...\npipeline:\n",
        f"x: 'a\npipeline:\n\n  b'\n{STEP}",
        STEP.replace("kind:", '"\\x6bind":') + "---\nkind: signature\nhmac: x\n...\npipeline: \n",
        f"{STEP}---\npipeline:\n  build: {{image: golang}}\n",
        STEP.replace("privileged: true", "privileged: yes") + "...\n{kind: [\npipeline:\n",
    ],
)
def test_a_word_of_drone_0_8_hides_nothing_else(lint, text):
    code, rules = lint(text)
    assert code in (1, 3)
    assert {"legacy-syntax", "privileged-step"} <= rules


def test_a_file_that_is_only_for_drone_0_8_is_told_once(lint):
    assert lint("pipeline:\n  build:\n    image: golang\n    privileged: true\n")[1] == {"legacy-syntax"}
