"""Drone 0.8 files, which the server converts before it parses them (drone-yaml yaml/converter/legacy/match.go)."""

from __future__ import annotations

import re


def is_legacy(text: str) -> bool:
    """Whether some line is an unindented `pipeline:` and nothing else."""
    return "pipeline:" in text and re.search(r"(?m)^pipeline:(\s+)?$", text) is not None
