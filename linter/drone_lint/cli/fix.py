"""`--fix` and `--diff`: fixed files are written, or shown as a difference."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterator
from typing import NamedTuple

from drone_lint.cli.options import UsageError
from drone_lint.cli.output import replace
from drone_lint.cli.streams import print_text
from drone_lint.config.load import ConfigError
from drone_lint.fix.files import FixedFile, fix_target
from drone_lint.fix.regenerate import regenerate
from drone_lint.lint.selection import UnknownRuleError
from drone_lint.run.targets import Flags, Selection, Target


class Fixes(NamedTuple):
    """What fixing a run's files came to."""

    applied: int = 0
    changed: bool = False
    """Whether any file changed, or would change."""
    failed: bool = False
    """Whether a file could not be read, or not be fixed because of a bug of ours."""


def apply_fixes(selection: Selection, flags: Flags, *, unsafe: bool, write: bool) -> Fixes:
    """Fix every selection file; a bug in fixing one leaves that one as it is and stops nothing else."""
    so_far = Fixes(failed=bool(selection.problems))
    for problem in () if write else selection.problems:  # with --fix the report has them
        print(f"drone-lint: {problem.path}: {problem.message}", file=sys.stderr)
    for target in selection.targets:
        if target.data is not None and write:
            continue  # standard input is not written
        try:
            done = list(_fixed(target, flags, unsafe=unsafe, write=write))
            for fixed in done:
                so_far = _finish(fixed, so_far, write=write)
            if not done and not write:
                print(f"drone-lint: {target.shown}: cannot be read as text", file=sys.stderr)
                so_far = so_far._replace(failed=True)
        except (ConfigError, UnknownRuleError, UsageError):
            raise
        except Exception as error:  # noqa: BLE001 - a bug of ours stops nothing else
            print(f"drone-lint: {target.shown}: not fixed: {type(error).__name__}: {error}. This is a bug in drone-lint", file=sys.stderr)
            so_far = so_far._replace(failed=True)
    return so_far


def _fixed(target: Target, flags: Flags, *, unsafe: bool, write: bool) -> Iterator[FixedFile]:
    fixed = fix_target(target, flags, unsafe=unsafe)
    if fixed is None:
        return
    yield fixed
    if unsafe and (write or fixed.after == fixed.before):
        again = regenerate(fixed, flags)
        if again is not None:
            yield again


def _finish(fixed: FixedFile, so_far: Fixes, *, write: bool) -> Fixes:
    """Write or show one file; the counts with its own."""
    if fixed.refused:
        what = "fixes were" if fixed.refused > 1 else "fix was"
        shown = fixed.target.shown
        print(f"drone-lint: {shown}: {fixed.refused} {what} not applied, because the result would not be as intended", file=sys.stderr)
    if fixed.after == fixed.before:
        return so_far
    if write:
        _replace(fixed)
    else:
        print_text(difference(fixed))
    return so_far._replace(applied=so_far.applied + fixed.applied, changed=True)


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
            print(f"drone-lint: {fixed.target.shown}: not fixed, because the file has changed in the meantime", file=sys.stderr)
            return
    try:
        replace(path, fixed.after.encode("utf-8"), os.stat(path).st_mode)
    except OSError as error:
        raise UsageError(f"{fixed.target.shown}: {error.strerror}") from error
