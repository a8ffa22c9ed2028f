"""Does it say what is wrong, where, and what to write instead? Every case is linted in a repository of its own and judged by what a person reads.

What counts is the message, the labels of related places and the text report's `why:`, `help:`, `note:` and `drone:` lines, without excerpts of the source, without the
name of the rule's page, and without lists of five or more `names`: naming every key is no advice. Findings of ShellCheck are left out, since it may not be installed.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract import call

CASES = Path(__file__).parent / "cases"
RANK = {"info": 0, "notice": 1, "warning": 2, "error": 3}
HEAD = re.compile(r"^(?:error|warning|notice|info)\[([\w-]+)\]: (.*)$")
ARROW = re.compile(r"^\s*--> (.+?)(?::(\d+):(\d+))?\s*$")
NOTE = re.compile(r"^\s*= (?:why|help|note|drone): (.*)$")
PAGE = re.compile(r"(?:; )?`drone-lint rule [\w-]+`")
LIST = re.compile(r"(?:`[^`]+`(?:, and |, or |, | and | or )){4,}`[^`]+`")
SPOKEN = ("message", "label")
Item = dict[str, Any]


@pytest.mark.parametrize("name", sorted(folder.name for folder in CASES.iterdir()))
def test_the_report_says_what_went_wrong(name: str, tmp_path: Path, capsys, monkeypatch) -> None:
    case = json.loads((CASES / name / "case.json").read_text(encoding="utf-8"))
    root = tmp_path / "repository"
    shutil.copytree(CASES / name, root, ignore=shutil.ignore_patterns("case.json"))
    (root / ".git").mkdir()
    monkeypatch.chdir(root)
    monkeypatch.setenv("COLUMNS", "200")
    reasons = list(_judge_command(case, root, capsys) if "command" in case else _judge_check(case, root, capsys))
    assert not reasons, case["title"] + "".join(f"\n- {reason}" for reason in reasons)


def _configurations(case: Item, root: Path) -> list[str]:
    names = (".drone.yml", ".drone.jsonnet", ".drone.star")
    return case.get("paths") or [name for name in names if (root / name).exists()]


def _judge_command(case: Item, root: Path, capsys) -> Iterator[str]:
    code, out, error = call(capsys, case["command"], *case["args"], *_configurations(case, root))
    if code not in (0, 1):
        yield f"exit code {code}: {error}"
    yield from (f"its output does not say /{tell['says']}/:\n{out}" for tell in case["tell"] if not _says(tell["says"], out))
    yield from (f"its output says /{pattern}/:\n{out}" for pattern in case["quiet"] if _says(pattern, out))


def _judge_check(case: Item, root: Path, capsys) -> Iterator[str]:
    profile = ["--profile", case["profile"]] if case["profile"] != "default" else []
    reports = [
        "--format",
        "json",
        "--output",
        str(root.parent / "report.json"),
        "--format",
        "text",
        "--output",
        str(root.parent / "report.txt"),
    ]
    code, _, error = call(capsys, *profile, *case["args"], "--no-cache", "--color", "never", *reports, *_configurations(case, root))
    if code not in (0, 1, 3):
        yield f"exit code {code}: {error}"
        return
    report = json.loads((root.parent / "report.json").read_text(encoding="utf-8"))
    notes = _notes((root.parent / "report.txt").read_text(encoding="utf-8"))
    findings = [item for item in report["findings"] if item["rule"] != "shellcheck"]
    said = [(item, _text(item, notes)) for item in (*findings, *report["errors"])]
    yield from (reason for tell in case["tell"] if (reason := _untold(tell, said)))
    yield from _too_much(case, said)
    if case.get("clean"):
        loud = [item for item in findings if RANK[item["severity"]] >= RANK["warning"] and item["rule"] not in case.get("may", [])]
        yield from (f"not clean: {_show(item)}: {item['message']}" for item in loud)
    if report["errors"] and not case["tell"]:
        yield f"could not be linted: {report['errors'][0]['message']}"


def _untold(tell: Item, said: list[tuple[Item, str]]) -> str:
    """Why an expectation is not met; empty where it is."""
    least = RANK[tell.get("severity", "info")]
    here = [(item, text) for item, text in said if any(_is_there(tell, *spot) for spot in _spots(item))]
    loud = [text for item, text in here if RANK[item.get("severity", "error")] >= least]
    if any(_says(tell["says"], LIST.sub("...", text)) for text in loud):
        return ""
    there = "".join(f"\n  {_show(item)}: {' / '.join(text.splitlines())}" for item, text in here)
    return f"no {tell.get('severity', 'finding')} at {tell['file']}:{tell['lines'] or 'anywhere'} says /{tell['says']}/; there: {there or 'nothing'}"


def _too_much(case: Item, said: list[tuple[Item, str]]) -> Iterator[str]:
    for item, text in said:
        yield from (f"{_show(item)} says /{pattern}/: {text}" for pattern in case["quiet"] if _says(pattern, text))
        if item["rule"] in case["rules_quiet"]:
            yield f"{_show(item)} must not fire: {item['message']}"


def _is_there(tell: Item, path: str, line: int) -> bool:
    return path == tell["file"] and (not tell["lines"] or line in tell["lines"])


def _spots(item: Item) -> Iterator[tuple[str, int]]:
    """Where a finding shows itself: its own place, related ones, and those that were grouped with it."""
    for place in (item, *item.get("related", ()), *item.get("places", ())):
        at = place["location"]
        yield at["path"], at["start"]["line"]


def _says(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE | re.DOTALL) is not None


def _notes(text: str) -> dict[tuple[str, ...], list[str]]:
    """The lines of the text report that explain a finding, by its rule with its place, and by its rule with its message."""
    found: dict[tuple[str, ...], list[str]] = {}
    keys: list[tuple[str, ...]] = []
    for line in text.splitlines():
        if head := HEAD.match(line):
            keys = [(head[1], head[2].strip())]
        elif keys and (arrow := ARROW.match(line)):
            keys.append((keys[0][0], arrow[1], arrow[2] or "1"))
        elif note := NOTE.match(line):
            for key in keys:
                found.setdefault(key, []).append(note[1])
    return found


def _text(item: Item, notes: dict[tuple[str, ...], list[str]]) -> str:
    """What a person reads of a finding."""
    at = item["location"]
    lines = [part[key] for part in (item, *item.get("related", ()), *item.get("drone", ())) for key in SPOKEN if part.get(key)]
    lines += notes.get((item["rule"], at["path"], str(at["start"]["line"]))) or notes.get((item["rule"], item["message"])) or []
    return PAGE.sub("", "\n".join(dict.fromkeys(lines)))


def _show(item: Item) -> str:
    return f"{item.get('severity', 'error')}[{item['rule']}] " + ", ".join(f"{path}:{line}" for path, line in sorted(_spots(item)))
