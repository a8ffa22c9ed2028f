"""What the README says can be done, done."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def commands() -> list[str]:
    section = README.split("### In a repository that has findings", 1)[1]
    block = section.split("```sh\n", 1)[1].split("```", 1)[0]
    return [line.partition("#")[0].strip() for line in block.splitlines()]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_stranger_gets_from_nothing_to_a_green_build_in_five_commands(tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples" / "docker-in-docker" / ".drone.jsonnet", tmp_path)
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    program = tmp_path / "bin" / "drone-lint"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -W error -m drone_lint "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    sources = os.pathsep.join(str(ROOT / name) for name in ("linter", "rules", "schemas"))
    environment = {**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": sources}
    install, *rest = commands()
    assert install == "pip install 'git+<the URL of this repository>@<revision>'", "which test_wheel does from this checkout"
    codes = [
        subprocess.run(command, shell=True, cwd=tmp_path, env=environment, capture_output=True, check=False).returncode for command in rest
    ]
    assert codes == [1, 0, 0, 0]
    new = (tmp_path / ".drone.jsonnet").read_text("utf-8").replace("kind: 'pipeline'", "kind: 'pipeline', comands: []", 1)
    (tmp_path / ".drone.jsonnet").write_text(new, encoding="utf-8")
    assert subprocess.run(rest[-1], shell=True, cwd=tmp_path, env=environment, capture_output=True, check=False).returncode == 1, (
        "new fails"
    )


def test_the_examples_for_ci_are_clean_and_call_what_there_is(tmp_path: Path) -> None:
    import yaml

    from drone_lint.cli.options import parse_plain

    folder = ROOT / "examples" / "ci"
    done = subprocess.run([sys.executable, "-m", "drone_lint", str(folder / ".drone.yml")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    for name in (".drone.yml", "github.yml", "gitlab.yml"):
        text = (folder / name).read_text("utf-8")
        list(yaml.safe_load_all(text))
        calls = [
            line.split("drone-lint ", 1)[1]
            for line in text.splitlines()
            if line.strip(" -").startswith(("drone-lint --", "run: drone-lint --"))
        ]
        assert calls
        for words in calls:
            read = parse_plain(words.split())
            assert read is not None
            assert (read["isolated"], read["no_ignores"]) == (True, True), "a pull request silences the check"
            for file in filter(None, read["output"]):
                assert text.count(file) >= 2, f"{file} is written and then kept"
