"""Files that cannot be read."""

from __future__ import annotations

from drone_lint.api import Rule, Severity


class Unreadable(Rule):
    """The file does not exist, cannot be opened, or is not UTF-8 text.

    A file that cannot be read is not checked, so the run ends with exit code 3.
    """

    name = "unreadable"
    severity = Severity.ERROR
    why = "the file was not checked"
