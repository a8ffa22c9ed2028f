"""`drone-lint diff`: what a change newly allows."""

from __future__ import annotations

import os
from typing import Any

from drone_lint.cli.options import UsageError
from drone_lint.cli.outcome import CLEAN, FINDINGS, NOT_LINTED, flags_from, not_linted
from drone_lint.cli.streams import complain, print_text
from drone_lint.report.diff import write_diff
from drone_lint.run.diff import compare
from drone_lint.run.discovery import repository_root
from drone_lint.semantics.changes import KINDS
from drone_lint.text.revisions import RevisionError


def run(options: dict[str, Any]) -> int:
    """Print what changes; 1 where something new is of a kind that `--fail-on-new` names, 3 where a side could not be read."""
    root = repository_root(os.getcwd())
    if root is None:
        raise UsageError("diff: this folder belongs to no git repository")
    wanted = _kinds(options["fail_on_new"])
    try:
        differences = compare(root, options["base"], options["head"], flags_from(options), findings=options["findings"])
    except RevisionError as error:
        complain(f"diff: {error}")
        return NOT_LINTED
    print_text(write_diff(differences, options["format"]))
    if differences.problems:
        return not_linted(differences.problems)
    return FINDINGS if any(one.new and one.kind in wanted for one in differences.found) else CLEAN


def _kinds(given: list[str]) -> set[str]:
    """Raises: UsageError: an unknown kind."""
    names = {part.strip() for item in given for part in item.split(",") if part.strip()}
    unknown = sorted(names - {*KINDS, "all"})
    if unknown:
        raise UsageError(f"--fail-on-new {unknown[0]}: no such kind; known: {', '.join(KINDS)}, all")
    return set(KINDS) if "all" in names else names
