"""reviewdog's Diagnostic Format. Its columns count bytes of UTF-8, from 1."""

from __future__ import annotations

from typing import Any

from drone_lint.findings.result import Report
from drone_lint.report import Style
from drone_lint.report.wording import builds_label, json_text, refusal
from drone_lint.text.position import Position, Precision, SourceFile, Span

_SEVERITIES = {"error": "ERROR", "warning": "WARNING", "notice": "INFO", "info": "INFO"}


def write(report: Report, style: Style) -> str:
    """The report as one `DiagnosticResult`."""
    return json_text(document(report))


def document(report: Report) -> dict[str, Any]:
    """The report as data."""
    rows: list[dict[str, Any]] = []
    for item in report.findings:
        notes = [*(refusal(one) for one in item.drone), *([builds_label(item)] if builds_label(item) else [])]
        row: dict[str, Any] = {
            "message": "\n".join([item.message, *notes, *([f"help: {item.help}"] if item.help else [])]),
            "location": _location(item.span),
            "severity": _SEVERITIES[item.severity.value],
            "code": {"value": item.rule},
        }
        if item.related:
            row["relatedLocations"] = [{"message": message, "location": _location(span)} for message, span in item.related]
        rows.append(row)
    for problem in report.errors:
        where = _location(problem.span) if problem.span is not None else {"path": problem.path}
        rows.append({"message": problem.message, "location": where, "severity": "ERROR", "code": {"value": problem.rule}})
    return {"source": {"name": "drone-lint"}, "severity": "WARNING", "diagnostics": rows}


def _location(span: Span) -> dict[str, Any]:
    if span.precision is Precision.FILE:
        return {"path": span.file.path}
    return {"path": span.file.path, "range": {"start": _position(span.file, span.begin), "end": _position(span.file, span.finish)}}


def _position(file: SourceFile, position: Position) -> dict[str, int]:
    before = file.line(position.line)[: position.column - 1]
    return {"line": position.line, "column": len(before.encode("utf-8", "surrogatepass")) + 1}
