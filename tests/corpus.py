"""Runs drone-lint's engine over a corpus of real configurations and compares its verdicts with Drone's. A command of its own.

python tests/corpus.py PATH_OF_CORPUS [--rules] [--show RULE]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from drone_lint.lint.engine import lint
from drone_lint.lint.selection import active_rules
from drone_lint.settings import Settings
from drone_lint.source.load import load


def is_literal(message: str) -> bool:
    """Messages that are compared word for word."""
    return message.lower().startswith("linter:") or message == "yaml: missing kind attribute"


def verdict(path: Path, trust: str | None, profile: str):
    settings = Settings(profile=profile, trust=trust)
    name = str(path.with_suffix(".jsonnet")) if path.suffix == ".json" else str(path)  # JSON is Jsonnet, and these are its results
    file = load(path.read_bytes(), name, settings, root=str(path.parent), absolute=name)
    return lint(file, active_rules(settings), settings)


def disagreements(corpus: Path, rows: list[dict]) -> list[str]:
    wrong = []
    for row in rows:
        for trust in ("untrusted", "trusted"):
            expected = row[trust]
            if expected.get("legacy"):
                continue
            report = verdict(corpus / row["file"], trust, "drone")
            found = {(item.by, item.message) for one in (*report.findings, *report.problems) for item in one.drone}
            wants = {"server": expected["server"], **{f"runner:{name}": error for name, error in expected["runners"].items()}}
            for by, error in wants.items():
                ours = sorted(message for who, message in found if who == by)
                if (error is None) != (not ours) or (error is not None and is_literal(error) and error not in ours):
                    wrong.append(f"{row['file']} {trust} {by}: Drone {error!r}, ours {ours}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--rules", action="store_true", help="count findings per rule with the default profile")
    parser.add_argument("--profile", default="default")
    parser.add_argument("--show", help="print the findings of a rule")
    options = parser.parse_args()
    rows = [json.loads(line) for line in (options.corpus / "verdicts.jsonl").read_text("utf-8").splitlines()]
    if not options.rules and not options.show:
        wrong = disagreements(options.corpus, rows)
        print("\n".join(wrong))
        print(f"{len(wrong)} disagreements in {len(rows)} files")
        return bool(wrong)
    counts: Counter[str] = Counter()
    files: dict[str, set[str]] = {}
    for row in rows:
        report = verdict(options.corpus / row["file"], None, options.profile)
        for item in (*report.findings, *report.problems):
            counts[item.rule] += 1
            files.setdefault(item.rule, set()).add(row["file"])
            if item.rule == options.show:
                at = f"{item.span.begin.line}:{item.span.begin.column}" if item.span else ""
                print(f"{row['file']}:{at}: {item.message}")
    if options.rules:
        for name, count in counts.most_common():
            print(f"{count:6} in {len(files[name]):4} files ({100 * len(files[name]) / len(rows):.0f} %)  {name}")
        print(f"{len(rows)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
