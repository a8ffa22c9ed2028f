"""Bugs of drone-lint itself."""

from __future__ import annotations

from drone_lint.api import Rule, Severity


class InternalError(Rule):
    """A rule, or drone-lint itself, failed. This is a bug in drone-lint: please report it together with the message.

    The other rules and files were still checked; the run ends with exit code 3, because the result is incomplete.
    """

    name = "internal-error"
    severity = Severity.ERROR
    why = "the result is incomplete: part of the file was not checked"
