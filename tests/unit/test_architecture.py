"""The folders are the architecture: every package of the linter has its sentence in ARCHITECTURE.md and its layer in `pyproject.toml`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
LINTER = ROOT / "linter" / "drone_lint"
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
LAYERS = {name.strip() for layer in CONTRACTS[0]["layers"] for name in re.split("[|:]", layer)}
HOUSE = (ROOT / "ARCHITECTURE.md").read_text("utf-8").partition("\n## The house\n")[2].partition("\n## ")[0]
TOP = sorted(
    path.stem for path in LINTER.iterdir() if path.stem != "__init__" and (path.suffix == ".py" or (path / "__init__.py").exists())
)
PACKAGES = sorted(path.parent.relative_to(LINTER).as_posix() for path in LINTER.rglob("__init__.py") if path.parent != LINTER)


def test_every_layer_is_a_package_or_module_and_every_one_has_a_layer():
    assert {f"drone_lint.{name}" for name in TOP} == LAYERS


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_has_its_sentence(package):
    assert re.search(rf"`{re.escape(package)}/`", HOUSE), f"ARCHITECTURE.md does not say what {package}/ is for"


def test_no_family_of_rules_borrows_a_private_module_of_another():
    rules = ROOT / "rules" / "drone_lint_rules"
    borrowed = [
        f"{path.relative_to(rules)}: {found[0]}"
        for path in rules.glob("*/*.py")
        for found in re.finditer(r"drone_lint_rules\.(\w+)\._\w+", path.read_text("utf-8"))
        if found[1] != path.parent.name
    ]
    assert borrowed == [], "what two families share is a library beside them"
