"""What is in the wheel."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_wheel_holds_three_packages_and_their_data(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"drone_lint", "drone_lint_rules", "drone_lint_schemas"}
    for wanted in (
        "drone_lint/semantics/variables.txt",
        "drone_lint/py.typed",
        "drone_lint_rules/supply_chain/moving_tags.txt",
        "drone_lint_schemas/pipeline.docker.json",
    ):
        assert wanted in names
    assert not [name for name in names if "__pycache__" in name or "test" in name.split("/")[0]]
