"""The verdict of `serve` is that of `drone-lint check` on the same text, over all real configurations that are at hand."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from contract import call
from drone_lint.serve.examine import Task, examine
from drone_lint.settings import Settings

pytestmark = pytest.mark.slow

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real configurations is not here")
@pytest.mark.parametrize("trust", ["trusted", "untrusted"])
def test_serve_says_what_check_says(trust, tmp_path, monkeypatch, capsys):
    files = sorted(path for path in (*CORPUS.glob("yaml/*"), *CORPUS.glob("evaluated/*")) if path.is_file())
    assert len(files) > 250
    for number, path in enumerate(files):
        (tmp_path / str(number)).mkdir()
        shutil.copy(path, tmp_path / str(number) / ".drone.yml")
    monkeypatch.chdir(tmp_path)
    report = json.loads(call(capsys, "--no-cache", "--isolated", "--no-ignores", "--trust", trust, "--format", "json", "--jobs", "1")[1])
    by_check: dict[str, set[tuple[str, str]]] = {}
    for item in report["findings"]:
        by_check.setdefault(item["location"]["path"].split("/")[0], set()).add((item["rule"], item["severity"]))
    failed = {item["path"].split("/")[0] for item in report["errors"]}
    for number, path in list(enumerate(files))[:: 1 if trust == "untrusted" else 4]:  # the report has them all
        found = examine(Task(path.read_bytes(), Settings(trust=trust), None))
        assert {(one.rule, one.severity) for one in found.findings} == by_check.get(str(number), set()), path.name
        assert bool(found.problems) == (str(number) in failed), path.name
