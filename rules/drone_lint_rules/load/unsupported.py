"""What drone-lint does not read."""

from __future__ import annotations

from drone_lint.api import Rule, Severity


class Unsupported(Rule):
    """drone-lint cannot read what the file leads to.

    That is the plan of a Drone 0.8 file, which the server converts first, and a Go template that the configuration names under `templates`. What cannot be read is not checked, so the run ends with exit code 3.
    """

    name = "unsupported"
    severity = Severity.ERROR
    why = "the file was not checked"
