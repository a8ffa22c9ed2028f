"""The Docker-in-Docker checklist as text, Markdown or JSON: the answers first, then each distinct fact once, then what to run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from drone_lint.findings.checklist import CHECKS, Checklist, Fact, Group, Row, Status, StepChecklist, facts, matrix
from drone_lint.report.json import location
from drone_lint.report.wording import json_text, listed, one_line, plural
from drone_lint.text.position import Span

FORMATS = ("text", "markdown", "json")
_SECTIONS: tuple[tuple[Status, str], ...] = (
    ("missing", "missing: Docker does not work without"),
    ("unknown", "unknown: cannot be known from the files"),
    ("risk", "risk: works, at a price"),
    ("ok", "ok: looked at, and there"),
)
_MOST_GROUPS = 40
_MOST_FACTS = {"missing": 20, "unknown": 15, "risk": 20, "ok": 12}
"""Facts of a section that the text shows; the JSON has all."""
_MOST_ASKED = 10


def write(checklist: Checklist, form: str) -> str:
    """A located checklist in one of `FORMATS`."""
    if form == "json":
        return json_text(_document(checklist))
    lines = _markdown(checklist) if form == "markdown" else _text(checklist)
    return "\n".join(lines) + "\n"


def _headline(checklist: Checklist) -> str:
    number = len({(step.pipeline, step.kind, step.step) for step in checklist.steps})
    if not number:
        return "no step uses Docker"
    return f"{number} of {plural(checklist.all_steps, 'step')} use{'s' if number == 1 else ''} Docker"


def _where(span: Span | None) -> str:
    if span is None:
        return ""
    return span.file.path if span.precision.value == "file" else f"{span.file.path}:{span.begin.line}"


def _cell(status: Status | None) -> str:
    return status or "-"


def _named(group: Group, shown: int = 3) -> str:
    more = len(group.steps) - shown
    return ", ".join(group.steps[:shown]) + (f" and {more} more" if more > 0 else "")


def _tag(row: Row) -> str:
    if row.ignored:
        return f" [{row.rule}, ignored: {row.ignored}]"
    return f" [{row.rule}]" if row.rule and row.severity is not None else ""


def _asked(checklist: Checklist) -> list[str]:
    return list(dict.fromkeys(row.ask for row in checklist.rows if row.status == "unknown" and row.ask))


# -- text


def _text(checklist: Checklist) -> Iterator[str]:
    yield one_line(f"{checklist.path}: {_headline(checklist)}")
    if not checklist.steps:
        return
    yield ""
    yield from _table(matrix(checklist))
    for status, title in _SECTIONS:
        found = facts(checklist, status)
        if found or status == "missing":
            yield ""
            yield title
        for one in found[: _MOST_FACTS[status]]:
            yield from _fact_lines(one)
        if len(found) > _MOST_FACTS[status]:
            yield f"  and {len(found) - _MOST_FACTS[status]} more (`--format json` has all)"
        if not found and status == "missing":
            yield "  nothing that can be seen from the files"
    yield from _to_run(checklist)


def _table(groups: list[Group]) -> Iterator[str]:
    shown = groups[:_MOST_GROUPS]
    several = len({one.pipeline for one in groups}) > 1
    names = [one_line((f"{one.pipeline}: " if several else "") + _named(one, 2))[:60] for one in shown]
    width = max(len(name) for name in names) + 2
    yield " " * width + " ".join(f"{check:<9}" for check in CHECKS).rstrip()
    for name, group in zip(names, shown, strict=True):
        yield f"{name:<{width}}" + " ".join(f"{_cell(status):<9}" for status in group.answers).rstrip()
    if len(groups) > len(shown):
        yield f"and {len(groups) - len(shown)} more groups of steps"


def _fact_lines(one: Fact) -> Iterator[str]:
    row = one.row
    yield f"  {row.check:<9} " + one_line(row.sentence + _tag(row))
    via = " <- ".join(_where(span) for _, span in reversed(row.spans[:4]))
    where = _where(row.span)
    way = f" ({via})" if via and row.status != "ok" else ""
    yield f"{'':12}" + one_line(f"{where}{way}: {listed(one.steps, 'step')}")
    if row.remedy and row.status in ("missing", "risk") and not row.ignored:
        yield f"{'':12}" + one_line(f"-> {row.remedy}")


def _to_run(checklist: Checklist) -> Iterator[str]:
    asked = _asked(checklist)
    if asked:
        yield ""
        yield "to settle what is unknown, run"
        yield from (f"  {one_line(command)}" for command in asked[:_MOST_ASKED])
    yield ""
    yield "`--script FILE` writes a script with the checks that this file needs, to be run in such a step"


# -- Markdown

_MARKS = {"ok": "\u2705", "missing": "\u274c", "unknown": "\u2753", "risk": "\u26a0\ufe0f", None: "-"}


def _markdown(checklist: Checklist) -> Iterator[str]:
    yield f"# Docker in Docker: {_md(checklist.path)}"
    yield ""
    yield f"{_headline(checklist).capitalize()}."
    if not checklist.steps:
        return
    yield ""
    yield "| pipeline | steps | " + " | ".join(CHECKS) + " |"
    yield "|---" * (len(CHECKS) + 2) + "|"
    for group in matrix(checklist)[:_MOST_GROUPS]:
        cells = " | ".join(f"{_MARKS[status]} {_cell(status)}" for status in group.answers)
        yield f"| {_md(group.pipeline)} | {_md(_named(group))} | {cells} |"
    for status, title in _SECTIONS:
        found = facts(checklist, status)
        if found:
            yield ""
            yield f"## {title.capitalize()}"
            yield ""
            yield from _md_facts(found[: _MOST_FACTS[status]])
    asked = _asked(checklist)
    if asked:
        yield ""
        yield "## To settle what is unknown, run"
        yield ""
        yield "```sh"
        yield from (one_line(command) for command in asked[:_MOST_ASKED])
        yield "```"


def _md_facts(found: Sequence[Fact]) -> Iterator[str]:
    for one in found:
        remedy = f" {_md(one.row.remedy.capitalize())}." if one.row.remedy and one.row.status in ("missing", "risk") else ""
        yield f"- **{one.row.check}**: {_md(one.row.sentence + _tag(one.row))} ({_md(listed(one.steps, 'step'))}, {_md(_where(one.row.span))}).{remedy}"


def _md(text: str) -> str:
    return one_line(text).replace("|", "\\|").replace("<", "&lt;")


# -- JSON


def _document(checklist: Checklist) -> dict[str, Any]:
    ready = list(dict.fromkeys(step.step for step in checklist.steps if not step.worst("missing", "unknown")))
    summary: dict[str, Any] = {"works": ready}
    for status, title in (("missing", "missing"), ("unknown", "unknown"), ("risk", "risks")):
        summary[title] = [{**_row(one.row), "steps": list(one.steps)} for one in facts(checklist, status)]  # type: ignore[arg-type]
    summary["run"] = _asked(checklist)
    groups = [
        {
            "pipeline": one.pipeline,
            "steps": list(one.steps),
            **{check: _cell(status) for check, status in zip(CHECKS, one.answers, strict=True)},
        }
        for one in matrix(checklist)
    ]
    return {
        "version": 1,
        "path": checklist.path,
        "matrix": groups,
        "steps": [_step(step) for step in checklist.steps],
        "summary": summary,
    }


def _step(step: StepChecklist) -> dict[str, Any]:
    found: dict[str, Any] = {"pipeline": step.pipeline, "step": step.step, "kind": step.kind, "uses": list(step.uses)}
    if step.span is not None:
        found["location"] = location(step.span)
    return {**found, "rows": [_row(row) for row in step.rows]}


def _row(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {"check": row.check, "status": row.status, "message": row.sentence, "rule": row.rule or None}
    found.update({key: value for key, value in (("help", row.remedy), ("run", row.ask), ("ignored", row.ignored)) if value})
    if row.severity is not None:
        found["severity"] = row.severity.value
    if row.span is not None:
        found["location"] = location(row.span)
    if row.spans:
        found["related"] = [{"message": message, "location": location(span)} for message, span in row.spans]
    return found
