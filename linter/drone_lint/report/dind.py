"""The Docker-in-Docker checklist as text, Markdown or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from drone_lint.findings.checklist import Checklist, Grouped, Row, StepChecklist, grouped
from drone_lint.report.json import location
from drone_lint.report.wording import listed, plural
from drone_lint.text.position import Span

FORMATS = ("text", "markdown", "json")
_SHOWN = 3
"""Uses of a step that are named."""


def write(checklist: Checklist, form: str) -> str:
    """A located checklist in one of `FORMATS`."""
    if form == "json":
        return json.dumps(_document(checklist), indent=1, ensure_ascii=False) + "\n"
    lines = _markdown(checklist) if form == "markdown" else _text(checklist)
    return "\n".join(lines) + "\n"


def _headline(checklist: Checklist) -> str:
    number = len(checklist.steps)
    return f"{checklist.path}: " + (f"{plural(number, 'step uses', 'steps use')} Docker" if number else "no step uses Docker")


def _where(span: Span | None) -> str:
    if span is None:
        return ""
    return span.file.path if span.precision.value == "file" else f"{span.file.path}:{span.begin.line}"


def _used(step: StepChecklist) -> str:
    more = len(step.uses) - _SHOWN
    return ", ".join(step.uses[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _visible(text: str) -> str:
    """One line, in which a hostile file cannot drive the terminal."""
    return "".join(char if char.isprintable() else "\ufffd" for char in " ".join(text.split()))


# -- text


def _text(checklist: Checklist) -> Iterator[str]:
    yield _visible(_headline(checklist))
    for step in checklist.steps:
        yield ""
        yield _visible(f"{step.title} of pipeline `{step.pipeline}`: {_used(step)}")
        for row in step.rows:
            rule = f" [{row.rule}]" if row.rule and row.status != "ok" else ""
            yield f"  {row.check:<10} {row.status:<8} {_visible(row.sentence)}{rule}"
            yield f"{'':22}{_visible(_where(row.span))}"
    yield from _text_summary(checklist)


def _text_summary(checklist: Checklist) -> Iterator[str]:
    for title, lines in _summary(checklist):
        yield ""
        yield f"{title}:"
        yield from (f"  - {_visible(line)}" for line in lines)


def _summary(checklist: Checklist) -> Iterator[tuple[str, list[str]]]:
    """What works, what is missing, what it costs: titles with their lines."""
    if not checklist.steps:
        return
    ready = [step.step for step in checklist.steps if not step.worst("missing", "unknown")]
    likely = [step.step for step in checklist.steps if step.worst("unknown") and not step.worst("missing")]
    works = [f"{listed(ready, 'step')}: all that Docker needs is there"] if ready else []
    works += [f"{listed(likely, 'step')}: nothing is known to be missing, and not all is known"] if likely else []
    yield "works", works or ["no step has all that Docker needs"]
    yield "missing", [_line(one) for one in grouped(checklist, "missing")] or ["nothing"]
    unknown = [_line(one) for one in grouped(checklist, "unknown")]
    if unknown:
        yield "to be verified", unknown
    yield "costs in safety", [_line(one) for one in grouped(checklist, "cost")] or ["nothing"]


def _line(one: Grouped) -> str:
    rule = f" [{one.row.rule}]" if one.row.rule else ""
    return f"{one.row.check}: {one.row.sentence} ({listed(one.steps, 'step')}, {_where(one.row.span)}){rule}"


# -- Markdown


def _markdown(checklist: Checklist) -> Iterator[str]:
    yield f"# Docker in Docker: {_cell(checklist.path)}"
    yield ""
    number = len(checklist.steps)
    yield f"{plural(number, 'step uses', 'steps use')} Docker." if number else "No step uses Docker."
    for step in checklist.steps:
        yield ""
        yield f"## {_cell(step.title)} of pipeline `{_cell(step.pipeline)}`"
        yield ""
        yield f"Uses {_cell(_used(step))}."
        yield ""
        yield "| check | status | | where | rule |"
        yield "|---|---|---|---|---|"
        for row in step.rows:
            rule = f"`{row.rule}`" if row.rule and row.status != "ok" else ""
            yield f"| {row.check} | {_MARKS[row.status]} {row.status} | {_cell(row.sentence)} | {_cell(_where(row.span))} | {rule} |"
    for title, lines in _summary(checklist):
        yield ""
        yield f"## {title.capitalize()}"
        yield ""
        yield from (f"- {_cell(line)}" for line in lines)


_MARKS = {"ok": "\u2705", "missing": "\u274c", "unknown": "\u26a0\ufe0f", "cost": "\U0001f513"}


def _cell(text: str) -> str:
    return _visible(text).replace("|", "\\|").replace("<", "&lt;")


# -- JSON


def _document(checklist: Checklist) -> dict[str, Any]:
    ready = [step.step for step in checklist.steps if not step.worst("missing", "unknown")]
    summary = {
        "works": ready,
        "missing": [_shared(one) for one in grouped(checklist, "missing")],
        "unknown": [_shared(one) for one in grouped(checklist, "unknown")],
        "costs": [_shared(one) for one in grouped(checklist, "cost")],
    }
    return {"version": 1, "path": checklist.path, "steps": [_step(step) for step in checklist.steps], "summary": summary}


def _shared(one: Grouped) -> dict[str, Any]:
    return {**_row(one.row), "steps": list(one.steps)}


def _step(step: StepChecklist) -> dict[str, Any]:
    found: dict[str, Any] = {"pipeline": step.pipeline, "step": step.step, "kind": step.kind, "uses": list(step.uses)}
    if step.span is not None:
        found["location"] = location(step.span)
    return {**found, "rows": [_row(row) for row in step.rows]}


def _row(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {"check": row.check, "status": row.status, "message": row.sentence, "rule": row.rule or None}
    if row.severity is not None:
        found["severity"] = row.severity.value
    if row.span is not None:
        found["location"] = location(row.span)
    return found
