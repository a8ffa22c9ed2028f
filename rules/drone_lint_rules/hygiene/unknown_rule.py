"""Ignore comments for rules that do not exist."""

from __future__ import annotations

from drone_lint.api import Rule, Severity


class UnknownRule(Rule):
    """An ignore comment names a rule that does not exist, so it silences nothing.

    In the configuration and on the command line such a name is a mistake that ends the run (exit code 2).
    """

    name = "unknown-rule"
    severity = Severity.ERROR
    why = "the comment silences nothing"
    fixable = "safe"
