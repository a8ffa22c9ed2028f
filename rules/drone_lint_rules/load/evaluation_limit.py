"""Configurations that take too much to read."""

from __future__ import annotations

from drone_lint.api import Jsonnet, Rule, Settings, Severity


class EvaluationLimit(Rule):
    """Evaluating the configuration took too long, too much memory, or crashed the engine.

    Configurations come from pull requests of strangers, so each is evaluated in a process of its own with limits: 30 seconds and
    1 GiB, unless `--max-seconds` and `--max-memory` say otherwise. YAML nested deeper than 200 levels is not read. The other files
    are linted all the same; the run ends with exit code 3.
    """

    name = "evaluation-limit"
    severity = Severity.ERROR
    why = "it was not checked"
    help = "raise the limit with `--max-seconds` or `--max-memory` if the file is to be trusted"

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
