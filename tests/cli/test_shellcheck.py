"""ShellCheck beside drone-lint: there, absent, failing. Tests that need the real program are skipped where it is not installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

real = pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
posix = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script with `#!`")

STEP = "kind: pipeline\ntype: docker\nname: a\nsteps:\n- name: b\n  image: {image}\n  commands:\n"


def lint(folder: Path, *arguments: str, path: str | None = None, report: str = "concise") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **({} if path is None else {"PATH": path})}
    command = [sys.executable, "-W", "error", "-m", "drone_lint", "--isolated", "--select", "shellcheck", "--format", report, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)


def written(folder: Path, commands: str, name: str = ".drone.yml", image: str = "alpine:3.20") -> Path:
    path = folder / name
    path.write_text(STEP.format(image=image) + textwrap.indent(textwrap.dedent(commands).strip("\n"), "  ") + "\n", encoding="utf-8")
    return path


def stand_in(folder: Path, body: str) -> str:
    """A PATH with a `shellcheck` that runs some Python."""
    folder.mkdir()
    program = folder / "shellcheck"
    program.write_text(f"#!{sys.executable}\nimport json, os, sys, time\n{textwrap.dedent(body)}")
    program.chmod(0o755)
    return str(folder)


def test_what_was_not_checked_is_counted_when_it_is_not_installed(tmp_path: Path) -> None:
    written(tmp_path, "- make\n- echo $X\n")
    written(tmp_path, "- make\n", "b.yml")
    done = lint(tmp_path, ".drone.yml", "b.yml", path=str(tmp_path))
    assert done.returncode == 0
    assert "3 commands were not checked (`shellcheck` is not installed)" in done.stdout
    report = json.loads(lint(tmp_path, ".drone.yml", path=str(tmp_path), report="json").stdout)
    assert report["files"][0]["unchecked"] == [{"number": 2, "what": "command", "reason": "`shellcheck` is not installed"}]


@posix
def test_it_gets_all_scripts_of_all_files_at_once_and_nothing_of_the_repository(tmp_path: Path) -> None:
    log = tmp_path / "log"
    path = stand_in(
        tmp_path / "bin",
        f"""
        files = [name for name in sys.argv[1:] if name[0] != "-"]
        entry = [sys.argv[1:], os.getcwd(), [open(name).read() for name in files], os.environ.get("SHELLCHECK_OPTS")]
        open({str(log)!r}, "a").write(json.dumps(entry) + "\\n")
        print(json.dumps({{"comments": []}}))
        """,
    )
    for name in ("a.yml", "b.yml", "c.yml"):
        written(tmp_path, f"- echo $${{HOME}} ${{DRONE_TAG##v}} '${{DRONE_TAG}}' {name}\n- make\n", name)
    written(tmp_path, "- echo $${HOME} ${DRONE_TAG##v} '${DRONE_TAG}' a.yml\n- make\n", "same.yml")
    os.environ["SHELLCHECK_OPTS"] = "-x"
    try:
        done = lint(tmp_path, "a.yml", "b.yml", "c.yml", "same.yml", path=path)
    finally:
        del os.environ["SHELLCHECK_OPTS"]
    assert done.returncode == 0, done.stdout + done.stderr
    (line,) = log.read_text().splitlines()
    arguments, folder, texts, given = json.loads(line)
    assert "--norc" in arguments
    assert not any("external" in word or word in ("-x", "-a") for word in arguments)
    assert given is None
    assert not Path(folder).is_relative_to(tmp_path)
    assert not Path(folder).exists()
    assert texts[0] == "# shellcheck shell=busybox\nset -e\necho ${HOME} ${XXXXXXXXXXXX} 'xxxxxxxxxxxx' a.yml\n\nmake\n\n"
    assert len(texts) == 3


@posix
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("sys.stderr.write('no such option\\n'); sys.exit(4)", "exit code 4: no such option"),
        ("print('all is well')", "its output cannot be read"),
        ("print(json.dumps({'comments': [{'file': '99'}]}))", "its output cannot be read"),
        ("print('[]')", "its output cannot be read"),
        ("time.sleep(30)", "longer than 0.5 seconds"),
    ],
)
def test_its_failure_is_a_problem(tmp_path: Path, body: str, reason: str) -> None:
    written(tmp_path, "- make\n")
    done = lint(tmp_path, ".drone.yml", "--max-seconds", "0.5", path=stand_in(tmp_path / "bin", body))
    assert done.returncode == 3
    assert "`shellcheck` did not check any command: " in done.stdout
    assert reason in done.stdout


@posix
def test_a_program_in_a_relative_folder_of_the_path_is_not_run(tmp_path: Path) -> None:
    stand_in(tmp_path / "bin", f"open({str(tmp_path / 'ran')!r}, 'w')")
    shutil.copy(tmp_path / "bin" / "shellcheck", tmp_path)
    written(tmp_path, "- make\n")
    assert "1 command was not checked" in lint(tmp_path, ".drone.yml", path=os.pathsep.join(("bin", ".", ""))).stdout
    assert not (tmp_path / "ran").exists()


@real
@pytest.mark.parametrize(
    ("commands", "position"),
    [
        ("- cat $X", "8:9"),
        ("- 'cat ''a'' $X'", "8:16"),
        ('- "cat \\"a\\" \\u00e9 $X"', "8:23"),
        ("- make\n- cat $X", "9:9"),
        ("- |\n  make\n  \tcat $X", "10:10"),
        ("- >-\n  cat a\n  b $X", "10:7"),
        ("- cat a\n  b $X", "9:7"),
        ("- echo \"$${HOME:-$${PATH}}\" '${DRONE_TAG}' ${DRONE_TAG##v}; cat $X", "8:67"),
        ("- &x cat $X\n- echo", "8:12"),
        ("- &x !!str 'cat $X'\n- echo", "8:19"),
        ("- &x |\n  cat $X\n- echo", "9:9"),
        ("- 'true # ${DRONE_TAG}'\n- case a in\n- esac; cat $X", "10:15"),
    ],
)
def test_positions_are_those_of_the_source(tmp_path: Path, commands: str, position: str) -> None:
    written(tmp_path, commands)
    done = lint(tmp_path, ".drone.yml")
    assert re.findall(r"yml:(\d+:\d+): notice\[shellcheck\] `SC2086`", done.stdout) == [position], done.stdout


@real
def test_positions_in_jsonnet_are_those_of_the_source(tmp_path: Path) -> None:
    text = """\
    local cat(name) = 'cat $' + name;
    { kind: 'pipeline', type: 'docker', name: 'a', steps: [{ name: 'b', image: 'alpine:3.20', commands: [
      'make && cat $A',
      |||
        make
        cat $B
      |||,
      std.join(' && ', ['make', 'cat $C']),
      cat('D'),
    ] }] }
    """
    (tmp_path / ".drone.jsonnet").write_text(textwrap.dedent(text))
    out = lint(tmp_path, ".drone.jsonnet").stdout
    assert re.findall(r"jsonnet:(\d+:\d+): notice\[shellcheck\]", out) == ["1:24", "3:16", "6:9", "8:34"]


@real
def test_variables_that_drone_or_the_step_sets_are_known(tmp_path: Path) -> None:
    written(tmp_path, '- echo "$one" "$https_proxy" "${DRONE_x}"\n- echo "$two"')
    path = tmp_path / ".drone.yml"
    path.write_text(path.read_text().replace("  commands:", "  environment: {one: {from_secret: x}}\n  commands:"))
    assert re.findall(r"yml:(\d+):\d+: \w+\[shellcheck\] `(SC\d+)`", lint(tmp_path, ".drone.yml").stdout) == [("10", "SC2154")]


@real
def test_powershell_is_not_read(tmp_path: Path) -> None:
    path = written(tmp_path, "- cat $X", image="mcr.microsoft.com/powershell")
    path.write_text(path.read_text().replace("steps:", "platform: {os: windows}\nsteps:"))
    assert "no findings" in lint(tmp_path, ".drone.yml").stdout


@real
@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ("", ["SC2045"]),
        ("severity: error", ["SC2045"]),
        ("severity: info", ["SC2045", "SC2046", "SC2086"]),
        ("select: [SC2086]", ["SC2045", "SC2086"]),
        ("ignore: [SC2045]", []),
    ],
)
def test_options_choose_codes(tmp_path: Path, options: str, codes: list[str]) -> None:
    written(tmp_path, '- for f in $(ls); do cat $f; done\n- cat $(date)\n- echo "`date`"')
    (tmp_path / ".drone-lint.yaml").write_text(f"rules: {{ shellcheck: {{ {options} }} }}\n")
    command = [sys.executable, "-m", "drone_lint", "--format", "concise", ".drone.yml"]
    (tmp_path / ".git").mkdir()
    out = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    assert sorted(re.findall(r"\[shellcheck\] `(SC\d+)`", out)) == codes, out


def test_an_unknown_level_is_refused(tmp_path: Path) -> None:
    written(tmp_path, "- make")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".drone-lint.yaml").write_text("rules: { shellcheck: { severity: eror } }\n")
    command = [sys.executable, "-m", "drone_lint", ".drone.yml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "`error`" in done.stderr
