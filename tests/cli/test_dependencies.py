"""Our own supply chain: what is imported is what `pyproject.toml` names, each with bounds on both sides."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from importlib.metadata import distributions
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
OURS = ("drone_lint", "drone_lint_rules", "drone_lint_schemas")
BROUGHT = {
    "typer": {"click", "rich", "shellingham", "typing-extensions", "markdown-it-py", "mdurl", "pygments", "colorama", "annotated-doc"},
    "jsonschema": {"attrs", "referencing", "rpds-py", "jsonschema-specifications", "typing-extensions"},
}
"""What the dependencies depend on themselves. A new name here is a decision."""
_PROGRAM = """
import json, sys
from drone_lint.cli import main as cli
for words in {commands!r}:
    try:
        cli.main(words)
    except SystemExit:
        pass
files = {{name: getattr(module, "__file__", None) or "" for name, module in list(sys.modules.items())}}
print()
print(json.dumps([name.partition(".")[0] for name, path in files.items() if "site-packages" in path]))
"""
COMMANDS = [
    ["--help"], ["rules"], ["rule", "privileged-step"], ["--no-cache", "."], ["--no-cache", "--jobs", "2", "."], ["--fix", "."], ["--show-config", "."],
    ["render", ".drone.yml"], ["render", "--positions", ".drone.jsonnet"], ["dind", ".drone.yml"], ["plan", ".drone.yml", "--event", "push"],
    ["baseline", "write"], ["init"], ["--no-such-option"],
    *(["--no-cache", "--format", name] for name in ("text", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson")),
]  # fmt: skip


def names(requirements: list[str]) -> set[str]:
    return {normal(re.split(r"[\[<>=~!;\s]", item)[0]) for item in requirements}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def owners_of_modules() -> dict[str, list[str]]:
    """Which distributions have a top-level module; `packages_distributions` does not look at the files on Python 3.10."""
    found: dict[str, list[str]] = defaultdict(list)
    for distribution in distributions():
        for module in {path.parts[0].partition(".")[0] for path in distribution.files or ()}:
            found[module].append(normal(distribution.metadata["Name"]))
    return found


def test_no_command_imports_what_is_not_declared(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".drone.yml").write_text(
        "kind: pipeline\ntype: docker\nname: x\nsteps:\n- name: a\n  image: docker:27\n  privileged: true\n"
    )
    (tmp_path / ".drone.jsonnet").write_text(
        "{ kind: 'pipeline', type: 'docker', name: 'x', steps: [{ name: 'a', image: 'b', pull: true }] }"
    )
    command = [sys.executable, "-c", _PROGRAM.format(commands=COMMANDS)]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    out = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, env=environment).stdout
    imported = set(json.loads(out.splitlines()[-1]))
    owners = owners_of_modules()
    found = {owner for module in imported if module not in OURS for owner in owners.get(module, ())[:1]}
    declared = names(PROJECT["project"]["dependencies"])
    allowed = declared.union(*BROUGHT.values()) | {"drone-lint", "setuptools"}
    assert "typer" in found
    assert "pyyaml" in found
    assert found - allowed == set()


@pytest.mark.parametrize("name", ["yaml", "_jsonnet", "rjsonnet", "jsonschema", "typer"])
def test_a_dependency_is_imported_by_the_name_that_the_declared_distribution_has(name):
    assert set(owners_of_modules()[name]) & names(PROJECT["project"]["dependencies"])


@pytest.mark.parametrize("requirement", PROJECT["project"]["dependencies"])
def test_a_dependency_has_a_lower_and_an_upper_bound(requirement):
    versions = requirement.partition(";")[0]
    assert ">=" in versions
    assert "<" in versions


def test_there_are_few_dependencies():
    declared = PROJECT["project"]["dependencies"]
    assert len(declared) - any(one.startswith("gojsonnet") for one in declared) <= 6, "gojsonnet stands in for jsonnet, never beside it"


def test_development_tools_whose_verdict_fails_the_build_are_bounded():
    extras = PROJECT["project"]["optional-dependencies"]
    for requirement in (item for name in ("test", "dev") for item in extras[name]):
        assert re.search(r"<|==|^drone-lint\[", requirement), requirement
