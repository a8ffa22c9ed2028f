"""Names of files that anybody may choose: none is an option, a command or standard input."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from drone_lint.cli import hook
from drone_lint.cli import main as cli

ROOT = Path(__file__).parents[2]
STEP = "kind: pipeline\ntype: docker\nname: default\nsteps:\n- name: a\n  image: golang:1.22.1\n  privileged: true\n"
OPTIONS = (
    "--baseline=b.libsonnet",
    "--output=x.libsonnet",
    "--config=c.drone.jsonnet",
    "--jpath=j.libsonnet",
    "-qo.drone.yml",
    "--isolated",
    "-q",
)


@pytest.fixture
def run(folder, capsys, monkeypatch):
    (folder / ".drone.yml").write_text(STEP)

    def call(start, *arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["drone-lint", *arguments])
        with pytest.raises(SystemExit) as stop:
            start()
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out + err

    return call


@pytest.mark.parametrize("name", OPTIONS)
def test_a_name_behind_the_hooks_marker_is_a_file(run, folder, name):
    (folder / name).write_text("kind: [\n")
    before = sorted(path.name for path in folder.iterdir())
    code, text = run(hook.main, "--no-cache", "--format", "concise", "--", ".drone.yml", name)
    assert code in (1, 3), text
    assert "privileged-step" in text
    assert sorted(path.name for path in folder.iterdir()) == before


@pytest.mark.parametrize("start", [hook.main, cli.main])
@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_that_is_a_file_is_refused_where_no_marker_stands_before_it(run, folder, name, start):
    (folder / name).write_text("{}")
    code, text = run(start, ".drone.yml", name)
    assert code == 2
    assert "the name of a file" in text


def test_a_link_that_leads_nowhere_is_a_file_as_well(run, folder):
    (folder / "--baseline=b.libsonnet").symlink_to("nowhere")
    assert run(hook.main, ".drone.yml", "--baseline=b.libsonnet")[0] == 2


def test_a_dash_behind_the_marker_is_a_file_and_not_standard_input(run, folder):
    (folder / "-").write_text(STEP)
    code, text = run(hook.main, "--no-cache", "--format", "concise", "--", "-")
    assert code == 1
    assert "-:7:" in text


@pytest.mark.parametrize("command", ["rules", "init", "plan", "check"])
def test_the_first_name_is_no_command(run, folder, command):
    (folder / command).write_text(STEP)
    code, text = run(hook.main, "--no-cache", "--format", "concise", command)
    assert code == 1
    assert "privileged-step" in text


@pytest.mark.parametrize("path", ["--baseline=b.libsonnet", "-x/.drone.yml", "-.drone.jsonnet", "--output=/x/y.libsonnet"])
def test_the_hooks_pattern_refuses_names_that_begin_like_options(path):
    found = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))[0]
    assert not re.search(found["files"], path)
    assert found["entry"] == "drone-lint-hook"
    assert found["args"] == ["--"]
