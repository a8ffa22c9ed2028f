"""Exit codes, and how a command comes to one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from drone_lint.cli.options import UsageError
from drone_lint.cli.streams import complain

if TYPE_CHECKING:
    from drone_lint.findings.finding import Problem
    from drone_lint.findings.result import Report
    from drone_lint.run.targets import Flags

CLEAN, FINDINGS, USAGE, NOT_LINTED = 0, 1, 2, 3

Command = Callable[[dict[str, Any]], int]
"""Takes the command's options by name, gives the exit code."""


def run_command(command: str | Command, options: dict[str, Any]) -> int:
    """A command's exit code; mistakes of usage and configuration become one line on standard error and 2.

    Args:
        command: the name of the module of `cli` whose `run` it is, or the function itself.
        options: its options by name.
    """
    from drone_lint.config.load import ConfigError
    from drone_lint.lint.selection import UnknownRuleError

    function: Command = command if callable(command) else import_module(f"drone_lint.cli.{command}").run
    try:
        return function(options)
    except (UsageError, ConfigError, UnknownRuleError) as error:
        complain(str(error))
        return USAGE


def flags_from(options: dict[str, Any]) -> Flags:
    """The command line's word on settings."""
    from drone_lint.cli import flags as cli_flags

    return cli_flags.flags_from(options, os.environ)


def exit_code(report: Report) -> int:
    """0, 1 or 3, as the contract has it: what could not be linted wins."""
    if report.errors:  # a folder without configurations is one; only libraries that nothing imports leave no files and no error
        return NOT_LINTED
    return FINDINGS if any(file.fails for file in report.files) else CLEAN


def not_linted(problems: Sequence[Problem]) -> int:
    """Tell on standard error what could not be linted; the exit code for it."""
    from drone_lint.report import write

    print(write(problems_report(problems), "concise").rstrip("\n"), file=sys.stderr)
    return NOT_LINTED


def problems_report(problems: Sequence[Problem]) -> Report:
    """A report of problems alone."""
    from drone_lint.findings.result import Report

    return Report((), {}, 0, tuple(problems))
