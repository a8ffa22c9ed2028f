"""What a stranger types first, and a baseline beside a broken file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drone_lint.cli import main as cli

PIPELINE = "kind: pipeline\ntype: docker\nname: a\nsteps:\n- name: b\n  image: alpine:3.19\n  privilaged: true\n  commands: [make]\n"


def called(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        cli.main(words)
    out, err = capsys.readouterr()
    return int(end.value.code or 0), out, err


@pytest.mark.parametrize(
    ("near", "exact"),
    [
        (["version"], ["--version"]),
        (["help"], ["--help"]),
        (["help", "rule"], ["rule", "--help"]),
        (["explain", "privileged-step"], ["rule", "privileged-step"]),
        (["explain"], ["rules"]),
    ],
)
def test_a_command_of_other_programs_is_answered(near, exact, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    wanted = called(exact, capsys)
    assert wanted[0] == 0
    assert wanted[1]
    assert called(near, capsys) == wanted


def test_a_file_of_that_name_is_linted(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("version").write_text(PIPELINE, "utf-8")
    code, out, _ = called(["version"], capsys)
    assert code == 1
    assert "privilaged" in out


def test_the_beginning_of_several_names_lists_them(capsys):
    code, out, _ = called(["rule", "dind"], capsys)
    assert code == 0
    assert len(out.splitlines()) > 1
    assert all(line.startswith("dind") for line in out.splitlines())


@pytest.fixture
def two(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("good", "broken"):
        (tmp_path / name).mkdir()
        (tmp_path / name / ".drone.yml").write_text(PIPELINE, "utf-8")
    return tmp_path


def test_a_broken_file_is_left_out_of_a_baseline_and_named(two, capsys):
    (two / "broken" / ".drone.yml").write_text("a: [", "utf-8")
    code, _, err = called(["baseline", "write"], capsys)
    assert code == 3
    assert "left out, since not linted: broken/.drone.yml" in err
    written = Path(".drone-lint-baseline.json").read_text("utf-8")
    assert json.loads(written)
    assert "good/.drone.yml" in written
    assert "broken/.drone.yml" not in written


def test_prune_keeps_what_is_known_of_a_broken_file(two, capsys):
    assert called(["baseline", "write"], capsys)[0] == 0
    before = Path(".drone-lint-baseline.json").read_text("utf-8")
    (two / "broken" / ".drone.yml").write_text("a: [", "utf-8")
    assert called(["baseline", "prune"], capsys)[0] == 3
    assert Path(".drone-lint-baseline.json").read_text("utf-8") == before


def test_the_help_of_the_program_has_calls_and_exit_codes_on_lines_of_their_own(capsys):
    code, out, _ = called(["--help"], capsys)
    assert code == 0
    lines = [line.strip() for line in out.splitlines()]
    assert "1  findings" in lines
    assert "drone-lint --fail-on error       errors only fail; for a start" in lines
