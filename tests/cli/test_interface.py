"""The contract of the command line, walked through: every option, command, exit code and ignore.

The configuration (`test_interface_configuration`), `dind`, `plan`, ShellCheck and the result cache have tests of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from contract import CLEAN, FLOATING, PRIVILEGED, PROGRAM, call, names, report, write
from drone_lint.cli.options import CHECK
from drone_lint.report import FORMATS
from drone_lint.settings import CHOICES, Settings

OPTIONS = [
    "--ext-str",
    "-V",
    "--ext-code",
    "--tla-str",
    "-A",
    "--tla-code",
    "--jpath",
    "-J",
    "--event",
    "--engine",
    "--env",
    "--max-seconds",
    "--max-memory",
    "--trust",
    "--runner",
    "--select",
    "--ignore",
    "--profile",
    "--fail-on",
    "--config",
    "--isolated",
    "--baseline",
    "--no-ignores",
    "--format",
    "--output",
    "--color",
    "--no-cache",
    "--quiet",
    "--statistics",
    "--jobs",
    "--fix",
    "--unsafe-fixes",
    "--diff",
    "--show-config",
    "--server-version",
    "--stdin-filename",
]


# -- options and commands


def test_every_option_of_the_contract_is_there():
    assert {flag for option in CHECK for flag in option.flags} >= set(OPTIONS)


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("event", "push pull_request tag cron promote rollback custom all"),
        ("engine", "auto jsonnet rjsonnet"),
        ("trust", "trusted untrusted"),
        ("profile", "default pedantic drone"),
        ("fail_on", "error warning notice never"),
        ("color", "auto always never"),
    ],
)
def test_choices_are_those_of_the_contract(name, choices):
    option = next(option for option in CHECK if option.name == name)
    assert set(option.choices) == set(choices.split())


def test_formats_are_those_of_the_contract():
    assert set(FORMATS) == {"text", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson"}


@pytest.mark.parametrize("command", ["check", "rule", "rules", "render", "baseline", "init"])
def test_every_command_has_help(command, capsys):
    code, out, _ = call(capsys, command, "--help")
    assert code == 0
    assert "Usage: drone-lint" in out


def test_check_is_the_default_command(folder, capsys):
    write(folder, ".drone.yml", PRIVILEGED)
    assert call(capsys) == call(capsys, "check") == call(capsys, ".")


def test_a_rule_is_found_by_its_beginning_and_guessed(capsys):
    assert "privileged-step" in call(capsys, "rule", "privileged-s")[1]
    code, _, error = call(capsys, "rule", "priviledged-step")
    assert code == 2
    assert "did you mean `privileged-step`?" in error


def test_rules_in_all_forms(capsys):
    assert len(json.loads(call(capsys, "rules", "--format", "json")[1])) > 90
    assert call(capsys, "rules", "--format", "markdown")[1].startswith("#")
    assert "privileged-step" in call(capsys, "rules")[1]


def test_render_has_every_field_and_item(folder, capsys):
    write(folder, ".drone.yml", CLEAN + "  commands: ['a${DRONE_TAG}']\n")
    rows = json.loads(call(capsys, "render", ".drone.yml", "--positions", "--format", "json")[1])
    pointers = {row["pointer"] for row in rows}
    assert {"/kind", "/steps", "/steps/0", "/steps/0/image", "/steps/0/commands/0"} <= pointers
    assert all(row["document"] == 0 and row["location"]["precision"] == "exact" for row in rows)
    assert "a${DRONE_TAG}" in call(capsys, "render", ".drone.yml")[1]
    assert "${" not in call(capsys, "render", ".drone.yml", "--as", "runner")[1]


@pytest.mark.parametrize("name", [".drone.yml", ".drone.jsonnet"])
def test_render_as_runner_shows_nothing_where_runners_cannot_read_the_file(folder, capsys, name):
    text = CLEAN + "  commands: ['a${DRONE_TAG']\n"
    if name.endswith("jsonnet"):
        text = r"{ kind: 'pipeline', name: 'a', steps: [{ name: 'b', image: 'c:1.2', commands: ['grep \\d'] }] }"
    write(folder, name, text)
    code, out, err = call(capsys, "render", name, "--as", "runner")
    assert (code, out) == (3, "")
    assert f"{name}:" in err
    assert "1 file could not be linted" in err
    assert call(capsys, "render", name)[0] == 0


def test_render_says_for_which_events_the_documents_are(folder, capsys):
    name = "if std.extVar('build.event') == 'tag' then 'a' else 'b'"
    write(folder, ".drone.jsonnet", f"{{ kind: 'pipeline', type: 'docker', name: {name}, steps: [] }}")
    code, out, err = call(capsys, "render", ".drone.jsonnet")
    assert (code, "name: b" in out) == (0, True)
    assert err == (
        "drone-lint: these documents are for push, pull_request, promote, rollback, cron, custom; use `--event` for those of tag\n"
    )
    assert call(capsys, "render", ".drone.jsonnet", "--event", "tag")[2] == ""


# -- exit codes


@pytest.mark.parametrize(
    ("text", "arguments", "code"),
    [
        (CLEAN, (), 0),
        (PRIVILEGED, (), 1),
        (PRIVILEGED, ("--fail-on", "never"), 0),
        (FLOATING, ("--fail-on", "error"), 0),
        (FLOATING, (), 1),
        (CLEAN, ("--frobnicate",), 2),
        (CLEAN, ("--trust", "maybe"), 2),
        (CLEAN, ("--select", "privileged-stp"), 2),
        ("a: [", (), 3),
        ("a: [", ("--fail-on", "never"), 3),
        ("kind: pipeline\nname: a\n---\na: [\n", ("--fail-on", "never"), 3),
        ("", (), 3),
        ("kind: secret\nname: a\nget: {path: a, name: b}\n", (), 0),
    ],
)
def test_exit_codes(text, arguments, code, folder, capsys):
    write(folder, ".drone.yml", text)
    assert call(capsys, *arguments)[0] == code


def test_a_run_that_checked_nothing_is_never_clean(folder, capsys):
    assert call(capsys)[0] == 3
    assert call(capsys, "missing.yml")[0] == 3


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("a.drone.jsonnet", "{", "invalid-jsonnet"),
        (".drone.yml", "a: [", "invalid-yaml"),
        (".drone.yml", "# nothing\n", "empty-config"),
        ("a.drone.jsonnet", "std.extVar('nope')", "unknown-ext-var"),
        ("a.drone.jsonnet", "{ kind: 'pipeline', name: std.nope('a') }", None),
        (".drone.star", "def main(ctx): return {", "invalid-starlark"),
        (".drone.yml", "\udce4", "unreadable"),
    ],
)
def test_what_cannot_be_linted_stands_in_errors(name, text, rule, folder, capsys):
    (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    found = report(capsys, name)
    assert found["summary"]["not_linted"] == len(found["errors"]) >= 1
    assert rule is None or found["errors"][0]["rule"] == rule


def test_one_broken_document_keeps_no_other_from_being_linted(folder, capsys):
    write(folder, ".drone.yml", PRIVILEGED + "---\na: [\n---\n" + PRIVILEGED.replace("default", "other"))
    assert names(capsys).count("privileged-step") == 2


# -- which files


def test_a_folder_is_searched_for_the_usual_names_and_those_of_the_configuration(folder, capsys):
    for name in (
        ".drone.yml",
        "a/.drone.yaml",
        "b/x.drone.jsonnet",
        "c/.drone.jsonnet",
        "d/.drone/e.jsonnet",
        "d/.drone/f.yml",
        "ci/g.jsonnet",
    ):
        write(folder, name, "{ kind: 'pipeline', type: 'docker', name: 'a', steps: [] }" if "jsonnet" in name else CLEAN)
    for name in ("other.yml", "vendor/.drone.yml", "node_modules/x/.drone.yml", "lib/x.jsonnet"):
        write(folder, name, CLEAN)
    write(folder, ".drone-lint.yaml", "files: ['ci/*.jsonnet']\n")
    found = {file["path"] for file in report(capsys)["files"]}
    assert found == {
        ".drone.yml",
        "a/.drone.yaml",
        "b/x.drone.jsonnet",
        "c/.drone.jsonnet",
        "d/.drone/e.jsonnet",
        "d/.drone/f.yml",
        "ci/g.jsonnet",
    }
    assert [file["path"] for file in report(capsys, "other.yml")["files"]] == ["other.yml"], "a named file is always linted"


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_what_git_ignores_is_left_out(tmp_path, monkeypatch, capsys):
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    monkeypatch.chdir(tmp_path)
    for name in ("a/.drone.yml", "b/.drone.yml"):
        write(tmp_path, name, CLEAN)
    write(tmp_path, ".gitignore", "b/\n")
    assert [file["path"] for file in report(capsys)["files"]] == ["a/.drone.yml"]


def test_a_library_stands_for_the_programs_that_import_it(folder, capsys):
    write(folder, "lib/b.libsonnet", "{}")
    write(folder, "lib/a.libsonnet", "import 'b.libsonnet'")
    write(folder, "x/.drone.jsonnet", "local a = import '../lib/a.libsonnet'; { kind: 'pipeline', type: 'docker', name: 'a', steps: [] }")
    write(folder, "y/.drone.jsonnet", "{ kind: 'pipeline', type: 'docker', name: 'a', steps: [] }")
    assert [file["path"] for file in report(capsys, "lib/b.libsonnet")["files"]] == ["x/.drone.jsonnet"]


def test_links_in_circles_end(folder, capsys):
    write(folder, "a/.drone.yml", CLEAN)
    (folder / "a" / "loop").symlink_to(folder)
    assert [file["path"] for file in report(capsys)["files"]] == ["a/.drone.yml"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_cannot_be_read_is_a_problem(folder, capsys):
    write(folder, ".drone.yml", CLEAN)
    write(folder, "closed/.drone.yml", CLEAN)
    (folder / "closed").chmod(0)
    try:
        assert call(capsys)[0] == 3
    finally:
        (folder / "closed").chmod(0o755)


def test_a_folder_that_cannot_be_listed_is_a_problem(folder, capsys, monkeypatch):
    write(folder, ".drone.yml", CLEAN)
    write(folder, "closed/.drone.yml", CLEAN)
    real = os.scandir

    def scandir(path="."):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    code, out, _ = call(capsys, "--format", "concise")
    assert code == 3
    assert "closed: error[unreadable]" in out


# -- ignores


@pytest.mark.parametrize(
    "text",
    [
        PRIVILEGED.replace("privileged: true", "privileged: true  # drone-lint: ignore[privileged-step] -- why"),
        PRIVILEGED.replace("  privileged: true", "  # drone-lint: ignore[privileged-step] -- why\n  privileged: true"),
        PRIVILEGED.replace("- name: a", "- name: a  # drone-lint: ignore[privileged-step] -- why"),
        PRIVILEGED.replace("steps:", "steps:  # drone-lint: ignore[container_escape] -- why"),
        "# drone-lint: ignore-file[privileged-step, container_escape] -- why\n" + PRIVILEGED,
    ],
)
def test_an_ignore_silences_and_is_counted(text, folder, capsys):
    write(folder, ".drone.yml", text)
    found = report(capsys, "--select", "privileged-step")
    assert found["findings"] == []
    assert found["ignored"][0]["ignored_by"] == {"kind": "comment", "reason": "why"}
    assert found["summary"]["ignored"] == 1
    assert names(capsys, "--select", "privileged-step", "--no-ignores") == ["privileged-step"]


@pytest.mark.parametrize("comment", ["// drone-lint: ignore[privileged-step] -- why", "# drone-lint: ignore[privileged-step] -- why"])
def test_an_ignore_in_a_helper_silences_all_that_it_makes(comment, folder, capsys):
    first, rest = PROGRAM.split("\n", 1)
    write(folder, ".drone.jsonnet", f"{first}  {comment}\n{rest}")
    found = report(capsys, "--select", "privileged-step,unused-ignore")
    assert found["findings"] == []
    assert len(found["ignored"]) == 1
    assert len(found["ignored"][0]["places"]) == 6
    write(folder, ".drone.jsonnet", f"{first}  {comment}\n{rest}".replace("privileged: true", "privileged: false"))
    assert names(capsys, "--select", "privileged-step,unused-ignore") == ["unused-ignore"]


def test_ignores_are_checked(folder, capsys):
    write(folder, ".drone.yml", PRIVILEGED.replace("privileged: true", "privileged: true  # drone-lint: ignore[privileged-step]"))
    assert names(capsys) == ["unexplained-ignore"]
    write(folder, ".drone.yml", PRIVILEGED.replace("privileged: true", "privileged: true  # drone-lint: ignore[privileged-stp] -- why"))
    found = report(capsys)["findings"]
    assert {"unknown-rule", "privileged-step"} == {item["rule"] for item in found}
    assert "did you mean `privileged-step`?" in next(item["message"] for item in found if item["rule"] == "unknown-rule")


# -- output


def test_colours_and_links_only_where_they_are_wanted(folder, capsys, monkeypatch):
    write(folder, ".drone.yml", PRIVILEGED)
    assert "\x1b" not in call(capsys)[1]
    assert "\x1b[" in call(capsys, "--color", "always")[1]
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert "\x1b" not in call(capsys, "--color", "never")[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in call(capsys)[1]


def test_links_stand_in_terminals_that_are_known_to_show_them(folder, capsys, monkeypatch):
    write(folder, ".drone.yml", PRIVILEGED)
    for name in ("VTE_VERSION", "TERM_PROGRAM", "WT_SESSION", "KONSOLE_VERSION", "KITTY_WINDOW_ID", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert "\x1b]8;;" not in call(capsys)[1]
    monkeypatch.setenv("VTE_VERSION", "7600")
    assert "\x1b]8;;https://cwe.mitre.org/data/definitions/250.html\x1b\\CWE-250\x1b]8;;\x1b\\" in call(capsys)[1]
    assert "\x1b]8;;" not in call(capsys, "--format", "concise")[1]


def test_quiet_and_statistics(folder, capsys):
    write(folder, ".drone.yml", PRIVILEGED)
    assert "1 error" in call(capsys)[1]
    assert "1 error" not in call(capsys, "--quiet")[1]
    assert "     1 privileged-step" in call(capsys, "--statistics")[1]


def test_settings_have_a_choice_for_every_choice_of_the_configuration():
    assert {"trust", "profile", "fail-on", "engine"} == set(CHOICES)
    assert Settings().fail_on in CHOICES["fail-on"]


@pytest.mark.parametrize(
    ("words", "wanted"), [("drone-lint check --form", "--format"), ("drone-lint base", "baseline"), ("drone-lint rule", "rules")]
)
def test_the_shell_completes(words, wanted):
    environment = {**os.environ, "_DRONE_LINT_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = subprocess.run([sys.executable, "-m", "drone_lint"], env=environment, capture_output=True, text=True, check=False)
    assert wanted in done.stdout.split()


def test_completion_can_be_installed(tmp_path):
    environment = {**os.environ, "HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "drone_lint", "--install-completion", "bash"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "drone-lint" in (tmp_path / ".bashrc").read_text("utf-8")
