"""Every report format of one run: valid by its own rules, and saying the same."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from drone_lint.cli import main as cli

CONFIG = """\
kind: pipeline
type: docker
name: default
steps:
- name: a
  image: golang:1.22.1
  privileged: true
  pull: true
  settings:
    password: h\u00e9 hunter2
- name: 'b, "c" & <d>: 100%'
  image: golang:1.22.1  # drone-lint: ignore[privileged-step] -- never
  privileged: true  # drone-lint: ignore[privileged-step, privileged-on-pull-request] -- needs the daemon
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".drone.yml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "clean.drone.jsonnet").write_text("{ kind: 'pipeline', type: 'docker', name: 'x', steps: [] }", encoding="utf-8")
    (tmp_path / "broken.drone.jsonnet").write_text("{ kind: 'pipeline'", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def report(capsys, *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stop:
        cli.main(list(arguments))
    return int(stop.value.code or 0), capsys.readouterr().out


def findings(capsys) -> list[dict]:
    return json.loads(report(capsys, "--format", "json")[1])["findings"]


def test_several_reports_of_one_run_go_to_their_files(folder, capsys):
    arguments = ["--format", "sarif", "--output", "a.sarif", "--format", "junit", "-o", "b.xml", "--format", "concise"]
    code, out = report(capsys, *arguments)
    assert code == 3
    assert json.loads((folder / "a.sarif").read_text("utf-8"))["version"] == "2.1.0"
    assert ET.parse(folder / "b.xml").getroot().tag == "testsuites"
    assert ".drone.yml:7:3: error[privileged-step]" in out


def test_an_output_is_of_the_format_before_it(folder, capsys):
    code, out = report(capsys, "--format", "concise", "--format", "junit", "-o", "b.xml", "clean.drone.jsonnet", ".drone.yml")
    assert code == 1
    assert ".drone.yml:7:3: error[privileged-step]" in out
    assert ET.parse(folder / "b.xml").getroot().tag == "testsuites"


SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "additionalProperties": False,
                "properties": {
                    "tool": {"type": "object", "required": ["driver"]},
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "originalUriBaseIds": {"type": "object"},
                    "invocations": {"type": "array", "items": {"required": ["executionSuccessful"]}},
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message", "locations", "ruleId"],
                            "properties": {
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "suppressions": {"items": {"properties": {"kind": {"enum": ["inSource", "external"]}}}},
                                "partialFingerprints": {"additionalProperties": {"type": "string"}},
                            },
                        },
                    },
                },
            },
        }
    },
}
"""The parts of the OASIS schema that a report can get wrong."""


def test_sarif(folder, capsys):
    code, out = report(capsys, "--format", "sarif")
    log = json.loads(out)
    Draft7Validator(SARIF).validate(log)
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    shown = [one for one in run["results"] if "suppressions" not in one and "notLinted" not in one["properties"]]
    assert [one["ruleId"] for one in shown] == [one["rule"] for one in findings(capsys)]
    silent = next(one for one in run["results"] if "suppressions" in one)
    assert silent["suppressions"][0] == {"kind": "inSource", "status": "accepted", "justification": "needs the daemon"}
    first = next(one for one in shown if one["ruleId"] == "privileged-step")["locations"][0]
    assert first["physicalLocation"]["region"] == {"startLine": 7, "startColumn": 3, "endLine": 7, "endColumn": 13}
    assert first["logicalLocations"] == [{"fullyQualifiedName": "default/a", "name": "a", "kind": "step"}]
    assert run["invocations"][0]["executionSuccessful"] is False
    assert code == 3


def test_sarif_of_a_clean_run_has_empty_results(folder, capsys):
    log = json.loads(report(capsys, "--format", "sarif", "clean.drone.jsonnet")[1])
    assert log["runs"][0]["results"] == []
    assert log["runs"][0]["invocations"][0]["executionSuccessful"] is True


GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string"},
            "check_name": {"type": "string"},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {"path": {"type": "string", "minLength": 1}, "lines": {"required": ["begin"]}},
            },
        },
    },
}


def test_gitlab(folder, capsys):
    (folder / "copy.drone.yml").write_text(CONFIG, encoding="utf-8")
    rows = json.loads(report(capsys, "--format", "gitlab", ".drone.yml", "copy.drone.yml", "broken.drone.jsonnet")[1])
    Draft202012Validator(GITLAB).validate(rows)
    assert len({row["fingerprint"] for row in rows}) == len(rows), "GitLab drops a second finding with the same fingerprint"
    assert rows[-1]["severity"] == "blocker"


def test_junit(folder, capsys):
    root = ET.fromstring(report(capsys, "--format", "junit")[1])
    assert {suite.get("name") for suite in root} == {".drone.yml", "clean.drone.jsonnet", "broken.drone.jsonnet"}
    assert int(root.get("failures")) == len(root.findall(".//failure")) == len(findings(capsys))
    assert int(root.get("errors")) == len(root.findall(".//error")) == 1
    assert int(root.get("tests")) == len(root.findall(".//testcase"))
    for suite in root:
        assert int(suite.get("tests")) == len(suite.findall("testcase"))


def test_github(folder, capsys):
    lines = report(capsys, "--format", "github")[1].splitlines()
    pattern = re.compile(r"::(error|warning|notice) file=[^,:]+(,line=\d+,col=\d+,endLine=\d+,endColumn=\d+)?,title=[\w-]+::[^\n]+")
    assert lines
    assert all(pattern.fullmatch(line) for line in lines)
    assert any("%0Ahelp: " in line for line in lines)


def test_rdjson_counts_bytes(folder, capsys):
    rows = json.loads(report(capsys, "--format", "rdjson")[1])["diagnostics"]
    secret = next(row for row in rows if row["code"]["value"] == "hardcoded-secret")
    assert secret["location"]["range"] == {"start": {"line": 10, "column": 15}, "end": {"line": 10, "column": 26}}


@pytest.mark.parametrize("form", ["text", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson"])
def test_no_format_shows_a_secret(form, folder, capsys):
    assert "hunter2" not in report(capsys, "--format", form, "--statistics")[1]


def test_fingerprints_survive_moves(folder, capsys):
    before = {one["fingerprint"] for one in findings(capsys)}
    (folder / "deep").mkdir()
    (folder / "deep" / ".drone.yml").write_text("#\n" * 10 + CONFIG, encoding="utf-8")
    (folder / ".drone.yml").unlink()
    assert {one["fingerprint"] for one in findings(capsys)} == before
