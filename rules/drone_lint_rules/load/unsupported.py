"""Languages that drone-lint does not read."""

from __future__ import annotations

from drone_lint.api import Example, Rule, Severity


class Unsupported(Rule):
    """The configuration is written in a language that drone-lint does not evaluate (currently Starlark).

    A file that cannot be evaluated is not checked, so the run ends with exit code 3. `drone starlark --stdout` prints the YAML, which
    can be linted: `drone starlark --stdout | drone-lint --stdin-filename .drone.yml -`.
    """

    name = "unsupported"
    severity = Severity.ERROR
    why = "the file was not checked"

    bad = (Example("def main(ctx):  # <- unsupported\n  return {}\n", name=".drone.star"),)
