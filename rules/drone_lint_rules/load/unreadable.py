"""Files that cannot be read."""

from __future__ import annotations

from drone_lint.api import Rule, Severity


class Unreadable(Rule):
    """The file does not exist, cannot be opened, or is no UTF-8 text.

    What could not be read was not checked, so the run ends with exit code 3.
    """

    name = "unreadable"
    severity = Severity.ERROR
    why = "it was not checked"
