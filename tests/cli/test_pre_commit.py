"""The hook, with the real pre-commit program, in a scratch repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from drone_lint.run.discovery import is_config

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
GOOD = "kind: pipeline\ntype: docker\nname: default\nsteps:\n- name: test\n  image: golang:1.23.4\n  commands: [make]\n"


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.skipif(shutil.which("git") is None or not (ROOT / ".git").exists(), reason="needs git and a checkout")
def test_the_hook_refuses_a_bad_commit_and_passes_a_good_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "home"))
    repository = tmp_path / "repository"
    repository.mkdir()
    git(repository, "init", "-q")
    head = git(ROOT, "rev-parse", "HEAD").stdout.strip()
    config = f"repos:\n- repo: {ROOT.as_uri()}\n  rev: {head}\n  hooks:\n  - id: drone-lint\n"
    (repository / ".pre-commit-config.yaml").write_text(config)
    installed = subprocess.run([sys.executable, "-m", "pre_commit", "install"], cwd=repository, capture_output=True, text=True, check=False)
    assert installed.returncode == 0, installed.stdout + installed.stderr

    (repository / ".drone.yml").write_text(GOOD + "  privileged: true\n")
    git(repository, "add", ".")
    refused = git(repository, "commit", "-m", "bad")
    assert refused.returncode != 0
    assert "privileged-step" in refused.stdout + refused.stderr

    (repository / ".drone.yml").write_text(GOOD)
    git(repository, "add", ".")
    passed = git(repository, "commit", "-m", "good")
    assert passed.returncode == 0, passed.stdout + passed.stderr


@pytest.mark.parametrize(
    "path",
    [
        ".drone.yml", ".drone.yaml", "a/.drone.yml", ".drone.jsonnet", "ci/x.drone.jsonnet", ".drone.star", "x.drone.starlark", "a/.drone.script", ".drone/a.jsonnet", ".drone/c.star", ".drone/b.yml", "a/.drone/c.yaml",
        "drone.yml", "x.jsonnet", ".drone/sub/a.yml", "a.drone.yml", ".github/a.yml", "xdrone.jsonnet",
    ],
)  # fmt: skip
def test_the_hook_takes_the_files_that_a_folder_is_searched_for(path):
    hook = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))[0]
    assert bool(re.search(hook["files"], path)) is is_config(path)


def test_the_hook_takes_libraries_for_the_sake_of_their_importers():
    hook = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))[0]
    assert re.search(hook["files"], "lib/steps.libsonnet")
