"""`drone-lint init`: a configuration to start from."""

from __future__ import annotations

import os
import sys
from typing import Any

from drone_lint.cli.options import UsageError
from drone_lint.cli.outcome import CLEAN
from drone_lint.cli.output import save
from drone_lint.config.init import SCHEMA_NAME, schema_text, template


def run(_options: dict[str, Any]) -> int:
    """Write a configuration to start from."""
    name = ".drone-lint.yaml"
    if os.path.exists(name):
        raise UsageError(f"{name} already exists")
    save(SCHEMA_NAME, schema_text())
    save(name, template())
    print(f"drone-lint: wrote {name} and {SCHEMA_NAME} (for editors)", file=sys.stderr)
    return CLEAN
