"""Running as a Drone plugin: `PLUGIN_*` mean what the flags mean."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drone_lint.cli import main as cli
from drone_lint.cli.options import CHECK, parse_plain
from drone_lint.cli.plugin import words_of

CONFIG = """\
kind: pipeline
type: docker
name: default
steps:
- name: a
  image: golang:1.22.1
  privileged: true
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".drone.yml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(monkeypatch, capsys, **settings: str) -> tuple[int, str, str]:
    for name, value in settings.items():
        monkeypatch.setenv(f"PLUGIN_{name}", value)
    with pytest.raises(SystemExit) as stop:
        cli.main([])
    out, error = capsys.readouterr()
    return int(stop.value.code or 0), out, error


def test_settings_are_flags(folder, monkeypatch, capsys):
    code, out, _ = call(monkeypatch, capsys, FORMAT="json", SELECT="unnamed,privileged-step", FAIL_ON="never", PATHS=".drone.yml")
    assert code == 0
    assert [item["rule"] for item in json.loads(out)["findings"]] == ["privileged-step"]


def test_reports_go_to_files(folder, monkeypatch, capsys):
    assert call(monkeypatch, capsys, FORMAT="junit,concise", OUTPUT="a.xml", QUIET="true")[0] == 1
    assert (folder / "a.xml").exists()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"FORMT": "json"}, "unknown setting `formt`; did you mean `format`?"),
        ({"FIX": "yes"}, "setting `fix`: expected true or false, not `yes`"),
        ({"TRUST": "maybe"}, "--trust"),
        ({"FORMAT": "htlm"}, "unknown format"),
    ],
)
def test_mistakes_are_usage_errors(settings, words, folder, monkeypatch, capsys):
    code, out, error = call(monkeypatch, capsys, **settings)
    assert code == 2
    assert words in error
    assert out == ""


def test_arguments_win_over_settings(folder, monkeypatch, capsys):
    monkeypatch.setenv("PLUGIN_FORMT", "json")
    with pytest.raises(SystemExit) as stop:
        cli.main([".drone.yml"])
    assert stop.value.code == 1


@pytest.mark.parametrize("option", CHECK, ids=lambda option: option.name)
def test_every_option_is_a_setting(option):
    given = {"flag": "true", "int": "2", "float": "3", "list": "a=b,c=d"}.get(option.kind, option.choices[0] if option.choices else "x")
    if option.name == "output":
        return
    read = parse_plain(words_of({f"PLUGIN_{option.name.upper()}": given, "OTHER": "1"}))
    wanted = {"flag": True, "int": 2, "float": 3.0, "list": ["a=b", "c=d"]}.get(option.kind, given)
    assert read is not None
    assert read[option.name] == wanted


def test_maps_and_lists_arrive_as_json():
    assert words_of({"PLUGIN_EXT_STR": '{"team": "a, b", "x": "1"}'}) == ["--ext-str=team=a, b", "--ext-str=x=1"]
    assert words_of({"PLUGIN_PATHS": '["-a", "b"]'}) == ["--", "-a", "b"]
    assert words_of({"PLUGIN_FIX": "false", "PLUGIN_TRUST": ""}) == []
