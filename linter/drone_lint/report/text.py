"""The report for people: findings with excerpts of the source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from drone_lint.findings.finding import Problem, Severity
from drone_lint.findings.result import Diagnostic, Report, RuleInfo
from drone_lint.report import Style
from drone_lint.report.wording import builds_label, one_line, refusal, statistics, summary, visible, where_of, whereabouts
from drone_lint.text.position import Precision, SourceFile, Span

_COLORS = {"error": "1;31", "warning": "1;33", "notice": "1;36", "info": "1;34"}
_LONGEST_LINE = 160
_RELATED_SHOWN = 3


_MASK = "********"
"""For a secret of any length."""


class _Paint:
    """Colours, and a mask over what no report may show."""

    def __init__(self, on: bool, links: bool, masked: _Masked) -> None:
        self._on = on
        self._links = links
        self._masked = masked

    def line(self, file: SourceFile, number: int) -> str:
        """A line of the source with secrets covered."""
        text = file.line(number)
        for span in self._masked.spans.get(file.path, ()):
            if span.begin.line <= number <= span.finish.line:
                start = span.begin.column - 1 if span.begin.line == number else 0
                end = span.finish.column - 1 if span.finish.line == number else len(text)
                text = text[:start] + (_MASK if end > start else "") + text[end:]
        for secret in self._masked.texts:
            text = text.replace(secret, _MASK)
        return text

    def link(self, url: str, text: str) -> str:
        """The text as a hyperlink (OSC 8)."""
        return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\" if self._links and url else text

    def __call__(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._on and text else text


def write(report: Report, style: Style) -> str:
    """Findings, then what could not be linted, then one line of counts."""
    paint = _Paint(style.color, style.links, _masked(report))
    blocks = ["\n".join(_finding(item, report.rules.get(item.rule), paint)) for item in report.findings]
    blocks += ["\n".join(_problem(problem, paint)) for problem in report.errors]
    if style.statistics:
        blocks.append("\n".join(f"{number:6} {rule}" for number, rule in statistics(report)))
    if not style.quiet:
        blocks.append(summary(report))
    return "".join(block + "\n\n" for block in blocks[:-1] if block) + (blocks[-1] + "\n" if blocks else "")


Excerpt = Callable[[Span, str, Sequence[tuple[str, Span]]], str]
"""Takes a span, its label, and other spans with theirs; gives the lines of source with marks below."""


def excerpts_of(report: Report) -> Excerpt:
    """Excerpts without colours, in which the report's secrets are covered."""
    paint = _Paint(False, False, _masked(report))

    def excerpt(span: Span, label: str, related: Sequence[tuple[str, Span]]) -> str:
        return "\n".join(_excerpts([(label, span), *related[:_RELATED_SHOWN]], "", paint))

    return excerpt


class _Masked(NamedTuple):
    """What no excerpt may show."""

    spans: dict[str, list[Span]]
    """By path."""
    texts: frozenset[str]


def _masked(report: Report) -> _Masked:
    spans: dict[str, list[Span]] = {}
    texts = set()
    for item in (*report.findings, *report.ignored):
        for place in item.places if item.secret else ():
            key = place.pointer.rpartition("/")[2]
            for span in (place.span, *(span for _, span in place.related)):
                covered = _covering(span, key)
                spans.setdefault(span.file.path, []).append(covered)
                if covered == span and item.severity is not Severity.NOTICE:
                    texts.add(span.text.strip("\"'"))
    return _Masked(spans, frozenset(text for text in texts if len(text) >= _SHORTEST_SECRET and "\n" not in text))


_SHORTEST_SECRET = 6


def _covering(span: Span, key: str) -> Span:
    """What to cover for a secret's span: itself, but behind its key the line's rest, and where it is not all of the secret, whole lines."""
    text = span.file.text
    begin, stop = text.rfind("\n", 0, span.start) + 1, text.find("\n", span.end)
    stop = len(text) if stop < 0 else stop
    is_part = text[span.end : stop].lstrip().startswith(("+", "%")) or text[begin : span.start].rstrip().endswith(("+", "%"))
    if span.precision is not Precision.EXACT or is_part:
        return Span(span.file, begin, stop)
    return span._replace(start=span.end, end=stop) if span.text.strip("\"'") == key else span


def _finding(item: Diagnostic, rule: RuleInfo | None, paint: _Paint) -> Iterator[str]:
    color = _COLORS[item.severity.value]
    yield paint(color, f"{item.severity.value}[{item.rule}]") + paint("1", f": {one_line(item.message)}")
    yield from _excerpts([(item.label, item.span), *item.related[:_RELATED_SHOWN]], color, paint)
    gutter = _gutter(item)
    notes = [*whereabouts(item)]
    if label := builds_label(item):
        notes.append(label)
    if item.why:
        notes.append(f"why: {item.why}")
    notes += [f"drone: {refusal(one)}" for one in item.drone]
    if item.note:
        notes.append(f"drone: {item.note}")
    notes.append("help: " + (f"{item.help}; " if item.help else "") + f"`drone-lint rule {item.rule}`")
    for note in notes:
        yield f"{gutter} = " + one_line(note) + (_references(rule, paint) if note.startswith("why: ") else "")


def _problem(problem: Problem, paint: _Paint) -> Iterator[str]:
    yield paint(_COLORS["error"], f"error[{problem.rule}]") + paint("1", f": {one_line(problem.message)}")
    if problem.span is None:
        yield f"  --> {visible(problem.path)}"
        gutter = "  "
    else:
        yield from _excerpts([("", problem.span), *problem.related[:_RELATED_SHOWN]], _COLORS["error"], paint)
        gutter = " " * (len(str(problem.span.begin.line)) + 1)
    for one in problem.drone:
        yield f"{gutter} = drone: {one_line(refusal(one))}"
    if problem.help:
        yield f"{gutter} = help: {one_line(problem.help)}"
    yield f"{gutter} = this could not be linted"


def _references(rule: RuleInfo | None, paint: _Paint) -> str:
    names = [paint.link(url, name) for name, _, url in rule.references if name != "CIS Docker"] if rule is not None else []
    return f" ({', '.join(names)})" if names else ""


def _gutter(item: Diagnostic) -> str:
    lines = [span.begin.line for span in (item.span, *(span for _, span in item.related[:_RELATED_SHOWN]))]
    return " " * (len(str(max(lines))) + 1)


def _excerpts(spans: Sequence[tuple[str, Span]], color: str, paint: _Paint) -> Iterator[str]:
    width = len(str(max(span.begin.line for _, span in spans)))
    for number, (label, span) in enumerate(spans):
        arrow = "-->" if number == 0 else ":::"
        yield " " * width + " " + paint("34", arrow) + f" {where_of(span)}"
        if span.precision is not Precision.FILE:
            yield from _excerpt(label, span, width, "^" if number == 0 else "-", color, paint)
        elif label:
            yield " " * width + f"  = {one_line(label)}"


def _excerpt(label: str, span: Span, width: int, mark: str, color: str, paint: _Paint) -> Iterator[str]:
    begin, bar = span.begin, paint("34", "|")
    line, shift = _window(paint.line(span.file, begin.line), begin.column)
    at = begin.column - 1 - shift
    length = _marked(span, len(line) - at)
    yield " " * width + f" {bar}"
    if mark == "^" and begin.line > 1:
        before = _window(paint.line(span.file, begin.line - 1), 1)[0]
        if before.strip():
            yield paint("34", str(begin.line - 1).rjust(width)) + f" {bar} {_tabs(before)}"
    yield paint("34", str(begin.line).rjust(width)) + f" {bar} {_tabs(line)}"
    pad = "".join("    " if char == "\t" else " " * _width(char) for char in line[:at])
    marks = mark * max(1, sum(_width(char) for char in line[at : at + length]))
    about = " approximately here" if span.precision is Precision.APPROXIMATE and not label else ""
    yield " " * width + f" {bar} {pad}" + paint(color if mark == "^" else "34", f"{marks} {one_line(label)}{about}".rstrip())


def _window(line: str, column: int) -> tuple[str, int]:
    """The part of a long line around a column, and how many characters were cut before it."""
    if len(line) <= _LONGEST_LINE:
        return visible(line), 0
    shift = max(0, column - 1 - _LONGEST_LINE // 4)
    return visible(line[shift : shift + _LONGEST_LINE]), shift


def _marked(span: Span, rest: int) -> int:
    begin, finish = span.begin, span.finish
    length = finish.column - begin.column if finish.line == begin.line else rest
    return max(1, min(length, max(rest, 1)))


def _tabs(line: str) -> str:
    return line.replace("\t", "    ")


def _width(char: str) -> int:
    if char < "\u1100":
        return 4 if char == "\t" else 1
    import unicodedata

    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
