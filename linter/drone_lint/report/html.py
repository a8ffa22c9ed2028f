"""The report as one HTML file: no script, no font, no request; everything is text that was escaped by the template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, NamedTuple

from drone_lint.findings.finding import Problem, Severity
from drone_lint.findings.result import Diagnostic, Report
from drone_lint.lint.selection import UnknownRuleError
from drone_lint.report import Style
from drone_lint.report.explain import find_rule, markdown_page
from drone_lint.report.html_template import TEMPLATE
from drone_lint.report.text import excerpts_of
from drone_lint.report.wording import builds_label, one_line, plural, refusal, summary, unchecked, where_of, whereabouts

_MOST_PAGES = 40
"""Rules whose pages are folded in; those of others are named."""


class Card(NamedTuple):
    """A finding, or what could not be checked, as the page shows it."""

    severity: str
    rule: str
    message: str
    where: str
    excerpt: str
    notes: tuple[tuple[str, str], ...]
    """Labels and texts."""


class Group(NamedTuple):
    """A file with its findings."""

    path: str
    cards: tuple[Card, ...]


def write(report: Report, _style: Style) -> str:
    """The page: the verdict, what could not be checked, then findings by file, then the pages of their rules."""
    # packages of the extra `html`, of which other runs should know nothing
    jinja = import_module("jinja2")
    template = jinja.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja.StrictUndefined).from_string(
        TEMPLATE
    )
    excerpts = excerpts_of(report)
    problems = [_problem(one, excerpts(one.span, "", one.related) if one.span is not None else "") for one in report.errors]
    files = [
        Group(file.path, tuple(_card(one, excerpts(one.span, one.label, one.related)) for one in file.findings)) for file in report.files
    ]
    text: str = template.render(
        verdict=_verdict(report),
        state="unknown" if report.errors or not report.files else "bad" if report.findings else "good",
        summary=summary(report),
        numbers=[(one.value, report.number_of(one)) for one in sorted(Severity, key=lambda item: item.rank, reverse=True)],
        problems=problems,
        unchecked=[unchecked(one) for one in report.unchecked],
        files=[one for one in files if one.cards],
        clean=[file.path for file in report.files if not file.findings and not file.problems],
        ignored=[
            (one.rule, one_line(one.message), where_of(one.span), one.ignored_by.reason if one.ignored_by else "") for one in report.ignored
        ],
        pages=list(_pages(report, jinja)),
    )
    return "\n".join(map(_printable, text.split("\n")))


def _printable(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() or char == "\t" else f"\\x{ord(char):02x}" for char in line)


def _verdict(report: Report) -> str:
    if report.errors or not report.files:
        return "Not everything could be checked."
    failing = sum(file.fails for file in report.files)
    if failing:
        return f"{plural(failing, 'file')} of {len(report.files)} should be changed before it is merged."
    if report.findings:
        return "Nothing here fails the run; there is something to read."
    return "Nothing was found."


def _card(item: Diagnostic, excerpt: str) -> Card:
    notes: list[tuple[str, str]] = [("where", one) for one in whereabouts(item)]
    if label := builds_label(item):
        notes.append(("builds", label))
    notes += [("why", item.why), *(("Drone", refusal(one)) for one in item.drone), ("Drone", item.note), ("help", item.help)]
    shown = tuple((label, one_line(text)) for label, text in notes if text)
    return Card(item.severity.value, item.rule, one_line(item.message), where_of(item.span), excerpt, shown)


def _problem(item: Problem, excerpt: str) -> Card:
    where = where_of(item.span) if item.span is not None else one_line(item.path)
    notes = [("Drone", one_line(refusal(one))) for one in item.drone] + ([("help", one_line(item.help))] if item.help else [])
    return Card("error", item.rule, one_line(item.message), where, excerpt, tuple(notes))


def _pages(report: Report, jinja: Any) -> Iterator[tuple[str, Any]]:
    """The pages of the rules that found something, as HTML: pages are the linter's own words, HTML in them stays text all the same."""
    names: Sequence[str] = list(dict.fromkeys(item.rule for item in report.findings))[:_MOST_PAGES]
    if not names:
        return
    markdown = import_module("markdown_it").MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    for name in names:
        try:
            page = markdown_page(find_rule(name)).partition("\n")[2]
        except UnknownRuleError:
            continue  # of a pack
        yield name, import_module("markupsafe").Markup(markdown.render(page.replace("\n## ", "\n#### ")))
