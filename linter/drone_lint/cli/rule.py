"""`drone-lint rule`: one rule's page."""

from __future__ import annotations

from typing import Any

from drone_lint.cli.outcome import CLEAN
from drone_lint.cli.streams import print_text
from drone_lint.report.explain import find_rule, terminal_page


def run(options: dict[str, Any]) -> int:
    """Print one rule's page."""
    print_text(terminal_page(find_rule(options["name"])))
    return CLEAN
