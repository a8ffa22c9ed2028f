"""What a run on a clean file may import: start-up decides how a commit hook feels."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORBIDDEN = frozenset((
    "typer", "click", "rich", "pydantic", "jsonschema", "referencing", "_jsonnet", "rjsonnet", "tomllib", "tomli", "difflib", "asyncio",
    "dataclasses", "inspect", "http", "urllib.request", "ssl", "email", "importlib.metadata", "unittest", "argparse", "logging", "pathlib", "shutil", "tempfile", "socket",
    "concurrent.futures", "multiprocessing", "xml", "hashlib",
))  # fmt: skip
ONLY_FOR_JSONNET = frozenset(("subprocess", "threading", "json.tool"))
_PROGRAM = """
import sys
before = set(sys.modules)
from drone_lint.cli.main import main
try:
    main({arguments!r})
except SystemExit as exit:
    assert not exit.code, exit.code
import json
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def imported(arguments: list[str], folder: Path) -> set[str]:
    command = [sys.executable, "-c", _PROGRAM.format(arguments=arguments)]
    environment = {**os.environ, "PATH": str(folder)}  # no ShellCheck
    out = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, env=environment).stdout
    return set(json.loads(out.splitlines()[-1]))


@pytest.mark.parametrize("path", ["examples/clean/.drone.yml", "examples/clean/.drone.jsonnet"])
def test_a_clean_run_imports_nothing_heavy(path: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / path, tmp_path)
    path = Path(path).name
    found = imported([path], tmp_path)
    assert "drone_lint.lint.engine" in found
    assert found & FORBIDDEN == set()
    if path.endswith(".yml"):
        assert found & ONLY_FOR_JSONNET == set()
    else:
        assert found & {"yaml", "subprocess", "drone_lint.source.jsonnet.sourcemap.map", "drone_lint.source.jsonnet.errors"} == set()
    assert found & {"drone_lint_rules.shell.parser", "drone_lint_rules.container_escape.privileged_step"} == set()
    assert len({name for name in found if name.startswith("drone_lint_rules.") and name.count(".") == 2}) < 50
