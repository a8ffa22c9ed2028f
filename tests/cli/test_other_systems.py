"""Runs as on systems that these tests do not run on: without what Windows lacks, and with the memory watched and processes that are not forked, as on macOS."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FILES = [
    "examples/docker-in-docker/.drone.jsonnet",
    "examples/planted/.drone.yml",
    "tests/cli/files/kubernetes.yml",
    "memory.drone.jsonnet",
    "time.drone.jsonnet",
    "broken.drone.jsonnet",
]
_RUN = """
import ctypes, json, multiprocessing, os, select, signal, subprocess, sys, tempfile, threading
sys.platform = {platform!r}
if sys.platform == "win32":
    for module, name in ((os, "posix_spawn"), (os, "O_NONBLOCK"), (os, "geteuid"), (select, "poll"), (signal, "pthread_sigmask")):
        delattr(module, name)
    subprocess._USE_POSIX_SPAWN = False
    from drone_lint.source.process import memory as process_memory
    process_memory._windows = lambda pid: process_memory._proc(pid, 4096)
from drone_lint.__main__ import main
main()
"""


def report(folder: Path, platform: str) -> dict[str, Any]:
    paths = [str(ROOT / name) if (ROOT / name).exists() else str(folder / name) for name in FILES]
    program = [sys.executable, "-c", _RUN.format(platform=platform)]
    options = [
        "--isolated",
        "--no-cache",
        "--format=json",
        f"--jobs={2 if platform == 'darwin' else 1}",
        "--max-seconds=2",
        "--max-memory=64",
        "--ignore=shellcheck",
    ]
    done = subprocess.run([*program, *options, *paths], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert not done.stderr
    assert done.returncode == 3
    found: dict[str, Any] = json.loads(done.stdout)
    for item in found["errors"]:
        if "needed more memory" in item["message"]:  # an engine crashes at the system's limit, and is stopped at ours
            item["message"] = "memory"
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="what is taken away is Linux's")
def test_every_system_has_the_same_report(tmp_path: Path) -> None:
    doubling = "local f(n) = if n == 0 then 'x' else local s = f(n - 1); s + s; std.length(f(29) + f(30))"
    (tmp_path / "memory.drone.jsonnet").write_text(doubling, "utf-8")
    (tmp_path / "time.drone.jsonnet").write_text("local f(n) = f(n + 1) tailstrict; f(0)", "utf-8")
    (tmp_path / "broken.drone.jsonnet").write_text("{ kind: 'pipeline', steps: [ }", "utf-8")
    here = report(tmp_path, "linux")
    assert len(here["findings"]) > 10
    assert [item["rule"] for item in here["errors"]] == ["evaluation-limit", "evaluation-limit", "invalid-jsonnet"]
    assert here["errors"][0]["message"] == "memory"
    for platform in ("win32", "darwin"):
        assert report(tmp_path, platform) == here
