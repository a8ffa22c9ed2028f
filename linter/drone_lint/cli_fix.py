"""`--fix` and `--diff`: fixed files are written, or shown as a difference."""

from __future__ import annotations

import difflib
import os
import sys

from drone_lint.cli_output import replace
from drone_lint.lint_files import FixedFile, fix_target
from drone_lint.options import UsageError
from drone_lint.regenerate import regenerate
from drone_lint.targets import Flags, Plan


def apply_fixes(planned: Plan, flags: Flags, *, unsafe: bool, write: bool) -> tuple[int, bool]:
    """Fix every planned file.

    Returns:
        How many fixes were applied, and whether any file changed or would change.
    """
    applied, changed = 0, False
    for target in planned.targets:
        if target.data is not None and write:
            continue  # standard input is not written
        fixed = fix_target(target, flags, unsafe=unsafe)
        if fixed is None:
            continue
        applied, changed = _finish(fixed, applied, changed, write=write)
        if write or fixed.after == fixed.before:
            again = regenerate(fixed, flags)
            if again is not None:
                applied, changed = _finish(again, applied, changed, write=write)
    return applied, changed


def _finish(fixed: FixedFile, applied: int, changed: bool, *, write: bool) -> tuple[int, bool]:
    """Write or show one file; the counts with its own."""
    if fixed.refused:
        what = "fixes were" if fixed.refused > 1 else "fix was"
        shown = fixed.target.shown
        print(f"drone-lint: {shown}: {fixed.refused} {what} not applied: the result would not be what was meant", file=sys.stderr)
    if fixed.after == fixed.before:
        return applied, changed
    if write:
        _replace(fixed)
    else:
        sys.stdout.write(difference(fixed))
    return applied + fixed.applied, True


def difference(fixed: FixedFile) -> str:
    """A unified difference of a file before and after."""
    name = fixed.target.shown
    lines = difflib.unified_diff(fixed.before.splitlines(keepends=True), fixed.after.splitlines(keepends=True), f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)


def _replace(fixed: FixedFile) -> None:
    """Write the file in one step, through a link to what it points at, keeping its mode; not if it changed meanwhile."""
    path = os.path.realpath(fixed.target.absolute or fixed.target.shown)
    with open(path, "rb") as file:
        if file.read() != fixed.before.encode("utf-8"):
            print(f"drone-lint: {fixed.target.shown}: changed meanwhile, not fixed", file=sys.stderr)
            return
    try:
        replace(path, fixed.after.encode("utf-8"), os.stat(path).st_mode)
    except OSError as error:
        raise UsageError(f"{fixed.target.shown}: {error.strerror}") from error
