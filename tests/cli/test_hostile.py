"""Promises of SECURITY.md about files that nobody trusts, held over the whole program."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from drone_lint.cli import main as cli
from drone_lint.config.load import ConfigError, read
from drone_lint.report import FORMATS

STEP = "kind: pipeline\ntype: docker\nname: default\nsteps:\n- name: a\n  image: golang:1.22.1\n  privileged: true\n"
SECRET = "the-content-of-a-file-outside"
EVIL = "a\x1b[2Jb\x9b31mc\u202ed\x07e\u2066f"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch) -> Path:
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.libsonnet").write_text(f"'{SECRET}'")
    (tmp_path / "outside" / "secret.yml").write_text(f"kind: pipeline\n{SECRET}: : :\n")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def lint(capsys):
    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            cli.main(["--no-cache", *arguments])
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out, err

    return run


def clean(text: str) -> bool:
    return all(char in "\n\t" or char.isprintable() for char in text)


# -- output


@pytest.mark.parametrize("form", FORMATS)
def test_names_and_content_never_drive_the_terminal(repository, lint, form):
    quoted = json.dumps(EVIL)
    (repository / ".drone.yml").write_text(
        f"kind: pipeline\ntype: docker\nname: {quoted}\nsteps:\n- name: {quoted}\n  image: golang:1.22.1\n  privileged: true\n"
        f"  {quoted}: true\n  depends_on: [{quoted}]\n- name: raw\u202e\n  image: b:1\n  privileged: true\n",
        encoding="utf-8",
    )
    for name, text in (("x\x1b[31m\u202ey", "kind: pipeline\nsteps: [\n"), ("z\n::error::z", STEP)):
        (repository / name).mkdir()
        (repository / name / ".drone.yml").write_text(text, encoding="utf-8")
    code, out, _ = lint("--color", "never", "--format", form)
    assert code == 3
    assert "privileged-step" in out
    assert clean(out)


@pytest.mark.parametrize(
    "arguments", [["render", ".drone.yml"], ["render", "--format", "json", ".drone.yml"], ["render", "--positions", ".drone.yml"]]
)
def test_rendered_documents_have_no_control_characters(repository, lint, capsys, arguments):
    (repository / ".drone.yml").write_text(STEP + '  environment: {"\\e[2J": "\\x9b31m\\a"}\n')
    with pytest.raises(SystemExit):
        cli.main(arguments)
    out = capsys.readouterr().out
    assert "golang" in out or "image" in out
    assert clean(out)


def test_content_gives_no_command_to_github(repository, lint):
    (repository / ".drone.yml").write_text(STEP.replace("- name: a", '- name: "a\\n::set-output name=x::y\\r::error::z%0A"'))
    (repository / "b\n::warning::b").mkdir()
    (repository / "b\n::warning::b" / ".drone.yml").write_text(STEP)
    _, out, _ = lint("--format", "github")
    lines = out.splitlines()
    assert len(lines) > 2
    assert all(line.startswith(("::error file=", "::warning file=", "::notice file=")) for line in lines)


def test_content_cannot_break_out_of_xml_or_json(repository, lint):
    (repository / ".drone.yml").write_text(STEP.replace("- name: a", '- name: "]]>&<x a=\\"\\"/>\\0\\ud800"'))
    _, out, _ = lint("--format", "junit")
    assert "x" not in {element.tag for element in ET.fromstring(out).iter()}
    for form in ("json", "sarif", "gitlab", "rdjson"):
        json.loads(lint("--format", form)[1])


def test_messages_about_usage_do_not_drive_the_terminal(repository, lint):
    (repository / ".drone-lint.yaml").write_text('"\\e[31mx": 1\n')
    (repository / ".drone.yml").write_text(STEP)
    code, _, err = lint()
    assert code == 2
    assert clean(err)
    assert "unknown key" in err


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
@pytest.mark.parametrize("form", FORMATS)
def test_names_that_are_no_text_are_reported(repository, lint, form):
    path = os.path.join(os.fsencode(repository), b"caf\xe9", b".drone.yml")
    try:
        os.mkdir(os.path.dirname(path))
        with open(path, "wb") as file:
            file.write(STEP.encode())
    except OSError:
        pytest.skip("the file system takes UTF-8 only")
    assert lint("--format", form, "--output", "report")[0] == 1
    written = (repository / "report").read_text("utf-8")
    assert "privileged-step" in written
    if form == "sarif":
        assert "caf%E9" in written


# -- what is read


def test_imports_stay_in_the_repository(repository, lint):
    (repository / "link.libsonnet").symlink_to(repository.parent / "outside" / "secret.libsonnet")
    for program in (
        "import '../outside/secret.libsonnet'",
        "import 'link.libsonnet'",
        f"import '{repository.parent}/outside/secret.libsonnet'",
    ):
        (repository / ".drone.jsonnet").write_text(f"{{ kind: 'pipeline', name: {program}, steps: [] }}")
        code, out, err = lint("--format", "json")
        assert code == 3
        assert SECRET not in out + err


def test_a_link_does_not_have_files_outside_shown(repository, lint):
    (repository / ".drone.yml").symlink_to(repository.parent / "outside" / "secret.yml")
    code, out, err = lint()
    assert code == 3
    assert "a symbolic link to a place outside the repository" in out
    assert SECRET not in out + err
    assert lint(".drone.yml")[0] == 3


def test_a_link_inside_of_the_repository_is_followed(repository, lint):
    (repository / "ci.yml").write_text(STEP)
    (repository / ".drone.yml").symlink_to("ci.yml")
    assert lint()[0] == 1


@pytest.mark.parametrize(
    "text", ["jsonnet: {jpath: [../outside]}", "jsonnet: {jpath: [/]}", "baseline: ../outside/secret.yml", "baseline: /etc/passwd"]
)
def test_a_repositorys_configuration_does_not_lead_out_of_it(repository, lint, text):
    (repository / ".drone.yml").write_text(STEP)
    (repository / ".drone-lint.yaml").write_text(text)
    code, out, err = lint()
    assert (code, out) == (2, "")
    assert "outside the repository" in err
    (repository.parent / "trusted.yaml").write_text("jsonnet: {jpath: [outside]}")
    assert lint("--config", "../trusted.yaml")[0] == 1


def test_a_configuration_that_is_a_link_out_of_the_repository_is_refused(repository, lint):
    (repository / ".drone.yml").write_text(STEP)
    (repository / ".drone-lint.yaml").symlink_to(repository.parent / "outside" / "secret.yml")
    code, out, err = lint()
    assert code == 2
    assert SECRET not in out + err


def test_isolated_reads_nothing_of_the_repository_but_what_it_lints(repository, lint):
    (repository / ".drone-lint.yaml").write_text("ignore: [privileged-step, container_escape, trust]\nfail-on: never\n")
    (repository / ".drone.yml").write_text(STEP)
    assert lint()[0] == 0
    assert lint("--isolated")[0] == 1


def test_aliases_in_a_configuration_cannot_fill_memory(tmp_path):
    lists = "x0: &x0 [a,b,c,d,e,f,g,h,i,j]\n" + "".join(f"x{n}: &x{n} [{','.join([f'*x{n - 1}'] * 10)}]\n" for n in range(1, 9))
    merges = "m0: &m0 {k: v}\n" + "".join(f"m{n}: &m{n} {{<<: [{','.join([f'*m{n - 1}'] * 10)}]}}\n" for n in range(1, 9))
    small = "runner: &a [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]\n"
    for text in (lists, merges, small * 1, "[" * 5000, "x: 0x" + "f" * 100, "runner: 9" + "9" * 5000):
        path = tmp_path / ".drone-lint.yaml"
        path.write_text(text)
        with pytest.raises(ConfigError) as stop:
            read(str(path))
        assert len(str(stop.value)) < 1000
    (tmp_path / "pyproject.toml").write_text("[tool.drone-lint]\nx = " + "[" * 5000)
    with pytest.raises(ConfigError):
        read(str(tmp_path / "pyproject.toml"))


def test_counts_in_a_baseline_cannot_fill_memory(repository, lint):
    (repository / ".drone.yml").write_text(STEP)
    row = {"file": ".drone.yml", "rule": "x", "pipeline": "", "step": "", "value": "", "count": 10**12}
    (repository / "b.json").write_text(json.dumps({"version": 1, "findings": [row]}))
    code, _, err = lint("--baseline", "b.json")
    assert code == 1
    assert "1 baseline entry no longer matches any finding" in err


# -- what is run and written


def test_git_runs_nothing_that_the_repository_names(tmp_path, lint, monkeypatch):
    folder = tmp_path / "r"
    folder.mkdir()
    ran = tmp_path / "ran"
    program = folder / "program"
    program.write_text(f"#!/bin/sh\ntouch '{ran}'\n")
    program.chmod(0o755)
    environment = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(tmp_path)}
    for words in (["init", "-q"], ["add", "."], ["config", "core.fsmonitor", str(program)], ["config", "core.hooksPath", str(folder)]):
        (folder / ".drone.yml").write_text(STEP)
        try:
            subprocess.run(["git", "-C", str(folder), *words], check=True, env=environment, capture_output=True)
        except FileNotFoundError:
            pytest.skip("no git")
    (folder / "git").write_text(program.read_text())
    (folder / "git").chmod(0o755)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", "." + os.pathsep + os.environ["PATH"])
    assert lint(".")[0] == 1
    assert not ran.exists()
    subprocess.run(["git", "-C", str(folder), "status"], check=True, env=environment, capture_output=True)
    assert ran.exists(), "the trap does not work"


def test_a_report_is_never_written_through_a_link(repository, lint):
    outside = repository.parent / "outside" / "kept"
    outside.write_text("kept")
    (repository / "report.json").symlink_to(outside)
    (repository / f"report.json.{os.getpid()}.tmp").symlink_to(outside)
    (repository / ".drone.yml").write_text(STEP)
    lint("--format", "json", "--output", "report.json")
    assert outside.read_text() == "kept"
    assert json.loads((repository / "report.json").read_text())["version"] == 1


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="no such device")
def test_a_device_is_written_to_and_not_replaced(repository, lint):
    (repository / ".drone.yml").write_text(STEP)
    assert lint("--output", "/dev/null")[0] == 1
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


# -- secrets


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", [".drone.yml", ".drone.jsonnet"])
def test_secrets_that_are_found_are_never_printed(repository, lint, form, name):
    token = "ghp_" + "x9Kf27QmZp4Lr8Vt3NwYb6Hd1Sj5Gc0Aq7Eu"
    text = {
        ".drone.yml": f"{STEP}  environment: {{GITHUB_TOKEN: {token}}}\n  commands: ['curl -H \"Authorization: token {token}\" https://example.com']\n",
        ".drone.jsonnet": f"{{ kind: 'pipeline', type: 'docker', name: 'x', steps: [{{ name: 'a', image: 'b:1', environment: {{ GITHUB_TOKEN: '{token}' }} }}] }}",
    }
    (repository / name).write_text(text[name])
    code, out, err = lint("--profile", "pedantic", "--format", form)
    assert code == 1
    assert "hardcoded-secret" in out
    assert token not in out + err


def test_every_test_that_the_security_page_names_is_there():
    import re

    root = Path(__file__).parents[2]
    page = (root / "SECURITY.md").read_text("utf-8")
    named = re.findall(r"`((?:cli|unit|property|campaigns)/\w+\.py)(?:::(\w+)(?:\[(\w+)\])?)?`", page)
    assert len(named) > 15
    for path, function, case in named:
        text = (root / "tests" / path).read_text("utf-8")
        assert not function or f"def {function}(" in text, (path, function)
        assert not case or f"def {case}(" in (root / "tests/campaigns/faults.py").read_text("utf-8"), case
