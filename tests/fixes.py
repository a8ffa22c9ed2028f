"""Fixes copies of a corpus of real configurations, and checks that fixing breaks nothing. A command of its own.

python tests/fixes.py PATH_OF_CORPUS [--unsafe] [--show RULE]

For each file: what was readable still is, fixing again changes nothing, and no fix of a rule leaves more of what the rule finds.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections import Counter
from pathlib import Path

from drone_lint.fix.apply import Fixed, Linted, fix_text
from drone_lint.lint.engine import lint
from drone_lint.lint.selection import RuleSet
from drone_lint.settings import Settings
from drone_lint.source.load import load


def linter_of(path: Path, profile: str):
    settings = Settings(profile=profile)
    name = str(path.with_suffix(".jsonnet")) if path.suffix == ".json" else str(path)  # JSON is Jsonnet, and these are its results
    rules = RuleSet(settings)

    def linted(text: str) -> Linted:
        file = load(text.encode("utf-8"), name, settings, root=str(path.parent), absolute=name)
        return Linted(file, lint(file, rules.triggered_by(file), settings))

    return linted


def places(linted: Linted) -> Counter[str]:
    """Places with a fix, by rule."""
    found: Counter[str] = Counter()
    for item in linted.report.findings:
        found[item.rule] += len(item.places)
    return found


def check(path: Path, profile: str, unsafe: bool) -> tuple[Fixed, list[str], Counter[str], str]:
    text = path.read_bytes().decode("utf-8")
    linted = linter_of(path, profile)
    before = linted(text)
    text = before.file.source.text
    fixed = fix_text(text, linted, unsafe=unsafe)
    wrong: list[str] = []
    after = linted(fixed.text)
    if len(after.report.problems) > len(before.report.problems):
        wrong.append("what could be read cannot be read any more")
    if fix_text(fixed.text, linted, unsafe=unsafe).text != fixed.text:
        wrong.append("fixing again changes more")
    gone = places(before) - places(after)
    refusals = [sum(len(item.places) for item in one.report.findings if item.drone) for one in (before, after)]
    if refusals[1] > refusals[0]:
        wrong.append("Drone refuses more than before")
    return fixed, wrong, gone, text


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--unsafe", action="store_true", help="apply unsafe fixes, too")
    parser.add_argument("--profile", default="pedantic")
    parser.add_argument("--diff", action="store_true", help="print what changes")
    options = parser.parse_args()
    rows = [json.loads(line) for line in (options.corpus / "verdicts.jsonl").read_text("utf-8").splitlines()]
    fixes = refused = changed = failures = files = 0
    gone: Counter[str] = Counter()
    for row in rows:
        path = options.corpus / row["file"]
        try:
            fixed, wrong, fewer, text = check(path, options.profile, options.unsafe)
        except UnicodeDecodeError:
            continue
        files += 1
        fixes, refused, changed = fixes + fixed.applied, refused + fixed.refused, changed + (fixed.text != text)
        gone += fewer
        failures += len(wrong)
        for one in wrong:
            print(f"{row['file']}: {one}")
        if options.diff and fixed.text != text:
            lines = difflib.unified_diff(text.splitlines(), fixed.text.splitlines(), row["file"], row["file"], "", "", 1, "")
            print("\n".join(lines))
    for name, number in gone.most_common():
        print(f"{number:6} fewer places of {name}")
    print(f"{files} files: {fixes} fixes in {changed} of them, {refused} refused, {failures} failures")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
