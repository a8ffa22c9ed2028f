"""`drone-lint rules`: the index of rules."""

from __future__ import annotations

from typing import Any

from drone_lint.cli.outcome import CLEAN
from drone_lint.cli.streams import print_text
from drone_lint.report.explain import index


def run(options: dict[str, Any]) -> int:
    """Print the index of rules."""
    print_text(index(options["format"]))
    return CLEAN
