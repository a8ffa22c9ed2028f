"""The fuzzing campaign's targets still fit what they test: a few inputs each."""

from __future__ import annotations

import random
import sys

import pytest

if sys.platform == "win32":
    pytest.skip("the time limit of an input needs a signal", allow_module_level=True)

from campaigns.fuzz import TARGETS, Mutator, limited, seeds
from drone_lint.config import check as config

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_mutated_inputs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "nearest", config.nearest)  # one target puts another in its place
    check, mutator = TARGETS[name](), Mutator(random.Random(5), seeds(name))
    for _ in range(60):
        with limited():
            check(mutator.text())
