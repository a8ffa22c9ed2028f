"""SARIF 2.1.0 (OASIS), for code scanning."""

from __future__ import annotations

import posixpath
from typing import Any
from urllib.parse import quote

from drone_lint import __version__
from drone_lint.findings.finding import Problem
from drone_lint.findings.result import Diagnostic, PlaceRecord, Report, RuleInfo
from drone_lint.report import Style
from drone_lint.report.wording import builds_label, json_text, refusal
from drone_lint.text.position import Precision, Span

_LEVELS = {"error": "error", "warning": "warning", "notice": "note", "info": "note"}
_SECURITY = ("container_escape", "trust", "supply_chain", "secrets", "injection")
_SCORES = {"error": "8.0", "warning": "5.5", "notice": "3.0", "info": "1.0"}
"""`security-severity` of the security families, on CVSS's scale."""
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def write(report: Report, style: Style) -> str:
    """The report as one SARIF log with one run."""
    return json_text(document(report))


def document(report: Report) -> dict[str, Any]:
    """The report as SARIF data."""
    rules = sorted(report.rules)
    at = {name: number for number, name in enumerate(rules)}
    results = [_result(item, at) for item in (*report.findings, *report.ignored)]
    results += [_problem(problem, at) for problem in report.errors]
    run = {
        "tool": {
            "driver": {
                "name": "drone-lint",
                "semanticVersion": __version__,
                "rules": [_rule(report.rules[name]) for name in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The folder in which drone-lint ran."}}},
        "invocations": [
            {
                "executionSuccessful": not report.errors,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": problem.message}, "descriptor": {"id": problem.rule}}
                    for problem in report.errors
                ],
            }
        ],
        "results": results,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: RuleInfo) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "tags": [rule.family, *(["security"] if rule.family in _SECURITY else []), *dict.fromkeys(item[0] for item in rule.references)],
        "precision": {"high": "high", "medium": "medium", "low": "low"}[rule.confidence.value],
        "problem.severity": {"error": "error", "warning": "warning"}.get(rule.severity.value, "recommendation"),
    }
    if rule.family in _SECURITY:
        properties["security-severity"] = _SCORES[rule.severity.value]
    found: dict[str, Any] = {
        "id": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary + "."},
        "help": {"text": rule.page, "markdown": rule.page},
        "defaultConfiguration": {"level": _LEVELS[rule.severity.value]},
        "properties": properties,
    }
    return found


def _result(item: Diagnostic, at: dict[str, int]) -> dict[str, Any]:
    notes = [item.message, *(refusal(one) for one in item.drone), *([builds_label(item)] if builds_label(item) else [])]
    found: dict[str, Any] = {
        "ruleId": item.rule,
        "level": _LEVELS[item.severity.value],
        "message": {"text": "; ".join(notes)},
        "locations": [{**_location(item.span), "logicalLocations": _logical(item.places)}],
        "partialFingerprints": {"droneLint/v1": item.fingerprint},
        "properties": {"confidence": item.confidence.value, "severity": item.severity.value},
    }
    if item.rule in at:
        found["ruleIndex"] = at[item.rule]
    related = [*item.related, *(("also here", place.span) for place in item.places if place.span != item.span)]
    if related:
        found["relatedLocations"] = [
            {"id": number, **_location(span), "message": {"text": message}} for number, (message, span) in enumerate(related)
        ]
    if item.ignored_by is not None:
        kind = "inSource" if item.ignored_by.kind == "comment" else "external"
        found["suppressions"] = [{"kind": kind, "status": "accepted", "justification": item.ignored_by.reason or item.ignored_by.kind}]
    return found


def _problem(problem: Problem, at: dict[str, int]) -> dict[str, Any]:
    unplaced = {"physicalLocation": {"artifactLocation": _artifact(problem.path)}}
    where = _location(problem.span) if problem.span is not None else unplaced
    found: dict[str, Any] = {
        "ruleId": problem.rule,
        "level": "error",
        "message": {"text": f"{problem.message} (this could not be linted)"},
        "locations": [where],
        "properties": {"notLinted": True},
    }
    if problem.rule in at:
        found["ruleIndex"] = at[problem.rule]
    return found


def _logical(places: tuple[PlaceRecord, ...]) -> list[dict[str, str]]:
    names: dict[str, str] = {}
    for place in places:
        if place.pipeline is not None:
            full = place.pipeline if place.step is None else f"{place.pipeline}/{place.step}"
            names.setdefault(full, "step" if place.step is not None else "pipeline")
    return [{"fullyQualifiedName": full, "name": full.rpartition("/")[2] or full, "kind": kind} for full, kind in names.items()]


def _location(span: Span) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(span.file.path)}
    if span.precision is not Precision.FILE:
        begin, finish = span.begin, span.finish
        physical["region"] = {"startLine": begin.line, "startColumn": begin.column, "endLine": finish.line, "endColumn": finish.column}
    return {"physicalLocation": physical}


def _artifact(path: str) -> dict[str, str]:
    if posixpath.isabs(path) or path[1:2] == ":":
        return {"uri": "file://" + ("" if path.startswith("/") else "/") + _quoted(path)}
    return {"uri": _quoted(path), "uriBaseId": "SRCROOT"}


def _quoted(path: str) -> str:
    """A path in a URI; bytes of a name that is no UTF-8 as they are."""
    return quote(path, errors="surrogateescape")
