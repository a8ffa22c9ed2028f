"""Every module of the linter has its room in ARCHITECTURE.md and its layer in `pyproject.toml`."""

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
LAYERS = {
    name.strip()
    for layer in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"][0]["layers"]
    for name in re.split("[|:]", layer)
}
ROOMS = (ROOT / "ARCHITECTURE.md").read_text("utf-8").partition("\n## The house\n")[2].partition("\n## ")[0]
MODULES = sorted(path.relative_to(LINTER).with_suffix("").as_posix() for path in LINTER.rglob("*.py") if path.name != "__init__.py")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_a_layer(module):
    name = "drone_lint." + module.replace("/", ".")
    assert any(name == layer or name.startswith(layer + ".") for layer in LAYERS), f"no layer in pyproject.toml holds {name}"


def test_every_layer_is_there():
    assert {layer for layer in LAYERS if layer.removeprefix("drone_lint.").replace(".", "/") not in MODULES} == {
        "drone_lint.model", "drone_lint.report",
    }, "the packages that are one layer as a whole"  # fmt: skip


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_a_room(module):
    assert re.search(rf"[`/]{re.escape(module.rpartition('/')[2])}(\.py)?`", ROOMS), f"ARCHITECTURE.md does not say what {module} is for"
