"""Printing documents as Drone sees them, and where each value comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drone_lint.findings.finding import Problem
from drone_lint.lint.locating import pointer, resolve
from drone_lint.model.document import Document
from drone_lint.model.node import Mapping, Node, walk
from drone_lint.model.node import Sequence as NodeSequence
from drone_lint.model.value import Part, Place
from drone_lint.report.wording import json_text, visible
from drone_lint.source.facts import FailedSubstitution, RemovedBackslashes
from drone_lint.source.loaded import ConfigFile
from drone_lint.text.position import Span


def refused_by_runners(file: ConfigFile) -> tuple[Problem, ...]:
    """Why no runner gets as far as having documents: substitution that fails, or that breaks the text."""
    problems = [
        *(_refused(file, one, "bad-substitution", "runners cannot substitute this") for one in file.facts(FailedSubstitution)),
        *(_refused(file, one, "collapsed-backslash", "runners remove this backslash") for one in file.facts(RemovedBackslashes)),
    ]
    return tuple(dict.fromkeys(one for one in problems if one.drone))


def _refused(file: ConfigFile, fact: FailedSubstitution | RemovedBackslashes, rule: str, words: str) -> Problem:
    message = f"{words}, so they cannot read the file ({fact.error})"
    return Problem(rule, file.source.path, message, resolve(fact.place).primary, drone=fact.refusals)


def render_documents(documents: Sequence[Document], form: str) -> str:
    """The documents as YAML (the server's separators) or as a JSON list."""
    if form == "json":
        return json_text([_texts(document.root) for document in documents], indent=2)
    import yaml

    parts = [yaml.safe_dump(_texts(document.root), sort_keys=False, allow_unicode=True, width=10**6) for document in documents]
    return "".join(f"---\n{part}" for part in parts)


def _texts(node: Node) -> Any:
    if isinstance(node, Mapping):
        return {key: _texts(entry.node) for key, entry in node.entries.items()}
    if isinstance(node, NodeSequence):
        return [_texts(item) for item in node.items]
    return node.value


def positions(documents: Sequence[Document], form: str) -> str:
    """Every object field and list item with its place in the source."""
    rows = list(_positions(documents))
    if form == "json":
        return json_text([row for row, _ in rows])
    return "".join(visible(f"{_where(span)} {row['document']}{row['pointer']}") + "\n" for row, span in rows)


def _positions(documents: Sequence[Document]) -> Any:
    for document in documents:
        places = [Place(document, path, _part(path)) for path, _ in walk(document.root) if path]
        document.locator.prepare(places)
        for place in places:
            span = document.locate(place).primary
            yield {"document": document.index, "pointer": pointer(place.path), "location": location(span)}, span


def _part(path: tuple[str | int, ...]) -> Part:
    return Part.KEY if isinstance(path[-1], str) else Part.VALUE


def location(span: Span) -> dict[str, Any]:
    """A span as the JSON report has it."""
    from drone_lint.report.json import location as report_location

    return report_location(span)


def _where(span: Span) -> str:
    begin = span.begin
    mark = "" if span.precision.value == "exact" else f" ({span.precision.value})"
    return f"{span.file.path}:{begin.line}:{begin.column}{mark}"
