"""Files are let go of when they are done: memory is that of the largest, however many there are."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from drone_lint.fix.files import fix_target
from drone_lint.fix.regenerate import regenerate
from drone_lint.lint.engine import lint
from drone_lint.lint.selection import RuleSet
from drone_lint.model.document import Document
from drone_lint.run.batch import lint_targets
from drone_lint.run.targets import Flags, Target
from drone_lint.settings import Settings
from drone_lint.source.load import load

ROOT = Path(__file__).parents[2]
FILES = ("docker-in-docker/.drone.jsonnet", "planted/.drone.yml", "clean/.drone.jsonnet")
PEDANTIC = Settings(profile="pedantic", ignore=("shellcheck",))


@pytest.fixture
def targets(tmp_path: Path) -> list[Target]:
    copied = Path(shutil.copytree(ROOT / "examples", tmp_path / "examples"))
    (tmp_path / ".git").mkdir()
    return [Target(name, str(copied / name)) for name in FILES]


@pytest.fixture
def uncollected() -> Iterator[None]:
    """As in a run: nothing collects meanwhile."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def documents() -> int:
    return sum(isinstance(one, Document) for one in gc.get_objects())


@pytest.mark.usefixtures("uncollected")
def test_linted_files_go_at_once(targets: list[Target]) -> None:
    rules, before = RuleSet(PEDANTIC), documents()
    for _ in range(2):
        assert sum(len(report.findings) for report in lint_targets(targets, PEDANTIC, rules)) > 20
    after = documents()
    for _ in range(4):
        list(lint_targets(targets, PEDANTIC, rules))
    assert documents() <= after <= before + 20


@pytest.mark.usefixtures("uncollected")
def test_fixed_files_go_at_once(targets: list[Target]) -> None:
    flags = Flags({"ignore": ("shellcheck",)}, {}, isolated=True)
    counts = []
    for _ in range(4):
        for target in targets:
            fixed = fix_target(target, flags, unsafe=True)
            assert fixed is not None
            regenerate(fixed, flags)
        counts.append(documents())
    assert counts[-1] <= counts[1]


def test_what_rules_remember_goes_with_its_file(targets: list[Target]) -> None:
    rules = RuleSet(PEDANTIC)
    counts = []
    for _ in range(4):
        for target in targets:
            file = load(Path(target.absolute or "").read_bytes(), target.shown, PEDANTIC, absolute=target.absolute)
            lint(file, rules.triggered_by(file), PEDANTIC)
        del file
        gc.collect()
        counts.append(documents())
    assert counts[-1] <= counts[1]
