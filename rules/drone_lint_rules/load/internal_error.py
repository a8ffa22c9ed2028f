"""Our own bugs."""

from __future__ import annotations

from drone_lint.api import Rule, Severity


class InternalError(Rule):
    """A rule, or drone-lint itself, failed. This is a bug of drone-lint: please report it with the message.

    The other rules and the other files were checked; the run ends with exit code 3, because something was not.
    """

    name = "internal-error"
    severity = Severity.ERROR
    why = "something was not checked"
