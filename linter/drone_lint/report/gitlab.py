"""GitLab's Code Quality report."""

from __future__ import annotations

import hashlib
from typing import Any

from drone_lint.findings.result import Report
from drone_lint.report import Style
from drone_lint.report.wording import builds_label, json_text
from drone_lint.text.position import Span

_SEVERITIES = {"error": "critical", "warning": "major", "notice": "minor", "info": "info"}


def write(report: Report, style: Style) -> str:
    """The report as a JSON array."""
    return json_text(document(report))


def document(report: Report) -> list[dict[str, Any]]:
    """The report as data. Fingerprints are unique in it, as GitLab demands."""
    seen: dict[str, int] = {}
    rows = []
    for item in report.findings:
        label = f" ({builds_label(item)})" if builds_label(item) else ""
        rows.append(_row(f"{item.message}{label}", item.rule, _SEVERITIES[item.severity.value], item.fingerprint, item.span, seen))
    for problem in report.errors:
        content = hashlib.sha256(f"{problem.rule}\0{problem.message}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
        row = _row(f"{problem.message} (this could not be linted)", problem.rule, "blocker", content, problem.span, seen)
        row["location"]["path"] = problem.span.file.path if problem.span is not None else problem.path
        rows.append(row)
    return rows


def _row(description: str, rule: str, severity: str, fingerprint: str, span: Span | None, seen: dict[str, int]) -> dict[str, Any]:
    number = seen[fingerprint] = seen.get(fingerprint, 0) + 1
    unique = fingerprint if number == 1 else hashlib.sha256(f"{fingerprint}{number}".encode()).hexdigest()[:32]
    lines = {"begin": span.begin.line, "end": max(span.begin.line, span.finish.line)} if span is not None else {"begin": 1, "end": 1}
    return {
        "description": description,
        "check_name": rule,
        "fingerprint": unique,
        "severity": severity,
        "location": {"path": span.file.path if span is not None else "", "lines": lines},
    }
