"""`drone-lint rule`: one rule's page."""

from __future__ import annotations

from typing import Any

from drone_lint.cli.outcome import CLEAN
from drone_lint.cli.streams import print_text
from drone_lint.report.explain import find_rule, rules_beginning, terminal_page


def run(options: dict[str, Any]) -> int:
    """Print one rule's page, or the names of the rules that begin so if there are several."""
    several = rules_beginning(options["name"]) if options["name"] else []
    if len(several) > 1:
        print_text("".join(f"{rule.name}\n" for rule in several))
        return CLEAN
    print_text(terminal_page(find_rule(options["name"])))
    return CLEAN
