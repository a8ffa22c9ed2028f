"""The quick cases of the fault campaign (`tests/campaigns/faults.py`)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("the faults are Linux's", allow_module_level=True)

from campaigns.faults import CASES

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.quick])
def test_fault(name: str, tmp_path: Path) -> None:
    CASES[name].act(tmp_path)
