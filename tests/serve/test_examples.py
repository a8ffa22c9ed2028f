"""The examples for operators: each file is what its reader takes."""

from __future__ import annotations

import configparser
import shlex
from pathlib import Path

import pytest
import yaml

from drone_lint.config.operator import read_operator
from drone_lint.settings import Settings

FOLDER = Path(__file__).parents[2] / "examples" / "serve"


def options_of(words: list[str]) -> set[str]:
    return {word for word in words if word.startswith("--")}


def known() -> set[str]:
    import typer.main

    from drone_lint.cli.app import app

    command = typer.main.get_command(app).commands["serve"]
    return {option for parameter in command.params for option in parameter.opts}


def test_the_operators_configuration_is_read():
    operator = read_operator(str(FOLDER / "operator.yaml"), Settings())
    assert operator.settings_of("acme/site", trusted=False).fail_on == "warning"
    assert operator.settings_of("acme/platform-ci", trusted=True).rules == {"privileged-step": {"allow": ["integration-tests*"]}}
    assert operator.skips("acme/sandbox")


@pytest.mark.parametrize("name", ["compose.yaml", "kubernetes.yaml", "drone-lint.service"])
def test_every_option_of_an_example_is_one(name):
    text = (FOLDER / name).read_text("utf-8")
    if name.endswith(".service"):
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.read_string(text)
        words = shlex.split(unit["Service"]["ExecStart"])
    elif name == "compose.yaml":
        words = yaml.safe_load(text)["services"]["drone-lint"]["command"]
    else:
        words = next(yaml.safe_load_all(text))["spec"]["template"]["spec"]["containers"][0]["args"]
    assert "serve" in words
    assert options_of(words)
    assert options_of(words) <= known()
