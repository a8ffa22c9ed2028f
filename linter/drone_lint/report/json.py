"""Version 1 of the JSON report: a contract built by hand (`report.v1.json`), never a dump of internals."""

from __future__ import annotations

from typing import Any

from drone_lint.findings.finding import Problem, Severity
from drone_lint.findings.result import Diagnostic, FileReport, PlaceRecord, Report
from drone_lint.report import Style
from drone_lint.report.wording import json_text
from drone_lint.text.position import Position, Precision, Span


def write(report: Report, style: Style) -> str:
    """The report as one JSON object."""
    return json_text(document(report))


def document(report: Report) -> dict[str, Any]:
    """The report as JSON data."""
    return {
        "version": 1,
        "files": [_file(file) for file in report.files],
        "findings": [_finding(item) for item in report.findings],
        "ignored": [_ignored(item) for item in report.ignored],
        "errors": [_problem(problem) for problem in report.errors],
        "summary": {
            "errors": report.number_of(Severity.ERROR),
            "warnings": report.number_of(Severity.WARNING),
            "notices": report.number_of(Severity.NOTICE),
            "infos": report.number_of(Severity.INFO),
            "ignored": len(report.ignored),
            "not_linted": len(report.errors),
        },
    }


def _file(file: FileReport) -> dict[str, Any]:
    found: dict[str, Any] = {"path": file.path, "documents": file.documents, "steps": file.steps}
    if file.unchecked:
        found["unchecked"] = [item._asdict() for item in file.unchecked]
    return found


def _finding(item: Diagnostic) -> dict[str, Any]:
    found: dict[str, Any] = {
        "rule": item.rule,
        "family": item.family,
        "severity": item.severity.value,
        "confidence": item.confidence.value,
        "message": item.message,
        "location": location(item.span),
        "related": _related(item.related),
        "places": [_place(place) for place in item.places],
        "drone": [{"by": refusal.by, "message": refusal.message} for refusal in item.drone],
        "fingerprint": item.fingerprint,
    }
    if item.events:
        found["events"] = list(item.events)
    if item.given:
        found["given"] = [{"variable": name, "value": value} for name, value in item.given]
    return found


def _ignored(item: Diagnostic) -> dict[str, Any]:
    by = item.ignored_by
    return {**_finding(item), "ignored_by": {"kind": by.kind if by else "", "reason": by.reason if by else ""}}


def _problem(problem: Problem) -> dict[str, Any]:
    found: dict[str, Any] = {
        "path": problem.path,
        "rule": problem.rule,
        "message": problem.message,
        "location": location(problem.span) if problem.span is not None else _unplaced(problem.path),
        "related": _related(problem.related),
        "drone": [{"by": refusal.by, "message": refusal.message} for refusal in problem.drone],
    }
    return found


def _place(place: PlaceRecord) -> dict[str, Any]:
    return {
        "document": place.document,
        "pipeline": place.pipeline,
        "step": place.step,
        "pointer": place.pointer,
        "location": location(place.span),
    }


def _related(items: tuple[tuple[str, Span], ...]) -> list[dict[str, Any]]:
    return [{"message": message, "location": location(span)} for message, span in items]


def location(span: Span) -> dict[str, Any]:
    """A span; lines and columns are 1-based, columns count characters, the end is exclusive."""
    return {
        "path": span.file.path,
        "start": _position(span.begin),
        "end": _position(span.finish),
        "precision": span.precision.value,
    }


def _unplaced(path: str) -> dict[str, Any]:
    start = _position(Position(1, 1))
    return {"path": path, "start": start, "end": start, "precision": Precision.FILE.value}


def _position(position: Position) -> dict[str, int]:
    return {"line": position.line, "column": position.column}
