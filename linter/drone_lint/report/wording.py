"""Words that several formats share: summaries, lists of steps, events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from drone_lint.findings.finding import Refusal, Severity, Unchecked
from drone_lint.findings.result import Diagnostic, Report
from drone_lint.text.position import Precision, Span

if TYPE_CHECKING:
    from re import Match

_SHOWN = 2


def visible(text: str) -> str:
    """The text with unprintable characters replaced, so that a hostile file cannot control the terminal."""
    if text.isprintable():
        return text
    return "".join(char if char == "\t" or char.isprintable() else "\ufffd" for char in text)


def one_line(text: str) -> str:
    """The text on one line, without characters that control a terminal."""
    return visible(" ".join(text.split()))


def where_of(span: Span) -> str:
    """`path:line:column`, or the path alone where a whole file is meant."""
    if span.precision is Precision.FILE:
        return visible(span.file.path)
    begin = span.begin
    return f"{visible(span.file.path)}:{begin.line}:{begin.column}"


def json_text(data: Any, indent: int | None = 1) -> str:
    """JSON with a line end. What terminals obey, text direction and half characters are written as escapes."""
    import json
    import re

    written = json.dumps(data, indent=indent, ensure_ascii=False)
    return re.sub("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]", _escape, written) + "\n"


def _escape(match: Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def plural(number: int, one: str, many: str | None = None) -> str:
    """`1 step`, `2 steps`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def listed(names: Sequence[str], noun: str) -> str:
    """``step `a```, ``steps `a`, `b` and 4 more``."""
    shown = ", ".join(f"`{name}`" for name in names[:_SHOWN])
    more = len(names) - _SHOWN
    tail = f" and {more} more" if more > 0 else ""
    return f"{noun if len(names) == 1 else noun + 's'} {shown}{tail}"


def whereabouts(item: Diagnostic) -> list[str]:
    """One line a pipeline: which of its steps are concerned."""
    steps: dict[str, dict[str, None]] = {}
    for place in item.places:
        if place.pipeline is None:
            continue
        names = steps.setdefault(place.pipeline, {})
        if place.step is not None:
            names[place.step or "(unnamed)"] = None
    lines = [f"pipeline `{name}`" + (f" > {listed(list(found), 'step')}" if found else "") for name, found in steps.items()]
    if len(lines) > _SHOWN + 1:
        return [*lines[:_SHOWN], f"and {len(lines) - _SHOWN} more pipelines"]
    return lines


def builds_label(item: Diagnostic) -> str:
    """`on pull_request only, where `repo.slug` is `acme/site``; empty when a finding holds for all builds."""
    parts = ["on " + ", ".join(item.events) + " only"] if item.events else []
    if item.given:
        parts.append("where " + " and ".join(f"`{name}` is `{value}`" if value else f"`{name}` is empty" for name, value in item.given))
    return ", ".join(parts)


def refusal(item: Refusal) -> str:
    """A refusal as a sentence's end."""
    first = item.message.split("\n", 1)[0]
    who = "the server" if item.by == "server" else f"the {item.by.removeprefix('runner:')} runner"
    return f"{who} refuses it: {first}" if first else f"{who} refuses it"


def summary(report: Report) -> str:
    """`3 errors, 1 warning in 1 file (2 ignored) · 14 steps · 48 rules`."""
    counts = [(report.number_of(severity), severity.value) for severity in Severity]
    found = ", ".join(plural(number, word) for number, word in counts if number) or "no findings"
    files = [file for file in report.files if not file.problems or file.documents]
    parts = [f"{found} in {plural(len(files), 'file')}" + (f" ({len(report.ignored)} ignored)" if report.ignored else "")]
    if not files and report.errors:
        parts = []
    parts = [*not_linted(report), *parts]
    parts.append(plural(sum(file.steps for file in report.files), "step"))
    parts.append(plural(report.rules_run, "rule"))
    parts += [unchecked(item) for item in report.unchecked]
    return " · ".join(parts)


def unchecked(item: Unchecked) -> str:
    """What was not checked, and the reason."""
    return f"{plural(item.number, item.what)} {'was' if item.number == 1 else 'were'} not checked ({item.reason})"


def not_linted(report: Report) -> list[str]:
    """How much could not be linted: `1 file could not be linted`, `2 files could only be linted in part`; empty if all could be."""
    unread = {file.path for file in report.files if file.problems and not file.documents} | {problem.path for problem in report.problems}
    partly = {file.path for file in report.files if file.problems and file.documents}
    texts = [f"{plural(len(unread), 'file')} could not be linted"] if unread else []
    return [*texts, f"{plural(len(partly), 'file')} could only be linted in part"] if partly else texts


def statistics(report: Report) -> list[tuple[int, str]]:
    """Findings per rule, most first."""
    counts: dict[str, int] = {}
    for item in report.findings:
        counts[item.rule] = counts.get(item.rule, 0) + 1
    return sorted(((number, rule) for rule, number in counts.items()), key=lambda row: (-row[0], row[1]))
