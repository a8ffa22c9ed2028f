"""Reporters: one module a format; each sees a frozen report and nothing else."""

from __future__ import annotations

import importlib
from typing import NamedTuple

from drone_lint.findings.result import Report

FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson")
WITH_EXTRA = ("html",)
"""Formats that need packages of an extra of the same name."""


class Style(NamedTuple):
    """How a report for people looks."""

    color: bool = False
    links: bool = False
    """Whether the terminal shows hyperlinks (OSC 8)."""
    quiet: bool = False
    """Findings only: no summary line."""
    statistics: bool = False
    """Counts per rule after the findings."""


def write(report: Report, format: str, style: Style | None = None) -> str:  # noqa: A002 - the flag's own word
    """A report in one of `FORMATS` or `WITH_EXTRA`, ending with a line end unless empty."""
    module = importlib.import_module(f"drone_lint.report.{format}")
    text: str = module.write(report, style or Style())
    return text
