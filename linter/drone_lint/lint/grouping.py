"""Findings that are one: those of a rule with the same primary span, or the same group."""

from __future__ import annotations

from collections.abc import Sequence

from drone_lint.findings.finding import Severity
from drone_lint.findings.result import Diagnostic
from drone_lint.lint.locating import Occurrence
from drone_lint.lint.rule import Rule
from drone_lint.model.value import Place
from drone_lint.settings import Settings
from drone_lint.source.loaded import ConfigFile
from drone_lint.text.position import Precision


def group(occurrences: Sequence[Occurrence], rules: dict[str, Rule], settings: Settings, file: ConfigFile) -> list[Diagnostic]:
    """Located findings as the report has them, in the order of the source."""
    groups: dict[tuple[object, ...], list[Occurrence]] = {}
    for item in occurrences:
        groups.setdefault(_group_key(item), []).append(item)
    evaluated = {event for one in file.evaluations for event in one.events or () if not one.given}
    found = [_diagnostic(_ordinary_first(items), rules[items[0].finding.rule], settings, evaluated) for items in groups.values()]
    return sorted(
        found,
        key=lambda item: (item.span.file is not file.source, item.span.file.path, item.span.start, item.rule, item.span.end, item.message),
    )


def _ordinary_first(items: Sequence[Occurrence]) -> Sequence[Occurrence]:
    """What was found in ordinary builds; where that is nothing, what was found for the first of other values."""
    given = min((item.given for item in items), key=len)
    return [item for item in items if item.given == given]


def _group_key(item: Occurrence) -> tuple[object, ...]:
    finding, span = item.finding, item.lead
    if finding.group is not None:
        return finding.rule, finding.group
    key: tuple[object, ...] = (finding.rule, finding.kind, span.file.path, span.start, span.end)
    if span.precision is Precision.EXACT:
        return key
    place = finding.lead or finding.place
    keys = tuple(part for part in place.path if isinstance(part, str)) if isinstance(place, Place) else finding.message
    return (*key, keys if keys and span.precision is Precision.APPROXIMATE else finding.message)


def _diagnostic(items: Sequence[Occurrence], rule: Rule, settings: Settings, evaluated: set[str]) -> Diagnostic:
    first = items[0].finding
    records = {
        (item.record.document, item.record.pointer, item.record.span.start, item.record.span.end): item.record for item in reversed(items)
    }
    related = dict.fromkeys(entry for item in items for entry in item.related)
    severity = max((item.finding.severity for item in items), key=lambda found: found.rank)
    return Diagnostic(
        rule=first.rule,
        family=rule.family,
        severity=_severity(rule, severity, settings),
        confidence=first.confidence,
        message=first.message,
        span=items[0].record.span,
        places=tuple(reversed(records.values())),
        label=first.label,
        related=tuple(related),
        drone=tuple(dict.fromkeys(refusal for item in items for refusal in item.finding.drone)),
        why=first.why,
        help=first.help,
        note=first.note,
        events=_events(items, evaluated),
        given=items[0].given,
        secret=first.secret,
        fixes=tuple(dict.fromkeys(item.finding.fix for item in items if item.finding.fix is not None)),
    )


def _severity(rule: Rule, severity: Severity, settings: Settings) -> Severity:
    chosen = settings.severity.get(rule.name) or settings.severity.get(rule.family)
    return Severity(chosen) if chosen else severity


def _events(items: Sequence[Occurrence], evaluated: set[str]) -> tuple[str, ...] | None:
    found: set[str] = set()
    for item in items:
        if item.events is None:
            return None
        found.update(item.events)
    return None if found >= evaluated else tuple(sorted(found))
