"""Configurations that exceed the limits on time or memory."""

from __future__ import annotations

from drone_lint.api import Jsonnet, Rule, Settings, Severity


class EvaluationLimit(Rule):
    """Evaluating the configuration took too long, used too much memory, or crashed the Jsonnet engine.

    Configurations come from the pull requests of untrusted contributors, so each is evaluated in a separate process with limits:
    30 seconds and 1 GiB by default, which `--max-seconds` and `--max-memory` change. YAML nested deeper than 200 levels is not read.
    The other files are still linted; the run ends with exit code 3.
    """

    name = "evaluation-limit"
    severity = Severity.ERROR
    why = "the file was not checked"
    help = "raise the limit with `--max-seconds` or `--max-memory` if you trust the file"

    bad = (
        Jsonnet(
            """
            local f(n) = if n == 0 then 0 else f(n - 1) + f(n - 1);  // <- evaluation-limit
            { kind: 'pipeline', name: 'n' + f(60) }
            """,
            settings=Settings(max_seconds=1),
        ),
        "a: " + "[" * 300 + "]" * 300 + "  # <- evaluation-limit\n",
    )
