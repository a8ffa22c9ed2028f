"""The example pack, installed by hand beside drone-lint, in processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACK = ROOT / "examples" / "rule-pack"
CONFIG = """\
kind: pipeline
type: docker
name: default
steps:
- name: test
  image: golang:1.22.1
  commands: [go version]
  pull: always
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """What `pip install examples/rule-pack` leaves: the package, and the entry points that its pyproject.toml names."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(PACK / "acme_drone_rules", folder / "acme_drone_rules")
    project = tomllib.loads((PACK / "pyproject.toml").read_text("utf-8"))["project"]
    info = folder / "acme_drone_rules-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n", encoding="utf-8")
    points = "".join(f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in some.items()) for group, some in project["entry-points"].items())
    (info / "entry_points.txt").write_text(points, encoding="utf-8")
    return folder


def run(site: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), os.environ["PYTHONPATH"]])}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".drone.yml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def lint(site: Path, folder: Path, config: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / ".drone-lint.yaml").write_text(config, encoding="utf-8")
    return run(site, folder, "-m", "drone_lint", "--format", "json", *arguments)


def names(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [item["rule"] for item in json.loads(done.stdout)["findings"]]


def test_its_rules_run_when_the_configuration_names_it(site, folder):
    assert names(lint(site, folder, "profile: default\n")) == []
    done = lint(site, folder, "packs: [acme]\n")
    assert names(done) == ["unowned-pipeline", "slow-build"], done.stderr
    assert {item["family"] for item in json.loads(done.stdout)["findings"]} == {"acme"}
    assert names(lint(site, folder, "packs: [acme]\nignore: [acme]\n")) == []
    assert names(lint(site, folder, "packs: [acme]\nrules: {slow-build: {images: [node]}}\n")) == ["unowned-pipeline"]
    assert names(lint(site, folder, "packs: [acme]\nprofile: drone\n")) == []


def test_its_rules_are_fixed_and_ignored_like_ours(site, folder):
    (folder / ".drone.yml").write_text(
        CONFIG.replace("kind: pipeline", "kind: pipeline  # drone-lint: ignore[unowned-pipeline] -- ours"), encoding="utf-8"
    )
    assert names(lint(site, folder, "packs: [acme]\n", "--fix")) == []


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("packs: [acmee]\n", "unknown rule pack `acmee`; did you mean `acme`?"),
        ("packs: acme\n", "packs: expected a list of strings"),
        ("packs: [acme_drone_rules.slow_build]\n", "unknown rule pack"),
        ("packs: [acme]\nrules: {slow-build: {image: [a]}}\n", "unknown key `image`; did you mean `images`?"),
        ("packs: [acme]\nrules: {slow-build: {images: 1}}\n", "rules.slow-build.images: expected a list of strings"),
        ("rules: {slow-build: {images: [a]}}\n", "unknown rule `slow-build`"),
    ],
)
def test_mistakes_name_file_and_key(site, folder, config, words):
    done = lint(site, folder, config)
    assert done.returncode == 2
    assert ".drone-lint.yaml" in done.stderr
    assert words in done.stderr


def test_its_own_tests_pass(site):
    done = run(site, PACK, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(PACK), "tests")
    assert done.returncode == 0, done.stdout
