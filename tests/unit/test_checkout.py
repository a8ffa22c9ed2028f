"""The suite tests the checkout that it is in, in its own process and in child processes, whatever is installed beside it."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = {"drone_lint": "linter", "drone_lint_rules": "rules", "drone_lint_schemas": "schemas"}


@pytest.mark.parametrize("package", FOLDERS)
def test_the_package_is_imported_from_the_checkout(package: str) -> None:
    (folder,) = importlib.import_module(package).__path__
    assert Path(folder) == ROOT / FOLDERS[package] / package


@pytest.mark.parametrize("package", FOLDERS)
def test_a_child_process_imports_the_package_from_the_checkout(package: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", f"import {package}; print(*{package}.__path__)"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) == ROOT / FOLDERS[package] / package
